package source_test

import (
	"errors"
	"go/format"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"interleave/interp/native/source"
)

const prefix = "interleave/cells/"

// units are those of a session that nothing is wrong with.
func units(t *testing.T, cells ...string) []*source.Unit {
	t.Helper()
	list, err := rewrite(t, prefix, cells)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		intent string
		cells  []string
		want   string
	}{
		{"a type that the library hides", []string{`import "encoding/binary"`, "x := 1\np := &binary.LittleEndian"},
			"cell 2:2: type binary.littleEndian is not exported, so a top-level variable cannot have it: use a variable of an interface type"},
	} {
		_, err := rewrite(t, prefix, c.cells)
		var r *source.Refusal
		if !errors.As(err, &r) || r.Error() != c.want {
			t.Errorf("%s: %v, want %q", c.intent, err, c.want)
		}
	}
}

func TestUnit(t *testing.T) {
	list := units(t,
		"import \"time\"\ntype point struct{ x int }\nfunc (p point) shift() int { return p.x + offset }\noffset := 1\nvar now time.Time",
		"func f() int { return g() + offset }\nfunc g() int { return 1 }\nfunc id[T any](v T) T { _ = f; return v }",
		"p := point{id(f())}\np.shift()",
	)
	first, second, third := list[0], list[1], list[2]
	if got := keys(first); !slices.Equal(got, []string{"offset.1", "now.1"}) {
		t.Errorf("the first unit reaches %q", got)
	}
	if got := first.Needs["point"]; !slices.Equal(got, []string{"offset.1"}) {
		t.Errorf("methods of point need %q", got)
	}
	if got := second.Needs["id"]; !slices.Equal(got, []string{"f.2"}) {
		t.Errorf("id needs %q", got)
	}
	if f := second.Funcs[0]; f.Key != "f.2" || f.Name != "f" || !slices.Equal(f.Uses, []string{"g.2", "offset.1"}) {
		t.Errorf("func f is %+v", f)
	}
	if len(second.Funcs) != 2 || second.Result || !third.Result {
		t.Errorf("%d functions, results %v and %v", len(second.Funcs), second.Result, third.Result)
	}
	want := []string{prefix + "c1", prefix + "c2"}
	if got := third.Imports; third.Path != prefix+"c3" || !slices.Equal(got, want) {
		t.Errorf("%s imports %q, want %q", third.Path, got, want)
	}
	if got := second.Imports; !slices.Equal(got, []string{source.Runtime}) {
		t.Errorf("the second unit imports %q", got)
	}
}

func keys(u *source.Unit) []string {
	var out []string
	for _, v := range u.Vars {
		out = append(out, v.Key)
	}
	return out
}

// A cell that is run again, unchanged, has the shape of before; what it means counts.
func TestShape(t *testing.T) {
	list := units(t, "n := 0", "n++\nfunc f() int { return n }", "n++\nfunc f() int { return n }", "n := \"s\"", "func f() string { return n }", "func f() string { return n }", "n = \"cell 7:\"", "n = \"cell 8:\"")
	for _, c := range []struct {
		a, b int
		same bool
	}{{1, 2, true}, {4, 5, true}, {2, 4, false}, {6, 7, false}} {
		if same := list[c.a].Shape == list[c.b].Shape; same != c.same {
			t.Errorf("cells %d and %d: same shape %v\n%s\n%s", c.a+1, c.b+1, same, list[c.a].Shape, list[c.b].Shape)
		}
	}
	for _, u := range list {
		for name, text := range u.Files {
			if strings.Contains(text, "\x00") {
				t.Errorf("%s/%s has a NUL", u.Path, name)
			}
		}
	}
}

func TestNotes(t *testing.T) {
	list := units(t,
		"n := 1\nfunc id[T any](v T) T { return v }",
		"func f() int { return n }\nfunc g() int { return f() }",
		"n := \"s\"",
		"func f() string { return n }",
		"func id[T any](v T) (T, error) { return v, nil }\nfunc h() string { s, _ := id(n); return s }",
		"func id[T any](v T) T { return v }",
	)
	for i, want := range [][]string{nil, nil,
		{"n has another type now; compiled with the earlier one: f (cell 2)"},
		{"f has another type now; compiled with the earlier one: g (cell 2)"},
		nil,
		{"id has another type now; compiled with the earlier one: h (cell 5)"},
	} {
		if got := list[i].Notes; !slices.Equal(got, want) {
			t.Errorf("cell %d: notes %q, want %q", i+1, got, want)
		}
	}
}

