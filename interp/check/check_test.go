package check

import (
	"context"
	"fmt"
	"go/types"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"interleave/interp/cell"
	"interleave/interp/exports"
)

// table is the export data that all tests share.
var table *exports.Table

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "exports")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		if _, err := exports.Prepare(context.Background(), dir, nil); err != nil {
			panic(err)
		}
		if table, err = exports.Open(dir); err != nil {
			panic(err)
		}
		defer table.Close()
		return m.Run()
	}())
}

const displaySource = `// Package display shows things.
package display

import "image"

// A Bundle is data to show.
type Bundle struct{ Data map[string]any }

// HTML makes a bundle of HTML.
func HTML(s string) Bundle { return Bundle{} }
func Show(v ...any) *Handle { return nil }
func Image() image.Image { return nil }

type Handle struct{}

func (h *Handle) Update(v any) {}
func (h *Handle) ID() string { return "" }
`

func newTestSession() *Session {
	return NewSession(Options{
		Exports: func() (*exports.Table, error) { return table, nil },
		Sources: map[string]fs.FS{"interleave/display": fstest.MapFS{
			"display.go": {Data: []byte(displaySource)}, "x_test.go": {Data: []byte("package broken(")},
		}},
		Magics: map[string]string{"goroutines": "lists them", "help": "lists the magics"},
	})
}

// run checks and commits cells, numbered from 1, and gives the last one.
func run(t testing.TB, s *Session, cells ...string) (*Checked, error) {
	t.Helper()
	for i, src := range cells {
		c, err := cell.Parse(i+1, src)
		if err != nil {
			return nil, err
		}
		ch, err := s.Check(c)
		if i == len(cells)-1 {
			return ch, err
		}
		if err != nil {
			t.Fatalf("cell %d: %v", i+1, err)
		}
		s.Commit(ch, len(c.Items))
	}
	return nil, nil
}

func typeString(t types.Type) string {
	if t == nil {
		return ""
	}
	return types.TypeString(t, func(p *types.Package) string {
		if p.Path() == "main" {
			return ""
		}
		return p.Name()
	})
}

