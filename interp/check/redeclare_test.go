package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// declares tells what a cell declares: name, kind, cell of the text, key, and
// whether the variable is adopted.
func declares(ch *Checked) string {
	var out []string
	for _, b := range ch.Declared {
		s := fmt.Sprintf("%s %s %d %s", b.Name, b.Kind, b.Cell, b.Key)
		if b.Adopted {
			s += " adopted"
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

// What uses a type is declared again with it, in its own words; the variables
// keep their storage, or are dropped.
func TestRedeclare(t *testing.T) {
	const point = "type point struct{ x, y int }"
	for _, c := range []struct {
		intent   string
		cells    []string
		declared string
		notes    string
		dropped  string
	}{
		{"a method in a later cell", []string{point, "p := point{1, 2}\nn := 1", "func (p point) norm() int { return p.x }"},
			"p variable 2 p.2 adopted; point type 1 point.3", "", ""},
		{"what uses the type follows, and what uses that", []string{point + "\nfunc (p point) old() {}", "type line struct{ a, b point }\nfunc f() line { return line{} }\nfunc g() int { return len([]line{f()}) }\nfunc other() {}", "var ls []*line\nks := map[string]int{}", "func (p point) norm() int { return p.x }"},
			"f func 2 f.4; g function 2 g.2; line type 2 line.4; ls variable 3 ls.3 adopted; point type 1 point.4", "", ""},
		{"constants follow in their group", []string{"type level int\nconst (\n\tlow level = iota\n\thigh\n)", "func (level) String() string { return \"\" }"},
			"high const 1 high.2; level type 1 level.2; low const 1 low.2", "", ""},
		{"the same layout", []string{point + "\np := point{}", "type point struct{ x, y int }"},
			"p variable 1 p.1 adopted; point type 2 point.2", "", ""},
		{"another layout", []string{point + "\np := point{}\nvar err error", "func f() int { return p.x }\nvar h func() int = func() int { return p.y }", "type point struct{ x int }"},
			"f function 2 f.2; point type 3 point.3", "point has another layout now; variables of the earlier one are gone: p (cell 1)|point is declared again; closures keep the earlier one: h (cell 2)", "p"},
		{"what does not compile is left", []string{point, "func f(p point) int { return p.y }\nfunc g(p point) int { return p.x }", "type point struct{ x string }"},
			"point type 3 point.3", "point is declared again; these do not compile with it and keep the earlier one: f (cell 2), g (cell 2)", ""},
		{"its own methods go with a type, those of other cells stay", []string{point + "\nfunc (p point) a() {}", "func (p point) b() {}", point, "point{}.b()"},
			"", "", ""},
		{"a variable that the cell declares itself is not adopted", []string{point, "p := point{}", point + "\np := point{3, 4}"},
			"p variable 3 p.3; point type 3 point.3", "", ""},
		{"an interface with one more method", []string{"type s interface{ a() }\nvar v s", "type s interface { a(); b() }"},
			"s type 2 s.2", "s has another layout now; variables of the earlier one are gone: v (cell 1)", "v"},
		{"library types of variables are imported", []string{"import \"sync\"\n" + point, "var m map[point]*sync.Mutex", "func (p point) f() {}"},
			"m variable 2 m.2 adopted; point type 1 point.3", "", ""},
		{"recursive types", []string{"type node struct { next *node; kids []node }\nvar head *node", "func (n *node) f() {}"},
			"head variable 1 head.1 adopted; node type 1 node.2", "", ""},
		{"generic types", []string{"type box[T any] struct{ v T }\nb := box[int]{1}\nvar c box[string]", "func (b box[T]) get() T { return b.v }"},
			"b variable 1 b.1 adopted; box type 1 box.2; c variable 1 c.1 adopted", "", ""},
	} {
		s := newTestSession()
		ch, err := run(t, s, c.cells...)
		if err != nil {
			t.Errorf("%s: %v", c.intent, err)
			continue
		}
		got := strings.ReplaceAll(declares(ch), "f func 2", "f function 2")
		if want := strings.ReplaceAll(c.declared, "f func 2", "f function 2"); got != want {
			t.Errorf("%s: declares %s\nwant %s", c.intent, got, want)
		}
		if got := strings.Join(ch.Notes, "|"); got != c.notes {
			t.Errorf("%s: notes %q, want %q", c.intent, got, c.notes)
		}
		if got := strings.Join(ch.Dropped, " "); got != c.dropped {
			t.Errorf("%s: drops %q, want %q", c.intent, got, c.dropped)
		}
	}
}

// A dropped variable is undefined afterwards, and says why.
func TestDropped(t *testing.T) {
	_, err := run(t, newTestSession(), "type t struct{ x int }\nv := t{}", "type t struct{ x string }", "v")
	const want = "cell 3:1: undefined: v (declared in cell 1 with another layout of its type; run cell 1 again)"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Declarations that are taken along have the positions of their own cells.
func TestExtendedPositions(t *testing.T) {
	ch, err := run(t, newTestSession(), "\n\ntype t struct{}\n\n  func f(v t) {}", "func (v t) m() {}", "func (v t) n() {}")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, it := range ch.Cell.Items {
		at := ch.Cell.Position(it.Node.Pos())
		got = append(got, fmt.Sprintf("%d:%d:%d", at.Cell, at.Line, at.Col))
	}
	if want := "3:1:1 1:3:6 1:5:3 2:1:1"; strings.Join(got, " ") != want || ch.Cell.Own != 1 {
		t.Errorf("items are at %s, want %s; %d own", got, want, ch.Cell.Own)
	}
}

// Completion in a method of an earlier type knows the type.
func TestCompleteLateMethod(t *testing.T) {
	s := newTestSession()
	if _, err := run(t, s, "type point struct{ across, along int }", "1"); err != nil {
		t.Fatal(err)
	}
	const code = "func (p point) norm() int { return p.a }"
	c := s.Complete(code, strings.Index(code, "p.a")+3)
	var names []string
	for _, m := range c.Matches {
		names = append(names, m.Text)
	}
	if !slices.Equal(names, []string{"across", "along"}) {
		t.Errorf("completes %q", names)
	}
}
