package eval

import (
	"sync"
	"testing"
)

// A task of a demo in the evaluator, beside a plain goroutine.
func BenchmarkDemoTask(b *testing.B) {
	const n = 10_000
	s := newSession(nil)
	e := environment{s}
	b.Run("plain", func(b *testing.B) {
		for range b.N {
			var wait sync.WaitGroup
			for range n {
				wait.Go(func() {})
			}
			wait.Wait()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/task")
	})
	b.Run("demo", func(b *testing.B) {
		for range b.N {
			var wait sync.WaitGroup
			wait.Add(n)
			for range n {
				e.Go(nil, wait.Done)
			}
			wait.Wait()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/task")
	})
}
