package worker

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"syscall"
	"time"

	"interleave/demos/timeline"
)

// A Pool is worker processes. One Run at a time.
type Pool struct {
	command []string
	mu      sync.Mutex // guards what follows
	workers []*process // by lane; nil where one has died and is not back
	closed  bool
	usage   Usage
}

// Usage is what workers that have ended took.
type Usage struct {
	User, System           time.Duration
	Voluntary, Involuntary int64
	Memory                 int64 // bytes resident at most, of all together
}

// Start starts n workers by command and waits until all take requests.
func Start(ctx context.Context, command []string, n int) (*Pool, error) {
	p := &Pool{command: command, workers: make([]*process, n)}
	for i := range p.workers {
		w, err := start(command)
		if err != nil {
			p.Close()
			return nil, err
		}
		p.workers[i] = w
	}
	stop := context.AfterFunc(ctx, p.kill)
	defer stop()
	for _, w := range p.workers {
		if err := w.ready(); err != nil {
			p.Close()
			return nil, errors.Join(ctx.Err(), err)
		}
	}
	return p, nil
}

// PIDs are the processes, 0 for one that is not there.
func (p *Pool) PIDs() []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]int, len(p.workers))
	for i, w := range p.workers {
		if w != nil {
			out[i] = w.cmd.Process.Pid
		}
	}
	return out
}

// kill ends all workers at once; who waits for them sees it.
func (p *Pool) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.workers {
		if w != nil {
			w.kill()
		}
	}
}

// Close ends the workers, and gives what they took.
func (p *Pool) Close() Usage {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, w := range p.workers {
		if w != nil {
			w.release() // they leave at the end of their pipe
			defer time.AfterFunc(time.Second, w.kill).Stop()
		}
	}
	for i, w := range p.workers {
		if w != nil {
			w.end(false)
			p.count(w)
			p.workers[i] = nil
		}
	}
	return p.usage
}

// count adds what w took. p.mu is held.
func (p *Pool) count(w *process) {
	u, ok := w.state.SysUsage().(*syscall.Rusage)
	if !ok {
		return
	}
	p.usage.User += w.state.UserTime()
	p.usage.System += w.state.SystemTime()
	p.usage.Voluntary += u.Nvcsw
	p.usage.Involuntary += u.Nivcsw
	p.usage.Memory += u.Maxrss << 10
}

// Prepare has all workers load what a call needs, at the same time.
func (p *Pool) Prepare(ctx context.Context, c *Call) error {
	stop := context.AfterFunc(ctx, p.kill)
	defer stop()
	for _, w := range p.workers {
		if err := w.send(c, nil, nil, false); err != nil {
			return fmt.Errorf("worker process: %s", w.end(true))
		}
	}
	var errs []error
	for _, w := range p.workers {
		var r reply
		if err := w.in.Decode(&r); err != nil {
			return errors.Join(ctx.Err(), fmt.Errorf("worker process: %s", w.end(true)))
		}
		if r.Err != "" {
			errs = append(errs, errors.New(r.Err))
		}
	}
	if len(errs) > 0 {
		return errs[0]
	}
	return nil
}

// A Batch is tasks for a pool.
type Batch struct {
	Call    *Call
	Inputs  reflect.Value // slice of arguments; invalid: ready-made tasks
	N       int           // tasks
	Tasks   []int         // of them, those to do; nil: all
	Result  reflect.Type  // of one result; nil: float64
	Timeout time.Duration // of each task; 0: none
	Record  *timeline.Recorder
	// Got takes each result, or error, one at a time and in any order.
	Got func(i int, result reflect.Value, err error)
}

// Run does a batch. The error is that of all tasks: they cannot be done here, or ctx
// has ended, which kills the workers.
func (p *Pool) Run(ctx context.Context, b *Batch) error {
	stop := context.AfterFunc(ctx, p.kill)
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx) // by an error: the others end what they are at
	defer cancel(nil)
	if b.Result == nil {
		b.Result = reflect.TypeFor[float64]()
	}
	q := newQueue(b.tasks(), len(p.workers))
	var wait sync.WaitGroup
	var got sync.Mutex
	for lane := range p.workers {
		wait.Go(func() { // ends with the queue, or ctx
			l := &line{pool: p, lane: lane, batch: b, queue: q, got: &got}
			if err := l.work(ctx); err != nil {
				cancel(err)
			}
		})
	}
	wait.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// tasks are the indexes of the tasks to do.
func (b *Batch) tasks() []int {
	if b.Tasks != nil {
		return b.Tasks
	}
	all := make([]int, b.N)
	for i := range all {
		all[i] = i
	}
	return all
}

// worker gives the worker of a lane, started again where it died.
func (p *Pool) worker(lane int) (*process, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errClosed
	}
	if w := p.workers[lane]; w != nil {
		return w, nil
	}
	w, err := start(p.command)
	if err != nil {
		return nil, err
	}
	if err := w.ready(); err != nil {
		return nil, err
	}
	p.workers[lane] = w
	return w, nil
}

// dead takes the worker of a lane out, which has died.
func (p *Pool) dead(lane int, w *process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count(w)
	p.workers[lane] = nil
}

func crash(pid int, death string) error {
	return fmt.Errorf("worker process %d died: %s", pid, death)
}
