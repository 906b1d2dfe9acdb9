package eval

import (
	"cmp"
	"fmt"
	"slices"
)

// mostWaits is how many waits of a cell an interrupt tells.
const mostWaits = 10

// interrupt names the failure of a cell that the user stopped.
const interrupt = "Interrupt"

// waiting tells where goroutines of c wait, its own statements first.
func (c *cell) waiting() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var waits []*wait
	for w := range c.waits {
		if w.where != "" {
			waits = append(waits, w)
		}
	}
	slices.SortFunc(waits, func(a, b *wait) int {
		if a.isMain() != b.isMain() {
			return map[bool]int{true: -1, false: 1}[a.isMain()]
		}
		return cmp.Compare(a.seq, b.seq)
	})
	c.placed = len(waits) > 0 && waits[0].isMain()
	var out []string
	for i, w := range waits {
		if i == mostWaits {
			out = append(out, fmt.Sprintf("... %d more", len(waits)-i))
			break
		}
		out = append(out, w.place()+": goroutine "+w.state())
	}
	return out
}

func (w *wait) isMain() bool { return w.g != nil && w.g.main }

// noteInterrupted adds to an interrupt where the cell's own statements were, which g runs,
// where that is the calling goroutine and it did not wait. A function that it defers may
// be interrupted again: the first place counts.
func (s *Session) noteInterrupted(g *goroutine) {
	c := g.cell
	if s.self() != g {
		return
	}
	at := passed(nil)
	if own := c.ownPosition(g); own != "" {
		at = append(at, own)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failure == nil || c.failure.Name != interrupt || c.placed {
		return
	}
	c.placed = true
	c.failure.Frames = slices.Concat(shorten(c.places(at)), c.failure.Frames)
}