// Cells that compile: what the last one declares and the type of its result.
func TestCheck(t *testing.T) {
	tests := []struct {
		name     string
		cells    []string
		declared string // "name key type; ..."
		result   string
	}{
		{"empty", []string{""}, "", ""},
		{"used above", []string{"var a, b = c, 1\nvar c = \"c\"\ntype list [len(d)]int\nvar d [3]int"}, "a a.1 string; b b.1 int; c c.1 string; list list.1 list; d d.1 [3]int", ""},
		{"used above, but there before", []string{"x := 1", "var y = x\nvar x = \"a\""}, "y y.2 int; x x.2 string", ""},
		{"constant", []string{"1+2+3"}, "", "int"},
		{"float", []string{"1.5"}, "", "float64"},
		{"rune", []string{"'a'"}, "", "rune"},
		{"comparison", []string{"1 < 2"}, "", "bool"},
		{"nil", []string{"nil"}, "", "any"},
		{"shift", []string{"n := 3", "1 << n"}, "", "int"},
		{"define", []string{"x := 1"}, "x x.1 int", ""},
		{"define and show", []string{"x := 1; x"}, "x x.1 int", "int"},
		{"unused", []string{"x := 1\nvar y string"}, "x x.1 int; y y.1 string", ""},
		{"from an earlier cell", []string{"x := 1", "x"}, "", "int"},
		{"define again", []string{"x := 1", "x := 2"}, "x x.1 int", ""},
		{"define again, other type", []string{"x := 1", `x := "a"`}, "x x.2 string", ""},
		{"back to the first type", []string{"x := 1", `x := "a"`, "x := 3"}, "x x.3 int", ""},
		{"define from itself", []string{"x := 1", "x := x*10"}, "x x.1 int", ""},
		{"define from itself, other type", []string{"x := 1", "x := []int{x}\nx"}, "x x.2 []int", "[]int"},
		{"use, then define", []string{"x := 1", "y := x\nx := \"a\"\nz := x"}, "y y.2 int; x x.2 string; z z.2 string", ""},
		{"twice in a cell", []string{"x := 1\ny := x\nx := \"a\"\nx"}, "x x.1 int; y y.1 int; x x.1.1 string", "string"},
		{"three times in a cell", []string{"x := 1\nx := x+1\nx := x+1\nx"}, "x x.1 int; x x.1 int; x x.1 int", "int"},
		{"err twice", []string{"import \"os\"", "a, err := os.Open(`a`)\nb, err := os.Open(`b`)\n_, _ = a, b\nerr"},
			"a a.2 *os.File; err err.2 error; b b.2 *os.File; err err.2 error", "error"},
		{"err with another type", []string{"func g() (int, *int) { return 0, nil }\nfunc f() (int, error) { return 0, nil }",
			"a, err := f(); b, err := g(); err"}, "a a.2 int; err err.2 error; b b.2 int; err err.2.1 *int", "*int"},
		{"blank", []string{"func f() (int, int) { return 1, 2 }", "x, _ := f()\n_ = x\n_, y := f()\ny"}, "x x.2 int; y y.2 int", "int"},
		{"several", []string{"var x, y int = 1, 2\nvar (\n\ta = x\n\tb = a + y\n)\nb"}, "x x.1 int; y y.1 int; a a.1 int; b b.1 int", "int"},
		{"iota", []string{"const (\n\ta = iota\n\tb\n\tc\n)\nc"}, "a a.1 untyped int; b b.1 untyped int; c c.1 untyped int", "int"},
		{"typed iota", []string{"type color int\nconst (\n\tred color = iota\n\tgreen\n)", "green"}, "", "color"},
		{"var again", []string{"var x int", "var x int = 5"}, "x x.1 int", ""},
		{"variable, then function", []string{"x := 1", "func x() int { return 2 }\nx()"}, "x x.2 func() int", "int"},
		{"function, then variable", []string{"func x() int { return 2 }", "x := x()\nx"}, "x x.2 int", "int"},
		{"function again", []string{"func f() int { return 1 }", "func f() int { return 2 }"}, "f f.1 func() int", ""},
		{"function with another signature", []string{"func f() int { return 1 }", "func f() string { return `` }"}, "f f.2 func() string", ""},
		{"type again", []string{"type p struct{ x int }", "type p struct{ x int }"}, "p p.2 p", ""},
		{"alias again", []string{"type p = int", "type p = int"}, "p p.1 p", ""},
		{"function before its declaration", []string{"f()\nfunc f() int { return 1 }"}, "f f.1 func() int", ""},
		{"function sees all variables", []string{"func f() int { return later }\nlater := 5\nf()"}, "f f.1 func() int; later later.1 int", "int"},
		{"function sees the last variable", []string{"x := 1\nfunc f() string { return x }\nx := \"a\"\nf()"},
			"x x.1 int; f f.1 func() string; x x.1.1 string", "string"},
		{"function uses the variable it makes", []string{"func f() int { return x }\nx := f()\nx"}, "f f.1 func() int; x x.1 int", "int"},
		{"mutual recursion", []string{"func even(n int) bool { return n == 0 || odd(n-1) }\nfunc odd(n int) bool { return n != 0 && even(n-1) }"},
			"even even.1 func(n int) bool; odd odd.1 func(n int) bool", ""},
		{"mutual types", []string{"type a struct{ b *b }\ntype b struct{ a *a }"}, "a a.1 a; b b.1 b", ""},
		{"recursive closure", []string{"var fact func(n int) int\nfact = func(n int) int { if n == 0 { return 1 }; return n*fact(n-1) }\nfact(3)"},
			"fact fact.1 func(n int) int", "int"},
		{"unexported field", []string{"type p struct{ x, y int }", "q := p{x: 1}\nq.x"}, "q q.2 p", "int"},
		{"unkeyed literal", []string{"type p struct{ x, y int }", "q := p{1, 2}\n[]*p{{3, 4}}"}, "q q.2 p", "[]*p"},
		{"nested unkeyed literals", []string{"type p struct{ x, y int }\ntype l struct{ a, b p }", "l{p{1, 2}, p{3, 4}}.b.y"}, "", "int"},
		{"map key and field of one name", []string{"x := 1\ntype p struct{ x int }", "q := p{x: 5}\nm := map[int]int{x: 1}\nx := \"a\""},
			"q q.2 p; m m.2 map[int]int; x x.2 string", ""},
		{"local of one name", []string{"x := 1", "if true {\n\tx := 2.5\n\t_ = x\n}\nf := func(x string) string { return x }\ny := x\nx := \"a\""},
			"f f.2 func(x string) string; y y.2 int; x x.2 string", ""},
		{"method", []string{"type p struct{ x int }\nfunc (a p) get() int { return a.x }", "p{5}.get()"}, "", "int"},
		{"type of a type", []string{"type inner struct{ x int }", "type outer inner\ntype third = inner\nouter{1}.x"},
			"outer outer.2 outer; third third.2 third", "int"},
		{"embedding", []string{"type p struct{ x int }\nfunc (a *p) get() int { return a.x }", "type q struct{ p }\nv := q{p{1}}\nv.get() + v.x"},
			"q q.2 q; v v.2 q", "int"},
		{"generic", []string{"func id[T any](x T) T { return x }\ntype list[T any] struct{ v T }", "l := list[int]{5}\nid(l.v)"}, "l l.2 list[int]", "int"},
		{"import", []string{`import "fmt"`}, "", ""},
		{"import used later", []string{`import "strings"`, `strings.ToUpper("a")`}, "", "string"},
		{"import with a name", []string{`import str "strings"`, `str.ToUpper("a")`}, "", "string"},
		{"import of a version", []string{`import "math/rand/v2"`, `rand.N(10)`}, "", "int"},
		{"import twice", []string{`import "fmt"`, `import "fmt"; fmt.Sprint(1)`}, "", "string"},
		{"import for its effect", []string{`import _ "embed"`, "1"}, "", "int"},
		{"dot import", []string{`import . "strings"`, `ToUpper("a")`}, "", "string"},
		{"dot import again", []string{`import . "strings"`, "import . \"strings\"\nToUpper(`a`)"}, "", "string"},
		{"dot imports of one name", []string{`import . "bytes"`, `import . "strings"`, "Repeat(`a`, 2)"}, "", "string"},
		{"dot import and its name", []string{`import . "strings"`, "func Index() int { return 1 }", "Index()"}, "", "int"},
		{"name and its dot import", []string{"func Index() int { return 1 }", "import . \"strings\"\nRepeat(`a`, Index(`a`, `a`))", "Index(`a`, `a`)"}, "", "int"},
		{"name of an import", []string{`import "time"`, "time := 5\ntime"}, "time time.2 int", "int"},
		{"import, then its name", []string{`import "time"`, "now := time.Now()\ntime := now.Unix()\ntime"}, "now now.2 time.Time; time time.2 int64", "int64"},
		{"import and its name at once", []string{"import \"time\"\nnow := time.Now()\ntime := now.Unix()\ntime"}, "now now.1 time.Time; time time.1 int64", "int64"},
		{"import after its name", []string{"time := 5", `import "time"`, "time.Second"}, "", "time.Duration"},
		{"builtin, then its name", []string{"n := len(\"abc\")\nlen := 5\nlen"}, "n n.1 int; len len.1 int", "int"},
		{"own string", []string{"s := string(rune(65))\nstring := 5\nstring"}, "s s.1 string; string string.1 int", "int"},
		{"receive", []string{"ch := make(chan int)", "<-ch"}, "", "int"},
		{"wait", []string{"done := make(chan struct{})", "<-done"}, "", ""},
		{"comma ok", []string{"m := map[string]int{}", "v, ok := m[`a`]\nok"}, "v v.2 int; ok ok.2 bool", "bool"},
		{"several values", []string{"func f() (int, string) { return 1, `` }", "f()"}, "", "(int, string)"},
		{"no value", []string{"func f() {}", "f()"}, "", ""},
		{"println", []string{"import \"fmt\"\nfmt.Println(1)"}, "", ""},
		{"builtin println", []string{"println(1)"}, "", ""},
		{"fprintf", []string{"import (\"fmt\"; \"os\")\nfmt.Fprintf(os.Stdout, `a`)"}, "", ""},
		{"sprintf", []string{"import \"fmt\"\nfmt.Sprintf(`a`)"}, "", "string"},
		{"write", []string{"import \"os\"\nos.Stdout.WriteString(`a`)"}, "", ""},
		{"copy", []string{"import (\"io\"; \"os\")\nio.Copy(os.Stdout, os.Stdin)"}, "", ""},
		{"read", []string{"import \"os\"\nos.Stdin.Read(nil)"}, "", "(n int, err error)"},
		{"show", []string{"import \"interleave/display\"\ndisplay.Show(1)"}, "", ""},
		{"bundle", []string{"import \"interleave/display\"\ndisplay.HTML(`a`)"}, "", "display.Bundle"},
		{"statement last", []string{"x := 1; x++"}, "x x.1 int", ""},
		{"function literal", []string{"func() int { return 1 }"}, "", "func() int"},
		{"call of a function literal", []string{"func() int { return 1 }()"}, "", "int"},
		{"return", []string{"x := 1\nif x > 0 {\n\treturn\n}\nx"}, "x x.1 int", "int"},
		{"label", []string{"outer:\nfor {\n\tfor {\n\t\tbreak outer\n\t}\n}"}, "", ""},
		{"defer and go", []string{"defer println(1)\ngo println(2)"}, "", ""},
		{"select", []string{"ch := make(chan int)\nselect {\ncase v := <-ch:\n\t_ = v\ndefault:\n}"}, "ch ch.1 chan int", ""},
		{"range over int and func", []string{"for i := range 3 { _ = i }\nfor x := range func(yield func(int) bool) {} { _ = x }"}, "", ""},
		{"main and init", []string{"package main\nimport \"fmt\"\nfunc init() {}\nfunc init() {}\nfunc main() { fmt.Println() }"}, "", ""},
		{"main twice", []string{"func main() {}", "func main() {}"}, "", ""},
		{"time from two cells", []string{"import \"time\"\nd := time.Second", "import \"time\"\nd += time.Second\nd.String()"}, "", "string"},
		{"two spellings", []string{"é := 1", "é"}, "", "int"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ch, err := run(t, newTestSession(), tt.cells...)
			if err != nil {
				t.Fatal(err)
			}
			var declared []string
			for _, b := range ch.Declared {
				declared = append(declared, fmt.Sprintf("%s %s %s", b.Name, b.Key, typeString(b.Object.Type())))
				if b.Object.Name() != b.Name || b.Decl != ch.Cell || b.Node == nil {
					t.Errorf("binding %+v", b)
				}
			}
			if got := strings.Join(declared, "; "); got != tt.declared {
				t.Errorf("declared %s\nwant     %s", got, tt.declared)
			}
			if got := typeString(ch.ResultType); got != tt.result || (ch.Result == nil) != (tt.result == "") {
				t.Errorf("result %s, want %s", got, tt.result)
			}
		})
	}
}

