package demos

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"
)

// Where Submit runs a function.
const (
	OnGoroutine = "goroutine" // the cheapest, for what waits
	OnThread    = "thread"    // a thread of the operating system of its own
	OnProcess   = "process"   // a worker process, with memory of its own
	OnNative    = "native"    // compiled code, on any core
)

// A Promise is a result that will be there. Several goroutines may wait for it.
type Promise[R any] struct {
	done  chan struct{}
	once  sync.Once
	value R
	err   error
}

// ErrTimeout is the error of a result that was not there in time.
var ErrTimeout = errors.New("demos: the result is not there yet")

func newPromise[R any]() *Promise[R] { return &Promise[R]{done: make(chan struct{})} }

// settle gives the result; the first one counts.
func (p *Promise[R]) settle(v R, err error) {
	p.once.Do(func() {
		p.value, p.err = v, err
		close(p.done)
	})
}

// Submit has fn called with arg on a goroutine, a thread, a process or natively:
// where is a detail, the call and its result are the same. A panic of fn is the
// error of its result.
func Submit[A, R any](on string, fn func(A) R, arg A) *Promise[R] {
	return Submitted(on, fn, []A{arg}, func() R { return fn(arg) })
}

// Submitted is Submit for the interpreter, which knows A only when a cell runs: fn is
// a func(A) R, inputs a slice with the one argument, and call calls fn with it.
func Submitted[R any](on string, fn, inputs any, call func() R) *Promise[R] {
	p := newPromise[R]()
	switch {
	case reflect.ValueOf(fn).IsNil():
		p.settle(p.value, errors.New("demos.Submit: the function is nil"))
	case on == OnProcess:
		p.inProcess(fn, inputs)
	case on == OnGoroutine || on == OnThread || on == OnNative:
		p.start(on, func() (R, error) { return call(), nil })
	default:
		p.settle(p.value, fmt.Errorf("demos.Submit: no runner %q: take goroutine, thread, process or native", on))
	}
	return p
}

// start runs f and settles p with what it gives.
func (p *Promise[R]) start(on string, f func() (R, error)) {
	body := func() {
		v, err := p.value, errors.New("demos: interrupted")
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("panic: %v", r)
			}
			p.settle(v, err)
		}()
		v, err = f()
	}
	if Runner == nil {
		go body() // ends with f
		return
	}
	Runner.Go(on, body)
}

// inProcess has one worker process call fn.
func (p *Promise[R]) inProcess(fn, inputs any) {
	if Runner == nil {
		p.settle(p.value, ErrNoHost)
		return
	}
	p.start(OnGoroutine, func() (v R, err error) {
		pool, err := Runner.Pool(1)
		if err != nil {
			return v, err
		}
		defer pool.Close()
		out, err := pool.Map(fn, inputs)
		if err != nil {
			return v, err
		}
		return out.([]R)[0], nil
	})
}

// Result waits for the result and gives it.
func (p *Promise[R]) Result() (R, error) {
	await(context.Background(), awaited, p.done, nil)
	return p.value, p.err
}

// ResultWithin waits for d at most; the error is ErrTimeout then.
func (p *Promise[R]) ResultWithin(d time.Duration) (R, error) {
	late := time.NewTimer(d)
	defer late.Stop()
	if !await(context.Background(), awaited, p.done, late.C) {
		var none R
		return none, fmt.Errorf("%w after %v", ErrTimeout, d)
	}
	return p.value, p.err
}

const awaited = "have the result of a promise"

// Done is closed when the result is there.
func (p *Promise[R]) Done() <-chan struct{} { return p.done }

// Then has next called with the result of p, and promises what it gives; an error
// of p is passed on.
func Then[R, S any](p *Promise[R], next func(R) S) *Promise[S] {
	return Following(func() (S, error) {
		v, err := p.Result()
		if err != nil {
			var none S
			return none, err
		}
		return next(v), nil
	})
}

// Following promises what f gives, which waits for another promise: it is Then for the
// interpreter, which knows the type of that only when a cell runs.
func Following[S any](f func() (S, error)) *Promise[S] {
	p := newPromise[S]()
	p.start(OnGoroutine, f)
	return p
}

// All promises all results, in order; the errors are joined.
func All[R any](promises ...*Promise[R]) *Promise[[]R] {
	q := newPromise[[]R]()
	q.start(OnGoroutine, func() ([]R, error) {
		values := make([]R, len(promises))
		errs := make([]error, len(promises))
		for i, p := range promises {
			values[i], errs[i] = p.Result()
		}
		return values, errors.Join(errs...)
	})
	return q
}

// AsCompleted gives promises in the order in which they are kept, or broken; the
// channel is closed after the last.
func AsCompleted[R any](promises ...*Promise[R]) <-chan *Promise[R] {
	out := make(chan *Promise[R], len(promises)) // has room for all, so that nobody waits for a reader
	var left atomic.Int64
	left.Store(int64(len(promises)))
	for _, p := range promises {
		start(func() { // ends with p
			p.Result()
			out <- p
			if left.Add(-1) == 0 {
				close(out)
			}
		})
	}
	if len(promises) == 0 {
		close(out)
	}
	return out
}

// Any promises the first result without an error; where there is none, all errors
// joined.
func Any[R any](promises ...*Promise[R]) *Promise[R] {
	q := newPromise[R]()
	if len(promises) == 0 {
		q.settle(q.value, errors.New("demos.Any: of no promises none is kept"))
		return q
	}
	errs := make([]error, len(promises))
	var left atomic.Int64
	left.Store(int64(len(promises)))
	for i, p := range promises {
		start(func() { // ends with p
			v, err := p.Result()
			if errs[i] = err; err == nil {
				q.settle(v, nil)
			}
			if left.Add(-1) == 0 {
				q.settle(q.value, errors.Join(errs...))
			}
		})
	}
	return q
}
