package host

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"interleave/demos"
	"interleave/demos/timeline"
)

// classics are the ready demos by name.
var classics = map[string]func(b *book) error{
	"producer and consumer": producerConsumer,
	"crawler":               crawler,
	"unsafe bank":           unsafeBank,
	"dining philosophers":   philosophers,
	"ping-pong":             pingPong,
	"fan-in":                fanIn,
	"worker pool":           workerPool,
	"prime sieve":           primeSieve,
	"rate limiter":          rateLimiter,
	"pipeline":              pipeline,
	"cancellation tree":     cancellationTree,
}

// Classic runs a ready demo.
func (h *Host) Classic(name string, o demos.Options) *demos.Result {
	r := &demos.Result{Technique: name}
	play, ok := classics[name]
	if !ok {
		r.Err = fmt.Errorf("demos: no ready demo %q", name)
		return r
	}
	ctx, cancel := h.context()
	defer cancel()
	b := newBook(ctx)
	before := usage()
	err := play(b)
	b.wait.Wait()
	if ctx.Err() != nil {
		err = errInterrupted
	}
	if r.Err = err; err != nil {
		h.leave(err)
		return r
	}
	r.Usage = add(demos.Usage{}, usage(), before)
	b.fill(r)
	return r
}

// A book notes what the goroutines of a ready demo do, in lanes that have names.
type book struct {
	ctx   context.Context
	clock timeline.Clock
	start int64
	wait  sync.WaitGroup

	mu     sync.Mutex // guards what follows
	lanes  []string
	spans  []timeline.Span
	labels []string         // of spans, by Task
	tasks  []timeline.Times // items whose latency counts
	notes  []string
}

func newBook(ctx context.Context) *book {
	b := &book{ctx: ctx, clock: timeline.NewClock()}
	b.start = b.clock.Now()
	return b
}

// now is nanoseconds since the start.
func (b *book) now() int64 { return b.clock.Now() - b.start }

// lane makes a lane.
func (b *book) lane(name string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lanes = append(b.lanes, name)
	return len(b.lanes) - 1
}

// do runs f and draws it in a lane.
func (b *book) do(lane int, s timeline.State, label string, f func()) {
	start := b.now()
	defer func() { b.draw(lane, s, label, start, b.now()) }()
	f()
}

func (b *book) draw(lane int, s timeline.State, label string, start, end int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spans = append(b.spans, timeline.Span{Lane: lane, Task: len(b.labels), State: s, Start: start, End: max(end, start)})
	b.labels = append(b.labels, label)
}

// item notes one whose latency counts.
func (b *book) item(submitted int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	b.tasks = append(b.tasks, timeline.Times{Submitted: submitted, Start: submitted, End: now})
}

func (b *book) note(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notes = append(b.notes, fmt.Sprintf(format, args...))
}

// start starts a goroutine, which ends with f, or at the next of the book's
// operations once ctx has ended.
func (b *book) goroutine(f func()) {
	b.wait.Add(1)
	go func() {
		defer b.wait.Done()
		f()
	}()
}

// sleep stands for work that takes d and no processor.
func (b *book) sleep(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-b.ctx.Done():
		runtime.Goexit()
	}
}

// send sends v, or ends the goroutine when ctx ends.
func send[T any](b *book, ch chan<- T, v T) {
	select {
	case ch <- v:
	case <-b.ctx.Done():
		runtime.Goexit()
	}
}

// receive receives; ok is false when ch is closed. What closes it may have been ended
// with ctx, so that it ends the goroutine then too.
func receive[T any](b *book, ch <-chan T) (v T, ok bool) {
	select {
	case v, ok = <-ch:
	case <-b.ctx.Done():
	}
	if !ok && b.ctx.Err() != nil {
		runtime.Goexit()
	}
	return v, ok
}

// run runs f beside the caller and waits, so that f may end by runtime.Goexit.
func (b *book) run(f func()) {
	ended := make(chan struct{})
	b.goroutine(func() {
		defer close(ended)
		f()
	})
	<-ended
}

// fill fills in the result.
func (b *book) fill(r *demos.Result) {
	slices.SortStableFunc(b.spans, func(a, c timeline.Span) int {
		if a.Lane != c.Lane {
			return a.Lane - c.Lane
		}
		return int(min(1, max(-1, a.Start-c.Start)))
	})
	t := &timeline.Timeline{Lanes: b.lanes, Spans: b.spans, Tasks: b.tasks}
	for _, s := range b.spans {
		t.Wall = max(t.Wall, s.End)
	}
	r.Timeline, r.Runs, r.Notes, r.Extra = t, []time.Duration{time.Duration(t.Wall)}, b.notes, b.labels
	r.Workers = len(b.lanes)
	r.Job.N = len(b.tasks)
}
