package program_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"interleave/interp/cell"
	"interleave/interp/check"
	"interleave/interp/exports"
	"interleave/interp/program"
)

// A scenario is a session whose last cell is made a program.
type scenario struct {
	name   string
	cells  []string
	output string // what the program prints
	vars   string // its variables of earlier cells
}

var scenarios = []scenario{
	{"statements", []string{"import \"fmt\"", "x := 1\nx++\nfmt.Println(x)"}, "2\n", ""},
	{"a function and what it uses", []string{
		"import (\"fmt\"; \"strings\")",
		"const sep = \"-\"\nfunc join(s ...string) string { return strings.Join(s, sep) }",
		"unused := join",
		"fmt.Println(join(\"a\", \"b\"))",
	}, "a-b\n", ""},
	{"the latest of each", []string{
		"import \"fmt\"",
		"func f() int { return 1 }\nfunc g() int { return f() }",
		"func f() int { return 2 }",
		"fmt.Println(g())",
	}, "2\n", ""},
	{"a function of the cell is the latest", []string{
		"import \"fmt\"",
		"func f() int { return 1 }\nfunc g() int { return f() }",
		"func f() int { return 3 }\nfmt.Println(g())",
	}, "3\n", ""},
	{"types, methods, generics, embedding", []string{
		"import \"fmt\"",
		"type base struct{ n int }\nfunc (b *base) inc() { b.n++ }\nfunc (b base) String() string { return fmt.Sprint(\"base \", b.n) }",
		"type derived struct{ base; name string }\ntype list[T any] []T\nfunc (l list[T]) first() T { return l[0] }\nfunc apply[T any](v T, f func(T)) T { f(v); return v }",
		"d := &derived{name: \"d\"}\nd.inc()\napply(d, func(d *derived) { d.inc() })\nfmt.Println(d, d.name, list[int]{7, 8}.first())\nfmt.Printf(\"%T\\n\", *d)",
	}, "base 2 d 7\nmain.derived\n", ""},
	{"variables start as declared", []string{
		"import \"fmt\"",
		"a, b := 1, \"one\"\nvar c = []int{a, 2}\nvar m map[string]int",
		"a = 100; c = append(c, 3)",
		"m = map[string]int{}\nfmt.Println(a, b, c, len(m))",
	}, "1 one [1 2] 0\n", "a (cell 2), b (cell 2), c (cell 2), m (cell 2)"},
	{"a variable that was declared anew", []string{
		"import \"fmt\"",
		"func two() (int, error) { return 2, nil }",
		"n, err := two()",
		"n := \"text\"",
		"fmt.Println(n, err)",
	}, "text <nil>\n", "err (cell 3), n (cell 4)"},
	{"constants keep their group", []string{
		"import \"fmt\"",
		"const (\n\ta = iota\n\tb\n\tc\n)",
		"b := \"b\"",
		"fmt.Println(a, b, c)",
	}, "0 b 2\n", "b (cell 3)"},
	{"a name that was a package", []string{
		"import (\"fmt\"; \"time\")",
		"func second() time.Duration { return time.Second }",
		"time := 5",
		"fmt.Println(time, second())",
	}, "5 1s\n", "time (cell 3)"},
	{"functions see the variables of the cell", []string{
		"import \"fmt\"",
		"n := 1\nfunc bump() { n++ }\nbump()\nx, y := n, n*2\nbump()\nfmt.Println(n, x, y)\nx",
	}, "3 2 4\n", ""},
	{"main and init", []string{
		"import \"fmt\"",
		"fmt.Println(\"statements\")\nfunc init() { fmt.Println(\"init\") }\nfunc main() { fmt.Println(\"main\") }",
	}, "init\nstatements\nmain\n", ""},
	{"init after the variables of its cell", []string{
		"import \"fmt\"",
		"func init() { prices[\"tea\"] = rate }\nvar rate = 3\nvar prices = map[string]int{}\nfmt.Println(prices)\nvar late = 1\nfunc init() { late = rate }\nfmt.Println(late)",
	}, "map[tea:3]\n1\n", ""},
	{"variables in the order of a package", []string{
		"import \"fmt\"",
		"var total = sum()\nvar prices = []int{3, 4}\nfunc sum() (n int) { for _, p := range prices { n += p }; seen++; return n }\nvar seen int\nfmt.Println(total, seen)",
	}, "7 1\n", ""},
	{"main alone", []string{"import \"fmt\"", "func main() { fmt.Println(\"main\") }"}, "main\n", ""},
	{"types without a name", []string{
		"import (\"encoding/binary\"; \"fmt\")",
		"order := binary.BigEndian\nanon := struct{ a, b int }{1, 2}\nerr := fmt.Errorf(\"e\")\nfmt.Println(order, anon, err)",
	}, "BigEndian {1 2} e\n", ""},
	{"goroutines and a wait group", []string{
		"import (\"fmt\"; \"sync\")",
		"type pool struct{ sync.WaitGroup; done int; mu sync.Mutex }",
		"p := &pool{}\nfor range 3 {\n\tp.Go(func() { p.mu.Lock(); defer p.mu.Unlock(); p.done++ })\n}\np.Wait()\nfmt.Println(p.done)",
	}, "3\n", ""},
	{"dot imports and blank ones", []string{
		"import . \"strings\"\nimport _ \"embed\"\nimport \"fmt\"",
		"func shout(s string) string { return ToUpper(s) }",
		"fmt.Println(shout(\"a\"), Repeat(\"b\", 2))",
	}, "A bb\n", ""},
	{"an import of the cell", []string{"x := 3", "import \"fmt\"\nfmt.Println(x)"}, "3\n", "x (cell 1)"},
	{"mutual recursion", []string{
		"import \"fmt\"",
		"func even(n int) bool { if n == 0 { return true }; return odd(n-1) }\nfunc odd(n int) bool { if n == 0 { return false }; return even(n-1) }",
		"fmt.Println(even(10))",
	}, "true\n", ""},
	{"defer, labels, a receive", []string{
		"import \"fmt\"",
		"defer fmt.Println(\"deferred\")\nouter:\nfor i := range 3 {\n\tfor {\n\t\tif i == 1 { break outer }\n\t\tcontinue outer\n\t}\n}\nch := make(chan int, 1)\nch <- 4\nv, ok := <-ch\nfmt.Println(v, ok)",
	}, "4 true\ndeferred\n", ""},
}