// Cells that do not compile: the last one's errors, one in a line.
func TestCheckErrors(t *testing.T) {
	tests := []struct {
		name  string
		cells []string
		want  string
	}{
		{"used above a statement", []string{"var y = x\nprintln()\nvar x = 1"}, "1:1:9: undefined: x"},
		{"needs itself", []string{"var x = func() int { return x }()"}, "1:1:5: initialization cycle: x refers to itself"},
		{"need one another", []string{"var y = x\nvar x = y"}, "1:1:5: initialization cycle for y\n\tcell 1:1:5: y refers to x\n\tcell 1:2:5: x refers to y"},
		{"undefined", []string{"x := 1\ny = 2"}, "1:2:1: undefined: y"},
		{"use before declaration", []string{"y := x\nx := 1"}, "1:1:6: undefined: x"},
		{"recursive literal", []string{"fact := func(n int) int { return fact(n-1) }"}, "1:1:34: undefined: fact"},
		{"define from itself", []string{"x := x"}, "1:1:6: undefined: x"},
		{"mismatch", []string{"x := 1", `x = "a"`}, `2:1:5: cannot use "a" (untyped string constant) as int value in assignment`},
		{"nil", []string{"x := nil"}, "1:1:6: use of untyped nil in assignment"},
		{"void", []string{"func f() {}\nx := f()"}, "1:2:6: f() (no value) used as value"},
		{"too few values", []string{"a, b := 1"}, "1:1:9: assignment mismatch: 2 variables but 1 value"},
		{"too many values", []string{"a, b := 1, 2, 3"}, "1:1:1: assignment mismatch: 2 variables but 3 values"},
		{"call with other values", []string{"func f() int { return 1 }\na, b := f()"}, "1:2:9: assignment mismatch: 2 variables but f returns 1 value"},
		{"no new variables", []string{"func f() int { return 1 }\n_ := f()"}, "1:2:3: no new variables on left side of :="},
		{"twice in one define", []string{"a, a := 1, 2"}, "1:1:4: a repeated on left side of :="},
		{"not used", []string{"x := 1\nx\nx++"}, "1:2:1: x (variable of type int) is not used"},
		{"not used in the result", []string{"x := 1\nfunc() { x }()"}, "1:2:10: x (variable of type int) is not used"},
		{"unused local", []string{"for {\n\tx := 1\n}"}, "1:2:2: declared and not used: x"},
		{"type last", []string{"int"}, "1:1:1: int (type) is not an expression"},
		{"builtin last", []string{"len"}, "1:1:1: len (built-in) must be called"},
		{"overflow", []string{"1 << 100"}, "1:1:1: cannot use 1 << 100 (untyped constant) as int value (overflows)"},
		{"break", []string{"break"}, "1:1:1: break not in for, switch, or select statement"},
		{"return a value", []string{"return 5"}, "1:1:8: too many return values\n\thave (number)\n\twant ()"},
		{"goto", []string{"goto end\nx := 1\nend:\n\tprintln(x)"}, "1:1:6: goto end leaves its statement, which it cannot at the top level of a cell: put both into { } or a function"},
		{"function twice", []string{"func f() {}\nfunc f() {}"}, "1:2:6: f redeclared in this block\n\tcell 1:1:6: other declaration of f"},
		{"variable and function", []string{"f := 1\nfunc f() {}"}, "1:2:6: f redeclared in this block\n\tcell 1:1:1: other declaration of f"},
		{"unkeyed literal of wrong types", []string{"type p struct{ x, y int }", `p{1, "a"}`},
			`2:1:6: cannot use "a" (untyped string constant) as int value in struct literal`},
		{"unkeyed literal too short", []string{"type p struct{ x, y int }", "p{1}"}, "2:1:4: too few values in struct literal of type p"},
		{"old type", []string{"type p struct{ y int }\nfunc f(a p) { a.y = 1 }", "type p struct{ x int }", "f(p{})"},
			"3:1:3: cannot use p{} (value of struct type p) as p value in argument to f (cell 2 declared p again; values made before keep the old type)"},
		{"error in a method of an earlier type", []string{"type p struct{}", "x := 1\nfunc (a p) f() int { return y }"}, "2:2:29: undefined: y"},
		{"method declared twice", []string{"type p struct{}", "func (p) f() {}\nfunc (p) f() {}"},
			"2:2:10: method p.f already declared at cell 2:1:10"},
		{"pointer method of an earlier type among others", []string{"type p struct{}", "type q struct{}\nfunc (b q) f() {}\nfunc (p) g() {}\nx"},
			"2:4:1: undefined: x"},
		{"method of a library type", []string{"import \"time\"", "func (t time.Time) f() {}"}, "2:1:9: cannot define new methods on non-local type time.Time"},
		{"method of a type of a dot import", []string{"import . \"time\"", "func (t Time) f() {}"}, "2:1:9: cannot define new methods on non-local type Time"},
		{"method of nothing", []string{"func (t nothing) f() {}"}, "1:1:9: undefined: nothing"},
		{"method of a variable", []string{"p := 1", "func (t p) f() {}"}, "2:1:9: p is not a type"},
		{"old type in the cell of the new", []string{"type p struct{}\nv := p{}", "type p struct{ x int }\nvar w p = v"},
			"2:2:11: cannot use v (variable of struct type p) as p value in variable declaration (this cell declares p again; values made before keep the type of cell 1)"},
		{"no such module", []string{`import "gonum.org/v1/gonum/mat"`},
			`1:1:8: package "gonum.org/v1/gonum/mat": no module with it was fetched: run a cell that imports it`},
		{"misspelt package", []string{"x := 1\nimport \"ftm\"\nftm.Println(x)"},
			`1:2:8: no package "ftm" in the standard library (did you mean "fmt"?)`},
		{"package without its folder", []string{`import "rand"`}, `1:1:8: no package "rand" in the standard library (did you mean "crypto/rand", "math/rand" or "math/rand/v2"?)`},
		{"no such package at all", []string{`import "nothing/like"`}, `1:1:8: no package "nothing/like" in the standard library`},
		{"internal package", []string{`import "internal/abi"`}, "1:1:8: use of internal package internal/abi not allowed"},
		{"not imported", []string{"fmt.Println(1)"}, `1:1:1: undefined: fmt (to use the package, import "fmt")`},
		{"package of the kernel not imported", []string{"func f() { display.Show(1) }"}, `1:1:12: undefined: display (to use the package, import "interleave/display")`},
		{"value with the name of a package", []string{"x := 1 + time"}, "1:1:10: undefined: time"},
		{"no such member", []string{`import "fmt"`, "fmt.Printn(1)"}, "2:1:5: undefined: fmt.Printn (did you mean Print, Printf or Println?)"},
		{"member in another case", []string{`import "fmt"`, "fmt.println(1)"}, "2:1:5: undefined: fmt.println (but have Println)"},
		{"misspelt name of the session", []string{"counter, recount := 1, 2", "coutner++"}, "2:1:1: undefined: coutner (did you mean counter?)"},
		{"misspelt local name", []string{"func f(number int) int { return nubmer }"}, "1:1:33: undefined: nubmer (did you mean number?)"},
		{"misspelt type", []string{"var s strng"}, "1:1:7: undefined: strng (did you mean string?)"},
		{"misspelt import", []string{`import "strings"`, `stings.ToUpper("a")`}, "2:1:1: undefined: stings (did you mean strings?)"},
		{"name of another language", []string{"x := None"}, "1:1:6: undefined: None (did you mean nil?)"},
		{"misspelt method", []string{"type p struct{ x int }\nfunc (p) Deposit() {}\nvar q p", "q.Depositt()"},
			"2:1:3: q.Depositt undefined (type p has no field or method Depositt; did you mean Deposit?)"},
		{"name of an import", []string{`import "time"`, "time := 5", "time.Now()"}, "3:1:6: time.Now undefined (type int has no field or method Now)"},
		{"no field", []string{"type p struct{ x int }\nvar q p", "q.z"}, "2:1:3: q.z undefined (type p has no field or method z)"},
		{"one variable for two values", []string{"func f() (int, error) { return 1, nil }", "x := f()"}, "2:1:6: assignment mismatch: 1 variable but f returns 2 values"},
		{"one variable declared for two values", []string{`import "strconv"`, "var (\n\ta = 1\n\tx = strconv.Atoi(`5`)\n)"}, "2:3:6: assignment mismatch: 1 variable but strconv.Atoi returns 2 values"},
		{"two values for a method", []string{"func f() (int, error) { return 1, nil }", "x := f().y"}, "2:1:6: multiple-value f() (value of type (int, error)) in single-value context"},
		{"arguments", []string{"func f(a int) {}", "f()"}, "2:1:3: not enough arguments in call to f\n\thave ()\n\twant (int)"},
		{"hidden names", []string{"x := 1\nx := \"a\"\nx + 1"}, `1:3:1: invalid operation: x + 1 (mismatched types string and untyped int)`},
		{"order", []string{"func f() { a() }\nb()\nfunc g() { c() }"}, "1:1:12: undefined: a\n1:2:1: undefined: b\n1:3:12: undefined: c"},
		{"type cycle", []string{"type t struct{ t }"}, "1:1:6: invalid recursive type: t refers to itself"},
		{"missing return", []string{"func f() int {\n}"}, "1:2:1: missing return"},
		{"label without use", []string{"x:\nfor {\n}"}, "1:1:1: label x declared and not used"},
		{"goto to nowhere", []string{"goto end"}, "1:1:6: label end not declared"},
		{"goto between statements", []string{"i := 0\nagain:\ni++\nif i < 3 {\n\tgoto again\n}"},
			"1:5:7: goto again leaves its statement, which it cannot at the top level of a cell: put both into { } or a function"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := run(t, newTestSession(), tt.cells...)
			e, ok := err.(*Errors)
			if !ok {
				t.Fatalf("got %v", err)
			}
			var got []string
			for _, d := range e.List {
				got = append(got, fmt.Sprintf("%d:%d:%d: %s", d.Cell, d.Line, d.Col, d.Msg))
			}
			if got := strings.Join(got, "\n"); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
