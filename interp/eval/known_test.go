package eval

import (
	"reflect"
	"testing"

	"interleave/interp/child"
)

// Of function literals the newest are known, so that a session does not grow with
// each of them.
func TestLiteralsAreForgotten(t *testing.T) {
	s := newSession(nil)
	for i := range mostFree + 5 {
		fn := child.Func{Key: child.LiteralPrefix + "0." + string(rune(1000+i)), Name: child.LiteralPrefix + "0", Type: "func(n int) int"}
		f := func(n int) int { return n + i }
		if err := s.fill(fn, reflect.ValueOf(f), &child.Program{}); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.known.funcs) != mostFree || len(s.storage) != mostFree || len(s.known.free) != mostFree {
		t.Errorf("%d functions, %d slots, %d keys", len(s.known.funcs), len(s.storage), len(s.known.free))
	}
}

// A function that captures nothing is found where it lies, one that captures is not.
func TestPlace(t *testing.T) {
	n := len(t.Name())
	capturing := func(m int) int { return n + m }
	p, ok := placeOf(reflect.ValueOf(double))
	if !ok {
		t.Fatal("a function of this program is not found")
	}
	q, ok := parsePlace(p.symbol())
	if !ok || q != p {
		t.Errorf("%+v became %+v", p, q)
	}
	v, err := q.value()
	if err != nil || v.Call([]reflect.Value{reflect.ValueOf(21)})[0].Int() != 42 {
		t.Errorf("%v, %v", v, err)
	}
	if _, ok := placeOf(reflect.ValueOf(capturing)); ok {
		t.Error("a closure is found in a file")
	}
	for _, bad := range []string{"", "literal\x00", "f.3", "literal\x00a\x001\x00b"} {
		if _, ok := parsePlace(bad); ok {
			t.Errorf("%q is a place", bad)
		}
	}
	if _, err := (place{file: "/nonexistent", types: p.types}).value(); err == nil {
		t.Error("a file that is not there has a function")
	}
}

func double(n int) int { return 2 * n }
