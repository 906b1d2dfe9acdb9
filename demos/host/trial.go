package host

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"interleave/demos"
	"interleave/demos/timeline"
	"interleave/demos/work"
	"interleave/display"
)

// A trial is one run of a job by a technique.
type trial struct {
	h    *Host
	ctx  context.Context // ends when the cell is interrupted, or the trial has ended
	job  demos.Job
	o    demos.Options
	spec work.Spec
	do   func(ctx context.Context, i int, w work.Watch) (any, error)

	rec     *timeline.Recorder
	lanes   []string
	values  []any
	errs    []error
	next    atomic.Int64 // task that is taken next
	done    atomic.Int64 // tasks that have ended
	running sync.WaitGroup
	alert   sync.Once
	most    int       // tasks that are done of a sample; 0: all
	until   time.Time // when a sample ends

	workers int
	partial bool // was stopped early
	ready   time.Duration
	wall    time.Duration
	usage   demos.Usage
	notes   []string
	version string
	line    *timeline.Timeline
}

var errInterrupted = fmt.Errorf("demos: interrupted: %w", context.Canceled)

// trial runs job once.
func (h *Host) trial(ctx context.Context, in *display.Handle, name string, do technique, job demos.Job, o demos.Options, s *server) (*trial, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t := &trial{h: h, ctx: ctx, job: job, o: o, values: make([]any, job.N), errs: make([]error, job.N), workers: 1}
	t.spec = work.Spec{Kind: job.Kind, N: job.N, Size: job.Size, Delay: job.Delay, URL: s.url}
	if job.Kind == demos.KindCompute {
		t.do = caller(job.Fn, reflect.ValueOf(job.Inputs))
	} else {
		client := work.NewClient(t.spec, mostConnections)
		defer client.Close()
		t.do = client.Do
	}
	t.rec = timeline.NewRecorder(job.N)
	progress := h.progress(in, name+": "+job.Title, job.N, &t.done)
	defer progress.end()
	before := usage()
	err := do(t)
	t.usage = add(t.usage, usage(), before)
	if ctx.Err() != nil {
		return nil, errInterrupted
	}
	if err != nil {
		return nil, err
	}
	t.line = t.rec.Timeline(t.lanes)
	t.wall = time.Duration(t.line.Wall)
	return t, nil
}

// begin starts the clock anew: what came before is the time to get ready.
func (t *trial) begin() {
	ready := time.Duration(t.rec.Clock.Now() - t.rec.Start)
	t.ready = ready
	t.rec.Restart()
}

// A lane does one task after the other, or only one. It is what watches them.
type lane struct {
	t    *trial
	n    int // in the timeline
	ctx  context.Context
	task *timeline.Task
	exit error // of a task that called os.Exit
	gil  *gil
	has  bool // the GIL
}

// Wait is called when a task is about to wait: it gives up the GIL.
func (l *lane) Wait() {
	l.task.Enter(timeline.Waiting)
	l.giveUp()
}

// Resume is called when it goes on.
func (l *lane) Resume() {
	l.take()
	l.task.Enter(timeline.Running)
}

// take takes the GIL, where there is one.
func (l *lane) take() {
	if l.gil != nil && !l.has {
		l.task.Enter(timeline.Runnable)
		l.gil.acquire(l.t.ctx)
		l.has = true
	}
}

// Check ends a task whose time is over, or gives the GIL to the next.
func (l *lane) Check() {
	if l.ctx.Err() != nil {
		runtime.Goexit()
	}
	if l.has && l.gil.asked() {
		l.task.Enter(timeline.Runnable)
		l.gil.yield(l.t.ctx)
		l.task.Enter(timeline.Running)
	}
}

// Exit ends a task that would end the program.
func (l *lane) Exit(status int) {
	l.exit = Exit(status)
	runtime.Goexit()
}

// Cut is closed when the task's time is over, another's failure cancels it, or the trial
// ends.
func (l *lane) Cut() <-chan struct{} { return l.ctx.Done() }

// giveUp gives the GIL up, where the lane has it.
func (l *lane) giveUp() {
	if l.has {
		l.has = false
		l.gil.release()
	}
}

// run does the i-th task.
func (l *lane) run(ctx context.Context, i int) (err error) {
	t := l.t
	l.ctx, l.task, l.exit = ctx, t.rec.Task(i), nil
	if t.o.Timeout > 0 {
		var cancel context.CancelFunc
		l.ctx, cancel = context.WithTimeoutCause(ctx, t.o.Timeout, errTimeout)
		defer cancel()
		defer context.AfterFunc(l.ctx, t.attention)()
	}
	returned := false
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		} else if !returned {
			err = l.cut()
		}
		l.task.End()
		t.errs[i] = err
		t.done.Add(1)
	}()
	l.task.Begin(l.n)
	if l.gil != nil && !l.has { // the first task of this thread
		l.take()
		l.task.Enter(timeline.Running)
	}
	t.values[i], err = t.do(l.ctx, i, l)
	if errors.Is(err, context.DeadlineExceeded) || err != nil && l.ctx.Err() != nil {
		err = l.cut()
	}
	returned = true
	return err
}

