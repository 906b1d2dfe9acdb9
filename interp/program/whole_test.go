package program_test

import (
	"strings"
	"testing"

	"interleave/interp/cell"
	"interleave/interp/check"
	"interleave/interp/program"
)

// whole makes a program of all cells.
func whole(t *testing.T, cells []string) (*program.Program, error) {
	t.Helper()
	s := newSession(t)
	var all []*check.Checked
	for i, src := range cells {
		c, err := cell.Parse(i+1, src)
		if err != nil {
			t.Fatal(err)
		}
		ch, err := s.Check(c)
		if err != nil {
			t.Fatal(err)
		}
		s.Commit(ch, len(c.Items))
		all = append(all, ch)
	}
	return program.Notebook(all, nil)
}

func TestNotebook(t *testing.T) {
	for _, tt := range []struct {
		name   string
		cells  []string
		output string
	}{
		{"nothing", nil, ""},
		{"only declarations", []string{"import \"fmt\"", "func f() {}"}, ""},
		{"in turn", []string{"import \"fmt\"\nx := 1", "x++\nfmt.Println(x)", "x++\nfmt.Println(x)"}, "2\n3\n"},
		{"init and order", []string{
			"import \"fmt\"\nvar n = twice()\nvar m = 3\nfunc twice() int { return 2 * m }\nfunc init() { m++ }",
			"func init() { n += m }\nfmt.Println(n, m)",
		}, "10 4\n"},
		{"values", []string{"1 + 1", "\"a\"", "[]string{\"b c\"}", "func() (int, error) { return 1, nil }()", "map[string]int{\"k\": 1}"}, "2\na\n[b c]\n1, <nil>\nmap[k:1]\n"},
		{"errors", []string{"import \"errors\"\nvar err error", "err", "err = errors.New(\"e\")\nerr"}, "error: e\n"},
		{"variables again", []string{"import \"fmt\"\na, b := 1, 2", "b, c := 3, 4", "var a int\nfmt.Println(a, b, c)"}, "0 3 4\n"},
		{"functions again reach old callers", []string{
			"import \"fmt\"\nfunc f(n int) int { return n }\nfunc g() int { return f(1) }",
			"fmt.Println(g())",
			"fmt.Println(g())\nfunc f(n int) int { if n > 3 { return n }; return f(n + 1) }",
		}, "1\n4\n"},
		{"deferred at the end of the cell", []string{"import \"fmt\"\ndefer fmt.Println(\"end of 1\")", "fmt.Println(\"2\")"}, "end of 1\n2\n"},
		{"goroutines between cells", []string{"c := make(chan int)", "go func() { c <- 5 }()", "<-c"}, "5\n"},
		{"types, methods, generics", []string{
			"import \"fmt\"\ntype box[T any] struct{ v T }\nfunc (b box[T]) String() string { return fmt.Sprint(\"box \", b.v) }",
			"b := box[int]{1}\nfmt.Println(b)",
		}, "box 1\n"},
		{"a name of the program's own", []string{"import \"fmt\"\ncell2 := 1", "fmt.Println(cell2)"}, "1\n"},
		{"a variable named as a package", []string{"import (\"fmt\"; \"strings\")\nfunc up(s string) string { return strings.ToUpper(s) }", "strings := 1\nfmt.Println(strings, up(\"a\"))"}, "1 A\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := whole(t, tt.cells)
			if err != nil {
				t.Fatal(err)
			}
			out, err := goCommand(t, p, "run", ".")
			if err != nil || out != tt.output {
				t.Errorf("printed %q, want %q\n%v\n%s", out, tt.output, err, sources(p))
			}
		})
	}
}

// What a program cannot say is refused, with the place.
func TestNotebookRefusals(t *testing.T) {
	for _, tt := range []struct {
		cells []string
		want  string
	}{
		{[]string{"x := 1", "x := \"a\""}, "cell 2:1: x is declared in cell 1 too, as something else: a program has one of that name: rename one"},
		{[]string{"func f() {}", "func f() int { return 1 }"}, "cell 2:1: f is declared in cell 1 too, as something else: a program has one of that name: rename one"},
		{[]string{"type t int", "type t int"}, "cell 2:1: t is declared in cell 1 too, as something else: a program has one of that name: rename one"},
		{[]string{"func f[T any](T) {}", "func f[T any](T) {}"}, "cell 2:1: f is declared in cell 1 too, as something else: a program has one of that name: rename one"},
		{[]string{"func main() {}"}, "cell 1:1: the cell declares func main, which a program has for all cells: rename it, and call it"},
		{[]string{"import \"encoding/binary\"\norder := binary.BigEndian"}, "cell 1:2: the type of order cannot be written at package level: give it a name"},
	} {
		_, err := whole(t, tt.cells)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%q: %v", tt.cells, err)
		}
	}
}

// People read it: it is formatted, keeps what documents a function, and names no cell's line.
func TestNotebookText(t *testing.T) {
	p, err := whole(t, []string{"import \"fmt\"\n\n// f does it.\nfunc f() { fmt.Println( 1 ) }", "f()"})
	if err != nil {
		t.Fatal(err)
	}
	want := "package main\n\nimport \"fmt\"\n\n// f does it.\nfunc f() { fmt.Println(1) }\n"
	if got := p.Files["cell000001.go"]; got != want {
		t.Errorf("got\n%s", got)
	}
	if strings.Contains(sources(p), "//line") {
		t.Error("it has positions of cells")
	}
}
