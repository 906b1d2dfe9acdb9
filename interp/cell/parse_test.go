package cell

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// describe gives the kind and text of each part of a cell.
func describe(c *Cell) []string {
	var out []string
	if c.Package != "" {
		out = append(out, "package "+c.Package)
	}
	for _, m := range c.Magics {
		s := fmt.Sprintf("magic %d %s(%s)", m.Line, m.Name, m.Args)
		if m.Cell {
			s += fmt.Sprintf(" %q", m.Body)
		}
		out = append(out, s)
	}
	for _, i := range c.Imports {
		out = append(out, "import "+c.Text(i))
	}
	for _, it := range c.Items {
		kind := strings.TrimPrefix(fmt.Sprintf("%T", it.Node), "*ast.")
		out = append(out, kind+" "+c.Text(it.Node))
	}
	return out
}

func TestParse(t *testing.T) {
	tests := []struct {
		name, src string
		want      []string
	}{
		{"empty", "", nil},
		{"white space", " \n\t\n", nil},
		{"comment", "// nothing\n/* at all */", nil},
		{"expression", "1+2+3", []string{"ExprStmt 1+2+3"}},
		{"define", "x := 1\ny := 2", []string{"AssignStmt x := 1", "AssignStmt y := 2"}},
		{"one line", "x := 1; x++; x", []string{"AssignStmt x := 1", "IncDecStmt x++", "ExprStmt x"}},
		{"empty statements", ";;x;;", []string{"ExprStmt x"}},
		{"import", `import "fmt"`, []string{`import "fmt"`}},
		{"imports", "import (\n\t\"fmt\"\n\tr \"math/rand\"\n)\nfmt.Println(r.Int())",
			[]string{`import "fmt"`, `import r "math/rand"`, "ExprStmt fmt.Println(r.Int())"}},
		{"import between", "x := 1\nimport \"fmt\"\nfmt.Println(x)",
			[]string{`import "fmt"`, "AssignStmt x := 1", "ExprStmt fmt.Println(x)"}},
		{"import on a line with others", `import "fmt"; import _ "embed"; fmt.Println()`,
			[]string{`import "fmt"`, `import _ "embed"`, "ExprStmt fmt.Println()"}},
		{"function", "func f() int { return 1 }", []string{"FuncDecl func f() int { return 1 }"}},
		{"mixed", "x := 1\nfunc f() int {\n\treturn x\n}\nf()",
			[]string{"AssignStmt x := 1", "FuncDecl func f() int {\n\treturn x\n}", "ExprStmt f()"}},
		{"functions on one line", "func f() {}; func g() {}; f()",
			[]string{"FuncDecl func f() {}", "FuncDecl func g() {}", "ExprStmt f()"}},
		{"generic function", "func id[T any](x T) T { return x }", []string{"FuncDecl func id[T any](x T) T { return x }"}},
		{"method", "type p struct{ x int }\nfunc (p p) get() int { return p.x }",
			[]string{"GenDecl type p struct{ x int }", "FuncDecl func (p p) get() int { return p.x }"}},
		{"generic receiver", "func (s *stack[T]) push(x T) {}", []string{"FuncDecl func (s *stack[T]) push(x T) {}"}},
		{"function literal called", "func() { println() }()", []string{"ExprStmt func() { println() }()"}},
		{"function literal with a result", "func(a int) error { return nil }(1)",
			[]string{"ExprStmt func(a int) error { return nil }(1)"}},
		{"literal in a go statement", "go func() {\n\tx := 1\n\t_ = x\n}()", []string{"GoStmt go func() {\n\tx := 1\n\t_ = x\n}()"}},
		{"declarations", "var a, b int = 1, 2\nconst (\n\tp = iota\n\tq\n)\ntype (\n\tt int\n)",
			[]string{"GenDecl var a, b int = 1, 2", "GenDecl const (\n\tp = iota\n\tq\n)", "GenDecl type (\n\tt int\n)"}},
		{"generic type", "type list[T any] struct{ next *list[T] }", []string{"GenDecl type list[T any] struct{ next *list[T] }"}},
		{"for header", "for i := 0; i < 3; i++ {\n}\nx", []string{"ForStmt for i := 0; i < 3; i++ {\n}", "ExprStmt x"}},
		{"if header", "if x := f(); x > 0 {\n} else {\n}", []string{"IfStmt if x := f(); x > 0 {\n} else {\n}"}},
		{"label", "outer:\nfor {\n\tbreak outer\n}", []string{"LabeledStmt outer:\nfor {\n\tbreak outer\n}"}},
		{"return", "return", []string{"ReturnStmt return"}},
		{"func in a block is no declaration", "{\n\tf := func() {}\n\tf()\n}", []string{"BlockStmt {\n\tf := func() {}\n\tf()\n}"}},
		{"package clause", "package main\n\nfunc main() {}", []string{"package main", "FuncDecl func main() {}"}},
		{"package clause after a comment", "// hi\npackage main; func main() {}", []string{"package main", "FuncDecl func main() {}"}},
		{"magic", "%goroutines\nx := 1", []string{"magic 1 goroutines()", "AssignStmt x := 1"}},
		{"magic with arguments", "x := 1\n%time  a 'b\nx", []string{"magic 2 time(a 'b)", "AssignStmt x := 1", "ExprStmt x"}},
		{"magic last", "x\n%who", []string{"magic 2 who()", "ExprStmt x"}},
		{"shell", "!ls -l \"a\nx", []string{"magic 1 !(ls -l \"a)", "ExprStmt x"}},
		{"cell magic", "%%bash -x\necho }\n%no", []string{`magic 1 bash(-x) "echo }\n%no"`}},
		{"question", "fmt.Println?\nx\n?x\nerr?? ", []string{"magic 1 ?(fmt.Println)", "magic 3 ?(x)", "magic 4 ??(err)", "ExprStmt x"}},
		{"not a question: inside", "x := 1 +\ny?", nil},
		{"not a magic: operator", "a := 17 \\\n%3", nil},
		{"not a magic: inside", "x := f(\n!ok,\n)", []string{"AssignStmt x := f(\n!ok,\n)"}},
		{"not a magic: continued", "ok = a &&\n!b", []string{"AssignStmt ok = a &&\n!b"}},
		{"not a magic: string", "s := `\n%no\n!no\n`", []string{"AssignStmt s := `\n%no\n!no\n`"}},
		{"not a magic: column 2", " !ok", []string{"ExprStmt !ok"}},
		{"carriage returns", "import \"fmt\"\r\n/* a\r\nb */\r\nfunc f() {\r\n}\r\nf()\r\n",
			[]string{`import "fmt"`, "FuncDecl func f() {\r\n}", "ExprStmt f()"}},
		{"byte order mark", "\ufefffunc f() {}", []string{"FuncDecl func f() {}"}},
		{"line directive", "//line other.go:100\nx := 1", []string{"AssignStmt x := 1"}},
		{"letters", "größe := \"日本\"\ngröße", []string{"AssignStmt größe := \"日本\"", "ExprStmt größe"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Parse(3, tt.src)
			if err != nil {
				if tt.want != nil {
					t.Fatal(err)
				}
				return
			}
			got := describe(c)
			for i := range got {
				got[i] = strings.TrimPrefix(got[i], "FuncDecl // hi\n")
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if len(c.Code) != len(c.Src) || strings.Count(c.Code, "\n") != strings.Count(c.Src, "\n") {
				t.Errorf("Code %q is not aligned with Src %q", c.Code, c.Src)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"operand", "x := ", "cell 3:1: expected operand, found the end of the cell"},
		{"open call", "\nf(1,", "cell 3:2: expected operand, found the end of the cell"},
		{"open block", "for {", "cell 3:1: expected '}', found the end of the cell"},
		{"open function", "func f() {\n\tx()", "cell 3:2: expected '}', found the end of the cell"},
		{"stray brace", "x := 1\n}\ny := 2", "cell 3:2: unexpected }"},
		{"stray brace after a function", "func f() {\n}}\nx := 1", "cell 3:2: unexpected }"},
		{"stray bracket", "x := 1)", "cell 3:1: expected statement, found ')'"},
		{"brace on the next line", "func f()\n{\n}", "cell 3:2: unexpected semicolon or newline before {"},
		{"two words", "foo bar", "cell 3:1: unexpected name bar at end of statement"},
		{"two literals", "print \"hello\"", "cell 3:1: unexpected literal \"hello\" at end of statement"},
		{"keyword", "x := 1 if", "cell 3:1: unexpected keyword if at end of statement"},
		{"operator", "x := y := 3", "cell 3:1: unexpected := at end of statement"},
		{"rune", "x := 1 'a'", "cell 3:1: unexpected literal 'a' at end of statement"},
		{"bracket of a call", "f(1\ng(2)", "cell 3:1: unexpected newline in argument list; possibly missing comma or )"},
		{"brace of a literal", "x := []int{1,\n\t2\n}", "cell 3:2: unexpected newline in composite literal; possibly missing comma or }"},
		{"name", "var", "cell 3:1: expected a name, found the end of the cell"},
		{"string", "s := \"abc\n", "cell 3:1: string literal not terminated"},
		{"raw string", "x := 1\ns := `abc\n", "cell 3:2: raw string literal not terminated"},
		{"comment", "x := 1\n/* abc\n", "cell 3:2: comment not terminated"},
		{"import", "import 5", "cell 3:1: import path must be a string"},
		{"late import of a program", "package main\nfunc main() {}\nimport \"fmt\"", "cell 3:3: imports must appear before other declarations"},
		{"late package", "x := 1\npackage main", "cell 3:2: expected statement, found 'package'"},
		{"line in a function", "x := 1\nfunc f() {\n\tfoo bar\n}", "cell 3:3: unexpected name bar at end of statement"},
		{"line directive", "//line other.go:100\nfoo bar", "cell 3:2: unexpected name bar at end of statement"},
		{"nul", "x := \x00", "cell 3:1: illegal character NUL"},
		{"magic does not hide an error", "%who\nfoo bar", "cell 3:2: unexpected name bar at end of statement"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Parse(3, tt.src)
			if err == nil {
				t.Fatalf("no error; parts %q", describe(c))
			}
			first, _, _ := strings.Cut(err.Error(), "\n")
			if first != tt.want {
				t.Errorf("got  %s\nwant %s", err, tt.want)
			}
		})
	}
}

func TestParseManyErrors(t *testing.T) {
	_, err := Parse(1, strings.Repeat("foo bar\nfunc f( {}\n", 30))
	e, ok := err.(*Errors)
	if !ok || len(e.List) != MaxErrors || e.More == 0 {
		t.Fatalf("got %v", err)
	}
}

func TestPosition(t *testing.T) {
	src := "x := 1\n\tfunc() {}()\nimport \"fmt\"\nfunc größe() { y() }"
	c, err := Parse(7, src)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		text string
		want Position
	}{
		{"x := 1", Position{7, 1, 1}},
		{"func() {}()", Position{7, 2, 2}},
		{`"fmt"`, Position{7, 3, 8}},
		{"größe", Position{7, 4, 6}},
		{"y()", Position{7, 4, 18}},
	}
	found := map[string]Position{}
	visit := func(n ast.Node) bool {
		if n != nil {
			found[c.Text(n)] = c.Position(n.Pos())
			if at := c.Fset.Position(n.Pos()); at.Line != c.Position(n.Pos()).Line || at.Filename != "cell 7" {
				t.Errorf("%s: Fset says %v", c.Text(n), at)
			}
			if got := c.Pos(c.Offset(n.Pos())); got != n.Pos() {
				t.Errorf("%s: Pos is not the inverse of Offset", c.Text(n))
			}
		}
		return true
	}
	for i, it := range c.Items {
		ast.Inspect(it.Node, visit)
		if got := c.ItemAt(it.Node.Pos()); got != i {
			t.Errorf("ItemAt %s: %d, want %d", c.Text(it.Node), got, i)
		}
	}
	ast.Inspect(c.Imports[0], visit)
	for _, tt := range tests {
		if found[tt.text] != tt.want {
			t.Errorf("%s: got %v, want %v", tt.text, found[tt.text], tt.want)
		}
	}
}

// Cells with different numbers share no position.
func TestPositionsAreApart(t *testing.T) {
	a, _ := Parse(1, "x := 1")
	b, _ := Parse(2, "x := 1")
	if p := a.Items[0].Node.Pos(); b.Has(p) || !a.Has(p) {
		t.Errorf("position %d of cell 1 is also one of cell 2", p)
	}
	for _, n := range []int{-1, 0, 1 << 20, 1 << 40} {
		c, err := Parse(n, "foo(1)")
		if err != nil || c.Text(c.Items[0].Node) != "foo(1)" {
			t.Errorf("cell %d: %v", n, err)
		}
	}
}

func TestDoc(t *testing.T) {
	c, err := Parse(1, "x := 1 // one\nimport \"fmt\"\n// #include <math.h>\n/* more */\nimport \"C\"\n\n// f is good.\nfunc f() {}")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Imports[0].Doc; got != nil {
		t.Errorf("fmt has doc %q", got.Text())
	}
	if got := c.Imports[1].Doc; got == nil || len(got.List) != 2 {
		t.Errorf("preamble of import C: %v", got)
	}
	if got := c.Items[1].Node.(*ast.FuncDecl).Doc.Text(); got != "f is good.\n" {
		t.Errorf("doc of f: %q", got)
	}
}

func TestDocOnTheFirstLine(t *testing.T) {
	c, err := Parse(1, "// p is\n// a place.\ntype p int")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Items[0].Node.(*ast.GenDecl).Doc.Text(); got != "p is\na place.\n" {
		t.Errorf("doc of p: %q", got)
	}
	c, err = Parse(1, "// f is good.\nfunc f() {}")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Items[0].Node.(*ast.FuncDecl).Doc.Text(); got != "f is good.\n" {
		t.Errorf("doc of f: %q", got)
	}
}

func TestTraceback(t *testing.T) {
	_, err := Parse(2, "x := 1\n\tfoo bar")
	want := []string{"cell 2:2:6: unexpected name bar at end of statement", "    \tfoo bar", "    \t    ^"}
	if got := err.(*Errors).Traceback(false); !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if got := strings.Join(err.(*Errors).Traceback(true), "\n"); !strings.Contains(got, "\x1b[1;31munexpected") {
		t.Errorf("no colour in %q", got)
	}
}
