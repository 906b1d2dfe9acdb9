package eval

import (
	"fmt"
	"reflect"
	"runtime/debug"
	"strings"

	"interleave/interp/child"
)

// spawn runs f as a goroutine of c. A panic in it is an error of its cell.
func (s *Session) spawn(c *cell, where string, f func()) {
	g := s.enter(c, where)
	go s.guard(g, f) // ends with f, or when the cell is stopped
}

// guard runs f on the calling goroutine, which is g from here on.
func (s *Session) guard(g *goroutine, f func()) {
	c := g.cell
	s.adopt(g)
	defer s.leave(g)
	defer func() {
		r := recover()
		if r == nil { // it returned, was stopped, or called runtime.Goexit
			return
		}
		s.report(c, s.panicked(c, r, "panic in goroutine started at "+g.place()+": "))
	}()
	f()
}

// report makes f the error of c where it still runs, as it would be the end of
// a program, else tells it among the cell's output.
func (s *Session) report(c *cell, f *child.Failure) {
	c.mu.Lock()
	running := c.running
	c.mu.Unlock()
	if running {
		s.halt(c, f)
		return
	}
	lines := append([]string{f.Value}, f.Frames...)
	s.print(c, "stderr", []byte(strings.Join(lines, "\n\t")+"\n"))
}

// panicked words a recovered panic.
func (s *Session) panicked(c *cell, r any, prefix string) *child.Failure {
	return &child.Failure{Name: "panic", Value: prefix + panicValue(r), Frames: c.places(s.traceback(c))}
}

// panicValue says what the Go runtime says of a panic with value r.
func panicValue(r any) string {
	r = goPanic(r)
	switch v := r.(type) {
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	case string:
		return v
	}
	t := reflect.TypeOf(r)
	switch t.Kind() {
	case reflect.Bool, reflect.Complex64, reflect.Complex128, reflect.Float32, reflect.Float64, reflect.String,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		switch {
		case t.PkgPath() == "":
			return fmt.Sprint(r)
		case t.Kind() == reflect.String:
			return fmt.Sprintf("%s(%q)", t, r)
		}
		return fmt.Sprintf("%s(%v)", t, r)
	}
	return fmt.Sprintf("(%s) %v", t, r)
}

// goPanic turns a panic of the interpreter's use of reflection into the run-time
// error that compiled Go gives.
func goPanic(r any) any {
	switch v := r.(type) {
	case *reflect.ValueError:
		return nilError()
	case string:
		switch {
		case nilWords[v]:
			return nilError()
		case strings.Contains(v, "interface conversion: "):
			_, msg, _ := strings.Cut(v, "interface conversion: ")
			return runtimeError("interface conversion: " + msg)
		}
	}
	return asInMain(r)
}

// nilWords are the panics of package reflect that come of nil.
var nilWords = map[string]bool{
	"reflect.Value.Call: call of nil function":         true,
	"reflect: Method on nil interface value":           true,
	"reflect: Call using zero Value argument":          true,
	"reflect: call of reflect.Value.Set on zero Value": true,
}

// A runtimeError stands for an error of the Go runtime that cannot be made by hand.
type runtimeError string

func (e runtimeError) Error() string { return string(e) }
func (e runtimeError) RuntimeError() {}

// nilError is the run-time error of a nil dereference.
func nilError() (err any) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { err = recover() }()
	var p *int
	*p = 1
	return nil
}

// Go starts f(args...), evaluated already, as the go statement at where.
func (s *Session) goStmt(where string, f any, args ...any) {
	fn, in := bind(f, args)
	s.spawnHere(where, func() { fn.Call(in) })
}

// spawnHere starts f for the cell of the calling goroutine.
func (s *Session) spawnHere(where string, f func()) {
	if c := s.current(); c != nil {
		c.leaveIfStopped()
		s.spawn(c, where, f)
		return
	}
	s.spawn(s.orphans, where, f)
}

// bindHere gives what runs functions, on goroutines that a library starts, as
// goroutines of the calling one's cell.
func (s *Session) bindHere(where string) func(f func()) {
	c := s.current()
	if c == nil {
		c = s.orphans
	}
	c.leaveIfStopped()
	return func(f func()) { s.guard(s.enter(c, where), f) }
}

// bind makes reflect values of a call's arguments; nil becomes the zero value of
// its parameter.
func bind(f any, args []any) (fn reflect.Value, in []reflect.Value) {
	fn = reflect.ValueOf(f)
	t := fn.Type()
	for i, a := range args {
		v := reflect.ValueOf(a)
		if !v.IsValid() {
			pt := t.In(min(i, t.NumIn()-1))
			if t.IsVariadic() && i >= t.NumIn()-1 {
				pt = pt.Elem()
			}
			v = reflect.Zero(pt)
		}
		in = append(in, v)
	}
	return fn, in
}
