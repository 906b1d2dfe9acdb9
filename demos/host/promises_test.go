//go:build !race

package host

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"interleave/demos"
	"interleave/demos/timeline"
	"interleave/demos/worker"
)

// Computing on two processes and on two threads is nearly twice as fast as on one;
// threads that share a GIL are no faster.
func TestSpeedUps(t *testing.T) {
	needTwoCores(t)
	h, _ := newHost(t)
	const tasks, work = 40, 300_000
	const wanted, shared = 1.8, 1.1 // with two cores, with one for all
	inputs := make([]int, tasks)
	for i := range inputs {
		inputs[i] = work
	}
	job := demos.Compute(toil, inputs)
	times, quiet := map[string]*best{}, map[string]int{}
	try := func(name string) {
		r := run(h, name, job, demos.Options{Workers: 2})
		if r.Err != nil || len(r.Failures) > 0 {
			t.Fatal(name, r.Err, r.Failures)
		}
		if times[name] == nil {
			times[name] = new(best)
		}
		times[name].take(r.Wall())
	}
	faster := []string{demos.NameThreads, demos.NameProcesses}
	machine := cores{work: tasks * work}
	speed := func(name string) float64 { return min(*times[demos.NameSerial], machine.one).times(*times[name]) }
	const full = 1.9 // what the machine gives where it has nothing else to do
	before := machine.speed()
	for n := range 40 {
		try(demos.NameSerial)
		try(demos.NameGIL)
		kept := n >= 4 && speed(demos.NameGIL) <= shared
		for _, name := range faster {
			try(name)
			after := machine.speed()
			if before >= full && after >= full {
				quiet[name]++
			}
			before = after
			kept = kept && speed(name) >= wanted
		}
		if kept {
			break
		}
	}
	t.Logf("of %v: threads %.2f, processes %.2f, threads with a GIL %.2f times as fast", time.Duration(*times[demos.NameSerial]),
		speed(demos.NameThreads), speed(demos.NameProcesses), speed(demos.NameGIL))
	if s := speed(demos.NameGIL); s > shared {
		t.Errorf("threads with a GIL are %.2f times as fast as serial", s)
	}
	for _, name := range faster {
		switch s := speed(name); {
		case s >= wanted:
		case quiet[name] < 3:
			t.Skipf("the machine has other things to do: %s are %.2f times as fast as serial, and plain threads were %.1f times as fast before and after it in %d of 40 tries", name, s, full, quiet[name])
		default:
			t.Errorf("%s are %.2f times as fast as serial, though two cores were free in %d tries", name, s, quiet[name])
		}
	}
}

func TestManyWaitAtOnce(t *testing.T) {
	h, _ := newHost(t)
	onTime(t, "100 requests of 100 ms on one thread", 150*time.Millisecond, func() time.Duration {
		r := h.Run(demos.NameAsync, demos.Wait(100, 100*time.Millisecond), demos.Options{})
		if r.Err != nil || len(r.Failures) > 0 || r.Wall() < 100*time.Millisecond {
			t.Fatal(r.Err, r.Failures, r.Wall())
		}
		return r.Wall()
	})
}

// What tracing adds to a task is what it takes longer than a plain goroutine.
func TestTracing(t *testing.T) {
	const n = 10_000
	h, _ := newHost(t)
	job := demos.Compute(square, make([]int, n))
	onTime(t, "to trace a task", 2*time.Microsecond, func() time.Duration {
		var plain, traced best
		for range 3 {
			plain.of(func() {
				var wait sync.WaitGroup
				out := make([]int, n)
				for i := range n {
					wait.Go(func() { out[i] = square(i) })
				}
				wait.Wait()
			})
			traced.of(func() {
				if r := h.Run(demos.NameNursery, job, demos.Options{}); r.Err != nil || len(r.Timeline.Tasks) != n {
					t.Fatal(r.Err)
				}
			})
		}
		return time.Duration(traced-plain) / n
	})
}

func TestLargeChart(t *testing.T) {
	const n, lanes = 10_000, 40
	line := &timeline.Timeline{Lanes: make([]string, lanes), Tasks: make([]timeline.Times, n), Wall: n / lanes * 1000}
	for i := range n {
		at := int64(i/lanes) * 1000
		line.Spans = append(line.Spans, timeline.Span{Lane: i % lanes, Task: i, State: timeline.State(i%2) + timeline.Running, Start: at, End: at + 700 + int64(i%300)})
		line.Tasks[i].End = at + 1000
	}
	h, _ := newHost(t)
	r := &demos.Result{Technique: demos.NameThreads, Job: demos.Primes(n, 100_000), Timeline: line, Values: make([]any, n), Workers: lanes}
	onTime(t, "a chart of 10,000 spans", 300*time.Millisecond, func() time.Duration {
		begun := time.Now()
		bundle := h.Draw(r)
		d := time.Since(begun)
		text, err := json.Marshal(bundle)
		if err != nil || len(text) > 2<<20 || len(text) < 10_000 {
			t.Fatalf("%d bytes, %v", len(text), err)
		}
		return d
	})
}

func TestPoolIsReadySoon(t *testing.T) {
	onTime(t, "to have 4 worker processes ready", 100*time.Millisecond, func() time.Duration {
		begun := time.Now()
		p, err := worker.Start(context.Background(), (&fake{}).Worker(), 4)
		d := time.Since(begun)
		if err != nil {
			t.Fatal(err)
		}
		p.Close()
		return d
	})
}
