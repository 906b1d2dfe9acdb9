package check

import (
	"strings"
	"testing"
)

func TestInspect(t *testing.T) {
	earlier := []string{
		"import (\n\t\"fmt\"\n\t\"net/http\"\n\t\"strings\"\n)",
		"// A point is a place.\n//\n// Not a time.\ntype point struct{ x, y int }\n\n// area is nothing.\nfunc (p point) area() int { return 0 }\nfunc (p *point) move() {}",
		"// half halves.\nfunc half(n int) int { return n/2 }\nsrv := &http.Server{}\n// total is a sum.\nvar total = 1\npt := point{}\nconst limit = 5\nvar sb strings.Builder",
		"import \"sync\"\n// An account is of somebody.\ntype account struct {\n\tsync.Mutex // guards it\n\towner string // whose it is\n\t// balance in cents\n\tbalance int\n}\nvar acc account\ntype shape interface {\n\t// area in square metres\n\tarea() float64\n}\ntype stack[T any] struct{}\n// push pushes.\nfunc (s *stack[T]) push(x T) {}\nvar st stack[int]\nconst most = 9 // at most",
		"0",
	}
	tests := []struct {
		name, code string
		want       []string // parts of the text; none: not found
	}{
		{"function", "strings.HasPrefix|", []string{"func strings.HasPrefix(s string, prefix string) bool", "package strings", "HasPrefix reports whether"}},
		{"in the middle of the name", "strings.Has|Prefix(a, b)", []string{"func strings.HasPrefix("}},
		{"at its start", "strings.|HasPrefix(a, b)", []string{"func strings.HasPrefix("}},
		{"in the parentheses", "strings.HasPrefix(|", []string{"func strings.HasPrefix("}},
		{"in closed parentheses", "strings.HasPrefix(|)", []string{"func strings.HasPrefix("}},
		{"after an argument", "strings.HasPrefix(`a`, |", []string{"func strings.HasPrefix("}},
		{"after an argument in brackets", "fmt.Println([]int{1, 2}, |", []string{"func fmt.Println("}},
		{"in a string argument", "strings.HasPrefix(\"a|", []string{"func strings.HasPrefix("}},
		{"in a whole string argument", "strings.HasPrefix(\"a|b\", x)", []string{"func strings.HasPrefix("}},
		{"inner call", "fmt.Println(strings.ToUpper(|", []string{"func strings.ToUpper("}},
		{"outer call", "fmt.Println(strings.ToUpper(`a`), |", []string{"func fmt.Println("}},
		{"argument", "half(tot|al)", []string{"var total int", "declared in cell 3", "total is a sum."}},
		{"package", "strin|gs.ToUpper", []string{"package strings", `import "strings"`, "Package strings implements"}},
		{"type", "strings.Build|er{}", []string{"type Builder struct", "Builder is used to"}},
		{"method", "sb.WriteStr|ing(`a`)", []string{"func (*strings.Builder).WriteString(s string) (int, error)", "WriteString appends"}},
		{"method on a pointer", "srv.ListenAndServe|", []string{"ListenAndServe() error", "ListenAndServe listens on the TCP"}},
		{"field", "srv.Addr|", []string{"field Addr string", "package net/http"}},
		{"constant", "http.StatusNotFound|", []string{"const http.StatusNotFound untyped int = 404"}},
		{"variable of the library", "http.ErrServerClosed|", []string{"var http.ErrServerClosed error", "ErrServerClosed is returned"}},
		{"interface", "var x fmt.Stringer|", []string{"type Stringer interface", "String() string"}},
		{"not imported", "sort.Slice|(x, y)", []string{"func sort.Slice(", "Slice sorts"}},
		{"package not imported", "sor|t.Slice", []string{"package sort"}},
		{"package not imported, alone", "sor|t", []string{"package sort", `import "sort"`}},
		{"not imported, in the parentheses", "sort.Slice(|", []string{"func sort.Slice("}},
		{"function of a cell", "half|(1)", []string{"func half(n int) int", "declared in cell 3", "half halves."}},
		{"function of a cell, in the parentheses", "half(|", []string{"func half(n int) int"}},
		{"type of a cell", "point|{}", []string{"type point struct{x int; y int}", "declared in cell 2", "A point is a place."}},
		{"method of a cell", "pt.area|()", []string{"func (point).area() int", "declared in cell 2", "area is nothing."}},
		{"field of a cell", "pt.x|", []string{"field x int", "declared in cell 2"}},
		{"comment behind a field", "acc.owner|", []string{"field owner string", "declared in cell 4", "whose it is"}},
		{"comment above a field", "acc.balance|", []string{"balance in cents"}},
		{"field in a literal", "account{own|er: `a`}", []string{"whose it is"}},
		{"embedded field", "acc.Mutex|", []string{"field Mutex sync.Mutex", "guards it"}},
		{"promoted method", "acc.Lock|", []string{"Lock locks m."}},
		{"method of a generic type", "st.push|", []string{"func (*stack[int]).push(x int)", "push pushes."}},
		{"method of an interface", "var s shape; s.area|()", []string{"func (shape).area() float64", "area in square metres"}},
		{"field of this cell", "type t struct {\n\tn int // of them\n}\nvar v t; v.n|", []string{"declared in this cell", "of them"}},
		{"comment behind a constant", "most|", []string{"const most untyped int = 9", "at most"}},
		{"field of a package", "http.DefaultClient.Timeout|", []string{"field Timeout time.Duration", "Timeout specifies a time limit"}},
		{"field with the name of a type", "http.Request{}.Header|", []string{"field Header http.Header", "Header contains the request header fields"}},
		{"method of an interface of a package", "var r http.Handler; r.ServeHTTP|", []string{"func (http.Handler).ServeHTTP("}},
		{"words before a list", "len|", []string{"according to its type:", "the number of elements in v"}},
		{"constant of a cell", "limit|", []string{"const limit untyped int = 5", "cell 3"}},
		{"this cell", "abc := 1.5\nabc|", []string{"var abc float64", "declared in this cell"}},
		{"this cell's second meaning", "total := 1.5\ntotal|", []string{"var total float64", "declared in this cell"}},
		{"doc of this cell", "// f is new.\nfunc f() {}\nf|()", []string{"func f()", "declared in this cell", "f is new."}},
		{"local", "func f(arg string) {\n\tprintln(ar|g)\n}", []string{"var arg string"}},
		{"local in an open block", "for index := range 3 {\n\tprintln(inde|x", []string{"var index int"}},
		{"builtin function", "append|(x, 1)", []string{"func append(slice []Type, elems ...Type) []Type", "The append built-in"}},
		{"builtin type", "var x strin|g", []string{"type string string", "string is the set of all strings"}},
		{"error", "var err erro|r", []string{"type error interface"}},
		{"our package", "import \"interleave/display\"\ndisplay.HTML|", []string{"func display.HTML(s string) display.Bundle", "HTML makes a bundle"}},
		{"after a broken line", "x := ) 5\nhalf|", []string{"func half(n int) int"}},
		{"after a magic", "%time '\nhalf|", []string{"func half(n int) int"}},
		{"import name", "import str| \"strings\"", []string{"package strings"}},
		{"nothing", "|", nil},
		{"unknown", "nowhere|", nil},
		{"unknown member", "strings.Nowhere|", nil},
		{"keyword", "for| {\n}", nil},
		{"number", "12|", nil},
		{"string", "x := \"half|\"", nil},
		{"comment", "// half|", nil},
		{"magic", "%he|lp half", []string{"%help", "lists the magics"}},
		{"magic of a cell", "x := 1\n%%goroutines|", []string{"%%goroutines", "lists them"}},
		{"no magic", "%nothing|", nil},
		{"path of an import", "import \"strin|gs\"", []string{"package strings", "Package strings implements"}},
		{"path in a group", "import (\n\t\"fmt\"\n\t\"net/ht|tp\"\n)", []string{"package http", `import "net/http"`}},
		{"path of nothing", "import \"strin|\"", nil},
		{"our package, not imported", "display.HTM|L", []string{"func display.HTML(s string) display.Bundle"}},
		{"argument of a magic", "%help half|", nil},
		{"shell", "!echo half|", nil},
		{"parentheses of no call", "x := (|", nil},
		{"space", "half  |  ", nil},
		{"in a function literal", "half(func() {|", nil},
	}
	s := newTestSession()
	if _, err := run(t, s, earlier...); err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, offset := splitCursor(t, tt.code)
			markdown, text, found := s.Inspect(code, offset, 0)
			if found != (tt.want != nil) {
				t.Fatalf("found %v: %s", found, text)
			}
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("no %q in %q", want, text)
				}
			}
			if found && !strings.HasPrefix(markdown, "```go\n") || strings.Contains(text, dot) || strings.Contains(text, "main.") {
				t.Errorf("markdown %q, text %q", markdown, text)
			}
		})
	}
}

