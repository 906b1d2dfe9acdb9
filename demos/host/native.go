package host

import (
	"context"
	"errors"
	"reflect"
	"time"

	"interleave/demos"
	"interleave/demos/work"
)

// native calls the compiled function with one input after the other.
func native(t *trial) error {
	if t.job.Waits() {
		return errors.New("native: compiling does not make waiting shorter: take async")
	}
	if t.job.Kind == demos.KindCompute {
		if f := t.h.env.Function(t.job.Fn); !f.Compiled {
			return errors.New("native: the function is interpreted only: declare it in a cell of its own, with the Go toolchain installed; %%native as its first line has it compiled in any case")
		}
	}
	return serial(t)
}

// interpretedFor is how long the interpreter runs a job at most: it is up to 300
// times slower.
const interpretedFor = 3 * time.Second

// interpreted has the interpreter run the source of the function.
func interpreted(t *trial) error {
	if t.job.Waits() {
		return errors.New("interpreted: what waits does not show how fast code runs: take a job that computes")
	}
	source, name, inputs := work.GoSource(t.spec)
	fails := false
	if t.job.Kind == demos.KindCompute {
		f := t.h.env.Function(t.job.Fn)
		if len(f.Captures) > 0 {
			return errors.New("interpreted: " + captures(f))
		}
		if f.Source == "" {
			return errors.New("interpreted: the source of the function is not known: declare it by name in a cell")
		}
		source, name, inputs = f.Source, f.Name, reflect.ValueOf(t.job.Inputs)
		fails = reflect.TypeOf(t.job.Fn).NumOut() == 2
	}
	ctx, cancel := context.WithTimeout(t.ctx, interpretedFor)
	defer cancel()
	t.lanes = []string{"interpreter"}
	t.begin()
	err := t.h.env.Interpret(ctx, Calls{
		Source: source, Name: name, Inputs: inputs, Fails: fails,
		Begin: func(i int) { t.rec.Task(i).Begin(0) },
		End: func(i int, v any, err error) {
			t.rec.Task(i).End()
			t.values[i], t.errs[i] = v, err
			t.done.Add(1)
		},
	})
	if t.ctx.Err() == nil && ctx.Err() != nil {
		t.partial = true
		t.notes = append(t.notes, "Stopped after 3s.")
		return nil
	}
	return err
}
