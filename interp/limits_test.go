package interp

import (
	"slices"
	"testing"
	"time"
)

// A trivial cell costs after 5,000 cells at most twice what it costs in a young
// session. The two take turns, so that both see the same machine.
func TestCostDoesNotGrow(t *testing.T) {
	if testing.Short() {
		t.Skip("5,000 cells")
	}
	old, young := newEvaluator(t), newEvaluator(t)
	for i := range 5000 {
		mustRun(t, old, i+1, `x := 1; func f() int { return x }`)
	}
	cost := func(e *Evaluator, count int) time.Duration {
		start := time.Now()
		mustRun(t, e, count, `1+1`)
		return time.Since(start)
	}
	for i := range 100 {
		cost(young, i+1)
	}
	var first, last []time.Duration
	for i := range 200 {
		first = append(first, cost(young, i+101))
		last = append(last, cost(old, i+5001))
	}
	if a, b := median(first), median(last); b > 2*a {
		t.Errorf("a cell takes %v at first, %v after 5,000", a, b)
	}
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

func BenchmarkTrivialCell(b *testing.B) {
	e := newEvaluator(b)
	for i := range b.N {
		mustRun(b, e, i+1, `1+1`)
	}
}

// From the death of a child to the end of the next cell.
func BenchmarkRestart(b *testing.B) {
	e := newEvaluator(b)
	mustRun(b, e, 1, `func f() int { return 1 }`)
	for range b.N {
		e.mu.Lock()
		c := e.child
		e.mu.Unlock()
		c.Kill()
		<-c.Dead()
		mustRun(b, e, 2, `f()`)
	}
}