func TestMain(t *testing.T) {
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			p, err := generate(t, s.cells, program.Main)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(p.Vars, ", "); got != s.vars {
				t.Errorf("variables %q, want %q", got, s.vars)
			}
			out, err := goCommand(t, p, "run", ".")
			if err != nil || out != s.output {
				t.Errorf("printed %q, want %q\n%v\n%s", out, s.output, err, sources(p))
			}
		})
	}
}

// generate makes a program of the last cell.
func generate(t *testing.T, cells []string, f func(*check.Checked, program.Lookup, program.Embed) (*program.Program, error)) (*program.Program, error) {
	t.Helper()
	s := newSession(t)
	for i, src := range cells {
		c, err := cell.Parse(i+1, src)
		if err != nil {
			t.Fatal(err)
		}
		ch, err := s.Check(c)
		if err != nil {
			t.Fatal(err)
		}
		if i == len(cells)-1 {
			return f(ch, s.Lookup, nil)
		}
		s.Commit(ch, len(c.Items))
	}
	return nil, nil
}

func newSession(t *testing.T) *check.Session {
	t.Helper()
	return check.NewSession(check.Options{Exports: func() (*exports.Table, error) {
		if _, err := exports.Prepare(context.Background(), "", func(string) {}); err != nil {
			return nil, err
		}
		return exports.Open("")
	}})
}

