package worker

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"time"

	"interleave/demos/timeline"
)

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
	// Out is a slice of N results. Where it is valid they are put there, and Got takes
	// errors only.
	Out reflect.Value
}

// Run does a batch. The error is that of all tasks: they cannot be done here, or ctx
// has ended, which kills the workers.
func (p *Pool) Run(ctx context.Context, b *Batch) error {
	if err := p.take(ctx); err != nil {
		return err
	}
	defer p.leave()
	stop := context.AfterFunc(ctx, p.kill)
	defer stop()
	if b.Result == nil {
		b.Result = reflect.TypeFor[float64]()
	}
	r := newRun(ctx, p, b)
	defer context.AfterFunc(ctx, func() { r.fail(ctx.Err()) })()
	ended := make(chan struct{})
	go r.tick(ended) // ends with the batch
	var wait sync.WaitGroup
	for _, l := range r.lanes[1:] {
		wait.Go(l.work) // ends with the batch, or ctx
	}
	r.lanes[0].work()
	wait.Wait()
	close(ended)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return r.err
}

// size is how many tasks there are to do.
func (b *Batch) size() int {
	if b.Tasks != nil {
		return len(b.Tasks)
	}
	return b.N
}

// index is that of the task at a place of those to do.
func (b *Batch) index(place int) int {
	if b.Tasks != nil {
		return b.Tasks[place]
	}
	return place
}

// A stretch is tasks to do, from one place to before another.
type stretch struct{ from, to int }

func (s stretch) empty() bool { return s.from >= s.to }

// A run is a batch under way.
type run struct {
	ctx  context.Context
	pool *Pool
	*Batch
	got sync.Mutex // held while Got is called

	mu    sync.Mutex // guards what follows, and of each lane what it says
	moved *sync.Cond // something of it has changed
	todo  []stretch
	left  int // tasks without an answer
	err   error
	over  bool
	cost  time.Duration // of a task, as measured last; 0: not yet
	lanes []*lane
}

func newRun(ctx context.Context, p *Pool, b *Batch) *run {
	r := &run{ctx: ctx, pool: p, Batch: b, left: b.size()}
	r.moved = sync.NewCond(&r.mu)
	n, share := r.left, len(p.workers)
	for i := range share { // a part for each
		if part := (stretch{i * n / share, (i + 1) * n / share}); !part.empty() {
			r.todo = append(r.todo, part)
		}
		r.lanes = append(r.lanes, &lane{run: r, n: i, most: atFirst(b)})
	}
	r.over = n == 0
	return r
}

// fail ends the batch by an error: what has begun is done, and nothing else.
func (r *run) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.over {
		r.err, r.over = err, true
	}
	for _, l := range r.lanes {
		if l.w != nil {
			l.w.claims.shorten(all)
		}
	}
	r.moved.Broadcast()
}

// answered notes that n tasks have an answer.
func (r *run) answered(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.left -= n; r.left == 0 {
		r.over = true
		r.moved.Broadcast()
	}
}

// giveBack returns tasks that were not done.
func (r *run) giveBack(parts ...stretch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.todo = append(r.todo, slices.DeleteFunc(parts, stretch.empty)...)
	r.moved.Broadcast()
}

// await waits until there is something to do, so that no worker is started anew for
// nothing; false: there will be nothing.
func (r *run) await() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.over && len(r.todo) == 0 && r.longest() == nil {
		r.moved.Wait()
	}
	return !r.over
}

// next gives l tasks to do, for which w is responsible from now on; none at the end.
// Where all are given it takes some from another lane.
func (r *run) next(l *lane, w *process) (stretch, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.over {
		if len(r.todo) == 0 {
			if s := r.steal(); !s.empty() {
				r.todo = append(r.todo, s)
			}
		}
		if len(r.todo) > 0 {
			s := r.todo[0]
			if s.to-s.from > l.most {
				r.todo[0].from = s.from + l.most
				s.to = r.todo[0].from
			} else {
				r.todo = r.todo[1:]
			}
			l.hold(w, s)
			return s, true
		}
		r.moved.Wait()
	}
	return stretch{}, false
}

// worthIt is how long tasks have to take for others to do a part of them; settled is
// how long a lane has to be at its tasks to tell how long they take.
const (
	worthIt = 200 * time.Microsecond
	settled = time.Millisecond
)

// longest is the lane that has the longest way to go, where it is worth to take a part
// of it. r.mu is held.
func (r *run) longest() (longest *lane) {
	most := worthIt
	for _, l := range r.lanes {
		if l.w == nil {
			continue
		}
		if d := l.ahead(r.cost); d > most {
			longest, most = l, d
		}
	}
	return longest
}

// steal takes half of what the lane that has the longest way to go has not begun.
// r.mu is held.
func (r *run) steal() stretch {
	l := r.longest()
	if l == nil {
		return stretch{}
	}
	from, to := l.w.claims.shorten(half)
	s := stretch{l.at.from + from, l.at.from + to}
	l.at.to -= to - from
	return s
}

// tick is a moment at which workers tell what they have done, lanes with nothing to
// do look again, and who takes too long is killed. It ends with ended.
func (r *run) tick(ended <-chan struct{}) {
	period := 2 * time.Millisecond
	if r.Timeout > 0 {
		period = max(min(period, r.Timeout/20), 500*time.Microsecond)
	}
	tick := time.NewTicker(period)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return
		case now := <-tick.C:
			r.mu.Lock()
			for _, l := range r.lanes {
				if l.w != nil {
					l.w.claims.tell.Store(1)
					l.mind(now)
				}
			}
			r.moved.Broadcast()
			r.mu.Unlock()
		}
	}
}
