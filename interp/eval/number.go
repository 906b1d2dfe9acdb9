package eval

import (
	"cmp"
	"strconv"
	"strings"
	"sync"
)

// A compiled cell that runs again unchanged has positions of the number under which it
// was compiled. Users know it by the number of the run: places are written by that.

// numbers tell, by the number that a cell was compiled under, that of its latest run.
type numbers struct{ m sync.Map }

// ran notes that a cell runs again.
func (n *numbers) ran(compiled, now int) { n.m.Store(compiled, now) }

// place writes a position, such as "cell 3:5" and what follows it, with the number that
// the user knows: for code of c's own, that of this run.
func (c *cell) place(where string) string {
	rest, ok := strings.CutPrefix(where, "cell ")
	if !ok || c.numbers == nil {
		return where
	}
	number, rest, ok := strings.Cut(rest, ":")
	n, err := strconv.Atoi(number)
	if !ok || err != nil {
		return where
	}
	if n == cmp.Or(c.compiled, c.n) {
		return "cell " + strconv.Itoa(c.n) + ":" + rest
	}
	if now, ok := c.numbers.m.Load(n); ok {
		return "cell " + strconv.Itoa(now.(int)) + ":" + rest
	}
	return where
}

func (g *goroutine) place() string { return g.cell.place(g.where) }

func (w *wait) place() string {
	if w.g == nil {
		return w.where
	}
	return w.g.cell.place(w.where)
}

// state is what w's goroutine does: "waits to receive from ch", "waits for wg".
func (w *wait) state() string {
	if rest, ok := strings.CutPrefix(w.what, "wait "); ok {
		return "waits " + rest
	}
	return "waits to " + w.what
}

// places writes positions at the beginning of each text.
func (c *cell) places(list []string) []string {
	for i := range list {
		list[i] = c.place(list[i])
	}
	return list
}
