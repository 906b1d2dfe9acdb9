package demos

import (
	"bytes"
	"encoding/gob"
	"strings"
	"testing"
)

type pair struct {
	A int32
	B [2]float64
}

// What travels is the name: the other side sees, and writes, the same memory.
func TestShared(t *testing.T) {
	s, err := NewShared[pair](1000)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(s); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 200 {
		t.Errorf("%d bytes travel", b.Len())
	}
	var other Shared[pair]
	if err := gob.NewDecoder(&b).Decode(&other); err != nil {
		t.Fatal(err)
	}
	other.Slice[999].B[1] = 2.5
	if len(other.Slice) != 1000 || s.Slice[999].B[1] != 2.5 || s.Slice[0] != (pair{}) {
		t.Errorf("%v, %v", len(other.Slice), s.Slice[999])
	}
}

func TestSharedBadInput(t *testing.T) {
	for _, n := range []int{0, -1, 1 << 50} {
		if _, err := NewShared[int](n); err == nil {
			t.Errorf("%d elements", n)
		}
	}
	_, a := NewShared[string](1)
	_, b := NewShared[[]int](1)
	_, c := NewShared[struct{ P *int }](1)
	for what, err := range map[string]error{"a string": a, "a slice": b, "a ptr": c} {
		if err == nil || !strings.Contains(err.Error(), "holds "+what+", which means nothing in another process") {
			t.Errorf("%v", err)
		}
	}
	if _, err := (&Shared[int]{}).GobEncode(); err == nil {
		t.Error("a zero Shared travels")
	}
	for _, bad := range []string{"", "1 2", "999999999 3 4", "0 0 0"} {
		if err := new(Shared[int]).GobDecode([]byte(bad)); err == nil {
			t.Errorf("%q is decoded", bad)
		}
	}
}
