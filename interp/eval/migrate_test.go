package eval

import (
	"container/list"
	"reflect"
	"sync"
	"testing"
)

// Types of one package stand for a type that was declared twice.
type (
	before struct{ N int }
	after  struct{ N int }
	keyed  map[any]any
)

func (after) String() string { return "after" }

func newMigration() *migration {
	return &migration{
		now:   map[reflect.Type]reflect.Type{reflect.TypeFor[before](): reflect.TypeFor[after]()},
		known: map[reflect.Type]reflect.Type{}, holds: map[reflect.Type]bool{}, seen: map[visit]bool{},
		own: func(path string) bool { return path == reflect.TypeFor[before]().PkgPath() },
	}
}

// Values in interfaces have the new type wherever they can be reached, once each.
func TestMigrate(t *testing.T) {
	l := list.New()
	l.PushBack(before{6})
	type ring struct {
		Next *ring
		low  any
	}
	r := &ring{low: before{7}}
	r.Next = r
	v := struct {
		A  any
		B  []any
		C  map[string]any
		D  *any
		E  keyed
		F  any
		G  *ring
		H  [1]any
		L  *list.List
		N  any
		Mu sync.Mutex
	}{
		A: before{1}, B: []any{&before{2}, []before{{3}}, 4}, C: map[string]any{"k": before{4}}, D: new(any),
		E: keyed{before{5}: before{5}}, F: map[before][]*before{{8}: nil}, G: r, H: [1]any{func(before) before { return before{} }}, L: l,
	}
	*v.D = chan before(nil)
	newMigration().walk(reflect.ValueOf(&v).Elem())
	for i, ok := range []bool{
		v.A == any(after{1}),
		*v.B[0].(*after) == after{2} && v.B[1].([]after)[0] == after{3} && v.B[2] == 4,
		v.C["k"] == any(after{4}),
		reflect.TypeOf(*v.D) == reflect.TypeFor[chan after](),
		len(v.E) == 1 && v.E[after{5}] == any(after{5}),
		reflect.TypeOf(v.F) == reflect.TypeFor[map[after][]*after]() && len(v.F.(map[after][]*after)) == 1,
		r.low == any(after{7}),
		reflect.TypeOf(v.H[0]) == reflect.TypeFor[func(after) after](),
		l.Front().Value == any(after{6}),
		v.N == nil,
	} {
		if !ok {
			t.Errorf("%d is not migrated", i)
		}
	}
}

// A pointer in an interface goes on pointing to the same variable.
func TestMigrateKeepsPointers(t *testing.T) {
	x := before{1}
	var v any = &x
	newMigration().walk(reflect.ValueOf(&v).Elem())
	v.(*after).N = 5
	if x.N != 5 {
		t.Error("the pointer is to a copy")
	}
}

// What the library keeps to itself is not looked into.
func TestMigrateLeavesLibrary(t *testing.T) {
	var m sync.Map
	m.Store(1, before{1})
	newMigration().walk(reflect.ValueOf(&m).Elem())
	if v, _ := m.Load(1); v != any(before{1}) {
		t.Errorf("sync.Map has %T", v)
	}
}

func TestSameLayout(t *testing.T) {
	for _, c := range []struct {
		a, b any
		same bool
	}{
		{1, 1, true}, {1, "", false}, {int32(1), uint32(1), false},
		{struct{ A int }{}, struct{ A int }{}, true}, {struct{ A int }{}, struct{ B int }{}, false},
		{struct{ A any }{}, struct{ A error }{}, false}, {[]int{}, []int8{}, false}, {[2]int{}, [3]int{}, false},
		{map[string]int{}, map[string]*int{}, false}, {before{}, after{}, false},
	} {
		if got := sameLayout(reflect.TypeOf(c.a), reflect.TypeOf(c.b), map[visit2]bool{}); got != c.same {
			t.Errorf("%T and %T: %v", c.a, c.b, got)
		}
	}
}

type (
	genericBefore[T any] struct{ N T }
	genericAfter[T any]  struct{ N T }
)

func TestMentions(t *testing.T) {
	for _, c := range []struct {
		args string
		want bool
	}{
		{"main.t]", true}, {"int,main.t]", true}, {"[]main.t]", true}, {"main.tt]", false}, {"main.t_]", false},
		{"main.t2,main.t]", true}, {"int]", false}, {"main.tä]", false}, {"main.box[main.t]]", true},
	} {
		if got := mentions(c.args, "main.t"); got != c.want {
			t.Errorf("%s: %v", c.args, got)
		}
	}
}

// Of a generic type, what has no new instance is told.
func TestMigrateKeeps(t *testing.T) {
	m := newMigration()
	m.again, m.kept = []string{"genericBefore"}, map[string]bool{}
	v := []any{genericBefore[int]{1}, []*genericBefore[string]{}, genericAfter[int]{}}
	m.walk(reflect.ValueOf(&v).Elem())
	if len(m.kept) != 2 || !m.kept["eval.genericBefore[int]"] || !m.kept["eval.genericBefore[string]"] {
		t.Errorf("kept %v", m.kept)
	}
}
