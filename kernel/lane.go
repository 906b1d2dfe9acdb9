package kernel

import (
	"sync"
	"time"

	"interleave/kernel/wire"
)

// Limits of what waits in a lane. The socket is not read while it is full, so that
// a client which sends without end is held up by the network.
const (
	laneRequests = 10_000
	laneBytes    = 256 << 20
)

// abortGrace is how long after a failed cell requests may arrive that were sent
// before its client could know of the failure.
const abortGrace = 100 * time.Millisecond

// A lane is a queue of requests that are handled one after the other: the main
// shell's, or a subshell's.
type lane struct {
	mu      sync.Mutex
	changed sync.Cond // queue or closed
	queue   []*request
	bytes   int // of code and data in queue, about
	closed  bool

	arrived  int       // requests pushed so far
	failures int       // value of arrived when a cell failed last
	failed   time.Time // when that was
}

func newLane() *lane {
	l := &lane{}
	l.changed.L = &l.mu
	return l
}

// push adds r, and waits while the lane is full. It gives false if the lane is closed.
func (l *lane) push(r *request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.closed && len(l.queue) > 0 && (len(l.queue) >= laneRequests || l.bytes+r.size() > laneBytes) {
		l.changed.Wait()
	}
	if l.closed {
		return false
	}
	l.arrived++
	r.lane, r.number = l, l.arrived
	l.queue = append(l.queue, r)
	l.bytes += r.size()
	l.changed.Broadcast()
	return true
}

// pop takes the oldest request, and waits for one. It gives nil when the lane is
// closed and empty.
func (l *lane) pop() *request {
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.closed && len(l.queue) == 0 {
		l.changed.Wait()
	}
	if len(l.queue) == 0 {
		return nil
	}
	r := l.queue[0]
	l.queue[0] = nil
	l.queue = l.queue[1:]
	l.bytes -= r.size()
	l.changed.Broadcast()
	return r
}

// close lets no more requests in; with drop, those that wait are forgotten.
func (l *lane) close(drop bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if drop {
		l.queue = nil
	}
	l.changed.Broadcast()
}

// fail notes that a cell failed which aborts those queued behind it.
func (l *lane) fail() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failures, l.failed = l.arrived, time.Now()
}

// aborts tells whether r was queued when a cell failed: it had arrived, or it
// arrives just after but was made before, as its header's date tells. A fast cell
// fails sooner than the network brings what its client sent in one go; without the
// date its successors would run or not by chance.
// Source: messaging.rst, execute_request, stop_on_error.
func (l *lane) aborts(r *request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.number <= l.failures {
		return true
	}
	if r.received.Sub(l.failed) > abortGrace {
		return false
	}
	sent, err := time.Parse(time.RFC3339Nano, r.Header.Date)
	return err == nil && sent.Before(l.failed)
}

// A request is a message from a client and how to answer it.
type request struct {
	*wire.Message
	channel  *channel // where it came from and its reply goes
	handler  handler
	received time.Time
	lane     *lane          // nil on control
	number   int            // in its lane, from 1
	metadata map[string]any // of the reply
	last     bool           // the kernel ends after this one
}

// size gives the bytes that r holds, about.
func (r *request) size() int {
	n := len(r.RawContent)
	for _, b := range r.Buffers {
		n += len(b)
	}
	return n
}
