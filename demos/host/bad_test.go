package host

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"interleave/demos"
)

// A job whose tasks all fail, or which a technique cannot do, leaves the other rows of
// a comparison as they are, with a sentence in its own.
func TestCompareBadFunctions(t *testing.T) {
	h, _ := newHost(t)
	all := func(int) int { panic("always") }
	slow := func(n int) int {
		for n == 1 {
			time.Sleep(time.Millisecond)
		}
		return n
	}
	for _, test := range []struct {
		name   string
		job    demos.Job
		o      demos.Options
		fails  string // of the first failed task of threads; "": none
		others string // error of processes
	}{
		{"panic", demos.Compute(all, []int{1, 2}), demos.Options{}, "panic: always", "f captures total"},
		{"channel", demos.Compute(func(c chan int) int { return cap(c) }, []chan int{make(chan int, 2)}), demos.Options{}, "", "f captures total"},
		{"does not travel", demos.Compute(opens, []chan int{make(chan int, 2), nil}), demos.Options{}, "", "argument: a chan int cannot travel"},
		{"nil result", demos.Compute(func(int) error { return nil }, []int{1}), demos.Options{}, "", "f captures total"},
		{"one is slow", demos.Compute(slow, []int{0, 2}), demos.Options{Timeout: 50 * time.Millisecond}, "", "f captures total"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.o.NoPython = true
			c := h.Compare(test.job, test.o)
			if c.Err != nil {
				t.Fatal(c.Err)
			}
			for _, name := range []string{demos.NameSerial, demos.NameAsync, demos.NameThreads, demos.NameNursery, demos.NameFuture} {
				r := c.Result(name)
				if r == nil || r.Err != nil || test.fails == "" && len(r.Failures) > 0 || test.fails != "" && !strings.Contains(r.Failures[0].Error(), test.fails) {
					t.Errorf("%s: %+v", name, r)
				}
			}
			if err := c.Result(demos.NameProcesses).Err; err == nil || !strings.Contains(err.Error(), test.others) {
				t.Errorf("processes: %v", err)
			}
			if text := c.String(); !strings.Contains(text, demos.NameThreads) || h.Draw(c)["text/plain"] == "" {
				t.Errorf("%s", text)
			}
		})
	}
}

// opens stands for a function of a cell.
func opens(c chan int) int { return cap(c) }

// 100,000 tasks are done by every technique, and drawn.
func TestManyTasks(t *testing.T) {
	h, _ := newHost(t)
	const n = 100_000
	inputs := make([]int, n)
	for i := range inputs {
		inputs[i] = i
	}
	job := demos.Compute(square, inputs)
	for _, name := range goTechniques {
		t.Run(name, func(t *testing.T) {
			need(t, name)
			r := run(h, name, job, demos.Options{C: "double task(double x) { return x * x; }"})
			if r.Err != nil || len(r.Failures) > 0 || canonical(r.Values[n-1]) != fmt.Sprint((n-1)*(n-1)) || canonical(r.Values[7]) != "49" {
				t.Fatalf("%v, %v", r.Err, r.Values[7])
			}
			if a, b, bad := r.Timeline.Overlap(); bad {
				t.Errorf("%v and %v overlap", a, b)
			}
			if b := h.Draw(r); b["image/svg+xml"] == nil || len(fmt.Sprint(b)) > 8<<20 {
				t.Errorf("drawn in %d bytes", len(fmt.Sprint(b)))
			}
		})
	}
}

// On a machine with one core every technique does its tasks.
func TestOneCore(t *testing.T) {
	if runtime.NumCPU() == 1 && os.Getenv("INTERLEAVE_ONE_CORE") != "" {
		t.Skip("this is the run with one core")
	}
	if testing.Short() {
		t.Skip("runs other tests again")
	}
	if _, err := exec.LookPath("taskset"); err != nil {
		t.Skip("there is no taskset")
	}
	cmd := exec.Command("taskset", "-c", "0", os.Args[0], "-test.run", "^(TestTechniques|TestFailures|TestPool|TestGIL)$", "-test.v")
	cmd.Env = append(os.Environ(), "INTERLEAVE_ONE_CORE=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestTechniques") {
		t.Errorf("%v\n%s", err, out)
	}
}

// Two demos that wait at the same time have a server each: no port is fixed.
func TestServersSideBySide(t *testing.T) {
	h, _ := newHost(t)
	results := make(chan *demos.Result)
	for range 2 {
		go func() { results <- h.Run(demos.NameThreads, demos.Wait(3, 50*time.Millisecond), demos.Options{}) }() // ends with its demo
	}
	for range 2 {
		if r := <-results; r.Err != nil || len(r.Failures) > 0 {
			t.Errorf("%v, %v", r.Err, r.Failures)
		}
	}
}
