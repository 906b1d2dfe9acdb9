package host

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"

	"interleave/demos"
	"interleave/demos/worker"
)

// Pool starts worker processes for a cell.
func (h *Host) Pool(n int) (demos.Pool, error) {
	if n == 0 {
		n = runtime.NumCPU()
	}
	ctx, cancel := h.context()
	defer cancel()
	p, err := worker.Start(ctx, h.env.Worker(), n)
	if err != nil {
		h.leave(err)
		return nil, err
	}
	return &pool{h, p}, nil
}

// A pool is what a cell has of a worker.Pool.
type pool struct {
	h *Host
	p *worker.Pool
}

func (p *pool) PIDs() []int { return p.p.PIDs() }
func (p *pool) Close()      { p.p.Close() }

func (p *pool) Map(fn, inputs any) (any, error) {
	in := reflect.ValueOf(inputs)
	if in.Kind() != reflect.Slice {
		return nil, fmt.Errorf("demos.Map: inputs is a %T: pass a slice of arguments", inputs)
	}
	call, err := p.h.call(fn)
	if err != nil {
		return nil, err
	}
	result := reflect.TypeOf(fn).Out(0)
	out := reflect.MakeSlice(reflect.SliceOf(result), in.Len(), in.Len())
	var errs []demos.Failure
	err = p.run(&worker.Batch{Call: call, Inputs: in, N: in.Len(), Result: result, Out: out, Got: func(i int, _ reflect.Value, err error) {
		errs = append(errs, demos.Failure{Task: i, Err: err})
	}})
	if err != nil {
		return nil, err
	}
	return out.Interface(), join(errs)
}

func (p *pool) Each(fn, inputs any, got func(i int, result any, err error)) error {
	in := reflect.ValueOf(inputs)
	if in.Kind() != reflect.Slice {
		return fmt.Errorf("demos.Pool.Each: inputs is a %T: pass a slice of arguments", inputs)
	}
	call, err := p.h.call(fn)
	if err != nil {
		return err
	}
	return p.run(&worker.Batch{Call: call, Inputs: in, N: in.Len(), Result: reflect.TypeOf(fn).Out(0), Got: func(i int, v reflect.Value, err error) {
		got(i, v.Interface(), err)
	}})
}

// run runs a batch until the cell is interrupted.
func (p *pool) run(b *worker.Batch) error {
	ctx, cancel := p.h.context()
	defer cancel()
	err := p.p.Run(ctx, b)
	if errors.Is(err, context.Canceled) {
		p.p.Close()
	}
	p.h.leave(err)
	return err
}

// join joins failures by task.
func join(failures []demos.Failure) error {
	slices.SortFunc(failures, func(a, b demos.Failure) int { return a.Task - b.Task })
	errs := make([]error, len(failures))
	for i, f := range failures {
		errs[i] = f
	}
	return errors.Join(errs...)
}
