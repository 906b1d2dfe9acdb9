package host

import (
	"runtime"

	"interleave/demos"
	"interleave/demos/timeline"
)

// mostConnections is how many requests are under way at once, since each takes a
// descriptor here and one in the server.
const mostConnections = 1000

// async starts a goroutine for each task, all on one thread, and waits for all
// (gather). The runtime has one processor meanwhile, which is given back however
// this ends; so one such demo runs at a time.
func async(t *trial) error {
	if !t.h.async.TryLock() {
		select { // another cell runs one
		case <-lock(&t.h.async):
		case <-t.ctx.Done():
			return errInterrupted
		}
	}
	defer t.h.async.Unlock()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	t.begin()
	if !t.job.Waits() && t.job.Kind != demos.KindCompute {
		t.notes = append(t.notes, "All goroutines share one thread, so that nothing computes at the same time; Go takes turns every 10 ms, where asyncio would end one task before the next.")
	}
	t.goroutines()
	return t.wait()
}

// goroutines starts one for each task, as many at once as may be.
func (t *trial) goroutines() {
	limit := t.o.Limit
	if t.job.Waits() && (limit == 0 || limit > mostConnections) && t.job.N > mostConnections {
		limit = mostConnections
		t.notes = append(t.notes, "At most 1000 requests are under way at once.")
	}
	var free chan struct{}
	if limit > 0 {
		free = make(chan struct{}, limit)
	}
	t.running.Add(t.job.N)
	for i := range t.job.N {
		l := &lane{t: t, n: timeline.OwnLane}
		t.goroutine(l, func() { // ends with its task, or by the end of ctx
			defer t.running.Done()
			if free != nil {
				select {
				case free <- struct{}{}:
					defer func() { <-free }()
				case <-t.ctx.Done():
					return
				}
			}
			l.run(t.ctx, i)
		})
	}
	t.workers = t.job.N
	if limit > 0 {
		t.workers = min(limit, t.job.N)
	}
}
