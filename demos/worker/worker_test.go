package worker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"interleave/demos/timeline"
	"interleave/demos/work"
)

type (
	point struct{ X, Y int }
	name  string
)

// functions stand for what cells declare.
var functions = map[string]any{
	"double": func(n int) int { return 2 * n },
	"swap":   func(p point) point { return point{p.Y, p.X} },
	"fail": func(n int) (string, error) {
		if n%3 == 0 {
			return "", fmt.Errorf("no %d", n)
		}
		return "ok", nil
	},
	"panic": func(n int) int { return 10 / (n - 2) },
	"segv": func(n int) int {
		if n == 2 {
			syscall.Kill(os.Getpid(), syscall.SIGSEGV)
			select {}
		}
		return n
	},
	"exit": func(n int) int {
		if n == 0 {
			os.Exit(7)
		}
		return n
	},
	"hang": func(n int) int {
		if n == 1 {
			for x := 0; ; x++ {
				if x < 0 {
					return x
				}
			}
		}
		return n
	},
	"goexit": func(n int) int {
		if n == 2 {
			runtime.Goexit()
		}
		return n
	},
	"length": func(s string) int { return len(s) },
	"turn":   func(b bool) bool { return !b },
	"spell":  func(n name) name { return n + "!" },
	"keys": func(m map[string]int) []string {
		return slices.Sorted(maps.Keys(m))
	},
	"pid":   func(ms int) int { time.Sleep(time.Duration(ms) * time.Millisecond); return os.Getpid() },
	"sleep": func(ms int) int { time.Sleep(time.Duration(ms) * time.Millisecond); return ms },
	"chan":  func(int) chan int { return make(chan int) },
}

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "worker" {
		err := Serve(Resolve(func(_ []Piece, symbol string) (reflect.Value, error) {
			f, ok := functions[symbol]
			if !ok {
				return reflect.Value{}, fmt.Errorf("no function %s", symbol)
			}
			return reflect.ValueOf(f), nil
		}))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var command = []string{os.Args[0], "worker"}

func pool(t testing.TB, n int) *Pool {
	t.Helper()
	p, err := Start(context.Background(), command, n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// batch calls a function with each of inputs.
func batch(symbol string, inputs any) (*Batch, []any, []error) {
	in := reflect.ValueOf(inputs)
	values, errs := make([]any, in.Len()), make([]error, in.Len())
	return &Batch{
		Call: &Call{Symbol: symbol}, Inputs: in, N: in.Len(), Result: reflect.TypeOf(functions[symbol]).Out(0),
		Record: timeline.NewRecorder(in.Len()),
		Got:    func(i int, v reflect.Value, err error) { values[i], errs[i] = v.Interface(), err },
	}, values, errs
}

func TestResults(t *testing.T) {
	p := pool(t, 2)
	for _, test := range []struct {
		symbol string
		inputs any
		want   string
	}{
		{"double", []int{1, 2, 3}, "[2 4 6]"},
		{"double", []int{}, "[]"},
		{"swap", []point{{1, 2}, {3, 4}}, "[{2 1} {4 3}]"},
		{"fail", []int{1, 3, 4}, "[ok error: no 3 ok]"},
		{"panic", []int{1, 2, 7}, "[-10 error: panic: runtime error: integer divide by zero 2]"},
		{"goexit", []int{1, 2, 3, 4}, "[1 error: the function ended its goroutine: runtime.Goexit 3 4]"},
		{"length", []string{"", "ab", strings.Repeat("long", 1000)}, "[0 2 4000]"},
		{"turn", []bool{true, false}, "[false true]"},
		{"spell", []name{"a", "", "c"}, "[a! ! c!]"},
		{"keys", []map[string]int{{"b": 1, "a": 2}, {}, {"c": 3}}, "[[a b] [] [c]]"},
	} {
		t.Run(test.symbol, func(t *testing.T) {
			b, values, errs := batch(test.symbol, test.inputs)
			if err := p.Run(context.Background(), b); err != nil {
				t.Fatal(err)
			}
			var got []string
			for i, v := range values {
				if errs[i] != nil {
					v = "error: " + errs[i].Error()
				}
				got = append(got, fmt.Sprint(v))
			}
			if s := "[" + strings.Join(got, " ") + "]"; s != test.want {
				t.Errorf("got %s, want %s", s, test.want)
			}
		})
	}
}

// Each task is done once, whatever the number of tasks and workers, and the lanes
// that the workers report do not overlap.
func TestEachTaskOnce(t *testing.T) {
	for _, workers := range []int{1, 2, 3} {
		p := pool(t, workers)
		for _, n := range []int{1, 2, 10, 999, 20_000} {
			inputs := make([]int, n)
			for i := range inputs {
				inputs[i] = i
			}
			seen := make([]int, n)
			b, values, _ := batch("double", inputs)
			got := b.Got
			b.Got = func(i int, v reflect.Value, err error) { seen[i]++; got(i, v, err) }
			if err := p.Run(context.Background(), b); err != nil {
				t.Fatal(err)
			}
			for i := range seen {
				if seen[i] != 1 || values[i] != 2*i {
					t.Fatalf("%d workers, %d tasks: task %d came %d times with %v", workers, n, i, seen[i], values[i])
				}
			}
			line := b.Record.Timeline(make([]string, workers))
			if a, b, bad := line.Overlap(); bad || len(line.Spans) == 0 {
				t.Errorf("%v and %v overlap", a, b)
			}
			if len(line.Latencies()) != n || line.Tasks[0].Start < 0 {
				t.Errorf("times %+v", line.Tasks[:1])
			}
		}
	}
}

func TestReadyMade(t *testing.T) {
	p := pool(t, 2)
	sum := 0.0
	b := &Batch{Call: &Call{Spec: work.Spec{Kind: "primes", N: 5, Size: 1000}}, N: 5, Got: func(_ int, v reflect.Value, err error) {
		if err != nil {
			t.Error(err)
		}
		sum += v.Float()
	}}
	if err := p.Run(context.Background(), b); err != nil || sum != 168 {
		t.Errorf("%v primes below 1000, %v", sum, err)
	}
}

// A worker that dies, or hangs, is the error of one task. The others are done, and
// so are those of the next batch.
func TestCrashes(t *testing.T) {
	for _, test := range []struct {
		symbol  string
		bad     int
		want    string
		timeout time.Duration
	}{
		{"segv", 2, "SIGSEGV: segmentation violation", 0},
		{"exit", 0, "died: exit status 7", 0},
		{"hang", 1, "took longer than 300ms: its worker process was killed", 300 * time.Millisecond},
	} {
		t.Run(test.symbol, func(t *testing.T) {
			p := pool(t, 2)
			inputs := make([]int, 300)
			for i := range inputs {
				inputs[i] = i
			}
			b, values, errs := batch(test.symbol, inputs)
			b.Timeout = test.timeout
			if err := p.Run(context.Background(), b); err != nil {
				t.Fatal(err)
			}
			for i, err := range errs {
				switch {
				case i != test.bad && (err != nil || values[i] != i):
					t.Errorf("task %d: %v, %v", i, values[i], err)
				case i == test.bad && (err == nil || !strings.Contains(err.Error(), test.want)):
					t.Errorf("task %d: %v", i, err)
				}
			}
			again, values, _ := batch("double", []int{1, 2, 3, 4})
			if err := p.Run(context.Background(), again); err != nil || values[3] != 8 {
				t.Errorf("afterwards: %v, %v", values, err)
			}
		})
	}
}

// What cannot be done at all is one sentence.
func TestRefused(t *testing.T) {
	p := pool(t, 1)
	b, _, _ := batch("double", []int{1})
	b.Call = &Call{Symbol: "unknown"}
	if err := p.Run(context.Background(), b); err == nil || err.Error() != "no function unknown" {
		t.Errorf("%v", err)
	}
	b, _, _ = batch("chan", []int{1})
	if err := p.Run(context.Background(), b); err == nil || !strings.Contains(err.Error(), "cannot travel") {
		t.Errorf("%v", err)
	}
	for _, bad := range [][]string{{"/nonexistent"}, {"/bin/false"}} {
		if _, err := Start(context.Background(), bad, 2); err == nil || !strings.HasPrefix(err.Error(), "worker process: ") {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func TestCheck(t *testing.T) {
	type closed struct{ x int }
	type mixed struct {
		X int
		y int
	}
	type inner struct{ C []chan int }
	for _, test := range []struct {
		v    any
		want string // "": it can travel
	}{
		{1, ""}, {"", ""}, {point{}, ""}, {[]point{}, ""}, {map[string][]float64{}, ""}, {time.Time{}, ""}, {&point{}, ""},
		{make(chan int), "a chan is bound to its process"},
		{func() {}, "a func is bound to its process"},
		{closed{}, "its field x is lower-case"},
		{mixed{}, "its field y is lower-case"},
		{inner{}, "field C: a chan is bound to its process"},
		{map[string]func(){}, "a func is bound"},
		{[]error{}, "what is in an interface is not known there"},
	} {
		err := Check(reflect.TypeOf(test.v))
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%T: %v, want %q", test.v, err, test.want)
		}
	}
}

// An interrupt ends workers that do not answer, and leaves none behind.
func TestInterrupt(t *testing.T) {
	p := pool(t, 2)
	pids := p.PIDs()
	ctx, cancel := context.WithCancel(context.Background())
	b, _, _ := batch("sleep", []int{60_000, 60_000, 60_000})
	var begun atomic.Bool
	go func() {
		for !begun.Load() {
			p.mu.Lock()
			at := p.workers[0].claims.running() >= 0 && p.workers[1].claims.running() >= 0
			p.mu.Unlock()
			begun.Store(at)
		}
		cancel()
	}()
	if err := p.Run(ctx, b); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	p.Close()
	for _, pid := range pids {
		if err := syscall.Kill(pid, 0); err == nil {
			t.Errorf("process %d is still there", pid)
		}
	}
}

// What a worker says is passed on line by line, but for what its runtime says as it
// dies.
func TestTail(t *testing.T) {
	var out strings.Builder
	w := &tail{to: &out}
	for _, text := range []string{"one\ntw", "o\nthree", "\n", "panic: of mine? no\ngoroutine 1", " [running]:\n"} {
		w.Write([]byte(text))
	}
	if out.String() != "one\ntwo\nthree\n" || w.first() != "one" {
		t.Errorf("passed on %q, first %q", out.String(), w.first())
	}
	if w.rest(); out.String() != "one\ntwo\nthree\npanic: of mine? no\ngoroutine 1 [running]:\n" {
		t.Errorf("at the end %q", out.String())
	}
	long := &tail{to: &out}
	out.Reset()
	long.Write([]byte(strings.Repeat("x", 200_000)))
	if long.rest(); out.Len() != 200_000 {
		t.Errorf("%d of 200,000 bytes of a line", out.Len())
	}
}

func TestUsage(t *testing.T) {
	p := pool(t, 2)
	u := p.Close()
	if u.User+u.System <= 0 || u.Memory < 1<<20 {
		t.Errorf("%+v", u)
	}
	b, _, _ := batch("double", []int{1})
	if err := p.Run(context.Background(), b); err == nil {
		t.Error("a closed pool runs tasks")
	}
}

func BenchmarkStart4(b *testing.B) {
	for range b.N {
		p, err := Start(context.Background(), command, 4)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		p.Close()
		b.StartTimer()
	}
}

// 10,000 tiny tasks through 2 processes.
func BenchmarkTinyTasks(b *testing.B) {
	for _, traced := range []bool{false, true} {
		b.Run(fmt.Sprintf("traced=%v", traced), func(b *testing.B) {
			p := pool(b, 2)
			inputs := make([]int, 10_000)
			for range b.N {
				batch, _, _ := batch("double", inputs)
				if !traced {
					batch.Record = nil
				}
				if err := p.Run(context.Background(), batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*len(inputs))/b.Elapsed().Seconds(), "tasks/s")
		})
	}
}
