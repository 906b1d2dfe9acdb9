package interp

import (
	"fmt"
	"strings"

	"interleave/interp/cell"
	"interleave/interp/check"
)

// A cell that was compiled and runs again unchanged, while all that it mentions is
// what it was, is neither checked nor compiled: what is loaded runs once more. A
// cell that declares types makes new ones each time, and is not among them; nor is
// one that embeds files, which may have changed.

// An earlier is a compiled cell that ran to its end.
type earlier struct {
	checked *check.Checked
	made    made
	choice  choice
}

// keptCells is how many are kept; the oldest go first.
const keptCells = 500

// againKey tells cells apart that may do different things.
func (e *Evaluator) againKey(c *cell.Cell, tier Tier) string {
	return fmt.Sprint(tier, e.compiler.session.NoStop, c.Src)
}

// again gives what an earlier run of c was, where it may run again as it is.
// e.preparing is held.
func (e *Evaluator) again(c *cell.Cell, tier Tier) (*check.Checked, made, bool) {
	old, ok := e.earlier[e.againKey(c, tier)]
	if !ok || !e.session.Current(old.checked) {
		return nil, made{}, false
	}
	e.chosen(old.choice)
	p := *old.made.program
	p.Cell = c.N
	if old.checked.Cell.N != c.N {
		p.Compiled = old.checked.Cell.N
		e.mu.Lock()
		e.state.again[p.Compiled] = c.N
		e.mu.Unlock()
	}
	return old.checked, made{program: &p, again: old.checked.Cell.N, races: old.made.races}, true
}

// keepEarlier keeps a cell that ran to its end. e.preparing is held.
func (e *Evaluator) keepEarlier(c *check.Checked, m made) {
	if m.unit == nil || c.C != nil || len(c.Methods) > 0 || len(c.Embeds) > 0 || len(c.Notes) > 0 || len(m.unit.Notes) > 0 {
		return
	}
	for _, b := range c.Declared {
		if b.Kind == check.Type {
			return
		}
	}
	key := m.key
	if _, known := e.earlier[key]; !known {
		e.earlierKeys = append(e.earlierKeys, key)
	}
	e.earlier[key] = earlier{c, m, m.choice}
	if len(e.earlierKeys) > keptCells {
		delete(e.earlier, e.earlierKeys[0])
		e.earlierKeys = e.earlierKeys[1:]
	}
}

// placed writes positions in what a crash left, which have the numbers under which
// cells were compiled, with those of their latest runs. e.mu is held.
func (e *Evaluator) placed(frames []string) []string {
	var out []string
	for _, frame := range frames {
		for from, to := range e.state.again {
			if rest, ok := strings.CutPrefix(frame, fmt.Sprintf("cell %d:", from)); ok {
				frame = fmt.Sprintf("cell %d:%s", to, rest)
				break
			}
		}
		out = append(out, frame)
	}
	return out
}