// goCommand runs the go command on a program, and gives what it printed.
func goCommand(t *testing.T, p *program.Program, args ...string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{"go.mod": "module session\n\ngo 1.26\n"}
	for name, text := range p.Files {
		files[name] = text
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN=local", "GOFLAGS=", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func sources(p *program.Program) string {
	var b strings.Builder
	for name, text := range p.Files {
		b.WriteString("-- " + name + " --\n" + text)
	}
	return b.String()
}

func TestRefusals(t *testing.T) {
	for _, tt := range []struct {
		name  string
		cells []string
		f     func(*check.Checked, program.Lookup, program.Embed) (*program.Program, error)
		want  string
	}{
		{"made of an earlier one", []string{"x := 1", "x := x + 1", "y := x"}, program.Main,
			"cell 2:1: x is made of an earlier x (cell 1), which a program does not have: give it a value that does not need that"},
		{"two of one name", []string{"x := 1\nx := \"a\"\n_ = x"}, program.Main, "cell 1:1: x is declared more than once in this cell: give each its own name"},
		{"statements among tests", []string{"import \"testing\"", "func TestX(t *testing.T) {}\n\nprintln(1)"}, program.Test,
			"cell 2:3: %%test takes declarations only: put statements into a function, such as func TestIt(t *testing.T)"},
	} {
		_, err := generate(t, tt.cells, tt.f)
		var r *program.Refusal
		if !errors.As(err, &r) || err.Error() != tt.want {
			t.Errorf("%s: error is %v, want %s", tt.name, err, tt.want)
		}
	}
}

// What was lost in a crash is missing.
func TestLost(t *testing.T) {
	s := newSession(t)
	for i, src := range []string{"x := 1", "func f() int { return x }", "println(f())"} {
		c, err := cell.Parse(i+1, src)
		if err != nil {
			t.Fatal(err)
		}
		ch, err := s.Check(c)
		if err != nil {
			t.Fatal(err)
		}
		if i == 2 {
			s.Forget("lost", "x")
			_, err = program.Main(ch, s.Lookup, nil)
			if want := "cell 2:1: x has no value in the session any more: run the cell that declares it again"; err == nil || err.Error() != want {
				t.Errorf("error is %v, want %s", err, want)
			}
			return
		}
		s.Commit(ch, len(c.Items))
	}
}

func TestTests(t *testing.T) {
	p, err := generate(t, []string{
		"func add(a, b int) int { return a + b }",
		"import \"testing\"\ncases := []int{1, 2}\nvar more = 3\nfunc TestAdd(t *testing.T) {\n\tif add(cases[0], more) != 5 {\n\t\tt.Error(\"four\")\n\t}\n}",
	}, program.Test)
	if err != nil {
		t.Fatal(err)
	}
	out, err := goCommand(t, p, "test", ".")
	if err == nil || !strings.Contains(out, "cell 2:6: four") {
		t.Errorf("printed %s\n%s", out, sources(p))
	}
}

// A package is what a worker or a file can be made of.
func TestPackage(t *testing.T) {
	s := newSession(t)
	c, _ := cell.Parse(1, "import \"fmt\"\ntype t struct{ n int }\nfunc (v t) String() string { return fmt.Sprint(helper(v.n)) }\nfunc helper(n int) int { return n * base }\nbase := 2\nfunc other() {}")
	ch, err := s.Check(c)
	if err != nil {
		t.Fatal(err)
	}
	s.Commit(ch, len(c.Items))
	p, err := program.Package([]*check.Binding{s.Lookup("t")}, s.Lookup)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := goCommand(t, p, "build", "-o", os.DevNull, "."); err != nil {
		t.Errorf("%v: %s\n%s", err, out, sources(p))
	}
	if text := sources(p); strings.Contains(text, "other") || !strings.Contains(text, "helper") {
		t.Errorf("the package is\n%s", text)
	}
	if !slices.Equal(p.Imports, []string{"fmt"}) || !slices.Equal(p.Vars, []string{"base (cell 1)"}) {
		t.Errorf("imports %v, variables %v", p.Imports, p.Vars)
	}
}

// Positions are those of the cells.
func TestPositions(t *testing.T) {
	p, err := generate(t, []string{
		"\n\nfunc deep(p *int) int {\n\treturn *p\n}",
		"\nn :=\n\tdeep(nil)\n_ = n",
	}, program.Main)
	if err != nil {
		t.Fatal(err)
	}
	out, err := goCommand(t, p, "run", "-gcflags=-l", ".")
	for _, want := range []string{"cell 1:4", "cell 2:3"} {
		if err == nil || !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
}
