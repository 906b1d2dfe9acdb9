package eval

import (
	"iter"
	"reflect"
	"strings"
	"sync"
	"unicode"
	"unsafe"

	"interleave/display"
)

// flag is what loops look at: set while a cell is being stopped. It is a plain
// bool, since it is read at each turn of each loop; compiled cells have their own.
type flag struct {
	on       bool
	compiled *bool

	mu     sync.Mutex // guards what follows
	stop   bool       // a cell is being stopped
	alerts int        // that have others look too: see environment.Attention
}

func (f *flag) set()   { f.change(func() { f.stop = true }) }
func (f *flag) clear() { f.change(func() { f.stop = false }) }

func (f *flag) change(set func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	set()
	f.put(f.stop || f.alerts > 0)
}

func (f *flag) put(v bool) {
	f.on = v
	if f.compiled != nil {
		*f.compiled = v
	}
}

// operations are this package's functions as generated source calls them; those
// of a module, which know their cell, come on top.
func (s *Session) operations() map[string]reflect.Value {
	return values(map[string]any{
		"ꞋꞋstop":         &s.stopFlag.on,
		"ꞋꞋcheck":        s.check,
		"ꞋꞋpointer":      pointer,
		"ꞋꞋpointerTo":    pointerTo,
		"ꞋꞋaddress":      func(p unsafe.Pointer) uintptr { return uintptr(p) },
		"ꞋꞋgo":           s.goStmt,
		"ꞋꞋsend":         s.send,
		"ꞋꞋrecv":         func(where, what string, ch any) any { v, _ := s.recv(where, what, ch); return v },
		"ꞋꞋrecv2":        s.recv,
		"ꞋꞋchoose":       s.choose,
		"ꞋꞋrecvCase":     recvCase,
		"ꞋꞋsendCase":     sendCase,
		"ꞋꞋasErr":        func(v any) error { err, _ := v.(error); return err },
		"ꞋꞋsleep":        s.sleep,
		"ꞋꞋlock":         s.lock,
		"ꞋꞋrlock":        s.rlock,
		"ꞋꞋwait":         s.waitGroup,
		"ꞋꞋnursery":      s.nursery,
		"ꞋꞋcondWait":     s.condWait,
		"ꞋꞋwgGo":         s.wgGo,
		"ꞋꞋafterFunc":    s.afterFunc,
		"ꞋꞋafterContext": s.afterContext,
		"ꞋꞋpanic":        s.panic,
		"ꞋꞋindex":        s.index,
		"ꞋꞋlow":          s.low,
		"ꞋꞋhigh":         s.high,
		"ꞋꞋhighString":   s.highString,
		"ꞋꞋelement":      s.element,
		"ꞋꞋequal":        func(a, b any) bool { return a == b },
		"ꞋꞋany":          func(v any) any { return v },
		"ꞋꞋchan":         func(v any) any { return v },
		"ꞋꞋclear":        clearAny,
		"ꞋꞋclose":        func(ch any) { reflect.ValueOf(ch).Close() },
		"ꞋꞋreset":        s.reset,
		"ꞋꞋzero":         func(p any) { v := reflect.ValueOf(p).Elem(); v.SetZero() },
		"ꞋꞋnil":          isNil,
		"ꞋꞋrecovered":    recovered,
		"ꞋꞋcomplex":      func(re, im float64) complex128 { return complex(re, im) },
		"ꞋꞋassert":       s.assert,
		"ꞋꞋassert2":      assert2,
		"ꞋꞋtypeOf":       typeCase,
		"ꞋꞋbox":          box,
		"ꞋꞋref":          ref,
		"ꞋꞋkey":          s.key,
		"ꞋꞋrunes":        runes,
		"ꞋꞋshift":        s.shift,
		"ꞋꞋlength":       s.length,
		"ꞋꞋcapacity":     s.capacity,
		"ꞋꞋsize":         s.size,
		"ꞋꞋhint":         func(n int) int { return max(n, 0) },
		"ꞋꞋdefers":       func() *deferrals { return new(deferrals) },
		"ꞋꞋdefer":        func(d *deferrals, f func()) { d.list = append(d.list, f) },
		"ꞋꞋrunDefers":    func(d *deferrals, r any) { d.run(r) },
		"ꞋꞋtake":         func(d *deferrals) any { return d.take() },
	})
}

