package interp

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"interleave/interp/exports"
)

// Without a toolchain the kernel interprets what it can, and says of the rest
// what to install.
func TestWithoutCompiler(t *testing.T) {
	if _, err := exports.Prepare(t.Context(), "", nil); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", t.TempDir())
	e := newEvaluator(t)
	mustRun(t, e, 1, `x := 1`)
	_, err := e.Eval(context.Background(), Request{Code: "type point struct{ x int }", Count: 2}, &recorder{})
	var x *Error
	if !errors.As(err, &x) || x.Name != "NoCompiler" {
		t.Fatalf("error is %v", err)
	}
	const want = "cell 2:1: type declarations: this needs the Go compiler: go command: not found on PATH: install Go"
	if !strings.HasPrefix(x.Value, want) {
		t.Errorf("error is %q, want %q...", x.Value, want)
	}
	mustRun(t, e, 3, `x++`)
}

// A machine that never had Go has export data beside the program: cells are checked,
// completed and interpreted.
func TestWithoutGo(t *testing.T) {
	table, err := exports.Prepare(t.Context(), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "program")
	link(t, self, program)
	if err := exports.Ship(table, exports.Beside(program)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", "")
	t.Setenv("GOROOT", "")
	s := newScene(t, Options{Binary: program, Cache: t.TempDir()})
	const note = "note: cells are interpreted only, and what needs the compiler cannot run: go command: not found on PATH: install Go 1.26 or later, https://go.dev/dl\n"
	s.cell("import \"strings\"\nfunc up(s string) string { return strings.ToUpper(s) }", note)
	s.cell(`up("x")`, "X")
	s.fails(`strings.Upper("x")`, "CompileError: cell 3:1: undefined: strings.Upper")
	s.fails(`ch := make(chan int)
func deadlock[T any](c chan T) T { return <-c }`, "NoCompiler: cell 4:2: generic functions: this needs the Go compiler: go command: not found on PATH: install Go 1.26 or later")
	s.fails(`import "example.com/dep"`, "package example.com/dep: a module needs the Go compiler: go command: not found on PATH")
	s.fails(`%require example.com/dep@v1.0.0`, "ModuleError: a module needs the Go compiler: ")
	if m := s.e.Complete("strings.ToUpp", len("strings.ToUpp")).Matches; len(m) == 0 || m[0].Text != "ToUpper" {
		t.Errorf("completion: %v", m)
	}
	s.cell(`up("y")`, "Y")
}
