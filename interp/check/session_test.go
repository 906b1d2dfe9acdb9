package check

import (
	"errors"
	"fmt"
	"go/ast"
	"strings"
	"testing"

	"interleave/interp/cell"
	"interleave/interp/exports"
)

func mustParse(t testing.TB, n int, src string) *cell.Cell {
	t.Helper()
	c, err := cell.Parse(n, src)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// errorOf gives the first error of a cell, "" if it has none.
func errorOf(t *testing.T, s *Session, n int, src string) string {
	t.Helper()
	if _, err := s.Check(mustParse(t, n, src)); err != nil {
		return err.Error()
	}
	return ""
}

// A check alone declares nothing.
func TestCheckDoesNotCommit(t *testing.T) {
	s := newTestSession()
	if got := errorOf(t, s, 1, "x := 1"); got != "" {
		t.Fatal(got)
	}
	if s.Lookup("x") != nil || len(s.Names()) != 0 {
		t.Error("x is declared")
	}
}

// Of a cell that stopped, variables after the stop are not declared.
func TestCommitReached(t *testing.T) {
	s := newTestSession()
	ch, err := s.Check(mustParse(t, 1, "a := 1\nimport \"fmt\"\nfunc f() string { return fmt.Sprint(b) }\nb := 2\nconst k = 5\nb = 3"))
	if err != nil {
		t.Fatal(err)
	}
	s.Commit(ch, 2)
	for _, tt := range []struct{ src, want string }{
		{"a", ""}, {"k", ""}, {"f()", ""}, {"fmt.Sprint()", ""},
		{"b", "cell 2:1: undefined: b (declared in cell 1, which stopped before it; run cell 1 again)"},
		{"b := 7", ""},
	} {
		if got := errorOf(t, s, 2, tt.src); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.src, got, tt.want)
		}
	}
}

// A variable that the stopped cell did not reach keeps its old meaning.
func TestCommitKeepsOld(t *testing.T) {
	s := newTestSession()
	ch, err := run(t, s, "x := 1", "x := \"a\"")
	if err != nil {
		t.Fatal(err)
	}
	s.Commit(ch, 0)
	if b := s.Lookup("x"); b.Key != "x.1" || b.Cell != 1 {
		t.Errorf("got %+v", b)
	}
}

func TestForget(t *testing.T) {
	s := newTestSession()
	if _, err := run(t, s, "x := 1; total := 2.5", "total := 3.5", "0"); err != nil {
		t.Fatal(err)
	}
	s.Forget("declared in cell 2, lost in the crash; run cell 2 again", "total", "never declared")
	if got, want := errorOf(t, s, 4, "y := x\n\ty = total"), "cell 4:2: undefined: total (declared in cell 2, lost in the crash; run cell 2 again)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	ch, err := s.Check(mustParse(t, 5, "total := 4"))
	if err != nil {
		t.Fatal(err)
	}
	s.Commit(ch, 1)
	if got := errorOf(t, s, 6, "total"); got != "" {
		t.Error(got)
	}
}

// Keys are never given out twice, even when a count comes twice.
func TestKeysAreUnique(t *testing.T) {
	s := newTestSession()
	seen := map[string]string{}
	for i, src := range []string{"x := 1", `x := "a"`, "x := 1.5", "x := []int{}\nx := \"a\"\nx := 1"} {
		ch, err := s.Check(mustParse(t, 3, src))
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range ch.Declared {
			what := fmt.Sprint(i, typeString(b.Object.Type()))
			if seen[b.Key] != "" {
				t.Errorf("%s is the key of %s and %s", b.Key, seen[b.Key], what)
			}
			seen[b.Key] = what
		}
		s.Commit(ch, len(ch.Cell.Items))
	}
}

// Every identifier that means a top-level name has its binding, and no other;
// afterwards the nodes are as the user wrote them.
func TestUses(t *testing.T) {
	s := newTestSession()
	src := `y := x
x := "a"
p := pt{x: 1}
func(x int) { p.x = x }(len(x))
m := map[string]int{x: 1}
func f() float64 { str.ToUpper("a"); return x + x }
x := 2.5
_ = pt{1}
x`
	ch, err := run(t, s, "x := 1\nimport str \"strings\"", "type pt struct{ x int }", src)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, it := range ch.Cell.Items {
		ast.Inspect(it.Node, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			if strings.Contains(id.Name, dot) {
				t.Errorf("hidden name %s left", id.Name)
			}
			if b := ch.Uses[id]; b != nil {
				got = append(got, fmt.Sprintf("%d:%s", ch.Cell.Position(id.Pos()).Line, b.Key))
				if o := ch.Info.Uses[id]; o != b.Object && ch.Info.Defs[id] != b.Object {
					t.Errorf("line %d: Info has %v for %s", ch.Cell.Position(id.Pos()).Line, o, b.Key)
				}
			}
			return true
		})
	}
	want := "1:y.3 1:x.1 2:x.3 3:p.3 3:pt.2 4:p.3 4:x.3 5:m.3 5:x.3 6:f.3 6:x.3.1 6:x.3.1 7:x.3.1 8:pt.2 9:x.3.1"
	if got := strings.Join(got, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if lit := ch.Result; lit == nil || len(ch.Imports) != 1 || ch.Imports["str"] != "strings" {
		t.Errorf("imports %v", ch.Imports)
	}
	ast.Inspect(ch.Cell.Items[7].Node, func(n ast.Node) bool {
		if _, ok := n.(*ast.KeyValueExpr); ok {
			t.Error("the unkeyed literal has got keys")
		}
		return true
	})
}

