//go:build cgo && linux

package load

import (
	"io"
	"strings"
	"testing"
	"unsafe"
)

// namer is an interface type of this test's own, so that nothing else has itabs of it.
type namer interface{ Name() string }

type met struct{}

func (met) Name() string { return "met" }

func tableOf[I any](value I) *itab { return *(**itab)(unsafe.Pointer(&value)) }

func TestItabs(t *testing.T) {
	table := itabs()
	if table == nil {
		t.Fatal("the runtime's table is none that is known")
	}
	static := tableOf[io.Reader](&strings.Reader{})
	if got := table.find(static.inter, static.typ); got != static {
		t.Errorf("of a pair in the program: %p, want %p", got, static)
	}
	made := tableOf(any(met{}).(namer)) // by the runtime
	if got := table.find(made.inter, made.typ); got != made {
		t.Errorf("of a pair that met at run time: %p, want %p", got, made)
	}
	if got := table.find(made.inter, static.typ); got != nil {
		t.Errorf("of a pair that never met: %p", got)
	}
}

// Slots get the itab that is there; one that is the first of its pair stays.
func TestUnify(t *testing.T) {
	made := tableOf(any(met{}).(namer))
	made.hash = 0 // as the runtime makes them
	other := itab{inter: made.inter, typ: made.typ, hash: made.typ.hash}
	first := itab{inter: made.inter, typ: tableOf[io.Reader](&strings.Reader{}).typ}
	object := [3]*itab{&other, nil, &first}
	var list []slot
	for i := range object {
		list = append(list, slot{at: uint64(i) * uint64(unsafe.Sizeof(object[0]))})
	}
	if err := unify(unsafe.Pointer(&object), list); err != nil {
		t.Fatal(err)
	}
	if object != [3]*itab{made, nil, &first} || made.hash != made.typ.hash {
		t.Errorf("slots are %p, itab of the process is %p with hash %x", object, made, made.hash)
	}
}
