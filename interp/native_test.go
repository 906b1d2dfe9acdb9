package interp

import (
	"context"
	"errors"
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

// A cell that is run again compiles nothing; variables are shared with the
// interpreter by name and type.
func BenchmarkCompiledCell(b *testing.B) {
	e := newEvaluator(b)
	mustRun(b, e, 1, `type t int`)
	b.ResetTimer()
	for i := range b.N {
		mustRun(b, e, i+2, `max(int(t(1)), 2)`)
	}
}
