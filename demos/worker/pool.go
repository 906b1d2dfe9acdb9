package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"syscall"
	"time"
)

// A Pool is worker processes. Its methods may be called from several goroutines at
// once; batches are done one after the other.
type Pool struct {
	command []string
	busy    chan struct{} // holds a value while a batch is done
	mu      sync.Mutex    // guards what follows
	workers []*process    // by lane; nil where one has died and is not back
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
	p := &Pool{command: command, busy: make(chan struct{}, 1), workers: make([]*process, n)}
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
	if err := p.take(ctx); err != nil {
		return err
	}
	defer p.leave()
	stop := context.AfterFunc(ctx, p.kill)
	defer stop()
	errs := make([]error, len(p.workers))
	var wait sync.WaitGroup
	for lane := range p.workers {
		wait.Go(func() { errs[lane] = p.prepare(lane, c) }) // ends with its worker's answer, or its death
	}
	wait.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return cmp.Or(errs...)
}

func (p *Pool) prepare(lane int, c *Call) error {
	w, err := p.worker(lane)
	if err != nil {
		return err
	}
	w.claims.begin(0)
	if _, err := w.ask(c, request{}, reflect.Value{}); err != nil {
		return err
	}
	if err = w.send(); err == nil {
		var r reply
		if r, err = w.receive(); err == nil && r.Err != "" {
			return errors.New(r.Err)
		}
	}
	if err != nil {
		err = crash(w.cmd.Process.Pid, w.crashed())
		p.dead(lane, w)
	}
	return err
}

// take waits until no batch is done, leave lets the next one.
func (p *Pool) take(ctx context.Context) error {
	select {
	case p.busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Pool) leave() { <-p.busy }

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
	if p.workers[lane] == w {
		p.count(w)
		p.workers[lane] = nil
	}
}

func crash(pid int, death string) error {
	return fmt.Errorf("worker process %d died: %s", pid, death)
}