func TestInspectDetail(t *testing.T) {
	s := newTestSession()
	if _, err := run(t, s, "// A point is a place.\n//\n// Not a time.\ntype point struct{}", "0"); err != nil {
		t.Fatal(err)
	}
	_, brief, _ := s.Inspect("point", 3, 0)
	markdown, all, _ := s.Inspect("point", 3, 1)
	if strings.Contains(brief, "Not a time") || !strings.Contains(all, "Not a time") || !strings.Contains(markdown, "Not a time") {
		t.Errorf("brief %q, all %q", brief, all)
	}
}

// All that is known of what a cell declared is its source, and of a type its methods.
func TestInspectSource(t *testing.T) {
	s := newTestSession()
	if _, err := run(t, s, "// A point is a place.\ntype point struct {\n\tx int // across\n}", "func (p point) area() int {\n\treturn 0\n}", "p := point{}\nfunc f() {\n\tprintln(1)\n}", "0"); err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]string{
		"point":  "type point struct {\n\tx int // across\n}\nfunc (point).area() int\n\ndeclared in cell 1\n\nA point is a place.",
		"p.area": "func (p point) area() int {\n\treturn 0\n}\n\ndeclared in cell 2",
		"f":      "func f() {\n\tprintln(1)\n}\n\ndeclared in cell 3",
	} {
		if _, got, _ := s.Inspect(code, len(code), 1); got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
}

// Without export data and sources, what the session knows is still there.
func TestInspectWithoutExports(t *testing.T) {
	s := NewSession(Options{})
	if _, err := run(t, s, "x := 1", "0"); err != nil {
		t.Fatal(err)
	}
	if _, text, found := s.Inspect("x", 1, 0); !found || !strings.Contains(text, "var x int") {
		t.Errorf("got %q", text)
	}
	if _, _, found := s.Inspect("strings.ToUpper", 15, 0); found {
		t.Error("found what is not there")
	}
	if got := s.Complete("strings.To", 10); len(got.Matches) != 0 {
		t.Errorf("completes to %v", got.Matches)
	}
}

func BenchmarkInspect(b *testing.B) {
	s := newTestSession()
	code, offset := splitCursor(b, "import \"strings\"\nstrings.HasPrefix(|")
	for b.Loop() {
		if _, _, found := s.Inspect(code, offset, 0); !found {
			b.Fatal("not found")
		}
	}
}
