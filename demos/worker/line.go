package worker

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"
)

// A queue is the tasks that are not under way.
type queue struct {
	mu      sync.Mutex
	tasks   []int         // not taken yet
	back    []int         // given back, after a crash
	workers int           // that take from it
	cost    time.Duration // of a task, as measured last
}

func newQueue(tasks []int, workers int) *queue { return &queue{tasks: tasks, workers: workers} }

// take gives the next tasks: a quarter of a worker's share of what is left, but no
// more than take 2 ms, and no fewer than take 0.2 ms, since each chunk costs a tenth
// of that.
func (q *queue) take() []int {
	const most, fewest = 2 * time.Millisecond, 200 * time.Microsecond
	q.mu.Lock()
	defer q.mu.Unlock()
	if n := len(q.back); n > 0 { // one by one, since one of them may crash again
		i := q.back[n-1]
		q.back = q.back[:n-1]
		return []int{i}
	}
	size := 1
	if q.cost > 0 {
		share := time.Duration(len(q.tasks)) * q.cost / time.Duration(4*q.workers)
		size = int(min(max(share, fewest), most) / q.cost)
		size = min(size, (len(q.tasks)+q.workers-1)/q.workers) // one for each worker at least
	}
	size = min(max(size, 1), len(q.tasks))
	out := q.tasks[:size:size]
	q.tasks = q.tasks[size:]
	return out
}

// took notes how long some tasks took.
func (q *queue) took(n int, d time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.cost = max(d/time.Duration(n), 1)
}

// giveBack returns tasks whose worker died before they were done.
func (q *queue) giveBack(tasks []int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.back = append(q.back, tasks...)
}

// A line is one worker's share of a run.
type line struct {
	pool  *Pool
	lane  int
	batch *Batch
	queue *queue
	got   *sync.Mutex
}

// work takes tasks until there are none.
func (l *line) work(ctx context.Context) error {
	for ctx.Err() == nil {
		tasks := l.queue.take()
		if len(tasks) == 0 {
			return nil
		}
		w, err := l.pool.worker(l.lane)
		if err != nil {
			return err
		}
		if err := l.do(ctx, w, tasks); err != nil {
			return err
		}
	}
	return nil
}

// do has w do some tasks.
func (l *line) do(ctx context.Context, w *process, tasks []int) error {
	var inputs []byte
	if in := l.batch.Inputs; in.IsValid() {
		var err error
		if inputs, err = encode(part(in, tasks)); err != nil {
			return fmt.Errorf("argument: %w", err)
		}
	}
	hung := l.mind(w)
	var r reply
	err := w.send(l.batch.Call, tasks, inputs, l.batch.Record != nil)
	if err == nil {
		err = w.in.Decode(&r)
	}
	timedOut := hung()
	if err != nil {
		return l.died(ctx, w, tasks, timedOut)
	}
	if r.Err != "" {
		return errors.New(r.Err)
	}
	l.queue.took(len(tasks), time.Duration(r.Took))
	return l.take(r)
}

// part is the elements of in that tasks need.
func part(in reflect.Value, tasks []int) reflect.Value {
	n := len(tasks)
	if tasks[n-1]-tasks[0] == n-1 && slices.IsSorted(tasks) {
		return in.Slice(tasks[0], tasks[n-1]+1)
	}
	out := reflect.MakeSlice(in.Type(), n, n)
	for k, i := range tasks {
		out.Index(k).Set(in.Index(i))
	}
	return out
}

// take gives results on.
func (l *line) take(r reply) error {
	results, err := decode(r.Results, reflect.SliceOf(l.batch.Result))
	if err != nil {
		return fmt.Errorf("result: %w", err)
	}
	if results.Len() != len(r.Indexes) {
		return fmt.Errorf("worker process: %d results for %d tasks", results.Len(), len(r.Indexes))
	}
	l.got.Lock()
	defer l.got.Unlock()
	for k, i := range r.Indexes {
		if l.batch.Record != nil {
			r.Changes = unpack(r.Changes, l.batch.Record.Task(i), l.lane, r.Base)
		}
		var err error
		if len(r.Errors) > 0 {
			if text, failed := r.Errors[i]; failed {
				err = errors.New(text)
			}
		}
		l.batch.Got(i, results.Index(k), err)
	}
	return nil
}

// died makes the task that w died of an error, and gives the others back.
func (l *line) died(ctx context.Context, w *process, tasks []int, timedOut bool) error {
	pid := w.cmd.Process.Pid
	death := w.crashed()
	l.pool.dead(l.lane, w)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	culprit := int(w.at.Load()) - 1
	if culprit < 0 || !slices.Contains(tasks, culprit) {
		return crash(pid, death)
	}
	err := crash(pid, death)
	if timedOut {
		err = fmt.Errorf("took longer than %v: its worker process was killed", l.batch.Timeout)
	}
	l.got.Lock()
	if l.batch.Record != nil {
		t := l.batch.Record.Task(culprit)
		t.Begin(l.lane)
		t.End()
	}
	l.batch.Got(culprit, reflect.Zero(l.batch.Result), err)
	l.got.Unlock()
	l.queue.giveBack(slices.DeleteFunc(slices.Clone(tasks), func(i int) bool { return i == culprit }))
	return nil
}

// mind kills w when one of its tasks takes longer than the batch allows. The
// function that it gives ends this and tells whether it did.
func (l *line) mind(w *process) func() bool {
	limit := l.batch.Timeout
	if limit == 0 {
		return func() bool { return false }
	}
	stop, done := make(chan struct{}), make(chan bool)
	go func() { // ends with stop
		tick := time.NewTicker(max(limit/20, time.Millisecond))
		defer tick.Stop()
		last, since, killed := w.at.Load(), time.Now(), false
		for {
			select {
			case <-stop:
				done <- killed
				return
			case <-tick.C:
			}
			now := w.at.Load()
			if now != last {
				last, since = now, time.Now()
			}
			if now > 0 && time.Since(since) > limit && !killed {
				killed = true
				w.kill()
			}
		}
	}()
	return func() bool {
		close(stop)
		return <-done
	}
}