// Methods are bound for good to the generic functions that they were compiled with.
func TestMethodKeepsGeneric(t *testing.T) {
	list := units(t,
		"func id[T any](v T) T { return v }",
		"type box[T any] struct{ v T }\nfunc (b *box[T]) get() T { return id(b.v) }",
		"func id[T any](v T) T { var zero T; return zero }",
	)
	want := []string{"box.get of cell 2 keeps the generic functions that it was compiled with: run cell 2 again"}
	if got := list[2].Notes; !slices.Equal(got, want) {
		t.Errorf("notes %q, want %q", got, want)
	}
}

// A cell that was compiled twice under one number has two paths.
func TestPaths(t *testing.T) {
	s := source.New()
	var got []string
	for range 3 {
		ch := checked(t, "x := 1")
		u, err := s.Unit(ch)
		if err != nil {
			t.Fatal(err)
		}
		s.Commit(u)
		got = append(got, strings.TrimPrefix(u.Path, prefix))
	}
	if want := []string{"c1", "c1x2", "c1x3"}; !slices.Equal(got, want) {
		t.Errorf("paths %q, want %q", got, want)
	}
}

// NoStop leaves out every look at the stop flag but those of the runtime itself.
func TestNoStop(t *testing.T) {
	for _, noStop := range []bool{false, true} {
		s := source.New()
		s.NoStop = noStop
		u, err := s.Unit(checked(t, "func f(n int) int { for { n = f(n) } }\nagain:\nfor { f(1); goto again }"))
		if err != nil {
			t.Fatal(err)
		}
		text := u.Files["cell.go"]
		if n := strings.Count(text, ".Check()"); n != 4 && !noStop || n != 0 && noStop {
			t.Errorf("NoStop %v: %d looks in\n%s", noStop, n, text)
		}
	}
}

// Loops that take no time, and functions that cannot recurse, do not look.
func TestWhereStopIsLookedAt(t *testing.T) {
	for _, c := range []struct {
		code  string
		looks int
	}{
		{"func f(a []int) (s int) { for _, v := range a { s += v }; return s }", 0},
		{"func f(a []int) (s int) { for i := 0; i < len(a); i++ { s += a[i] }; return s }", 0},
		{"func f(a []float64) { for i := range a { a[i] = math.Sqrt(float64(i)) } }", 0},
		{"func f(a []int) { for i := 0; i < len(a); i++ { i-- } }", 1},
		{"func f(n int) { for n > 0 { n-- } }", 1},
		{"func f(n int) { for range n { for range n { } } }", 1},
		{"func f(n int) { for range n { println(strconv.Itoa(n)) } }", 1},
		{"func f(n int) int { return n + 1 }", 0},
		{"func f(n int) int { return f(n - 1) }", 1},
		{"func f(g func()) { g() }", 1},
		{"func f() string { return strconv.Itoa(1) }", 0},
		{"type t int; func (v t) f() { v.f() }", 1},
		{"func f() { for { select { default: } } }", 1},
	} {
		list := units(t, "import (\"math\"; \"strconv\")\n"+c.code)
		text := list[0].Files["cell.go"]
		if n := strings.Count(text, ".Check()"); n != c.looks {
			t.Errorf("%s: looks %d times, want %d\n%s", c.code, n, c.looks, text)
		}
	}
}

func TestRuntimePackages(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range source.RuntimePackages() {
		for name, text := range p.Files {
			f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, is := range f.Imports {
				path := strings.Trim(is.Path.Value, `"`)
				if strings.HasPrefix(path, prefix) && !seen[path] {
					t.Errorf("%s imports %s, which comes later", p.Path, path)
				}
			}
			if b, err := format.Source([]byte(text)); err != nil || string(b) != text {
				t.Errorf("%s is not formatted: %v", name, err)
			}
		}
		seen[p.Path] = true
	}
}
