package timeline

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// fake gives a recorder of tasks that ran from and to the given nanoseconds.
func fake(times ...[2]int64) *Recorder {
	r := &Recorder{tasks: make([]Task, len(times)), Start: 0}
	for i, at := range times {
		r.tasks[i] = Task{ID: i, Lane: OwnLane, Changes: []Change{{at[0], Running}}, Ended: at[1]}
	}
	return r
}

func TestPackedLanes(t *testing.T) {
	for _, test := range []struct {
		name  string
		times [][2]int64
		want  string // lane of each task
	}{
		{"none", nil, ""},
		{"one after the other", [][2]int64{{1, 2}, {2, 3}, {5, 6}}, "0 0 0"},
		{"at once", [][2]int64{{1, 9}, {2, 9}, {3, 9}}, "0 1 2"},
		{"the lowest free lane", [][2]int64{{1, 4}, {2, 3}, {3, 9}, {4, 9}}, "0 1 1 0"},
		{"out of order", [][2]int64{{5, 9}, {1, 7}}, "1 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			line := fake(test.times...).Timeline(nil)
			lanes := make([]string, len(test.times))
			for _, s := range line.Spans {
				lanes[s.Task] = strconv.Itoa(s.Lane)
			}
			if got := strings.Join(lanes, " "); got != test.want {
				t.Errorf("lanes %s, want %s", got, test.want)
			}
		})
	}
}

// However tasks lie, lanes do not overlap, and no more of them are used than
// tasks ran at once.
func TestLanesNeverOverlap(t *testing.T) {
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 1))
		times := make([][2]int64, 1+rng.IntN(200))
		for i := range times {
			start := 1 + rng.Int64N(1000)
			times[i] = [2]int64{start, start + 1 + rng.Int64N(50)}
		}
		line := fake(times...).Timeline(nil)
		if a, b, bad := line.Overlap(); bad {
			t.Fatalf("seed %d: %v and %v overlap", seed, a, b)
		}
		most := 0
		for _, at := range times {
			n := 0
			for _, other := range times {
				if other[0] <= at[0] && at[0] < other[1] {
					n++
				}
			}
			most = max(most, n)
		}
		if len(line.Lanes) != most || len(line.Spans) != len(times) {
			t.Fatalf("seed %d: %d lanes for %d at once, %d spans of %d", seed, len(line.Lanes), most, len(line.Spans), len(times))
		}
	}
}

func TestRecord(t *testing.T) {
	r := NewRecorder(3)
	r.Submit(1)
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() {
			task := r.Task(i)
			task.Begin(0 + i)
			time.Sleep(time.Millisecond)
			task.Enter(Waiting)
			time.Sleep(time.Millisecond)
			task.Enter(Running)
			task.End()
			task.End()
			task.Enter(Waiting) // after its end: nothing
		})
	}
	wg.Wait()
	line := r.Timeline([]string{"a", "b"})
	if len(line.Lanes) != 2 || len(line.Tasks) != 3 || line.Tasks[2].End != -1 || line.Tasks[1].Submitted == 0 {
		t.Errorf("%+v", line)
	}
	for _, task := range line.Tasks[:2] {
		if task.Start < task.Submitted-int64(time.Millisecond) || task.End-task.Start < 2e6 || task.End > line.Wall {
			t.Errorf("%+v in %d", task, line.Wall)
		}
	}
	if len(line.Latencies()) != 2 || line.Busy(Waiting) < 2e6 || line.Busy(Runnable) != 0 {
		t.Errorf("latencies %v, waiting %d", line.Latencies(), line.Busy(Waiting))
	}
	var none *Task
	none.Begin(0)
	none.Enter(Running)
	none.End()
}

// A task that has not ended is drawn up to now, and has no latency.
func TestUnfinished(t *testing.T) {
	r := NewRecorder(1)
	r.Task(0).Begin(0)
	time.Sleep(time.Millisecond)
	line := r.Timeline([]string{"a"})
	if len(line.Spans) != 1 || line.Spans[0].End < 1e6 || line.Tasks[0].End != -1 || len(line.Latencies()) != 0 {
		t.Errorf("%+v", line)
	}
}

func TestPercentile(t *testing.T) {
	for _, test := range []struct {
		sorted []int64
		p      int
		want   int64
	}{
		{nil, 50, 0},
		{[]int64{7}, 50, 7},
		{[]int64{7}, 95, 7},
		{[]int64{1, 2}, 50, 1},
		{[]int64{1, 2, 3, 4}, 50, 2},
		{[]int64{1, 2, 3, 4}, 95, 4},
		{[]int64{1, 2, 3}, 0, 1},
		{[]int64{1, 2, 3}, 100, 3},
	} {
		if got := Percentile(test.sorted, test.p); got != test.want {
			t.Errorf("Percentile(%v, %d) = %d, want %d", test.sorted, test.p, got, test.want)
		}
	}
}

// Two processes read one clock: what the second reads lies between two readings
// of the first.
func TestClockOfAllProcesses(t *testing.T) {
	if os.Getenv("TIMELINE_CLOCK") != "" {
		fmt.Println("now", NewClock().Now())
		os.Exit(0)
	}
	c := NewClock()
	before := c.Now()
	cmd := exec.Command(os.Args[0], "-test.run=TestClockOfAllProcesses")
	cmd.Env = append(os.Environ(), "TIMELINE_CLOCK=1")
	out, err := cmd.Output()
	after := c.Now()
	if err != nil {
		t.Fatal(err)
	}
	var theirs int64
	if _, err := fmt.Sscanf(string(out), "now %d", &theirs); err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	if theirs < before || theirs > after {
		t.Errorf("the other process read %d, between %d and %d", theirs, before, after)
	}
}

func TestStates(t *testing.T) {
	if s := fmt.Sprint(Running, Waiting, Runnable, State(9)); s != "running waiting runnable unknown" {
		t.Error(s)
	}
}

func BenchmarkRecord(b *testing.B) {
	r := NewRecorder(b.N)
	b.ResetTimer()
	for i := range b.N {
		task := r.Task(i)
		task.Begin(0)
		task.End()
	}
}
