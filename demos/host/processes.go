package host

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"

	"interleave/demos"
	"interleave/demos/worker"
)

// processes has worker processes do the tasks.
func processes(t *trial) error {
	b, err := t.batch()
	if err != nil {
		return err
	}
	pool, err := worker.Start(t.ctx, t.h.env.Worker(), t.count(runtime.NumCPU()))
	if err != nil {
		return err
	}
	defer func() { t.spent(pool.Close()) }()
	if err := pool.Prepare(t.ctx, b.Call); err != nil {
		return err
	}
	t.begin()
	t.workers = len(pool.PIDs())
	t.lanes = lanesOf(pool)
	return pool.Run(t.ctx, b)
}

// lanesOf names the lanes of a pool.
func lanesOf(pool *worker.Pool) (names []string) {
	for _, pid := range pool.PIDs() {
		names = append(names, fmt.Sprintf("process %d", pid))
	}
	return names
}

// spent counts what worker processes took.
func (t *trial) spent(u worker.Usage) {
	t.usage.User += u.User
	t.usage.System += u.System
	t.usage.Voluntary += u.Voluntary
	t.usage.Involuntary += u.Involuntary
	t.usage.Memory += u.Memory
}

// batch is all tasks of the trial, for a pool.
func (t *trial) batch() (*worker.Batch, error) {
	b := &worker.Batch{N: t.job.N, Timeout: t.o.Timeout, Record: t.rec, Got: t.got}
	if t.job.Kind != demos.KindCompute {
		b.Call = &worker.Call{Spec: t.spec}
		return b, nil
	}
	call, err := t.h.call(t.job.Fn)
	if err != nil {
		return nil, err
	}
	b.Call, b.Inputs, b.Result = call, reflect.ValueOf(t.job.Inputs), reflect.TypeOf(t.job.Fn).Out(0)
	return b, nil
}

// got takes a result from a pool.
func (t *trial) got(i int, v reflect.Value, err error) {
	t.values[i], t.errs[i] = v.Interface(), err
	t.done.Add(1)
}

// call tells how workers find fn, or why it cannot run there.
func (h *Host) call(fn any) (*worker.Call, error) {
	f := reflect.TypeOf(fn)
	if f == nil || f.Kind() != reflect.Func || f.NumIn() != 1 || f.NumOut() < 1 {
		return nil, errors.New("processes: pass a function of one argument with one result")
	}
	known := h.env.Function(fn)
	switch {
	case len(known.Captures) > 0:
		return nil, errors.New(captures(known))
	case known.Symbol == "":
		return nil, errors.New("processes: " + known.Why)
	}
	if err := worker.Check(f.In(0)); err != nil {
		return nil, fmt.Errorf("argument: %w", err)
	}
	if err := worker.Check(f.Out(0)); err != nil {
		return nil, fmt.Errorf("result: %w", err)
	}
	return &worker.Call{Load: known.Load, Symbol: known.Symbol}, nil
}

// captures is the lesson of a function that uses what lies outside of it.
func captures(f Function) string {
	name := f.Name
	if name == "" {
		name = "the function"
	}
	if len(f.Captures) == 1 {
		return fmt.Sprintf("%s captures %s; processes share no memory: pass it in", name, f.Captures[0])
	}
	return fmt.Sprintf("%s captures %s; processes share no memory: pass them in", name, strings.Join(f.Captures, ", "))
}