func TestCheckedFuncs(t *testing.T) {
	ch, err := run(t, newTestSession(), "import . \"strings\"\ntype p struct{}\nfunc (p) a() {}\nfunc (*p) b() {}\nfunc init() {}\nfunc main() { ToUpper(``) }\nfunc f() {}")
	if err != nil {
		t.Fatal(err)
	}
	if len(ch.Methods) != 2 || len(ch.Inits) != 1 || ch.Main == nil || len(ch.Declared) != 2 {
		t.Errorf("methods %d, inits %d, main %v, declared %d", len(ch.Methods), len(ch.Inits), ch.Main, len(ch.Declared))
	}
	if len(ch.DotImports) != 1 || ch.DotImports[0] != "strings" || len(ch.Imports) != 0 {
		t.Errorf("imports %v, dot imports %v", ch.Imports, ch.DotImports)
	}
}

func TestManyErrors(t *testing.T) {
	_, err := run(t, newTestSession(), strings.Repeat("a()\n", 15))
	e, ok := err.(*Errors)
	if !ok || len(e.List) != cell.MaxErrors || e.More != 5 {
		t.Fatalf("got %v", err)
	}
	if got, want := err.Error(), "cell 1:1: undefined: a\n... and 14 more errors"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := e.Traceback(false); got[0] != "cell 1:1:1: undefined: a" || got[len(got)-1] != "... and 5 more" {
		t.Errorf("traceback %q", got)
	}
}

// Without export data there is a sentence, and once there is some it is used.
func TestNoExports(t *testing.T) {
	broken := true
	s := NewSession(Options{Exports: func() (*exports.Table, error) {
		if broken {
			return nil, errors.New("no go command")
		}
		return table, nil
	}})
	if got, want := errorOf(t, s, 1, `import "fmt"`), `cell 1:1: package "fmt": no go command`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := errorOf(t, s, 2, "x := 1; x"); got != "" {
		t.Error(got)
	}
	broken = false
	if got := errorOf(t, s, 3, `import "fmt"`); got != "" {
		t.Error(got)
	}
	if got := errorOf(t, NewSession(Options{}), 1, `import "fmt"`); !strings.Contains(got, "run interleave prepare") {
		t.Error(got)
	}
}

// What go/types makes of broken trees is an error, never a panic.
func TestCheckPartial(t *testing.T) {
	s := newTestSession()
	for _, src := range []string{"x :=", "func f(", "for {", "type t struct {", "x := f(1,", "if x", "switch x := y.(", "a.", "func (", "var", "goto"} {
		c, _ := cell.Parse(1, src)
		if _, err := s.Check(c); err == nil {
			continue
		} else if strings.Contains(err.Error(), "internal error") {
			t.Errorf("%s: %v", src, err)
		}
	}
}

// Whatever two cells hold, the check ends, and go/types does not panic.
func FuzzCheck(f *testing.F) {
	for _, s := range [][2]string{
		{"type p struct{ x int }", "func (q p) m() {}; p{1}.m()"}, {"x := 1", "x := x; x"}, {"import . \"strings\"", "ToUpper"},
		{"type a = b; type b = a", "type t t"}, {"const c = iota", "var v [c]int; v"}, {"func f[T any](x T) T { return x }", "f[f]"},
		{"type l[T any] []T", "type m l[int]; m{1}"}, {"var x interface{ m() }", "x.(type)"}, {"len := 1", "len(len)"},
		{"type i interface{ ~int }", "func g[T i]() {}; g[int]()"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		s := newTestSession()
		for i, src := range []string{one, two} {
			c, err := cell.Parse(i+1, src)
			if err != nil {
				continue
			}
			ch, err := s.Check(c)
			if err == nil {
				s.Commit(ch, len(c.Items))
			} else if strings.Contains(err.Error(), "internal error") {
				t.Errorf("%q: %v", src, err)
			}
			s.Complete(src, len(src)/2)
			s.Inspect(src, len(src)/2, 0)
		}
	})
}

// session with n cells behind it.
func longSession(b *testing.B, n int) *Session {
	s := newTestSession()
	for i := 1; i <= n; i++ {
		ch, err := s.Check(mustParse(b, i, fmt.Sprintf("import \"fmt\"\nx%d := %d\nfunc f%d() string { return fmt.Sprint(x%d) }\ntotal := %d", i, i, i, i, i)))
		if err != nil {
			b.Fatal(err)
		}
		s.Commit(ch, len(ch.Cell.Items))
	}
	return s
}

func BenchmarkCheck(b *testing.B) {
	for _, n := range []int{100, 5000} {
		s := longSession(b, n)
		for _, tt := range [][2]string{{"trivial", "1+1"}, {"print", "fmt.Println(total, x1)"}, {"redefine", "total := total * 2"}} {
			b.Run(fmt.Sprintf("%s/%d", tt[0], n), func(b *testing.B) {
				for b.Loop() {
					if _, err := s.Check(mustParse(b, n+1, tt[1])); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
