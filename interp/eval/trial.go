package eval

import (
	"errors"
	"slices"
	"time"

	"interleave/demos/grade"
	"interleave/interp/child"
)

// A trial is a function that package grade runs apart: as a cell within the cell
// that asked for it, with goroutines, a stop and a failure of its own.
type trial struct {
	s     *Session
	c     *cell
	asker *goroutine // runs the check; nil where that is unknown
	done  chan struct{}
	err   error // set before done is closed
}

var _ grade.Trial = (*trial)(nil)

// try starts f apart from the cell of the calling goroutine.
func (s *Session) try(f func()) grade.Trial {
	outer := s.current()
	if outer == nil {
		outer = s.orphans
	}
	c := newCell(outer.n, outer.run)
	c.outer, c.running = outer, true
	c.compiled, c.numbers = outer.compiled, outer.numbers
	t := &trial{s: s, c: c, asker: s.self(), done: make(chan struct{})}
	g := s.enter(c, "")
	g.main = true
	go t.main(g, f) // ends with f, or when the trial is stopped
	go t.mind()     // ends with main
	return t
}

// main runs f, as runMain runs a cell's statements.
func (t *trial) main(g *goroutine, f func()) {
	s, c := t.s, t.c
	defer close(t.done)
	s.adopt(g)
	defer s.leave(g)
	returned := false
	defer func() {
		r := recover()
		c.mu.Lock()
		c.running = false
		failure := c.failure
		c.mu.Unlock()
		switch {
		case failure != nil:
			t.err = tell(failure)
		case r != nil:
			t.err = tell(s.panicked(c, r, ""))
		case !returned:
			t.err = errors.New("runtime.Goexit")
		}
	}()
	f()
	returned = true
}

// tell words a failure in one line.
func tell(f *child.Failure) error {
	text := f.Name + ": " + f.Value
	if len(f.Frames) > 0 {
		text += " at " + f.Frames[0]
	}
	return errors.New(text)
}

// mind stops the trial with its cell.
func (t *trial) mind() {
	select {
	case <-t.c.outer.stop:
		t.Stop()
	case <-t.done:
	}
}

func (t *trial) Done() <-chan struct{} { return t.done }
func (t *trial) Err() error            { return t.err }

// Stop also waits a moment, so that the goroutines are seen to end.
func (t *trial) Stop() {
	why := &child.Failure{Name: "stopped", Value: "the check is over"}
	t.s.halt(t.c, why)
	for end := time.Now().Add(time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		cells := t.active()
		if len(cells) == 0 {
			return
		}
		for _, c := range cells {
			t.s.halt(c, why)
		}
	}
}

// active gives the trial and those within it that have goroutines.
func (t *trial) active() (cells []*cell) {
	t.s.eachActive(func(c *cell) bool {
		if c.within(t.c) {
			cells = append(cells, c)
		}
		return true
	})
	return cells
}

// Running lists goroutines of the trial and of trials within it.
func (t *trial) Running() []string {
	var out []string
	t.s.eachActive(func(c *cell) bool {
		for g := range c.live {
			if c.within(t.c) && !g.main {
				out = append(out, "started at "+g.place()+", "+g.state())
			}
		}
		return true
	})
	slices.Sort(out)
	return out
}

// Asleep looks as the deadlock detector does, past the goroutine that asks.
func (t *trial) Asleep() []string {
	before := t.s.asleep(t.asker)
	if before == nil {
		return nil
	}
	time.Sleep(look)
	now := t.s.asleep(t.asker)
	if !slices.Equal(before, now) || !t.s.allParked() || !slices.Equal(now, t.s.asleep(t.asker)) {
		return nil
	}
	var out []string
	for _, w := range now {
		if w.g != nil && w.g.cell.within(t.c) {
			out = append(out, w.place()+": goroutine "+w.state())
		}
	}
	return out
}
