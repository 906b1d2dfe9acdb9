package host

import (
	"fmt"
	"runtime"

	"interleave/demos/timeline"
	"interleave/demos/worker"
)

// future submits each task by one call: a third to goroutines, a third to threads,
// a third to processes where they can run it.
func future(t *trial) error {
	var pool *worker.Pool
	b, err := t.batch()
	if err == nil {
		pool, err = worker.Start(t.ctx, t.h.env.Worker(), min(2, t.job.N))
	}
	kinds := 3
	if err != nil {
		if t.ctx.Err() != nil {
			return errInterrupted
		}
		kinds = 2
		t.notes = append(t.notes, "Goroutines and threads only, no processes: "+err.Error()+".")
	} else {
		defer func() { t.spent(pool.Close()) }()
		if err := pool.Prepare(t.ctx, b.Call); err != nil {
			return err
		}
	}
	t.begin()
	t.submit(kinds, pool, b)
	return t.wait()
}

// submit shares out the tasks. Threads and processes take theirs from a queue each,
// goroutines are as many as tasks.
func (t *trial) submit(kinds int, pool *worker.Pool, b *worker.Batch) {
	shares := make([][]int, kinds)
	for i := range t.job.N {
		shares[i%kinds] = append(shares[i%kinds], i)
	}
	if pool != nil {
		t.lanes = lanesOf(pool)
		if b.Tasks = shares[2]; len(b.Tasks) > 0 {
			t.running.Add(1)
			t.h.env.Go(nil, func() { // ends with the batch
				defer t.running.Done()
				if err := pool.Run(t.ctx, b); err != nil {
					t.fail(b.Tasks, err)
				}
			})
		}
	}
	threads := min(len(shares[1]), 4)
	t.workers = len(shares[0]) + threads + len(t.lanes)
	for k := range threads {
		t.lanes = append(t.lanes, fmt.Sprintf("thread %d", k+1))
		l := &lane{t: t, n: len(t.lanes) - 1}
		t.running.Add(1)
		t.thread(l, shares[1][k:], threads)
	}
	for _, i := range shares[0] {
		l := &lane{t: t, n: timeline.OwnLane}
		t.running.Add(1)
		t.goroutine(l, func() { // ends with its task
			defer t.running.Done()
			l.run(t.ctx, i)
		})
	}
}

// thread does every step-th of tasks, from the first on, on a thread of its own.
func (t *trial) thread(l *lane, tasks []int, step int) {
	t.h.env.Go(l, func() { // ends with its tasks
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		defer func() {
			if len(tasks) > 0 && t.ctx.Err() == nil { // a task was ended, and this goroutine with it
				t.thread(l, tasks, step)
				return
			}
			t.running.Done()
		}()
		for len(tasks) > 0 && t.ctx.Err() == nil {
			i := tasks[0]
			tasks = tasks[min(step, len(tasks)):]
			l.run(t.ctx, i)
		}
	})
}

// fail makes err the error of tasks that have none and no result.
func (t *trial) fail(tasks []int, err error) {
	for _, i := range tasks {
		if t.values[i] == nil && t.errs[i] == nil {
			t.errs[i] = err
		}
	}
}
