package eval

import (
	"reflect"
	"runtime"
	"unsafe"
)

// What follows are operations of the language that the interpreter does in
// another way than Go. Types come as nil pointers to them.

// assert is v.(T), v being an interface value of static type *from. It panics as
// Go does.
func (s *Session) assert(where string, v, from, to any) any {
	t := reflect.TypeOf(to).Elem()
	if x, ok := is(v, t); ok {
		return x
	}
	s.mark(where)
	panic(assertionError(v, reflect.TypeOf(from).Elem(), t))
}

// assert2 is v, ok := v.(T). It gives a zero T where v is none.
func assert2(v, to any) (any, bool) {
	t := reflect.TypeOf(to).Elem()
	if x, ok := is(v, t); ok {
		return x, true
	}
	return reflect.Zero(t).Interface(), false
}

// is gives v where it is a t, or implements it.
func is(v any, t reflect.Type) (any, bool) {
	dynamic := reflect.TypeOf(v)
	if dynamic == nil {
		return nil, false
	}
	if t.Kind() == reflect.Interface {
		return v, dynamic.Implements(t)
	}
	return v, dynamic == t
}

// assertionError is the run-time error of v.(to), which package reflect has no
// way to make: its fields are those of runtime.TypeAssertionError.
func assertionError(v any, from, to reflect.Type) error {
	err := new(runtime.TypeAssertionError)
	fields := (*struct {
		from, concrete, to unsafe.Pointer
		missing            string
	})(unsafe.Pointer(err))
	fields.to = typePointer(to)
	if v != nil || to.Kind() != reflect.Interface { // as the runtime has it
		fields.from = typePointer(from)
	}
	if v != nil {
		fields.concrete = typePointer(reflect.TypeOf(v))
		fields.missing = missingMethod(reflect.TypeOf(v), to)
	}
	return err
}

// typePointer is the runtime's descriptor of t.
func typePointer(t reflect.Type) unsafe.Pointer { return reflect.ValueOf(t).UnsafePointer() }

// missingMethod is the first method of interface type to that t lacks; "" where
// to is no interface type.
func missingMethod(t, to reflect.Type) string {
	if to.Kind() != reflect.Interface {
		return ""
	}
	for i := range to.NumMethod() {
		if _, ok := t.MethodByName(to.Method(i).Name); !ok {
			return to.Method(i).Name
		}
	}
	return ""
}

// typeCase gives the index of the first type that v is, -1 for none, and v. A
// case nil is a nil.
func typeCase(v any, cases ...any) (int, any) {
	for i, c := range cases {
		if c == nil {
			if v == nil {
				return i, v
			}
			continue
		}
		if _, ok := is(v, reflect.TypeOf(c).Elem()); ok {
			return i, v
		}
	}
	return -1, v
}

// box gives a pointer to a copy of v.
func box(v any) any {
	p := reflect.New(reflect.TypeOf(v))
	p.Elem().Set(reflect.ValueOf(v))
	return p.Interface()
}

// ref gives a pointer of the type of as to a copy of v.
func ref(v, as any) any {
	p := reflect.New(reflect.TypeOf(as).Elem())
	if v != nil {
		p.Elem().Set(reflect.ValueOf(v))
	}
	return p.Interface()
}

// key gives k, or panics as a map does that cannot have it as a key.
func (s *Session) key(where string, k any) any {
	if t := reflect.TypeOf(k); t != nil && t.Kind() >= reflect.Array && !basicKind(t.Kind()) {
		defer func() {
			if r := recover(); r != nil {
				s.mark(where)
				panic(r)
			}
		}()
		map[any]struct{}{}[k] = struct{}{}
	}
	return k
}

func basicKind(k reflect.Kind) bool { return k == reflect.String || k == reflect.Pointer }

// text is a string taken apart: the offsets of its runes, and the runes.
type text struct {
	At    []int
	Runes []rune
}

func runes(s string) *text {
	t := &text{make([]int, 0, len(s)), make([]rune, 0, len(s))}
	for i, c := range s {
		t.At, t.Runes = append(t.At, i), append(t.Runes, c)
	}
	return t
}

// shift gives n, or panics as a shift by it does.
func (s *Session) shift(where string, n int) uint {
	if n < 0 {
		s.mark(where)
		sink1 = make(chan byte, 1<<n)
	}
	return uint(n)
}

// length gives n, or panics as make of a slice of that length does.
func (s *Session) length(where string, n int) int {
	if n < 0 {
		s.mark(where)
		sink0 = make([]byte, n)
	}
	return n
}

// capacity gives c, or panics as make of a slice of length n and capacity c does.
func (s *Session) capacity(where string, n, c int) int {
	if n < 0 || c < n {
		s.mark(where)
		sink0 = make([]byte, n, c)
	}
	return c
}

// size gives n, or panics as make of a channel of that size does.
func (s *Session) size(where string, n int) int {
	if n < 0 {
		s.mark(where)
		sink1 = make(chan byte, n)
	}
	return n
}

// What a panic is made with goes here, so that the compiler does not leave it out.
var (
	sink0 []byte
	sink1 chan byte
)

// deferrals are the deferred calls of one call of a function.
type deferrals struct {
	list      []func()
	panicking bool
	value     any
}

// run runs the calls, last first. r is what the function panicked with, or nil. It
// panics where the function would go on to.
func (d *deferrals) run(r any) {
	d.panicking, d.value = r != nil, r
	defer func() {
		if len(d.list) > 0 { // runtime.Goexit in one of them
			d.rest()
		}
	}()
	d.rest()
	if d.panicking {
		panic(d.value)
	}
}

func (d *deferrals) rest() {
	for len(d.list) > 0 {
		f := d.list[len(d.list)-1]
		d.list = d.list[:len(d.list)-1]
		d.call(f)
	}
}

func (d *deferrals) call(f func()) {
	defer func() {
		if r := recover(); r != nil {
			d.panicking, d.value = true, r
		}
	}()
	f()
}

// take is recover() in a deferred function.
func (d *deferrals) take() any {
	if !d.panicking {
		return nil
	}
	v := d.value
	d.panicking, d.value = false, nil
	return v
}
