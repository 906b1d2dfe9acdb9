package host

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// switchInterval is how long a thread holds the GIL while others want it.
// Source: sys.getswitchinterval() of CPython.
const switchInterval = 5 * time.Millisecond

// A gil is a lock like CPython's: who wants it asks for it after 5 ms, and who holds
// it gives it up where it looks, to somebody else. It is an emulation.
// Source: Python/ceval_gil.c, "Notes about the implementation".
type gil struct {
	mu        sync.Mutex
	changed   chan struct{} // closed when held or drop changes
	held      bool
	waiting   int
	switches  int
	drop      atomic.Bool // somebody asks for it
	attention func(bool)  // has the holder look
	alerted   bool
}

func newGIL(attention func(bool)) *gil {
	return &gil{changed: make(chan struct{}), attention: attention}
}

// broadcast wakes all who wait. g.mu is held.
func (g *gil) broadcast() {
	close(g.changed)
	g.changed = make(chan struct{})
}

// ask sets whether the holder is asked to give the lock up. g.mu is held.
func (g *gil) ask(on bool) {
	g.drop.Store(on)
	if g.alerted != on {
		g.alerted = on
		g.attention(on)
	}
}

// acquire waits for the lock. At the end of ctx it gives up, since all has to end.
func (g *gil) acquire(ctx context.Context) {
	g.mu.Lock()
	g.waiting++
	timer := time.NewTimer(switchInterval)
	defer timer.Stop()
	for g.held && ctx.Err() == nil {
		changed, switches := g.changed, g.switches
		g.mu.Unlock()
		late := false
		select {
		case <-changed:
		case <-ctx.Done():
		case <-timer.C:
			late = true
		}
		g.mu.Lock()
		if late {
			if g.held && g.switches == switches {
				g.ask(true)
			}
			timer.Reset(switchInterval)
		}
	}
	g.waiting--
	g.held = true
	g.switches++
	g.ask(false)
	g.broadcast()
	g.mu.Unlock()
}

// release gives the lock up.
func (g *gil) release() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = false
	g.broadcast()
}

// asked tells whether the holder is to give the lock up.
func (g *gil) asked() bool { return g.drop.Load() }

// yield gives the lock to somebody else, and waits for it again.
func (g *gil) yield(ctx context.Context) {
	g.mu.Lock()
	g.held = false
	g.ask(false)
	switches := g.switches
	g.broadcast()
	for g.switches == switches && g.waiting > 0 && ctx.Err() == nil { // until another has had it
		changed := g.changed
		g.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
		g.mu.Lock()
	}
	g.mu.Unlock()
	g.acquire(ctx)
}

// count gives how often the lock has changed hands.
func (g *gil) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.switches
}
