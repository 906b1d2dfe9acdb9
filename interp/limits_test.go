package interp

import (
	"slices"
	"testing"
	"time"
)

// A trivial cell costs after 5,000 cells at most twice what it costs at first.
func TestCostDoesNotGrow(t *testing.T) {
	if testing.Short() {
		t.Skip("5,000 cells")
	}
	e := newEvaluator(t)
	cost := func(from int) time.Duration {
		var all []time.Duration
		for i := range 100 {
			start := time.Now()
			mustRun(t, e, from+i, `1+1`)
			all = append(all, time.Since(start))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	cost(1)
	first := cost(101)
	for i := range 5000 {
		mustRun(t, e, 201+i, `x := 1; func f() int { return x }`)
	}
	if last := cost(5201); last > 2*first {
		t.Errorf("a cell takes %v at first, %v after 5,000", first, last)
	}
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
