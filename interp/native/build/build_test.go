package build

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"interleave/display"
	"interleave/interp/native/load"
)

// tools is what the tests build with.
var tools *Toolchain

// TestMain takes the library from where the program has it, since that takes a
// minute to make; cells go to a folder of this run.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == ToolexecRole {
		fmt.Fprintln(os.Stderr, Toolexec(os.Args[2:]))
		os.Exit(2)
	}
	dir, err := os.MkdirTemp("", "cells")
	if err != nil {
		panic(err)
	}
	status := 1
	if tools, err = Find(Options{Sources: map[string]fs.FS{"interleave/display": os.DirFS("../../../display")}}); err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		tools.cells = dir
		if err := tools.Prepare(context.Background(), func(line string) { fmt.Fprintln(os.Stderr, line) }); err != nil {
			fmt.Fprintln(os.Stderr, err)
		} else if err := tools.Verify(context.Background(), func(context.Context) error { return nil }); err != nil && tools.flavour.shared {
			fmt.Fprintln(os.Stderr, err)
		} else {
			status = m.Run()
		}
	}
	os.RemoveAll(dir)
	os.Exit(status)
}

// unit makes a package of one file, with a path of its own.
func unit(name, src string) Package {
	return Package{Path: "interleave/test/" + name, Files: map[string]string{"cell.go": src}, Imports: map[string]string{}}
}

func mustBuild(t testing.TB, p Package) *Plugin {
	t.Helper()
	plugin, err := tools.Build(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return plugin
}

// open builds and loads a unit, and gives its table.
func open(t testing.TB, p Package) map[string]any {
	t.Helper()
	l, err := load.Open(mustBuild(t, p).SharedObject)
	if err != nil {
		t.Fatal(err)
	}
	return l.Unit
}

func TestBuildLoadCall(t *testing.T) {
	p := unit("call", `package cell

import (
	"bytes"
	"fmt"
	"interleave/display"
)

type point struct{ X, y int }

var Unit = map[string]any{
	"run":  func(w *bytes.Buffer) { fmt.Fprintf(w, "%T %+v %s", point{1, 2}, &point{3, 4}, "Zq0a") },
	"show": func() any { return display.HTML("<b>") },
}`)
	for _, tt := range []struct {
		main bool
		want string
	}{{true, "main.point &{X:3 y:4} Zq0a"}, {false, "cell.point &{X:3 y:4} Zq0a"}} {
		p.Path += "x"
		p.ShowAsMain = tt.main
		u := open(t, p)
		var w bytes.Buffer
		u["run"].(func(*bytes.Buffer))(&w)
		if w.String() != tt.want {
			t.Errorf("got %s, want %s", &w, tt.want)
		}
		if _, ok := u["show"].(func() any)().(display.Bundle); !ok {
			t.Errorf("display has another type here: %T", u["show"].(func() any)())
		}
	}
}

// A unit that imports another shares its variables, types and instances of
// generic types, also when it is loaded first.
func TestUnitsShare(t *testing.T) {
	first := unit("share1", `package cell

type point struct{ X int }
type Point = point

func (p point) String() string { return "at" }

type List[T any] struct{ All []T }

var N = 1
var P any = point{5}
var L any = List[int]{}
var Unit = map[string]any{"n": &N}`)
	first.ShowAsMain = true
	archive, err := tools.Compile(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	second := unit("share2", `package cell

import c1 "interleave/test/share1"

var Unit = map[string]any{
	"add":  func(d int) { c1.N += d },
	"same": func() bool { _, p := c1.P.(c1.Point); _, l := c1.L.(c1.List[int]); return p && l },
}`)
	second.ShowAsMain = true
	second.Imports[first.Path] = archive
	two := open(t, second)
	one := open(t, first)
	two["add"].(func(int))(41)
	if n := *one["n"].(*int); n != 42 {
		t.Errorf("n is %d", n)
	}
	if !two["same"].(func() bool)() {
		t.Error("a type has another identity in the unit that imports it")
	}
}

func TestSameSourceOtherPath(t *testing.T) {
	src := "package cell\n\nvar N int\n\nvar Unit = map[string]any{\"n\": &N}"
	a, b := open(t, unit("twice1", src)), open(t, unit("twice2", src))
	*a["n"].(*int) = 7
	if n := *b["n"].(*int); n != 0 {
		t.Errorf("the units share a variable: %d", n)
	}
}

// The dynamic linker would take the functions of the first one.
func TestSamePathOtherSource(t *testing.T) {
	open(t, unit("changed", small))
	p := mustBuild(t, unit("changed", strings.Replace(small, "1", "2", 1)))
	if _, err := load.Open(p.SharedObject); err == nil || !strings.Contains(err.Error(), "package interleave/test/changed is in this process with other contents") {
		t.Errorf("got %v", err)
	}
}

func TestPanics(t *testing.T) {
	u := open(t, unit("panics", `package cell

var m map[string]int

var Unit = map[string]any{
	"nil":   func() { m["x"]++ },
	"index": func() { _ = make([]int, 1)[len(m)+1] },
	"deref": func() { var p *int; *p = 1 },
}`))
	for name, want := range map[string]string{
		"nil": "assignment to entry in nil map", "index": "index out of range [1] with length 1", "deref": "invalid memory address",
	} {
		func() {
			defer func() {
				if r := fmt.Sprint(recover()); !strings.Contains(r, want) {
					t.Errorf("%s: %s", name, r)
				}
			}()
			u[name].(func())()
		}()
	}
}

func TestPanicInInitialiser(t *testing.T) {
	p := mustBuild(t, unit("init", "package cell\n\nvar x = 0\nvar y = 1 / x\n\nvar Unit = map[string]any{\"y\": &y}"))
	for range 2 {
		_, err := load.Open(p.SharedObject)
		if err == nil || !strings.Contains(err.Error(), "panic in an initialiser") || !strings.Contains(err.Error(), "divide by zero") {
			t.Errorf("got %v", err)
		}
	}
}

func TestCompileErrors(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"undefined", "package cell\n//line cell 3:5:1\nvar _ = total", "cell 3:5:9: undefined: total"},
		{"type", "package cell\n//line cell 1:1:1\nvar a int = \"x\"\n", `cell 1:1:13: cannot use "x" (untyped string constant) as int value`},
		{"import", "package cell\nimport _ \"example.org/nowhere\"", "could not import example.org/nowhere"},
		{"syntax", "package cell\nfunc {", "cell.go:2:6: syntax error"},
		{"clause", "func x() {}", "expected 'package'"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := unit("wrong", tt.src)
			p.ShowAsMain = tt.name == "clause"
			_, err := tools.Build(t.Context(), p)
			var compile *CompileError
			if !errors.As(err, &compile) || !strings.Contains(compile.Text, tt.want) || strings.Contains(compile.Text, tools.cells) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestEntryMissing(t *testing.T) {
	for _, src := range []string{"package cell", "package cell\nvar Unit int"} {
		_, err := tools.Build(t.Context(), unit("entry", src))
		if err == nil || !strings.Contains(err.Error(), "package interleave/test/entry: no variable Unit of type map[string]any") {
			t.Errorf("got %v", err)
		}
	}
	p := unit("entry", "package cell\nvar ꞋꞋUnit = map[string]any{\"here\": 1}")
	p.Entry = "ꞋꞋUnit"
	if u := open(t, p); u["here"] != 1 {
		t.Error(u)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tools.Build(ctx, unit("cancelled", "package cell")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