var errTimeout = errors.New("timeout")

// cut is the error of a task that was ended.
func (l *lane) cut() error {
	switch why := context.Cause(l.ctx); {
	case l.exit != nil:
		return l.exit
	case errors.Is(why, errTimeout):
		return fmt.Errorf("took longer than %v: cancelled", l.t.o.Timeout)
	case why != nil && !errors.Is(why, context.Canceled):
		return fmt.Errorf("cancelled, since another task failed: %w", why)
	}
	return errInterrupted
}

// attention has tasks look whether their time is over.
func (t *trial) attention() {
	t.alert.Do(func() { t.h.env.Attention(true) })
}

// calm ends attention, at the end of a trial.
func (t *trial) calm() {
	alerted := true
	t.alert.Do(func() { alerted = false })
	if alerted {
		t.h.env.Attention(false)
	}
}

// manyTasks is from how many tasks on what code of cells waits for is not recorded,
// which takes a microsecond each.
const manyTasks = 1000

// goroutine starts f, which runs one task of l.
func (t *trial) goroutine(l *lane, f func()) {
	if t.job.N >= manyTasks && t.o.Timeout == 0 {
		t.h.env.Go(nil, f)
		return
	}
	t.h.env.Go(l, f)
}

// start starts n lanes that take tasks until there are none. With thread each is a
// thread of its own.
func (t *trial) start(lanes []*lane, thread bool) {
	for _, l := range lanes {
		t.running.Add(1)
		t.h.env.Go(l, func() { l.loop(thread) }) // ends when no task is left, or by the end of ctx
	}
}

// loop does tasks until there are none.
func (l *lane) loop(thread bool) {
	t := l.t
	if thread {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		t.lanes[l.n] = threadName()
	}
	clean := false
	defer func() {
		if !clean && t.ctx.Err() == nil { // a task was ended, and this goroutine with it
			t.h.env.Go(l, func() { l.loop(thread) })
			return
		}
		t.running.Done()
	}()
	defer l.giveUp()
	for t.ctx.Err() == nil {
		i := int(t.next.Add(1)) - 1
		if i >= t.job.N || t.most > 0 && (i >= t.most || time.Now().After(t.until)) {
			break
		}
		l.run(t.ctx, i)
	}
	clean = true
}

// patience is how long a trial that is interrupted waits for its goroutines. What
// the code of cells does in a library is not ended by anything but its own end.
const patience = time.Second

// wait waits for the lanes.
func (t *trial) wait() error {
	defer t.calm()
	ended := make(chan struct{})
	go func() { // ends with the lanes
		t.running.Wait()
		close(ended)
	}()
	t.untilEnded(ended)
	if t.ctx.Err() == nil {
		return nil
	}
	t.attention()
	select {
	case <-ended:
	case <-time.After(patience):
	}
	return errInterrupted
}

// untilEnded waits for the lanes, or the end of ctx. Where no task may be ended by its
// time, those that all wait do so for ever.
func (t *trial) untilEnded(ended <-chan struct{}) {
	wait := func() {
		select {
		case <-ended:
		case <-t.ctx.Done():
		}
	}
	if t.o.Timeout > 0 {
		wait()
		return
	}
	t.h.env.Waiting("see the tasks of a demo end", wait)
}

// median gives the trial of median time. It sorts them.
func median(trials []*trial) *trial {
	slices.SortFunc(trials, func(a, b *trial) int { return cmp.Compare(a.wall, b.wall) })
	return trials[len(trials)/2]
}

// fill fills in the result of several trials, of which t counts.
func (t *trial) fill(r *demos.Result, all []*trial) {
	r.Timeline, r.Values, r.Usage, r.Workers, r.Ready, r.Version = t.line, t.values, t.usage, t.workers, t.ready, t.version
	r.Notes = append(r.Notes, t.notes...)
	for _, other := range all {
		r.Runs = append(r.Runs, other.wall)
	}
	for i, err := range t.errs {
		if err != nil {
			r.Failures = append(r.Failures, demos.Failure{Task: i, Err: err})
			r.Values[i] = nil
		}
	}
	if t.partial {
		r.Partial = int(t.done.Load())
	}
}
