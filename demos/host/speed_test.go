//go:build !race

// Figures of a program with the race detector would tell nothing.

package host

import (
	"context"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"interleave/demos"
	"interleave/demos/worker"
)

// A traced task beside a plain goroutine: the difference is what tracing takes.
func BenchmarkTask(b *testing.B) {
	const n = 10_000
	b.Run("traced", func(b *testing.B) {
		h, _ := newHost(b)
		job := demos.Compute(square, make([]int, n))
		for range b.N {
			if r := h.Run(demos.NameNursery, job, demos.Options{}); r.Err != nil {
				b.Fatal(r.Err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/task")
	})
	b.Run("plain", func(b *testing.B) {
		for range b.N {
			var wait sync.WaitGroup
			out := make([]int, n)
			for i := range n {
				wait.Go(func() { out[i] = square(i) })
			}
			wait.Wait()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/task")
	})
}

const poolMap = `
import multiprocessing, time
def square(n):
    return n * n
if __name__ == "__main__":
    begun = time.monotonic()
    with multiprocessing.Pool(2) as pool:
        out = pool.map(square, range(10000))
    assert out[9999] == 9999 * 9999
    print(time.monotonic() - begun)
`

// 10,000 tiny tasks through 2 processes, with their start and end, beside Python's
// Pool.map in the same run.
func TestPoolBesidePython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	inputs := make([]int, 10_000)
	ours, theirs := time.Hour, time.Hour
	for range 3 { // the best of three, since others use this machine too
		begun := time.Now()
		pool, err := worker.Start(context.Background(), (&fake{}).Worker(), 2)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		err = pool.Run(context.Background(), &worker.Batch{
			Call: &worker.Call{Symbol: "square"}, Inputs: reflect.ValueOf(inputs), N: len(inputs), Result: reflect.TypeFor[int](),
			Got: func(int, reflect.Value, error) { n++ },
		})
		if err != nil || n != len(inputs) {
			t.Fatalf("%d results, %v", n, err)
		}
		pool.Close()
		ours = min(ours, time.Since(begun))
		out, err := exec.Command(python, "-c", poolMap).Output()
		if err != nil {
			t.Skipf("python3: %v", err)
		}
		d, err := time.ParseDuration(strings.TrimSpace(string(out)) + "s")
		if err != nil {
			t.Fatal(err)
		}
		theirs = min(theirs, d)
	}
	t.Logf("10,000 tiny tasks through 2 processes, start and end included: %v, %.0f tasks/s; multiprocessing.Pool.map: %v, %.1f times as long", ours, 1e4/ours.Seconds(), theirs, theirs.Seconds()/ours.Seconds())
	if rate := 1e4 / ours.Seconds(); rate < 20_000 {
		t.Errorf("%.0f tasks/s", rate)
	}
}

// 10,000 tiny tasks, each of them traced, through 2 processes of ours and of
// multiprocessing.Pool, ready in both cases.
func TestTracedBesidePython(t *testing.T) {
	h, _ := newHost(t)
	path, err := findPython()
	if err != nil {
		t.Skip(err)
	}
	job := demos.Compute(square, make([]int, 10_000))
	o := demos.Options{Workers: 2, Python: "def task(x):\n    return x * x\n"}
	best := 0.0
	for range 3 {
		ours := h.run(nil, demos.NameProcesses, job, o)
		theirs := h.runWith(nil, "python", func(tr *trial) error { return tr.python(path, "multiprocessing") }, job, o)
		if ours.Err != nil || theirs.Err != nil || theirs.Partial > 0 {
			t.Fatal(ours.Err, theirs.Err)
		}
		ratio := theirs.Wall().Seconds() / ours.Wall().Seconds()
		t.Logf("%v (%.0f tasks/s) and %v: %.1f times as fast", ours.Wall(), 1e4/ours.Wall().Seconds(), theirs.Wall(), ratio)
		best = max(best, ratio)
	}
	if best < 5 {
		t.Errorf("%.1f times as fast as multiprocessing", best)
	}
}
