package rewrite

import (
	"go/token"
	"go/types"
	"reflect"
	"testing"
)

// What lies in this program is told from what reflection makes.
func TestIsMade(t *testing.T) {
	for _, held := range []any{1, []int(nil), map[string]int(nil), func(int) {}, struct{ A int }{}, [3]string{}, (chan bool)(nil), (*int)(nil)} {
		if isMade(reflect.TypeOf(held)) {
			t.Errorf("%T lies in this program", held)
		}
	}
	odd := reflect.ArrayOf(12345, reflect.TypeFor[uint16]())
	for _, made := range []reflect.Type{
		odd, reflect.SliceOf(odd), reflect.PointerTo(odd), reflect.MapOf(odd, odd), reflect.ChanOf(reflect.BothDir, odd),
		reflect.FuncOf([]reflect.Type{odd}, nil, false), reflect.StructOf([]reflect.StructField{{Name: "X", Type: odd}}),
	} {
		if !isMade(made) {
			t.Errorf("%v is made by reflection", made)
		}
	}
}

func TestHeld(t *testing.T) {
	odd := types.NewArray(types.Typ[types.Uint16], 54321)
	x := types.NewVar(token.NoPos, nil, "X", odd)
	for _, tt := range []struct {
		t    types.Type
		want bool
	}{
		{types.Typ[types.Int], true},
		{types.NewSlice(types.Typ[types.String]), true},
		{types.NewMap(types.Typ[types.String], types.Universe.Lookup("any").Type()), true},
		{odd, false}, {types.NewSlice(odd), false}, {types.NewPointer(odd), false}, {types.NewChan(types.SendOnly, odd), false},
		{types.NewMap(types.Typ[types.Int], odd), false}, {types.NewStruct([]*types.Var{x}, nil), false},
		{types.NewSignatureType(nil, nil, nil, types.NewTuple(x), nil, false), false},
	} {
		if got := held(tt.t); got != tt.want {
			t.Errorf("held(%v) = %v", tt.t, got)
		}
	}
}
