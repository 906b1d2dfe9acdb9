package host

import (
	"fmt"
	"runtime"

	"interleave/demos/timeline"
)

// mostThreads is how many threads a job that waits gets by default, as it may have
// more tasks than a machine has room for stacks.
const mostThreads = 64

// threads has threads of the operating system take tasks, with one lock for all
// where the option GIL is set.
func threads(t *trial) error {
	n := t.count(mostThreads)
	t.workers = n
	t.lanes = make([]string, n)
	lanes := make([]*lane, n)
	var g *gil
	if t.o.GIL {
		g = newGIL(t.h.env.Attention)
	}
	for i := range lanes {
		t.lanes[i] = fmt.Sprintf("thread %d", i+1)
		lanes[i] = &lane{t: t, n: i, gil: g}
	}
	t.start(lanes, true)
	err := t.wait()
	if g != nil {
		g.mu.Lock()
		g.ask(false)
		g.mu.Unlock()
		t.notes = append(t.notes, fmt.Sprintf("The GIL is emulated: threads take turns by one lock, every 5 ms while they compute; it changed hands %d times.", g.count()))
	}
	return err
}

// count is how many workers suit the job: the number asked for, else one a task for
// what waits, most at most, and one a core for what computes.
func (t *trial) count(most int) int {
	n := t.o.Workers
	if n == 0 {
		n = runtime.NumCPU()
		if t.job.Waits() {
			n = most
		}
	}
	if t.o.Limit > 0 {
		n = min(n, t.o.Limit)
	}
	return max(1, min(n, t.job.N))
}

// own is the lane of a goroutine that does one task.
func (t *trial) own() *lane { return &lane{t: t, n: timeline.OwnLane} }
