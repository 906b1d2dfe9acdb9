package worker

import (
	"errors"
	"fmt"
	"reflect"
	"time"
)

// A lane is one worker's part of a run.
type lane struct {
	*run
	n    int
	most int // tasks that are sent at once

	// Guarded by run.mu:
	w     *process // that is at something; nil: none
	at    stretch
	began time.Time
	runs  int // place of the task that was seen to run last
	since time.Time
	late  bool // it took too long, and its worker was killed
}

// atOnce is about how many bytes of arguments are sent at once.
const atOnce = 1 << 20

// atFirst is how many tasks are sent at once as long as nobody knows how long their
// arguments are.
func atFirst(b *Batch) int {
	const fewest, most = 8, 1 << 20
	switch {
	case !b.Inputs.IsValid():
		return most
	case plainMemory(b.Inputs.Type().Elem()):
		return min(max(1, atOnce/max(1, int(b.Inputs.Type().Elem().Size()))), most)
	}
	return fewest
}

// hold notes that w has the tasks of s from now on. run.mu is held.
func (l *lane) hold(w *process, s stretch) {
	now := time.Now()
	l.w, l.at, l.began, l.runs, l.since, l.late = w, s, now, -1, now, false
	w.claims.begin(s.to - s.from)
}

// drop notes that no worker has tasks of this lane any more.
func (l *lane) drop() (late bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.w = nil
	return l.late
}

// ahead is about how long the worker will be at the tasks that it has not begun.
// run.mu is held.
func (l *lane) ahead(cost time.Duration) time.Duration {
	claimed, limit := l.w.claims.progress()
	if claimed >= limit {
		return 0
	}
	if gone := time.Since(l.began); gone > settled {
		cost = gone / time.Duration(max(1, claimed))
	}
	return cost * time.Duration(limit-claimed)
}

// mind kills the worker where its task takes longer than it may. run.mu is held.
func (l *lane) mind(now time.Time) {
	if runs := l.w.claims.running(); runs != l.runs {
		l.runs, l.since = runs, now
	}
	if l.Timeout > 0 && l.runs >= 0 && now.Sub(l.since) > l.Timeout && !l.late {
		l.late = true
		l.w.kill()
	}
}

// work does tasks until there are none.
func (l *lane) work() {
	for l.await() {
		w, err := l.pool.worker(l.n)
		if err != nil {
			l.fail(err)
			return
		}
		s, ok := l.next(l, w)
		if !ok {
			return
		}
		if err := l.do(w, s); err != nil {
			l.fail(err)
		}
	}
}

// do has w do the tasks of s, or as many of them as are not taken away meanwhile.
func (l *lane) do(w *process, s stretch) error {
	if err := l.ask(w, s); err != nil {
		l.drop()
		return err
	}
	done := 0
	err := w.send()
	for err == nil {
		var r reply
		if r, err = w.receive(); err != nil {
			break
		}
		if r.Err != "" {
			l.fail(errors.New(r.Err))
		} else if bad := l.take(stretch{s.from + done, s.from + done + r.Count}, &r); bad != nil {
			l.fail(bad)
		}
		done += r.Count
		if r.Done {
			l.finish(done)
			return nil
		}
	}
	return l.died(w, s, done)
}

// ask makes the request for the tasks of s.
func (l *lane) ask(w *process, s stretch) error {
	n := s.to - s.from
	r := request{First: s.from, Count: n, Times: l.Record != nil}
	in := l.Inputs
	switch {
	case l.Tasks == nil && in.IsValid():
		in = in.Slice(s.from, s.to)
	case l.Tasks != nil:
		r.Indexes = l.Tasks[s.from:s.to]
		if in.IsValid() {
			in = reflect.MakeSlice(in.Type(), n, n)
			for k, i := range r.Indexes {
				in.Index(k).Set(l.Inputs.Index(i))
			}
		}
	}
	size, err := w.ask(l.Call, r, in)
	if err == nil && in.IsValid() {
		l.most = max(1, int(int64(atOnce)*int64(n)/int64(size)))
	}
	return err
}

// finish notes that the worker has nothing to do.
func (l *lane) finish(done int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.w = nil
	if want := l.at.to - l.at.from; done != want && !l.over {
		l.err, l.over = fmt.Errorf("worker process: answers for %d tasks, not %d", done, want), true
		l.moved.Broadcast()
	}
	if done > 0 {
		l.cost = max(1, time.Since(l.began)/time.Duration(done))
	}
}

// take gives the results of the tasks of s on.
func (l *lane) take(s stretch, r *reply) error {
	if s.empty() {
		return nil
	}
	if s.to > l.size() {
		return fmt.Errorf("worker process: results for %d tasks too many", s.to-l.size())
	}
	results, err := l.results(s, r.Results)
	if err != nil {
		return fmt.Errorf("result: %w", err)
	}
	if l.Record != nil {
		changes := r.Changes
		for place := s.from; place < s.to; place++ {
			changes = unpack(changes, l.Record.Task(l.index(place)), l.n, int64(r.Base))
		}
	}
	if l.Out.IsValid() && len(r.Failed) == 0 {
		l.answered(s.to - s.from)
		return nil
	}
	errs := make(map[int]error, len(r.Failed))
	for _, f := range r.Failed {
		errs[f.Place] = errors.New(f.Text)
	}
	l.got.Lock()
	for k := range results.Len() {
		err := errs[s.from-l.at.from+k]
		if !l.Out.IsValid() || err != nil {
			l.give(s.from+k, results.Index(k), err)
		}
	}
	l.got.Unlock()
	l.answered(s.to - s.from)
	return nil
}

// results decodes those of s, in their place where there is one.
func (l *lane) results(s stretch, b []byte) (reflect.Value, error) {
	n := s.to - s.from
	if l.Out.IsValid() && l.Tasks == nil {
		out := l.Out.Slice(s.from, s.to)
		return out, decode(b, out)
	}
	out := reflect.MakeSlice(reflect.SliceOf(l.Result), n, n)
	if err := decode(b, out); err != nil {
		return out, err
	}
	if l.Out.IsValid() {
		for k := range n {
			l.Out.Index(l.index(s.from + k)).Set(out.Index(k))
		}
	}
	return out, nil
}

// give gives a result, or an error, to who wants it. l.got is held.
func (l *lane) give(place int, v reflect.Value, err error) {
	i := l.index(place)
	if err != nil {
		v = reflect.Zero(l.Result)
		if l.Out.IsValid() {
			l.Out.Index(i).Set(v)
		}
	}
	l.Got(i, v, err)
}

// died makes the task that w died of an error, and gives back what has no answer.
func (l *lane) died(w *process, s stretch, done int) error {
	late := l.drop()
	pid, death := w.cmd.Process.Pid, w.crashed()
	l.pool.dead(l.n, w)
	if l.ctx.Err() != nil {
		return l.ctx.Err()
	}
	err := crash(pid, death)
	claimed, limit := w.claims.progress()
	culprit := w.claims.running()
	if culprit < 0 || claimed < done {
		return err
	}
	if culprit < done { // between two tasks
		l.giveBack(stretch{s.from + done, s.from + limit})
		return nil
	}
	if late {
		err = fmt.Errorf("took longer than %v: its worker process was killed", l.Timeout)
	}
	place := s.from + culprit
	if l.Record != nil {
		t := l.Record.Task(l.index(place))
		t.Begin(l.n)
		t.End()
	}
	l.got.Lock()
	l.give(place, reflect.Zero(l.Result), err)
	l.got.Unlock()
	l.giveBack(stretch{s.from + done, place}, stretch{place + 1, s.from + limit})
	l.answered(1)
	return nil
}
