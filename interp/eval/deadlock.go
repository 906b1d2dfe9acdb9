package eval

import (
	"bytes"
	"runtime"
	"slices"
	"strings"
	"time"

	"interleave/interp/child"
)

// look is how often the deadlock detector looks at a running cell.
const look = 50 * time.Millisecond

// watch fails c where all goroutines of the session wait for each other, seen
// twice with nothing between. It ends with the cell.
func (s *Session) watch(c *cell, ended <-chan struct{}) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	var before []*wait
	for {
		select {
		case <-ended:
			return
		case <-tick.C:
		}
		now := s.asleep(nil)
		if now != nil && slices.Equal(before, now) && s.allParked() && slices.Equal(now, s.asleep(nil)) {
			s.halt(c, deadlock(c, now))
			return
		}
		before = now
	}
}

// asleep gives the waits of all goroutines but that one, in the order in which
// they began; nil where one runs, or a timer may wake one.
func (s *Session) asleep(but *goroutine) []*wait {
	if s.timers.pending() || s.asking.Load() > 0 {
		return nil
	}
	var all []*wait
	quiet := true
	s.eachActive(func(c *cell) bool {
		for w := range c.waits {
			quiet = quiet && !w.timed
			all = append(all, w)
		}
		live := len(c.live)
		if _, ok := c.live[but]; ok {
			live--
		}
		quiet = quiet && len(c.waits) == live
		return quiet
	})
	if !quiet {
		return nil
	}
	slices.SortFunc(all, func(a, b *wait) int { return int(a.seq) - int(b.seq) })
	return all
}

// allParked tells whether every goroutine that has a cell's label, those that
// libraries started included, is parked here, and no cleanup or finalizer runs.
func (s *Session) allParked() bool {
	buf := make([]byte, 1<<20)
	n := runtime.Stack(buf, true)
	if n == len(buf) {
		return false // more than can be looked at
	}
	for _, g := range bytes.Split(buf[:n], []byte("\n\n")) {
		head, stack, _ := bytes.Cut(g, []byte("\n"))
		if contains(stack, finalizing) {
			return false
		}
		if bytes.Contains(head, []byte(`labels:{"cell": "`)) && !compiledPark(head, stack) && !contains(stack, parked) {
			return false
		}
	}
	return true
}

// parked are functions whose goroutines wait for those of cells, or only look.
var parked = []string{
	".(*Session).park(", "eval.parkHelper(", ".(*trial).Asleep(", ".(*trial).mind(", ".(*Session).watch(", ".(*Session).Run(",
	"host.(*trial).wait", "host.(*trial).untilEnded", "host.(*Host).context.func", "host.(*progress).follow(",
}

// finalizing are functions whose goroutines run what cells gave to AddCleanup and
// SetFinalizer. They have no label, and the dump has them only while they do.
var finalizing = []string{"runtime.runCleanups(", "runtime.runFinalizers("}

func contains(stack []byte, any []string) bool {
	return slices.ContainsFunc(any, func(f string) bool { return bytes.Contains(stack, []byte(f)) })
}

// deadlock tells where each goroutine waits: c's own statements first, then its
// goroutines, then those of other cells.
func deadlock(c *cell, waits []*wait) *child.Failure {
	rank := func(w *wait) int {
		switch {
		case w.g == nil || w.g.cell != c:
			return 2
		case !w.g.main:
			return 1
		}
		return 0
	}
	waits = slices.Clone(waits)
	slices.SortStableFunc(waits, func(a, b *wait) int { return rank(a) - rank(b) })
	f := &child.Failure{Name: "deadlock", Value: "all goroutines are asleep"}
	for _, w := range waits {
		f.Frames = append(f.Frames, w.place()+": goroutine "+w.state())
	}
	if len(f.Frames) > 0 {
		where, rest, _ := strings.Cut(f.Frames[0], ": ")
		f.Value = where + ": deadlock: " + rest
	}
	return f
}