func (m *module) operations() map[string]reflect.Value {
	return values(map[string]any{
		"ꞋꞋentry":     func(run func()) { m.run = run },
		"ꞋꞋat":        m.at,
		"ꞋꞋline":      &m.c.line,
		"ꞋꞋresult":    m.result,
		"ꞋꞋresultErr": m.resultErr,
	})
}

func values(table map[string]any) map[string]reflect.Value {
	out := make(map[string]reflect.Value, len(table))
	for k, v := range table {
		out[k] = reflect.ValueOf(v)
	}
	return out
}

// mentioned yields the names of operations in source.
func mentioned(source string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for {
			i := strings.Index(source, operationPrefix)
			if i < 0 {
				return
			}
			source = source[i:]
			end := strings.IndexFunc(source, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
			if end < 0 {
				end = len(source)
			}
			if !yield(source[:end]) {
				return
			}
			source = source[end:]
		}
	}
}

const operationPrefix = "ꞋꞋ"

// pointer makes an unsafe.Pointer of an address or a pointer.
func pointer(v any) unsafe.Pointer {
	if n, ok := v.(uintptr); ok {
		return *(*unsafe.Pointer)(unsafe.Pointer(&n))
	}
	return reflect.ValueOf(v).UnsafePointer()
}

// pointerTo makes a pointer of the type of as.
func pointerTo(p unsafe.Pointer, as any) any {
	return reflect.NewAt(reflect.TypeOf(as).Elem(), p).Interface()
}

// at notes that the items before the i-th have completed.
func (m *module) at(i int) {
	m.c.leaveIfStopped()
	m.res.Reached = i
}

// resultErr is the value of a last expression of type error: nil is not shown.
func (m *module) resultErr(err error) {
	if err != nil {
		m.result(err)
	}
}

// result is the value of the last expression.
func (m *module) result(values ...any) {
	b := Shown(values)
	m.res.Data, m.res.Metadata = b.Data, b.Metadata
}

// Shown is how a cell shows the values of its last expression.
func Shown(values []any) display.Bundle {
	if len(values) == 1 {
		if b, ok := display.Of(values[0]); ok {
			return b
		}
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = display.Plain(v)
		if err, ok := v.(error); ok && err != nil {
			texts[i] = "error: " + texts[i]
		}
	}
	return display.Text(strings.Join(texts, ", "))
}

// panic is panic(v) at where.
func (s *Session) panic(where string, v any) {
	s.mark(where)
	panic(v)
}

// mark notes the exact position of a panic that this package is about to make.
func (s *Session) mark(where string) { s.Write([]byte(markSign + where)) }

const markSign = "!"

// index gives i, or panics as indexing something of length n with i does.
func (s *Session) index(where string, i, n int) int {
	if uint(i) >= uint(n) {
		s.mark(where)
		_ = unsafe.Slice(new(struct{}), n)[i]
	}
	return i
}

// low gives lo, or panics as slicing lo: of length n does.
func (s *Session) low(where string, lo, n int) int {
	if lo < 0 || lo > n {
		s.mark(where)
		_ = unsafe.Slice(new(struct{}), n)[lo:]
	}
	return lo
}

// high gives hi, or panics as slicing lo:hi of a slice of capacity n does.
func (s *Session) high(where string, lo, hi, n int) int {
	if lo < 0 || lo > hi || hi > n {
		s.mark(where)
		_ = unsafe.Slice(new(struct{}), n)[lo:hi]
	}
	return hi
}

// highString gives hi, or panics as slicing lo:hi of a string of length n does.
func (s *Session) highString(where string, lo, hi, n int) int {
	if lo < 0 || lo > hi || hi > n {
		s.mark(where)
		_ = strings.Repeat("x", n)[lo:hi]
	}
	return hi
}

// element is a[i].
func (s *Session) element(where string, a any, i int) any {
	v := reflect.ValueOf(a)
	return v.Index(s.index(where, i, v.Len())).Interface()
}

// isNil tells whether v holds a nil pointer, map, slice, channel, function or
// interface.
func isNil(v any) bool {
	if v == nil {
		return true
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return r.IsNil()
	}
	return false
}

// recovered is what recover gives: a run-time error where the interpreter's
// use of reflection panicked.
func recovered(r any) any {
	if r == nil {
		return nil
	}
	return goPanic(r)
}
