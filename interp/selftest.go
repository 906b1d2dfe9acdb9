package interp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"interleave/display"
)

// selfTestTime bounds a self-test: a cell that hangs fails it.
const selfTestTime = 2 * time.Minute

// selfTest runs trials as cells that are linked against this program, in a child
// of it. The error names the first that does not do what it should, or that could
// not be linked so.
func selfTest(ctx context.Context, sources map[string]fs.FS) error {
	ctx, cancel := context.WithTimeout(ctx, selfTestTime)
	defer cancel()
	dir, err := os.MkdirTemp("", "interleave-selftest-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := writeTrialModule(dir); err != nil {
		return err
	}
	e, err := New(Options{Dir: dir, Sources: sources, Tier: Native, trial: true})
	if err != nil {
		return err
	}
	defer e.Close()
	return e.try(ctx, slices.Concat(trials, moduleTrials))
}

// try runs cells in order.
func (e *Evaluator) try(ctx context.Context, cells []trial) error {
	for i, c := range cells {
		got := e.outcome(ctx, i+1, c.code)
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return fmt.Errorf("self-test: cell %d does not end: %s", i+1, c.code)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if got != c.want {
			return fmt.Errorf("self-test: cell %d gives %q in place of %q: %s", i+1, got, c.want, c.code)
		}
		e.mu.Lock()
		linked := e.choice.linked
		e.mu.Unlock()
		if linked == nil {
			return fmt.Errorf("self-test: cell %d: was not compiled: %s", i+1, c.code)
		}
		if linked.Apart != nil || linked.Copied != nil {
			return fmt.Errorf("self-test: cell %d: %s: %s", i+1, linked.How(), c.code)
		}
	}
	return nil
}

// outcome runs a cell, and gives its value as text, or its error in a line.
func (e *Evaluator) outcome(ctx context.Context, n int, code string) string {
	b, err := e.Eval(ctx, Request{Code: code, Count: n}, discard{})
	var x *Error
	switch {
	case errors.As(err, &x):
		return x.Name + ": " + x.Value
	case err != nil:
		return err.Error()
	case b == nil:
		return ""
	}
	text, _ := b.Data["text/plain"].(string)
	return text
}

// discard is an Output that nobody reads.
type discard struct{}

func (discard) Stream(string, string)                {}
func (discard) Display(display.Bundle, string, bool) {}
func (discard) Clear(bool)                           {}
func (discard) Input(string, bool) (string, error)   { return "", io.EOF }

// verify has cells linked against this program, if a self-test shows that it can be
// done; and tells what it found where it was not known.
func (c *compiler) verify(ctx context.Context) error {
	return c.tools.Verify(ctx, func(ctx context.Context) error {
		c.note("trying whether cells can be linked against this program, some ten seconds")
		return selfTest(ctx, c.sources)
	})
}

// Link tells whether cells are linked against this program; the error says why
// they get a copy of the library, which takes longer.
func (e *Evaluator) Link(ctx context.Context) error {
	tools, err := e.compiler.toolchain(ctx)
	if err != nil {
		return err
	}
	return tools.Fast(ctx)
}
