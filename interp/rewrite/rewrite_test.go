package rewrite

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"interleave/interp/cell"
	"interleave/interp/check"
	"interleave/interp/child"
	"interleave/interp/exports"
)

// table opens the export data of the standard library, once.
var table = sync.OnceValues(func() (*exports.Table, error) {
	t, err := exports.Open("")
	if !errors.Is(err, exports.ErrMissing) {
		return t, err
	}
	if _, err := exports.Prepare(context.Background(), "", func(string) {}); err != nil {
		return nil, err
	}
	return exports.Open("")
})

// program rewrites the last of some cells.
func program(t *testing.T, cells ...string) (*child.Program, error) {
	t.Helper()
	s := check.NewSession(check.Options{Exports: table})
	var p *child.Program
	for i, src := range cells {
		c, err := cell.Parse(i+1, src)
		if err != nil {
			t.Fatal(err)
		}
		ch, err := s.Check(c)
		if err != nil {
			t.Fatal(err)
		}
		if p, err = Program(ch); err != nil {
			return nil, err
		}
		s.Commit(ch, len(c.Items))
	}
	return p, nil
}

// TestGolden compares what statements become with testdata/golden.txt: paragraphs of
// a cell's lines, each after "> ", and the lines of the program that are the user's.
// With UPDATE set it writes the file anew.
func TestGolden(t *testing.T) {
	const file = "testdata/golden.txt"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, par := range strings.Split(strings.TrimSpace(string(b)), "\n\n") {
		var src []string
		for _, line := range strings.Split(par, "\n") {
			if text, ok := strings.CutPrefix(line, "> "); ok {
				src = append(src, text)
			} else if strings.HasPrefix(line, "#") {
				out.WriteString(line + "\n")
			}
		}
		if src == nil {
			out.WriteString("\n")
			continue
		}
		out.WriteString("> " + strings.Join(src, "\n> ") + "\n")
		p, err := program(t, strings.Join(src, "\n"))
		if err != nil {
			t.Errorf("%s: %v", strings.Join(src, "\n"), err)
			continue
		}
		out.WriteString(users(p.Source) + "\n")
	}
	got := strings.TrimSpace(out.String()) + "\n"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if got != string(b) {
		t.Errorf("%s is not what the rewriter gives; UPDATE=1 writes it anew:\n%s", file, got)
	}
}

// users leaves out the lines of a program that are in every one.
func users(source string) string {
	var b strings.Builder
	for line := range strings.Lines(source) {
		switch text := strings.TrimSpace(line); {
		case text == "", text == "}", strings.HasPrefix(text, "//line"), strings.HasPrefix(text, "package "), strings.HasPrefix(text, "import "),
			strings.HasPrefix(text, "func ꞋꞋrun"), strings.HasPrefix(text, "func init"), strings.HasPrefix(text, "ꞋꞋat("):
		default:
			b.WriteString(strings.TrimRight(line, "\n") + "\n")
		}
	}
	return b.String()
}

// TestRefused sees that what the interpreter does not do as Go does is refused,
// and how that is called.
func TestRefused(t *testing.T) {
	for src, what := range map[string]string{
		"type t int":                                                             "type declarations",
		"func f() { type t int; _ = t(1) }":                                      "type declarations",
		"func f[T any](x T) T { return x }":                                      "generic functions",
		"import \"slices\"\nslices.Sort([]int{1})":                               "the generic function slices.Sort",
		"import \"sync/atomic\"\nvar p atomic.Pointer[int]":                      "the generic type atomic.Pointer",
		"import . \"fmt\"\nPrintln()":                                            "Println of a dot import",
		"println(1)":                                                             "the built-in function println",
		"p := new(1 + 1)":                                                        "new of a value",
		"a := []int{1}\nb := a[0:1:1]":                                           "full slice expressions",
		"func f() {\nl:\n\tgoto l\n}":                                            "goto",
		"func f() { if r := recover(); r != nil { panic(r) } }":                  "recover outside of a deferred function literal",
		"func f() { defer func() { func() { recover() }() }() }":                 "recover outside of a deferred function literal",
		"for range func(func() bool) {} { }":                                     "range over a func(func() bool)",
		"p := struct{ x int }{1}":                                                "struct types with lower-case or embedded fields",
		"var i interface{ M() }":                                                 "interface types with methods",
		"import \"strings\"\nf := (*strings.Builder).Len":                        "method expressions",
		"import \"runtime\"\n_, f, _, _ := runtime.Caller(0)":                    "runtime.Caller",
		"import \"log\"\nconst where = log.LstdFlags | log.Lshortfile":           "log.Lshortfile",
		"import \"log/slog\"\no := slog.HandlerOptions{AddSource: true}":         "slog.HandlerOptions.AddSource",
		"import \"log/slog\"\nfunc f(r slog.Record) uintptr { return r.PC }":     "slog.Record.PC",
		"import \"runtime/debug\"\nstring(debug.Stack())":                        "debug.Stack",
		"import \"os\"\nos.Args = nil":                                           "an assignment to a variable of a package",
		"import \"os\"\np := &os.Args":                                           "the address of a variable of a package",
		"import \"io\"\nvar x any\ny := x.(io.Reader)":                           "a value of the interface type io.Reader here",
		"c := make(<-chan int)":                                                  "make of a channel of one direction",
		"s := []int{1}\na := [1]int(s)":                                          "converting a slice to an array",
		"x := 1\nswitch x {\ncase 1:\n\tfallthrough\ndefault:\ncase 2:\n}":       "fallthrough in a switch whose default is not the last case",
		"func f() { for a, b := []int{1}, 2; b > 0; b-- { _ = a } }":             "an assignment of several such values in the head of a statement",
		"func f(m map[int]chan int) { for _, c := range m { <-c } }":             "range over a map of channels",
		"func g() (*int, int) { return nil, 1 }\nfunc f(p *int) { p, *p = g() }": "an assignment of several values to what one of them, or a call, finds",
	} {
		_, err := program(t, src)
		var r *Refusal
		if !errors.As(err, &r) || r.What != what {
			t.Errorf("%s\n\trefused for %v, want %q", src, err, what)
		}
	}
}

// TestWhere sees that a refusal names its line.
func TestWhere(t *testing.T) {
	_, err := program(t, "x := 1", "y := 2\n\nprintln(x + y)")
	var r *Refusal
	if !errors.As(err, &r) || r.Where != "cell 2:3" {
		t.Errorf("refused at %v, want cell 2:3", err)
	}
}

// TestStorage sees what a program tells of storage and functions.
func TestStorage(t *testing.T) {
	p, err := program(t, "import \"time\"\nvar d time.Duration\nfunc f() {}", "func g() time.Duration { f(); return d }\nd = g()")
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]string{}
	for _, v := range p.Vars {
		types[v.Name+" "+v.Key] = v.Type
	}
	want := map[string]string{"Ꞌd_1 d.1": child.Alias(0) + ".Duration", "Ꞌf_1 f.1": "func()", "Ꞌg_2 g.2": "func() " + child.Alias(0) + ".Duration"}
	for k, v := range want {
		if types[k] != v {
			t.Errorf("storage %s has type %q, want %q", k, types[k], v)
		}
	}
	if len(p.Funcs) != 1 || p.Funcs[0].Key != "g.2" || strings.Join(p.Funcs[0].Uses, " ") != "d.1 f.1" {
		t.Errorf("functions %+v, want g.2 that uses d.1 f.1", p.Funcs)
	}
	if len(p.Imports) != 1 || p.Imports[0] != "time" {
		t.Errorf("imports %v, want time", p.Imports)
	}
}
