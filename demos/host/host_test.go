package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"interleave/demos"
	"interleave/demos/timeline"
	"interleave/demos/work"
	"interleave/demos/worker"
)

// functions stand for those of cells.
var functions = map[string]any{"square": square, "oops": oops, "fails": fails, "toil": toil, "opens": opens}

func square(n int) int { return n * n }

// toil computes, for a millisecond or two where n is a million.
//
//go:noinline
func toil(n int) int {
	x := uint64(n)
	for range n {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return int(x >> 1)
}

func oops(n int) int {
	if n == 2 {
		panic("oops")
	}
	return n
}

func fails(n int) (int, error) {
	if n%2 == 1 {
		return 0, fmt.Errorf("odd: %d", n)
	}
	return n, nil
}

// TestMain is a worker process and the demo server too, as the program is.
func TestMain(m *testing.M) {
	role := ""
	if len(os.Args) > 1 {
		role = os.Args[1]
	}
	var err error
	switch role {
	case "worker":
		err = worker.Serve(worker.Resolve(func(_ []worker.Piece, symbol string) (reflect.Value, error) {
			return reflect.ValueOf(functions[symbol]), nil
		}))
	case "demo-server":
		d, _ := time.ParseDuration(os.Args[2])
		err = work.ServeProcess(d)
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// fake is an environment without cells.
type fake struct {
	stop   chan struct{}
	alerts atomic.Int32
	server []string
}

func (*fake) Go(_ Watch, f func())       { go f() }
func (*fake) Spawn(f func())             { go f() }
func (*fake) Timer(time.Duration)        {}
func (*fake) Waiting(_ string, f func()) { f() }
func (*fake) Await(_ context.Context, _ string, done <-chan struct{}, late <-chan time.Time) bool {
	select {
	case <-done:
		return true
	case <-late:
		return false
	}
}
func (f *fake) Stop() <-chan struct{} { return f.stop }
func (*fake) Leave()                  {}
func (f *fake) Attention(on bool) {
	if on {
		f.alerts.Add(1)
	} else {
		f.alerts.Add(-1)
	}
}
func (*fake) Worker() []string { return []string{os.Args[0], "worker"} }
func (f *fake) Server() []string {
	if f.server != nil {
		return f.server
	}
	return []string{os.Args[0], "demo-server"}
}

func (*fake) Function(fn any) Function {
	pc := reflect.ValueOf(fn).Pointer()
	for name, f := range functions {
		if reflect.ValueOf(f).Pointer() == pc {
			return Function{Name: name, Symbol: name, Compiled: true}
		}
	}
	return Function{Name: "f", Captures: []string{"total"}}
}

func (*fake) Interpret(context.Context, Calls) error {
	return errors.New("interpreted: no interpreter here")
}

// newHost gives a host that a test can interrupt, and that package demos calls.
func newHost(t testing.TB) (*Host, *fake) {
	env := &fake{stop: make(chan struct{})}
	h := New(env)
	before := demos.Runner
	demos.Runner = h
	t.Cleanup(func() {
		demos.Runner = before
		if n := env.alerts.Load(); n != 0 {
			t.Errorf("attention was left at %d", n)
		}
	})
	return h, env
}

var goTechniques = []string{demos.NameSerial, demos.NameAsync, demos.NameThreads, demos.NameGIL, demos.NameProcesses, demos.NameC, demos.NameNursery, demos.NameFuture}

func run(h *Host, name string, job demos.Job, o demos.Options) *demos.Result {
	if name == demos.NameGIL {
		name, o.GIL = demos.NameThreads, true
	}
	return h.Run(name, job, o)
}

// need skips where a technique cannot run.
func need(t *testing.T, technique string) {
	if technique == demos.NameC {
		if _, err := exec.LookPath("gcc"); err != nil {
			t.Skip("there is no gcc")
		}
	}
}

// Every technique does each task of every job once, with the results of Serial, in
// lanes that do not overlap, in times that fit.
func TestTechniques(t *testing.T) {
	h, _ := newHost(t)
	for _, job := range []demos.Job{
		demos.Wait(12, 5*time.Millisecond), demos.Primes(9, 20_000), demos.Mandelbrot(10, 100), demos.SquareRoots(7, 100_000),
		demos.Mixed(6, 2*time.Millisecond, 2000), demos.Compute(square, []int{1, 2, 3, 4, 5}), demos.Primes(1, 10),
	} {
		if job.Err != nil {
			t.Fatal(job.Err)
		}
		serial := h.Run(demos.NameSerial, job, demos.Options{})
		for _, name := range goTechniques {
			t.Run(job.Kind+"/"+name, func(t *testing.T) {
				need(t, name)
				r := run(h, name, job, demos.Options{C: "double task(double x) { return x * x; }"})
				if r.Err != nil || r.Technique != name {
					t.Fatalf("%s: %v", r.Technique, r.Err)
				}
				checkResult(t, r, serial)
			})
		}
	}
}

func checkResult(t *testing.T, r, serial *demos.Result) {
	t.Helper()
	if len(r.Failures) > 0 || differs(serial, r) != "" {
		t.Errorf("failures %v, %s", r.Failures, differs(serial, r))
	}
	line := r.Timeline
	if a, b, bad := line.Overlap(); bad {
		t.Errorf("spans %v and %v overlap", a, b)
	}
	for i, task := range line.Tasks {
		if r.Values[i] == nil || task.End < task.Start || task.Start < 0 || task.End > line.Wall {
			t.Errorf("task %d: %v, %+v in %d", i, r.Values[i], task, line.Wall)
		}
	}
	for _, s := range line.Spans {
		if s.Lane < 0 || s.Lane >= len(line.Lanes) || s.Start > s.End {
			t.Errorf("span %+v of %d lanes", s, len(line.Lanes))
		}
	}
	if r.Workers < 1 || r.Wall() <= 0 || r.Latency(50) > r.Latency(95) || r.Usage.Memory <= 0 {
		t.Errorf("%+v", r.Usage)
	}
}

// Threads are real ones, each with an id of its own, and end.
func TestThreadsAreReal(t *testing.T) {
	h, _ := newHost(t)
	threads := func() int {
		all, _ := filepath.Glob("/proc/self/task/*")
		return len(all)
	}
	before := threads()
	r := h.Run(demos.NameThreads, demos.Wait(20, 20*time.Millisecond), demos.Options{Workers: 20})
	seen := map[string]bool{}
	for _, name := range r.Timeline.Lanes {
		if !strings.HasPrefix(name, "thread ") || seen[name] {
			t.Errorf("lanes %v", r.Timeline.Lanes)
		}
		seen[name] = true
	}
	for end := time.Now().Add(5 * time.Second); threads() > before+10; {
		if time.Now().After(end) {
			t.Fatalf("%d threads before, %d after", before, threads())
		}
		runtime.Gosched()
	}
}

// Under the GIL no two threads run at the same time.
func TestGIL(t *testing.T) {
	h, _ := newHost(t)
	for _, job := range []demos.Job{demos.Primes(8, 300_000), demos.Mixed(8, 3*time.Millisecond, 50_000)} {
		r := run(h, demos.NameGIL, job, demos.Options{Workers: 4})
		if r.Err != nil {
			t.Fatal(r.Err)
		}
		var running []timeline.Span
		for _, s := range r.Timeline.Spans {
			if s.State == timeline.Running {
				running = append(running, s)
			}
		}
		for i, a := range running {
			for _, b := range running[i+1:] {
				// Entering a state and taking the lock are two steps, some microseconds apart.
				if over := min(a.End, b.End) - max(a.Start, b.Start); a.Lane != b.Lane && over > int64(3*time.Millisecond) {
					t.Fatalf("lanes %d and %d run together for %v", a.Lane, b.Lane, time.Duration(over))
				}
			}
		}
		if len(r.Notes) == 0 || !strings.Contains(r.Notes[0], "emulated") {
			t.Errorf("the chart does not say that the GIL is emulated: %v", r.Notes)
		}
	}
}

// Who holds the GIL gives it up to another who asks, and not to himself.
func TestGILYields(t *testing.T) {
	g := newGIL(func(bool) {})
	ctx := context.Background()
	var order []string
	var wait sync.WaitGroup
	g.acquire(ctx)
	wait.Go(func() {
		g.acquire(ctx)
		order = append(order, "other")
		g.release()
	})
	for !g.asked() {
		runtime.Gosched()
	}
	g.yield(ctx)
	order = append(order, "first")
	g.release()
	wait.Wait()
	if fmt.Sprint(order) != "[other first]" {
		t.Errorf("%v", order)
	}
	g.yield(ctx) // nobody waits
	g.release()
}

// Async has one processor while it runs, and gives it back however it ends.
func TestAsyncHasOneThread(t *testing.T) {
	h, env := newHost(t)
	before := runtime.GOMAXPROCS(0)
	seen := 0
	job := demos.Compute(func(n int) int { seen = runtime.GOMAXPROCS(0); return n }, []int{1})
	h.Run(demos.NameAsync, job, demos.Options{})
	if seen != 1 {
		t.Errorf("ran with GOMAXPROCS %d", seen)
	}
	h.Run(demos.NameAsync, demos.Compute(func(int) int { panic("no") }, []int{1, 2}), demos.Options{})
	if runtime.GOMAXPROCS(0) != before {
		t.Error("a panic leaves one processor")
	}
	time.AfterFunc(30*time.Millisecond, func() { close(env.stop) })
	r := h.Run(demos.NameAsync, demos.Wait(3, time.Minute), demos.Options{})
	if !errors.Is(r.Err, context.Canceled) || runtime.GOMAXPROCS(0) != before {
		t.Errorf("after an interrupt: %v, GOMAXPROCS %d", r.Err, runtime.GOMAXPROCS(0))
	}
}

// A task that fails, or panics, is an error of its own in every technique; in a
// nursery it cancels the others.
func TestFailures(t *testing.T) {
	h, _ := newHost(t)
	for _, name := range []string{demos.NameSerial, demos.NameAsync, demos.NameThreads, demos.NameGIL, demos.NameProcesses, demos.NameFuture} {
		r := run(h, name, demos.Compute(oops, []int{1, 2, 3}), demos.Options{})
		if len(r.Failures) != 1 || r.Failures[0].Error() != "task 1: panic: oops" || r.Values[2] != 3 || r.Values[1] != nil {
			t.Errorf("%s: %v, values %v", name, r.Failures, r.Values)
		}
		r = run(h, name, demos.Compute(fails, []int{1, 2, 3}), demos.Options{})
		if len(r.Failures) != 2 || r.Failures[1].Error() != "task 2: odd: 3" || r.Values[1] != 2 {
			t.Errorf("%s: %v, values %v", name, r.Failures, r.Values)
		}
	}
	fail := func(n int) (int, error) {
		if n == 0 {
			return 0, errors.New("first")
		}
		time.Sleep(5 * time.Millisecond)
		return n, nil
	}
	r := h.Run(demos.NameNursery, demos.Compute(fail, make([]int, 1)), demos.Options{})
	if len(r.Failures) != 1 || r.Failures[0].Err.Error() != "first" {
		t.Errorf("%v", r.Failures)
	}
	r = h.Run(demos.NameNursery, demos.Compute(fail, []int{1, 0, 1, 1, 1, 1}), demos.Options{Limit: 1})
	if n := len(r.Failures); n < 4 || !strings.Contains(r.Failures[n-1].Error(), "cancelled, since another task failed: first") {
		t.Errorf("%v", r.Failures)
	}
}

// No more tasks are under way at once than Limit says.
func TestLimit(t *testing.T) {
	h, _ := newHost(t)
	for _, name := range []string{demos.NameAsync, demos.NameThreads, demos.NameNursery} {
		var now, most atomic.Int32
		job := demos.Compute(func(n int) int {
			if k := now.Add(1); k > most.Load() {
				most.Store(k)
			}
			time.Sleep(time.Millisecond)
			now.Add(-1)
			return n
		}, make([]int, 20))
		r := h.Run(name, job, demos.Options{Limit: 3, Workers: 10})
		if r.Err != nil || most.Load() > 3 || len(r.Timeline.Lanes) > 3 {
			t.Errorf("%s: %d at once, %d lanes, %v", name, most.Load(), len(r.Timeline.Lanes), r.Err)
		}
	}
}

func TestTimeout(t *testing.T) {
	h, _ := newHost(t)
	for _, name := range []string{demos.NameSerial, demos.NameAsync, demos.NameThreads, demos.NameNursery} {
		r := h.Run(name, demos.Wait(2, time.Minute), demos.Options{Timeout: 20 * time.Millisecond})
		if len(r.Failures) == 0 || !strings.Contains(r.Failures[0].Error(), "took longer than 20ms: cancelled") {
			t.Errorf("%s: %v, %v", name, r.Failures, r.Err)
		}
	}
	r := h.Run(demos.NameProcesses, demos.Wait(2, time.Minute), demos.Options{Timeout: 100 * time.Millisecond})
	if len(r.Failures) != 2 || !strings.Contains(r.Failures[0].Error(), "its worker process was killed") {
		t.Errorf("processes: %v, %v", r.Failures, r.Err)
	}
}

// An interrupt ends every technique, with no process left behind.
func TestInterrupt(t *testing.T) {
	for _, name := range goTechniques {
		t.Run(name, func(t *testing.T) {
			need(t, name)
			h, env := newHost(t)
			time.AfterFunc(100*time.Millisecond, func() { close(env.stop) })
			begun := time.Now()
			r := run(h, name, demos.Wait(4, time.Minute), demos.Options{})
			if !errors.Is(r.Err, context.Canceled) {
				t.Errorf("%v", r.Err)
			}
			if took := time.Since(begun); took > 30*time.Second {
				t.Errorf("after %v", took)
			}
			if left := children(t); left != "" {
				t.Errorf("processes left: %s", left)
			}
		})
	}
}

// children are the processes of this one that still run.
func children(t *testing.T) string {
	t.Helper()
	var left []string
	for end := time.Now().Add(5 * time.Second); ; {
		left = nil
		files, _ := filepath.Glob("/proc/self/task/*/children")
		for _, f := range files {
			text, _ := os.ReadFile(f)
			left = append(left, strings.Fields(string(text))...)
		}
		if len(left) == 0 || time.Now().After(end) {
			return strings.Join(left, " ")
		}
		runtime.Gosched()
	}
}

// What cannot be done is one sentence.
func TestCannot(t *testing.T) {
	h, env := newHost(t)
	local := 0
	captured := func(n int) int { local += n; return local }
	for _, test := range []struct {
		name string
		job  demos.Job
		o    demos.Options
		want string
	}{
		{demos.NameProcesses, demos.Compute(captured, []int{1}), demos.Options{}, "f captures total; processes share no memory: pass it in"},
		{demos.NameC, demos.Compute(square, []int{1}), demos.Options{}, "c: this function is Go: give it in C too"},
		{demos.NameNative, demos.Wait(1, 0), demos.Options{}, "native: compiling does not make waiting shorter"},
		{demos.NameNative, demos.Compute(captured, []int{1}), demos.Options{}, "native: the function is interpreted only"},
		{demos.NameInterpreted, demos.Wait(1, 0), demos.Options{}, "interpreted: what waits does not show"},
		{demos.NameInterpreted, demos.Compute(captured, []int{1}), demos.Options{}, "interpreted: f captures total"},
		{"dance", demos.Primes(1, 10), demos.Options{}, `demos: no technique "dance"`},
	} {
		r := h.Run(test.name, test.job, test.o)
		if r.Err == nil || !strings.Contains(r.Err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, r.Err, test.want)
		}
		if text := r.String(); !strings.Contains(text, test.want) {
			t.Errorf("shown as %q", text)
		}
	}
	if r := h.Classic("nothing", demos.Options{}); r.Err == nil {
		t.Error("an unknown demo")
	}
	env.server = []string{"/bin/false"}
	if r := h.Run(demos.NameAsync, demos.Wait(1, 0), demos.Options{}); r.Err == nil || !strings.HasPrefix(r.Err.Error(), "demo server: it did not start") {
		t.Errorf("%v", r.Err)
	}
	env.server = []string{"/nonexistent"}
	if r := h.Run(demos.NameAsync, demos.Wait(1, 0), demos.Options{}); r.Err == nil || !strings.HasPrefix(r.Err.Error(), "demo server: ") {
		t.Errorf("%v", r.Err)
	}
}

func TestC(t *testing.T) {
	need(t, demos.NameC)
	h, _ := newHost(t)
	job := demos.Compute(square, []int{1, 2, 3, 4})
	for _, test := range []struct {
		name string
		o    demos.Options
		want string // of the error; "": none
	}{
		{"C", demos.Options{C: "double task(double x) { return x * x; }"}, ""},
		{"C++", demos.Options{C: "#include <vector>\ndouble task(double x) { std::vector<double> v{x, x}; return v[0] * v[1]; }", CPP: true}, ""},
		{"error", demos.Options{C: "double task(double x) { return y; }"}, "task:1:"},
		{"no function", demos.Options{C: "int other;"}, "c: gcc: "},
		{"prints", demos.Options{C: "#include <stdio.h>\ndouble task(double x) { puts(\"hello\"); return x * x; }"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := exec.LookPath("g++"); test.o.CPP && err != nil {
				t.Skip("there is no g++")
			}
			r := h.Run(demos.NameC, job, test.o)
			switch {
			case test.want == "" && (r.Err != nil || fmt.Sprint(r.Values) != "[1 4 9 16]"):
				t.Errorf("%v, %v", r.Values, r.Err)
			case test.want != "" && (r.Err == nil || !strings.Contains(r.Err.Error(), test.want)):
				t.Errorf("%v, want %q", r.Err, test.want)
			}
		})
	}
	t.Run("no compiler", func(t *testing.T) {
		t.Setenv("PATH", "/nonexistent")
		r := h.Run(demos.NameC, demos.Primes(1, 10), demos.Options{})
		if r.Err == nil || !strings.Contains(r.Err.Error(), "c: there is no gcc on this machine") {
			t.Errorf("%v", r.Err)
		}
		if r := h.Compare(demos.Primes(2, 100), demos.Options{}); r.Err != nil || r.Result(demos.NameThreads).Err != nil || !strings.Contains(r.String(), "there is no python3") {
			t.Errorf("without gcc and python3: %v", r)
		}
	})
}

// A task in C that dies, or takes too long, costs itself: the others are done.
func TestFailuresInC(t *testing.T) {
	need(t, demos.NameC)
	h, _ := newHost(t)
	const n = 30
	inputs := make([]int, n)
	for i := range inputs {
		inputs[i] = i
	}
	inPlace := func(bad string) demos.Options {
		return demos.Options{Workers: 3, C: "#include <stdlib.h>\n#include <unistd.h>\n#include <pthread.h>\nint deep(int n) { volatile char a[4096]; a[0] = n; return deep(n + 1) + a[0]; }\n" +
			"double task(double x) { if (x == 7 || x == 20) { " + bad + " } usleep(200); return x * x; }"}
	}
	for _, test := range []struct {
		name    string
		o       demos.Options
		timeout time.Duration
		want    string
	}{
		{"segmentation fault", inPlace("return *(volatile double *)8;"), 0, "its program died, and all threads with it: signal: segmentation fault"},
		{"stack", inPlace("return deep(0);"), 0, "its program died, and all threads with it: signal: segmentation fault"},
		{"abort", inPlace("abort();"), 0, "its program died, and all threads with it: signal: aborted"},
		{"division", inPlace("volatile int z = 0; return 7 / z;"), 0, "its program died, and all threads with it: signal: floating point exception"},
		{"exit", inPlace("exit(3);"), 0, "its program died, and all threads with it: exit status 3"},
		{"exit without a word", inPlace("_exit(4);"), 0, "its program died, and all threads with it: exit status 4"},
		{"exit as if all were well", inPlace("exit(0);"), 0, "its program died, and all threads with it: exit status 0"},
		{"end of a thread", inPlace("pthread_exit(0);"), 0, "the task ended its thread"},
		{"hangs", inPlace("for (volatile int i = 0;;) i++;"), 100 * time.Millisecond, "took longer than 100ms: its program was killed, since a thread cannot be"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.o.Timeout = test.timeout
			r := h.Run(demos.NameC, demos.Compute(square, inputs), test.o)
			if r.Err != nil {
				t.Fatal(r.Err)
			}
			failed := map[int]string{}
			for _, f := range r.Failures {
				failed[f.Task] = f.Err.Error()
			}
			for i := range n {
				bad := i == 7 || i == 20
				if bad != (failed[i] != "") || bad && failed[i] != test.want || !bad && r.Values[i] != float64(i*i) {
					t.Errorf("task %d: %v, %q", i, r.Values[i], failed[i])
				}
			}
			if a, b, bad := r.Timeline.Overlap(); bad || len(r.Timeline.Spans) < n-2 {
				t.Errorf("%d spans; %v and %v", len(r.Timeline.Spans), a, b)
			}
		})
	}
	t.Run("all", func(t *testing.T) {
		r := h.Run(demos.NameC, demos.Compute(square, make([]int, 200)), demos.Options{C: "double task(double x) { return *(volatile double *)8; }"})
		if r.Err != nil || len(r.Failures) != 200 || !strings.Contains(r.Failures[199].Error(), "task 199: not done: the program died 20 times") {
			t.Errorf("%v, %d failures", r.Err, len(r.Failures))
		}
	})
}

// Workers that are gone are not zombies either.
func TestPool(t *testing.T) {
	newHost(t)
	p, err := demos.OpenPool(2)
	if err != nil {
		t.Fatal(err)
	}
	got, err := demos.Map(p, square, []int{1, 2, 3})
	if err != nil || fmt.Sprint(got) != "[1 4 9]" {
		t.Errorf("%v, %v", got, err)
	}
	got, err = demos.Map(p, oops, []int{1, 2, 3})
	if err == nil || err.Error() != "task 1: panic: oops" || fmt.Sprint(got) != "[1 0 3]" {
		t.Errorf("%v, %v", got, err)
	}
	sum := 0
	if err := p.Each(square, []int{1, 2, 3}, func(_ int, v any, err error) { sum += v.(int) }); err != nil || sum != 14 {
		t.Errorf("%d, %v", sum, err)
	}
	if _, err := p.Map(square, 3); err == nil {
		t.Error("no slice")
	}
	if _, err := p.Map(3, []int{1}); err == nil {
		t.Error("no function")
	}
	pids := p.PIDs()
	p.Close()
	for _, pid := range pids {
		if syscall.Kill(pid, 0) == nil {
			t.Errorf("process %d is still there", pid)
		}
	}
	if v, err := demos.Submit(demos.OnProcess, square, 9).Result(); v != 81 || err != nil {
		t.Errorf("%d, %v", v, err)
	}
	if _, err := demos.Submit(demos.OnProcess, func(n int) int { return n }, 9).Result(); err == nil {
		t.Error("a function that captures runs in a process")
	}
}
