// Package headless runs notebooks without Jupyter and without Python, and writes
// the outputs into them as a front-end does.
package headless

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"interleave/display"
	"interleave/interp"
)

// Evaluator runs the cells of one notebook; *interp.Evaluator is one.
type Evaluator interface {
	Eval(ctx context.Context, c interp.Request, out interp.Output) (*display.Bundle, error)
	Close()
}

// Options says how to run.
type Options struct {
	Output      string        // where to write; empty: in place
	Force       bool          // Output may be there already
	Timeout     time.Duration // longest run of one cell; 0: no limit
	AllowErrors bool          // go on after a cell that failed
	Log         io.Writer     // progress, a line a cell, and what failed
	Color       bool          // Log shows ANSI colours
	Machine     Machine       // written into the notebook
	Report      io.Writer     // what Verify finds, a line each
	Vega        string        // file of the library that draws charts in HTML's pages; empty: none
	Tolerance   float64       // factor within which Verify takes times for equal; 1 and less: exactly

	// New starts an evaluator that works in dir, the notebook's folder, with the
	// versions of modules that the notebook names.
	New func(dir string, pins interp.Pins) (Evaluator, error)
}

// Why a cell is interrupted.
var (
	errTimeout = errors.New("timeout")
	errFull    = errors.New("too much output")
)

// Run runs the notebooks at paths, each in an evaluator of its own, and writes
// their outputs. A notebook that fails does not keep the next from running. A
// cell that fails ends its notebook, which is written all the same, the later
// cells without outputs, as a front-end's Run All leaves it. Done ctx interrupts
// the running cell and ends the run. The error names every notebook that failed.
func Run(ctx context.Context, paths []string, o Options) error {
	if o.Output != "" && len(paths) > 1 {
		return errors.New("-o names one file: give one notebook with it")
	}
	var failed []error
	for _, path := range paths {
		if ctx.Err() != nil {
			failed = append(failed, fmt.Errorf("%s: not run: interrupted", path))
			continue
		}
		if len(paths) > 1 {
			fmt.Fprintln(o.Log, path)
		}
		if err := runFile(ctx, path, o); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", path, err))
		}
	}
	return errors.Join(failed...)
}

// runFile runs the notebook at path and writes it.
func runFile(ctx context.Context, path string, o Options) error {
	nb, _, err := read(path)
	if err != nil {
		return err
	}
	to, err := o.output(o.Output, path)
	if err != nil {
		return err
	}
	failure := o.run(ctx, path, nb)
	if !nb.ran {
		return failure
	}
	nb.ranOn(o.Machine)
	data, err := nb.encode()
	if err != nil {
		return err
	}
	if err := replace(to, path, data); err != nil {
		return fmt.Errorf("outputs not written: %w", reason(err))
	}
	return failure
}

// run runs nb, which was read from path.
func (o Options) run(ctx context.Context, path string, nb *notebook) error {
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return err
	}
	pins, err := nb.pins()
	if err != nil {
		return err
	}
	ev, err := o.New(dir, pins)
	if err != nil {
		return err
	}
	nb.ran = true
	return nb.run(ctx, ev, o)
}

// run runs the code cells in order and stores their outputs. The evaluator is
// closed in the end, and what it then still puts out is stored too.
func (nb *notebook) run(ctx context.Context, ev Evaluator, o Options) error {
	r := &runner{ctx: ctx, ev: ev, o: o, rec: &recorder{shown: map[string][]*output{}, log: o.Log}}
	todo := nb.runnable()
	nb.clear()
	outputs := make([]*cellOutput, len(todo))
	var failure error
	for i, c := range todo {
		if ctx.Err() != nil {
			failure = fmt.Errorf("interrupted before cell %d", i+1)
			break
		}
		outputs[i] = r.rec.cell()
		c["execution_count"] = i + 1
		if failure = r.cell(c, outputs[i], i+1, len(todo)); failure != nil {
			break
		}
	}
	if err := nb.pin(ctx, ev); err != nil && failure == nil {
		failure = fmt.Errorf("versions of modules not written: %w", err)
	}
	ev.Close()
	for i, out := range outputs {
		if out != nil {
			todo[i]["outputs"] = out.json()
		}
	}
	return failure
}

