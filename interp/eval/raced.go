package eval

import (
	"slices"

	"interleave/interp/child"
)

// raced tells package grade what the race detector found in a call of NoRace, whose
// cell ran under it beforehand; "" for nothing. Calls are known by what they check,
// those of one name by their order.
func (s *Session) raced(what string) string {
	c := s.current()
	for c != nil && c.outer != nil {
		c = c.outer
	}
	if c == nil {
		return "that its cell is not known"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.raced
	switch {
	case r == nil:
		return "that it did not run under the race detector: call grade.NoRace in the cell itself"
	case r.Found != "":
		return r.Found
	}
	i := slices.IndexFunc(r.Verdicts, func(v child.Verdict) bool { return v.What == what })
	if i < 0 {
		return "that the process under the race detector did not come to it: " + r.End
	}
	verdict := r.Verdicts[i]
	r.Verdicts = slices.Delete(r.Verdicts, i, i+1)
	return verdict.Failed
}
