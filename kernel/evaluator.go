package kernel

import (
	"context"

	"interleave/display"
	"interleave/interp"
	"interleave/interp/check"
)

// Evaluator is what a kernel needs of the thing that runs Go; *interp.Evaluator is
// one. Its methods may be called from several goroutines: Complete, Inspect and
// IsComplete while a cell runs, and Eval for cells of different subshells.
type Evaluator interface {
	// Eval runs a cell and gives its value, nil where it has none to show. All that
	// the cell wrote before it ended has gone to out when Eval returns. The end of
	// ctx interrupts the cell; it means nothing after Eval has returned.
	Eval(ctx context.Context, c interp.Request, out interp.Output) (*display.Bundle, error)
	// EvalExpr evaluates one of an execute_request's user_expressions.
	EvalExpr(ctx context.Context, expr string, out interp.Output) (*display.Bundle, error)
	// Complete gives what can stand at offset, in bytes.
	Complete(code string, offset int) check.Completion
	// Inspect tells of the name at offset, in bytes; with detail 1 more than with 0.
	Inspect(code string, offset, detail int) (markdown, text string, found bool)
	// IsComplete gives complete, incomplete with the indent of the next line, or invalid.
	IsComplete(code string) (status, indent string)
	// Kill ends cells that an interrupt did not end; their Eval returns an error.
	Kill()
	// Close ends everything. It may be called twice.
	Close()
}