// runnable gives the cells to run, in order: those of code that have some, but for
// those tagged skip-execution, as nbclient knows it.
func (nb *notebook) runnable() (todo []cell) {
	for _, c := range nb.cells {
		if c.isCode() && !c.tagged("skip-execution") && strings.TrimSpace(c.code()) != "" {
			todo = append(todo, c)
		}
	}
	return todo
}

// clear drops the outputs of another run. A cell that is skipped stays as it is.
func (nb *notebook) clear() {
	for _, c := range nb.cells {
		if c.isCode() && !c.tagged("skip-execution") {
			c["outputs"], c["execution_count"] = []any{}, nil
		}
	}
}

// runner is the run of one notebook.
type runner struct {
	ctx context.Context
	ev  Evaluator
	o   Options
	rec *recorder
}

// cell runs one cell, number count of total, and reports it. The error is that
// of a cell after which the notebook cannot go on.
func (r *runner) cell(c cell, out *cellOutput, count, total int) error {
	start := time.Now()
	result, fault := r.eval(c.code(), count, out)
	if result != nil {
		out.result(*result, count)
	}
	took := time.Since(start).Seconds()
	if fault == nil {
		fmt.Fprintf(r.o.Log, "[%d/%d] cell %d %.1fs\n", count, total, count, took)
		return nil
	}
	out.failure(fault)
	headline := fault.Name + ": " + firstLine(fault.Value)
	fmt.Fprintf(r.o.Log, "[%d/%d] cell %d %.1fs %s\n", count, total, count, took, headline)
	if r.ctx.Err() != nil {
		return fmt.Errorf("interrupted in cell %d", count)
	}
	if r.o.AllowErrors || c.tagged("raises-exception") {
		return nil
	}
	fmt.Fprintln(r.o.Log, traceback(fault, r.o.Color))
	return fmt.Errorf("cell %d failed: %s", count, headline)
}

// eval runs code within the time and the room that a cell has.
func (r *runner) eval(code string, count int, out *cellOutput) (*display.Bundle, *interp.Error) {
	ctx, cancel := context.WithCancelCause(r.ctx)
	defer cancel(nil)
	out.full = func() { cancel(errFull) }
	if r.o.Timeout > 0 {
		timer := time.AfterFunc(r.o.Timeout, func() { cancel(errTimeout) })
		defer timer.Stop()
	}
	result, err := r.ev.Eval(ctx, interp.Request{Code: code, Count: count}, out)
	switch why := context.Cause(ctx); {
	case why == errFull:
		return nil, instead(err, "OutputError", fmt.Sprintf("cell %d put out more than %d MiB: print less, or into a file", count, most>>20))
	case err == nil:
		return result, nil
	case why == errTimeout:
		return nil, instead(err, "TimeoutError", fmt.Sprintf("cell %d ran longer than %v: make it quicker, or raise --timeout", count, r.o.Timeout))
	}
	return nil, asError(err)
}

// instead gives the error for which a cell was interrupted, with the traceback of
// the interrupt, where it came in time.
func instead(interrupt error, name, value string) *interp.Error {
	e := &interp.Error{Name: name, Value: value, Traceback: []string{name + ": " + value}}
	if interrupt != nil {
		e.Traceback = append(e.Traceback, asError(interrupt).Traceback...)
	}
	return e
}

// asError gives err as the protocol reports it.
func asError(err error) *interp.Error {
	var e *interp.Error
	if errors.As(err, &e) {
		return e
	}
	return &interp.Error{Name: "Error", Value: err.Error(), Traceback: []string{err.Error()}}
}
