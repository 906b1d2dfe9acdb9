package interp

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"interleave/display"
)

// shown runs a cell and gives the text of its value.
func shown(t testing.TB, e *Evaluator, count int, src string) string {
	t.Helper()
	r := &recorder{}
	b, err := e.Eval(context.Background(), Request{Code: src, Count: count}, r)
	if err != nil {
		t.Fatalf("cell %d: %v", count, err)
	}
	return textOf(b)
}

func textOf(b *display.Bundle) string {
	if b == nil {
		return ""
	}
	text, _ := b.Data["text/plain"].(string)
	return text
}

const collatz = `func collatz(limit int) int {
	best, at := 0, 0
	for i := 1; i < limit; i++ {
		n, steps := i, 0
		for n != 1 {
			if n%2 == 0 { n /= 2 } else { n = 3*n + 1 }
			steps++
		}
		if steps > best { best, at = steps, i }
	}
	return at
}`

// Every technique runs from a cell, in either tier, and its value is the chart.
func TestDemos(t *testing.T) {
	for name, tier := range map[string]Tier{"interpreted": Interpreted, "native": Native} {
		t.Run(name, func(t *testing.T) {
			e := newTier(t, tier)
			mustRun(t, e, 1, `import ("fmt"; "time"; "interleave/demos")`)
			mustRun(t, e, 2, `job := demos.Wait(6, 5*time.Millisecond); work := demos.Primes(6, 5000)`)
			for i, call := range []string{"Serial", "Async", "Threads", "Processes", "Nursery", "Future"} {
				text := shown(t, e, 3+i, `demos.`+call+`(job)`)
				if !strings.HasPrefix(text, strings.ToLower(call)+": 6 requests, each answered after 5ms\n") || !strings.Contains(text, "█") {
					t.Errorf("%s is shown as\n%s", call, text)
				}
			}
			text := shown(t, e, 20, `demos.Threads(work, demos.GIL(), demos.Workers(2))`)
			if !strings.HasPrefix(text, "threads (GIL): primes below 5000, in 6 parts") {
				t.Errorf("%s", text)
			}
			r := &recorder{}
			b, err := e.Eval(context.Background(), Request{Code: `demos.Async(job)`, Count: 21}, r)
			if err != nil || b == nil || b.Data["image/png"] == nil || b.Data["image/svg+xml"] == nil || b.Data["application/vnd.vegalite.v5+json"] == nil {
				t.Errorf("the value is %v, %v", b, err)
			}
			if text := shown(t, e, 22, `r := demos.Serial(work); fmt.Sprint(r.Values, len(r.Failures), r.Err, r.Technique)`); text != "[149 120 109 104 94 93] 0 <nil> serial" && !strings.HasPrefix(text, "[") {
				t.Errorf("%s", text)
			}
			if text := shown(t, e, 23, `demos.Wait(0, 0)`); text != "demos.Wait: 0 tasks: give it 1 or more" {
				t.Errorf("%s", text)
			}
		})
	}
}

// Functions of cells run by every technique, in processes too.
func TestDemosOfFunctions(t *testing.T) {
	e := newTier(t, Auto)
	mustRun(t, e, 1, `import ("fmt"; "os"; "time"; "interleave/demos")`)
	mustRun(t, e, 2, "%%native\n"+collatz)
	mustRun(t, e, 3, `job := demos.Compute(collatz, []int{3000, 3100, 3200})`)
	for i, call := range []string{"Serial", "Async", "Threads", "Processes", "Nursery", "Future", "Native", "Interpreted"} {
		if text := shown(t, e, 4+i, `r := demos.`+call+`(job); r.Values`); text != "[2919 2919 2919]" && text != "[2919 3087 3087]" {
			t.Errorf("%s: %s: %s", call, text, shown(t, e, 50+i, `r`))
		}
	}
	mustRun(t, e, 100, `total := 0`)
	mustRun(t, e, 101, "%%native\nfunc add(n int) int { total += n; return total }\nfunc via(n int) int { return add(n) }")
	for i, test := range []struct{ src, want string }{
		{`demos.Processes(demos.Compute(add, []int{1}))`, "add captures total; processes share no memory: pass it in"},
		{`demos.Processes(demos.Compute(via, []int{1}))`, "via captures total; processes share no memory: pass it in"},
		{`k := 3; f := func(n int) int { return n * k }; demos.Processes(demos.Compute(f, []int{1}))`, "the function captures k; processes share no memory: pass it in"},
		{`r := demos.Processes(demos.Compute(func(n int) int { return collatz(n) + 1 }, []int{3000})); []any{r.Values, r.Err}`, "[[2920] <nil>]"},
		{`demos.Processes(demos.Compute(func(n int) int { return via(n) }, []int{1}))`, "the function captures total; processes share no memory: pass it in"},
		{`func() any { local := 2; return demos.Processes(demos.Compute(func(n int) int { return n * local }, []int{1})) }()`, "the function captures local; processes"},
		{"%%native\nfunc exits(n int) int { if n == 1 { os.Exit(4) }; return n }\ndemos.Processes(demos.Compute(exits, []int{1, 2, 3}))", "1 of 3 tasks failed; task 0: worker process"},
		{"%%native\nfunc panics(n int) int { return 10 / (n - 1) }\ndemos.Processes(demos.Compute(panics, []int{1, 2, 3}))", "1 of 3 tasks failed; task 0: panic: runtime error: integer divide by zero"},
		{`demos.Threads(demos.Compute(exits, []int{1, 2, 3}))`, "1 of 3 tasks failed; task 0: it called os.Exit(4), which ends the whole program"},
		{`r := demos.Async(demos.Compute(exits, []int{2, 1, 3})); fmt.Sprint(r.Values)`, "[2 <nil> 3]"},
		{`demos.Nursery(demos.Compute(exits, []int{1}))`, "1 of 1 tasks failed; task 0: it called os.Exit(4)"},
		{`demos.Native(demos.Compute(panics, []int{2, 1}))`, "1 of 2 tasks failed; task 1: panic: runtime error: integer divide by zero"},
		{`demos.Interpreted(demos.Compute(panics, []int{2, 1, 3}))`, "1 of 3 tasks failed; task 1: panic: runtime error: integer divide by zero"},
		{`r := demos.Interpreted(demos.Compute(collatz, []int{3000, 1000000000})); fmt.Sprint(r.Partial, r.Values, r.Notes, r.Err)`, "1 [2919 <nil>] [Stopped after 3s.] <nil>"},
		{`r := demos.Interpreted(demos.Compute(exits, []int{2, 1, 3})); fmt.Sprint(r.Values, r.Failures)`, "[2 <nil> 3] [task 1: it called os.Exit(4)"},
		{"%%native\nfunc odd(n int) (int, error) { if n%2 == 1 { return 0, fmt.Errorf(\"odd: %d\", n) }; return n / 2, nil }\nr := demos.Interpreted(demos.Compute(odd, []int{8, 3})); fmt.Sprint(r.Values, r.Failures)", "[4 <nil>] [task 1: odd: 3]"},
		{"%%native\nfunc opens(c chan int) int { return cap(c) }\ndemos.Processes(demos.Compute(opens, []chan int{nil}))", "argument: a chan int cannot travel to another process: a chan is bound to its process"},
		{`demos.Threads(demos.Compute(opens, []chan int{nil, make(chan int, 3)})).Values`, "[0 3]"},
		{`demos.Async(demos.Compute(panics, []int{1, 2, 3}))`, "1 of 3 tasks failed; task 0: panic: runtime error: integer divide by zero"},
		{"%%native\nfunc hangs(n int) int { for n == 1 { }; return n }\ndemos.Processes(demos.Compute(hangs, []int{1, 2}), demos.Timeout(300*time.Millisecond))", "took longer than 300ms: its worker process was killed"},
		{`demos.Threads(demos.Compute(hangs, []int{1, 2}), demos.Timeout(100*time.Millisecond))`, "1 of 2 tasks failed; task 0: took longer than 100ms: cancelled"},
		{`demos.Async(demos.Compute(hangs, []int{1, 2}), demos.Timeout(100*time.Millisecond))`, "1 of 2 tasks failed; task 0: took longer than 100ms: cancelled"},
		{"%%native\ntype hidden struct { x int }\nfunc hide(n int) hidden { return hidden{n} }\ndemos.Processes(demos.Compute(hide, []int{1}))", "its field x is lower-case"},
		{`v, err := demos.Submit(demos.OnProcess, collatz, 3000).Result(); []any{v, err}`, "[2919 <nil>]"},
	} {
		if text := shown(t, e, 102+i, test.src); !strings.Contains(text, test.want) {
			t.Errorf("%s\nis shown as\n%s\nwant %q", test.src, text, test.want)
		}
	}
	if text := shown(t, e, 200, `total`); text != "0" {
		t.Errorf("total is %s", text)
	}
}

// Functions that are interpreted run in worker processes too, which get their source:
// where there is no compiler, and where the user wants them so.
func TestProcessesInterpret(t *testing.T) {
	for name, tier := range map[string]Tier{"interpreted": Interpreted, "auto": Auto} {
		t.Run(name, func(t *testing.T) {
			e := newTier(t, tier)
			mustRun(t, e, 1, `import ("errors"; "fmt"; "os"; "strings"; "interleave/demos"); const step = 2; total := 0`)
			mustRun(t, e, 2, "%%interpreted\nfunc less(n int) int { return n - step }")
			mustRun(t, e, 3, "%%interpreted\nfunc halve(n int) (int, error) { if n%2 == 1 { return 0, errors.New(\"odd\") }; return less(n) / 2, nil }")
			mustRun(t, e, 4, "%%interpreted\nfunc add(n int) int { total += n; return total }\nfunc who(s string) int { return len(strings.ToUpper(s)) + 0*os.Getpid() }")
			mustRun(t, e, 5, "%%interpreted\nfunc bad(n int) int { return 10 / (n - 1) }\nfunc exits(n int) int { if n == 1 { os.Exit(4) }; return n }\nfunc mine(n int) int { return os.Getpid() }")
			mustRun(t, e, 6, "%%interpreted\nfunc less(n int) int { return n - 2*step }") // declared again
			mustRun(t, e, 7, "%%interpreted\ndouble := func(n int) int { return 2 * n }")
			for i, test := range []struct{ src, want string }{
				{`r := demos.Processes(demos.Compute(halve, []int{8, 3, 20})); fmt.Sprint(r.Values, r.Failures, r.Err)`, "[2 <nil> 8] [task 1: odd] <nil>"},
				{`r := demos.Processes(demos.Compute(who, []string{"a", "bc"})); fmt.Sprint(r.Values, r.Err)`, "[1 2] <nil>"},
				{`r := demos.Processes(demos.Compute(mine, []int{0})); fmt.Sprint(r.Err, r.Values[0] == os.Getpid())`, "<nil> false"},
				{`demos.Processes(demos.Compute(add, []int{1}))`, "add captures total; processes share no memory: pass it in"},
				{`demos.Processes(demos.Compute(bad, []int{1, 2}))`, "1 of 2 tasks failed; task 0: panic: runtime error: integer divide by zero"},
				{`demos.Processes(demos.Compute(exits, []int{1, 2}))`, "1 of 2 tasks failed; task 0: worker process"},
				{`r := demos.Processes(demos.Compute(double, []int{4, 5})); fmt.Sprint(r.Values, r.Err)`, "[8 10] <nil>"},
				{`r := demos.Processes(demos.Compute(func(n int) int { return less(n) + step }, []int{10})); fmt.Sprint(r.Values, r.Err)`, "[8] <nil>"},
				{`demos.Processes(demos.Compute(func(n int) int { return n + total }, []int{1}))`, "the function captures total; processes share no memory: pass it in"},
				{`demos.Processes(demos.Compute(func(n int) int { return add(n) }, []int{1}))`, "the function captures total; processes share no memory: pass it in"},
				{`demos.Interpreted(demos.Compute(double, []int{4, 5}))`, "interpreted: the source of the function is not known"},
				{`demos.Interpreted(demos.Compute(less, []int{4, 5})).Values`, "[0 1]"},
				{`fmt.Sprint(double(21), total)`, "42 0"},
			} {
				if text := shown(t, e, 10+i, "%%interpreted\n"+test.src); !strings.Contains(text, test.want) {
					t.Errorf("%s\nis shown as\n%s\nwant %q", test.src, text, test.want)
				}
			}
		})
	}
}

// A cell whose nursery or promises wait for ever is ended, with the lines where its
// goroutines wait; one that ends by a timer is not.
func TestDemosDeadlock(t *testing.T) {
	for name, tier := range map[string]Tier{"interpreted": Interpreted, "auto": Auto, "native": Native} {
		t.Run(name, func(t *testing.T) {
			e := newTier(t, tier)
			mustRun(t, e, 1, `import ("context"; "fmt"; "time"; "interleave/demos")
ctx := context.Background(); ch := make(chan int)`)
			for i, test := range []struct {
				src    string
				frames []string
			}{
				{`demos.OpenNursery(ctx, func(g *demos.Group) error {
	g.Go(func(ctx context.Context) error { fmt.Println(
		<-ch); return nil })
	return nil
})`, []string{"cell 2:1: goroutine waits to see the children of a nursery end", "cell 2:3: goroutine waits to receive from ch"}},
				{`demos.OpenNursery(ctx, func(g *demos.Group) error {
	<-g.Context().Done()
	return nil
})`, []string{"cell 3:2: goroutine waits to receive from g.Context().Done()"}},
				{`p := demos.Submit(demos.OnGoroutine, func(n int) int {
	return n + <-ch
}, 1)
v, err := p.Result()`, []string{"cell 4:4: goroutine waits to have the result of a promise", "cell 4:2: goroutine waits to receive from ch"}},
				{`q := demos.Submit(demos.OnThread, func(n int) int { ch <- n; return n }, 1)
all := demos.All(q,
	q)
all.Result()`, []string{"cell 5:4: goroutine waits to have the result of a promise", "cell 5:1: goroutine waits to send to ch", "cell 5:2: goroutine waits to have the result of a promise"}},
				{`for p := range demos.AsCompleted(demos.Submit(demos.OnGoroutine, func(n int) int { ch <- n; return n }, 1)) {
	fmt.Println(p)
}`, []string{"cell 6:1: goroutine waits to receive from", "cell 6:1: goroutine waits to send to ch", "cell 6:1: goroutine waits to have the result of a promise"}},
				{`f := func(n int) int { return n + <-ch }
demos.Threads(demos.Compute(f, []int{1, 2}))`, []string{"goroutine waits to see the tasks of a demo end", "cell 7:1: goroutine waits to receive from ch"}},
				{`demos.Nursery(demos.Compute(f, []int{1, 2}))`, []string{"cell 7:1: goroutine waits to receive from ch"}},
			} {
				_, err := e.Eval(context.Background(), Request{Code: test.src, Count: 2 + i}, &recorder{})
				var x *Error
				if !errors.As(err, &x) || x.Name != "deadlock" {
					t.Errorf("%s\ngave %v", test.src, err)
					continue
				}
				text := strings.Join(x.Traceback, "\n")
				for _, frame := range test.frames {
					if !strings.Contains(text, frame) {
						t.Errorf("%s\nis reported as\n%s\nwithout %q", test.src, text, frame)
					}
				}
			}
			for i, test := range []struct{ src, want string }{
				{`cut, err := demos.MoveOnAfter(ctx, 400*time.Millisecond, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }); fmt.Sprint(cut, err)`, "true <nil>"},
				{`_, err := demos.Submit(demos.OnGoroutine, func(n int) int { time.Sleep(600 * time.Millisecond); return n }, 1).ResultWithin(300 * time.Millisecond); fmt.Sprint(err)`, "not there yet after 300ms"},
				{`fmt.Sprint(demos.OpenNursery(ctx, func(g *demos.Group) error { g.Go(func(context.Context) error { time.Sleep(400 * time.Millisecond); return nil }); return nil }))`, "<nil>"},
				{`fmt.Sprint(demos.Any(demos.Submit(demos.OnThread, func(n int) int { time.Sleep(300 * time.Millisecond); return n }, 7)).Result())`, "7 <nil>"},
			} {
				if text := shown(t, e, 20+i, test.src); !strings.Contains(text, test.want) {
					t.Errorf("%s\nis shown as\n%s\nwant %q", test.src, text, test.want)
				}
			}
		})
	}
}

// A literal is found in a worker process by where it lies; one of a value that was
// made while the cell ran is told from it.
func TestLiteralsInProcesses(t *testing.T) {
	e := newTier(t, Native)
	mustRun(t, e, 1, `import ("fmt"; "strings"; "interleave/demos")
type point struct{ X, Y int }
func scale(p point) point { return point{2 * p.X, 2 * p.Y} }`)
	mustRun(t, e, 2, `type both struct{ A point; B string }
swap := func(b both) both { p := scale(b.A); return both{point{p.Y, p.X}, strings.ToUpper(b.B)} }
made := func() func(int) int { n := 3; return func(m int) int { return n * m } }()`)
	for i, test := range []struct{ src, want string }{
		{`r := demos.Processes(demos.Compute(swap, []both{{point{1, 2}, "x"}})); fmt.Sprint(r.Values, r.Err)`, "[{{4 2} X}] <nil>"},
		{`demos.Processes(demos.Compute(made, []int{1}))`, "the function captures n; processes share no memory: pass it in"},
		{`pool, _ := demos.OpenPool(2); defer pool.Close(); fmt.Sprint(demos.Map(pool, func(n int) string { return fmt.Sprint(n, "!") }, []int{1, 2}))`, "[1! 2!] <nil>"},
	} {
		if text := shown(t, e, 3+i, test.src); !strings.Contains(text, test.want) {
			t.Errorf("%s\nis shown as\n%s\nwant %q", test.src, text, test.want)
		}
	}
}

// A function that sleeps gives the GIL up meanwhile, and loops let it go.
func TestGILOfCells(t *testing.T) {
	e := newTier(t, Native)
	mustRun(t, e, 1, `import ("time"; "interleave/demos"; "interleave/demos/timeline")`)
	mustRun(t, e, 2, `func nap(ms int) int { time.Sleep(time.Duration(ms) * time.Millisecond); return ms }`)
	mustRun(t, e, 3, `func spin(n int) int { s := 0; for i := 0; i < n; i++ { for j := 0; j < 1000; j++ { s += j % 7 } }; return s }`)
	if text := shown(t, e, 4, `r := demos.Threads(demos.Compute(nap, []int{60, 60, 60, 60}), demos.GIL(), demos.Workers(4)); r.Wall() < 180*time.Millisecond && r.Timeline.Busy(timeline.Waiting) > 200e6`); text != "true" {
		t.Errorf("naps: %s", shown(t, e, 5, `r`))
	}
	text := shown(t, e, 6, `demos.Threads(demos.Compute(spin, []int{200000, 200000}), demos.GIL(), demos.Workers(2))`)
	m := regexp.MustCompile(`it changed hands (\d+) times`).FindStringSubmatch(text)
	if m == nil || len(m[1]) < 2 {
		t.Errorf("loops do not let the GIL go:\n%s", text)
	}
}

// An interrupt ends a demo, its processes and its threads; the session goes on.
func TestDemosAreInterrupted(t *testing.T) {
	e := newTier(t, Native)
	mustRun(t, e, 1, `import ("context"; "fmt"; "os"; "time"; "runtime"; "interleave/demos")`)
	mustRun(t, e, 2, `func forever(n int) int { for { } }`)
	pid := shown(t, e, 99, `os.Getpid()`)
	mustRun(t, e, 3, `kept := 7; cores := runtime.GOMAXPROCS(0)`)
	for i, src := range []string{
		`demos.Async(demos.Wait(5, time.Minute))`,
		`demos.Async(demos.Compute(forever, []int{1, 2}))`,
		`demos.Threads(demos.Compute(forever, []int{1, 2}), demos.GIL())`,
		`demos.Processes(demos.Compute(forever, []int{1, 2, 3}))`,
		`demos.Nursery(demos.Compute(forever, []int{1, 2, 3}))`,
		`demos.Future(demos.Compute(forever, []int{1, 2, 3}))`,
		`demos.Compare(demos.Wait(5, time.Minute))`,
		`demos.OpenNursery(context.Background(), func(g *demos.Group) error { g.Go(func(context.Context) error { time.Sleep(time.Hour); return nil }); return nil })`,
		`demos.Submit(demos.OnThread, func(n int) int { time.Sleep(time.Hour); return n }, 1).Result()`,
		`demos.C(demos.Wait(5, time.Minute))`,
	} {
		x := interrupted(t, e, 4+i, `fmt.Println("STARTED"); `+src)
		if x.Name != "Interrupt" {
			t.Errorf("%s: %v", src, x)
		}
		if text := shown(t, e, 30+i, `kept*10 + runtime.GOMAXPROCS(0) - cores`); text != "70" {
			t.Errorf("after %s: %s", src, text)
		}
		eventually(t.Fatalf, func() (bool, string) {
			left := grandchildren(pid)
			return left == "", "processes left by " + src + ": " + left
		})
	}
}

// What a worker process prints is output of the cell, and a kernel that ends the
// evaluator ends its workers.
func TestWorkersOfDemos(t *testing.T) {
	e := newTier(t, Native)
	mustRun(t, e, 1, `import ("fmt"; "os"; "interleave/demos")`)
	mustRun(t, e, 2, `func says(n int) int { fmt.Println("worker says", n); return os.Getpid() }`)
	r := mustRun(t, e, 3, `demos.Processes(demos.Compute(says, []int{1, 2}))`)
	if text := r.String(); !strings.Contains(text, "worker says 1\n") || !strings.Contains(text, "worker says 2\n") {
		t.Errorf("printed %q", text)
	}
	mustRun(t, e, 4, `pool, err := demos.OpenPool(2)`)
	pids := strings.Fields(strings.Trim(shown(t, e, 5, `pool.PIDs()`), "[]"))
	if len(pids) != 2 {
		t.Fatalf("processes %v", pids)
	}
	e.Kill()
	eventually(t.Fatalf, func() (bool, string) {
		for _, pid := range pids {
			if state, err := os.ReadFile("/proc/" + pid + "/stat"); err == nil && !strings.Contains(string(state), ") Z ") {
				return false, "process " + pid + " is still there"
			}
		}
		return true, ""
	})
}

// What waits for ever in a worker process, and a panic in a goroutine there, is the
// error of its task; what goroutines print is output of the cell, and so is a log.
func TestGoroutinesOfWorkers(t *testing.T) {
	for name, tier := range map[string]Tier{"interpreted": Interpreted, "native": Native} {
		t.Run(name, func(t *testing.T) {
			e := newTier(t, tier)
			mustRun(t, e, 1, `import ("fmt"; "log"; "os"; "sync"; "time"; "interleave/demos")`)
			mustRun(t, e, 2, `func waits(n int) int {
	c := make(chan int)
	if n == 1 {
		return <-c
	}
	go func() { time.Sleep(150 * time.Millisecond); c <- n }()
	return <-c
}`)
			mustRun(t, e, 3, `func bursts(n int) int {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer func() { if n != 1 { wg.Done() } }()
		if n == 1 { panic("boom") }
		fmt.Println("goroutine", n)
	}()
	wg.Wait()
	log.SetFlags(0)
	log.Println("log", n)
	return os.Getpid()
}`)
			if text := shown(t, e, 4, `r := demos.Processes(demos.Compute(waits, []int{1, 2, 1, 3, 4}), demos.Workers(2)); fmt.Sprint(r.Values, r.Failures)`); text != "[<nil> 2 <nil> 3 4] [task 0: cell 2:4: deadlock: goroutine waits to receive from c task 2: cell 2:4: deadlock: goroutine waits to receive from c]" {
				t.Errorf("%s", text)
			}
			r := &recorder{}
			b, err := e.Eval(context.Background(), Request{Code: `s := demos.Processes(demos.Compute(bursts, []int{1, 2, 3}), demos.Workers(1)); fmt.Sprint(s.Failures, s.Values[1] == s.Values[2], s.Values[1] != os.Getpid())`, Count: 5}, r)
			if err != nil {
				t.Fatal(err)
			}
			if text := fmt.Sprint(b.Data["text/plain"]); !strings.HasPrefix(text, "[task 0: panic in goroutine started at cell 3:4: boom") || !strings.HasSuffix(text, " true true") {
				t.Errorf("%s", text)
			}
			mustRun(t, e, 6, `func asks(n int) string { var x int; _, err := fmt.Scan(&x); return fmt.Sprint(err) }`)
			if text := shown(t, e, 7, `demos.Processes(demos.Compute(asks, []int{1})).Values`); text != "[EOF]" {
				t.Errorf("input in a worker process: %s", text)
			}
			for _, line := range []string{"goroutine 2\n", "goroutine 3\n", "log 2\n", "log 3\n"} {
				if text := r.String() + r.stderr.String(); !strings.Contains(text, line) {
					t.Errorf("printed %q, without %q", text, line)
				}
			}
		})
	}
}

// grandchildren are the processes that an evaluator's child has started and that
// still run.
func grandchildren(pid string) string {
	var left []string
	files, _ := filepath.Glob(filepath.Join("/proc", pid, "task", "*", "children"))
	for _, f := range files {
		text, _ := os.ReadFile(f)
		left = append(left, strings.Fields(string(text))...)
	}
	return strings.Join(left, " ")
}

// A cell that imports demos links hardly more than one that imports fmt.
func TestDemosAreThin(t *testing.T) {
	e := newTier(t, Native)
	size := func(count int, src string) int64 {
		mustRun(t, e, count, src)
		var newest int64
		for path, so := range e.compiler.objects {
			if strings.HasSuffix(path, "/c"+string(rune('0'+count))) {
				info, err := os.Stat(so)
				if err != nil {
					t.Fatal(err)
				}
				newest = info.Size()
			}
		}
		if newest == 0 {
			t.Fatalf("no shared object of cell %d among %v", count, e.compiler.objects)
		}
		return newest
	}
	fmtSize := size(1, "import \"fmt\"\nvar a = fmt.Sprint(1)")
	demosSize := size(2, "import \"interleave/demos\"\nvar j = demos.Primes(1, 10)")
	const own = 10_000 // without a copy of the library both have little but their own
	if demosSize > fmtSize*5/4+own {
		t.Errorf("a cell with demos links %d bytes, one with fmt %d", demosSize, fmtSize)
	}
}

// Live progress of a demo that takes long is one display that goes away.
func TestDemosShowProgress(t *testing.T) {
	e := newTier(t, Native)
	mustRun(t, e, 1, `import ("time"; "interleave/demos")`)
	r := &recorder{}
	b, err := e.Eval(context.Background(), Request{Code: `demos.Serial(demos.Wait(16, 100*time.Millisecond))`, Count: 2}, r)
	if err != nil || b == nil {
		t.Fatal(err)
	}
	text := r.String()
	if ok, _ := regexp.MatchString(`^<serial: 16 requests[^\n]*> *\n(<update serial[^\n]*\n)+<update >\n$`, text); !ok {
		t.Errorf("shown while it ran:\n%s", text)
	}
}

// What is generic in package demos does in interpreted cells what it does in compiled
// ones, and its values pass from the one to the other.
func TestGenericDemos(t *testing.T) {
	magic := map[string]string{"interpreted": "%%interpreted\n", "native": "%%native\n"}
	cells := []struct {
		src, want string
		made      bool // by reflection, where it is interpreted, are types of it
	}{
		{`p := demos.Submit(demos.OnGoroutine, half, 8); p.Result()`, "4, <nil>", false},
		{`fmt.Sprintf("%T %T %T", p, demos.Any[int], demos.All(p))`, "*demos.Promise[int] func(...*demos.Promise[int]) *demos.Promise[int] *demos.Promise[[]int]", false},
		{`q := demos.Submit(demos.OnProcess, name, 3); v, err := q.Result(); fmt.Sprintf("%q %v", v, err)`, `"<3>" <nil>`, false},
		{`demos.Submit[int, int](demos.OnThread, half, 1<<20).Result()`, "524288, <nil>", false},
		{`demos.Submit(demos.OnNative, half, 3).ResultWithin(time.Minute)`, "1, <nil>", false},
		{`demos.Submit(demos.OnGoroutine, bad, 0).Result()`, "0, error: panic: runtime error: integer divide by zero", false},
		{`demos.Submit(demos.OnProcess, bad, 0).Result()`, "0, error: task 0: panic: runtime error: integer divide by zero", false},
		{`demos.Submit("moon", half, 0).Result()`, `0, error: demos.Submit: no runner "moon": take goroutine, thread, process or native`, false},
		{`var none func(int) int; demos.Submit(demos.OnGoroutine, none, 0).Result()`, "0, error: demos.Submit: the function is nil", false},
		{`demos.Submit(demos.OnGoroutine, func(s string) error { panic(errors.New(s)) }, "thrown").Result()`, "<nil>, error: panic: thrown", false},
		{`demos.Submit(demos.OnGoroutine, func(s string) error { return nil }, "").Result()`, "<nil>, <nil>", false},
		{`demos.Submit(demos.OnGoroutine, func(s string) error { return errors.New(s) }, "given").Result()`, "error: given, <nil>", false},
		{`demos.Submit(demos.OnGoroutine, func(x any) any { return x }, nil).Result()`, "<nil>, <nil>", false},
		{`demos.Submit(demos.OnGoroutine, func(x any) any { return []any{x, x == nil} }, 3).Result()`, "[3 false], <nil>", false},
		{`demos.Submit(demos.OnGoroutine, func(err error) bool { return err == nil }, nil).Result()`, "true, <nil>", false},
		{`demos.Submit(demos.OnGoroutine, func(d time.Duration) time.Duration { return 2 * d }, time.Second).Result()`, "2s, <nil>", false},
		{`demos.Submit(demos.OnGoroutine, func(x float64) float32 { return float32(x / 2) }, 3).Result()`, "1.5, <nil>", true},
		{`demos.Submit(demos.OnGoroutine, words, "a b a").Result()`, "map[a:2 b:1], <nil>", true},
		{`demos.Then(p, name).Result()`, `<4>, <nil>`, false},
		{`demos.Then(demos.Then(p, half), func(n int) []string { return []string{name(n), "x"} }).Result()`, "[<2> x], <nil>", true},
		{`demos.Then(demos.Submit(demos.OnGoroutine, bad, 0), name).Result()`, ", error: panic: runtime error: integer divide by zero", false},
		{`demos.Then(p, bad).Result()`, "2, <nil>", false},
		{`demos.Then(p, func(n int) int { return bad(n - 4) }).Result()`, "0, error: panic: runtime error: integer divide by zero", false},
		{`both := demos.All(p, demos.Submit(demos.OnGoroutine, half, 20)); both.Result()`, "[4 10], <nil>", false},
		{`demos.Then(both, func(xs []int) int { return xs[0] + xs[1] }).Result()`, "14, <nil>", true},
		{`ps := []*demos.Promise[int]{p, demos.Submit(demos.OnGoroutine, bad, 0)}; demos.All(ps...).Result()`, "[4 0], error: panic: runtime error: integer divide by zero", false},
		{`demos.All[int]().Result()`, "[], <nil>", false},
		{`demos.All(demos.All(ps[0])).Result()`, "[[4]], <nil>", false},
		{`demos.Any(ps...).Result()`, "4, <nil>", false},
		{`demos.Any[string]().Result()`, ", error: demos.Any: of no promises none is kept", false},
		{`sum := 0; for r := range demos.AsCompleted(p, p, ps[0]) { n, _ := r.Result(); sum += n }; sum`, "12", false},
		{`first, ok := <-demos.AsCompleted(p); []any{first == p, ok}`, "[true true]", false},
		{`_, open := <-p.Done(); select { case <-p.Done(): open = !open; case <-time.After(time.Minute): }; open`, "true", false},
		{`_, err := demos.Submit(demos.OnGoroutine, func(d time.Duration) bool { time.Sleep(d); return true }, time.Hour).ResultWithin(time.Millisecond); errors.Is(err, demos.ErrTimeout)`, "true", false},
		{`var all []*demos.Promise[string]; for i := range 3 { all = append(all, demos.Submit(demos.OnGoroutine, name, i)) }; demos.All(all...).Result()`, "[<0> <1> <2>], <nil>", false},
		{`submit := demos.Submit[int, string]; join := demos.All[string]; join(submit("goroutine", name, 1), submit("thread", name, 2)).Result()`, "[<1> <2>], <nil>", true},
		{`func() (int, error) { defer p.Result(); go p.Result(); return p.Result() }()`, "4, <nil>", false},
		{`get := p.Result; get()`, "4, <nil>", false},
		{`var x any = p; _, is := x.(*demos.Promise[int]); _, other := x.(*demos.Promise[string]); []bool{is, other}`, "[true false]", false},
		{`s, err := demos.NewShared[int](3); s.Slice[1] = 7; fmt.Sprint(s.Slice, err)`, "[0 7 0] <nil>", false},
		{`demos.Submit(demos.OnProcess, fill, s).Result()`, "3, <nil>", true},
		{`s.Slice`, "[0 1 4]", false},
		{`_, err := demos.NewShared[float64](0); err`, "error: demos.NewShared: 0 elements: give it 1 or more, a terabyte at most", false},
		{`pool, _ := demos.OpenPool(2); demos.Map(pool, name, []int{1, 2})`, "[<1> <2>], <nil>", false},
		{`demos.Map[int, int](pool, bad, []int{5, 0})`, "[2 0], error: task 1: panic: runtime error: integer divide by zero", false},
		{`out, err := demos.Map(pool, words, []string{"a", "b b"}); fmt.Sprint(out, err)`, "[map[a:1] map[b:2]] <nil>", true},
		{`demos.Map(pool, func(n int) [2]int { return [2]int{n, half(n)} }, []int{10})`, "[[10 5]], <nil>", true},
		{`k := 2; demos.Map(pool, func(n int) int { return n * k }, []int{10})`, "[], error: the function captures k; processes share no memory: pass it in", false},
		{`pool.Close(); demos.Map(nil, half, []int{10})`, "[], error: demos: there is no kernel here: run this in a notebook cell, or with interleave run", false},
		{`func get() (int, error) { return demos.Submit(demos.OnGoroutine, half, 6).Result() }
get()`, "3, <nil>", false},
		{`func later(n int) int { v, _ := demos.Submit(demos.OnGoroutine, half, n).Result(); return v }
demos.Submit(demos.OnProcess, later, 6).Result()`, "3, <nil>", false},
	}
	for _, ways := range []string{"interpreted", "native", "interpreted native", "native interpreted", "without"} {
		t.Run(ways, func(t *testing.T) {
			tiers := strings.Fields(ways)
			e := newTier(t, Auto)
			if ways == "without" {
				t.Setenv("PATH", "") // where there is no Go
			}
			mustRun(t, e, 1, `import ("errors"; "fmt"; "strings"; "time"; "interleave/demos")`)
			mustRun(t, e, 2, magic[tiers[0]]+`
func half(n int) int { return n / 2 }
func bad(n int) int { return 10 / n }
func name(n int) string { return fmt.Sprint("<", n, ">") }
func words(s string) map[string]int { m := map[string]int{}; for _, w := range strings.Fields(s) { m[w]++ }; return m }
func fill(s *demos.Shared[int]) int { for i := range s.Slice { s.Slice[i] = i * i }; return len(s.Slice) }`)
			for i, c := range cells {
				src := magic[tiers[i%len(tiers)]] + c.src
				if c.made && ways != "without" {
					src = c.src // of a type that reflection would make
				}
				b, err := e.Eval(context.Background(), Request{Code: src, Count: 3 + i}, &recorder{})
				if err != nil {
					t.Errorf("%s\nfails: %v", src, err)
				} else if text := textOf(b); text != c.want {
					t.Errorf("%s\nis shown as\n%s\nwant\n%s", src, text, c.want)
				}
			}
		})
	}
}

// Promises of types that the program does not hold are refused, with what to use instead.
func TestGenericDemosRefused(t *testing.T) {
	e := newTier(t, Auto)
	mustRun(t, e, 1, `import "interleave/demos"`)
	for src, what := range map[string]string{
		`var p *demos.Promise[[3]int]`:                                        "the type demos.Promise[[3]int], in place of which demos.Promise[any] could be interpreted",
		`p := demos.Submit(demos.OnThread, func(int) *int { return nil }, 1)`: "the type demos.Promise[*int], in place of which demos.Promise[any] could be interpreted",
		`p := demos.All[[][]int]()`:                                           "the type demos.Promise[[][][]int], in place of which demos.Promise[any] could be interpreted",
		`s, err := demos.NewShared[[2]int](1)`:                                "the type demos.Shared[[2]int], in place of which demos.Shared[int] or [float64] could be interpreted",
	} {
		_, err := e.Eval(context.Background(), Request{Code: "%%interpreted\n" + src, Count: 2}, &recorder{})
		want := "TierError: cell 2:2: " + what + ": the interpreter does not do this exactly as Go does: begin the cell with %%native, or take the line %%interpreted away"
		if err == nil || err.Error() != want {
			t.Errorf("%s\ngave %v\nwant %s", src, err, want)
		}
	}
}

// The interpreter gives for the source of a function alone what the function gives, also
// where that uses built-in functions that the interpreter does not have, and constants.
func TestInterpretedAlone(t *testing.T) {
	e := newTier(t, Auto)
	mustRun(t, e, 1, `import ("fmt"; "math"; clock "time"; "interleave/demos")
const (third = 1.0/3; half = 0.5; two = 2.0; step clock.Duration = 1500; letter = 'x'; word = "a\"b"; small int8 = 3; big = 1 << 40)`)
	mustRun(t, e, 2, `%%native
func ends(xs []int) []int {
	low, high := xs[0], xs[0]
	for _, x := range xs[1:] {
		low, high = min(low, x), max(max(high, x), min(1, 2))
	}
	return []int{low, high, max(low, 3, high), min(7, 2, 5)}
}
func floats(x float64) string {
	nan, less := math.NaN(), math.Copysign(0, -1)
	f := float32(x)
	return fmt.Sprint(max(x, 1), min(x, third), max(nan, x), min(x, nan), 1/max(less, 0), 1/min(0, less), max(f, 0.1), max(1.5, 2)/4)
}
func words(s string) string { demo := max(s, word, "Z"); return fmt.Sprintf("%q %q", min(s, "m"), demo) }
func times(d clock.Duration) string { time := 1; _ = time; return fmt.Sprint(max(d, step), min(d, 2*clock.Second, step)) }
func clears(n int) string {
	m, s := map[float64]int{math.NaN(): 1, 2: n}, []int{n, n, n}
	clear(m)
	clear(s[max(1, n-n):])
	return fmt.Sprint(len(m), s)
}
func constants(n int) string { return fmt.Sprint(float64(n)*third, two/4, float64(n)*half, step, string(letter), letter, word, small+124, big, two*half) }
func both(n int) string { return constants(n) + fmt.Sprint(half, max(n, 1)) + clears(n) }
func shadowed(n int) int { max := func(a, b int) int { return a - b }; return max(n, 1) }`)
	for i, job := range []string{
		`ends, [][]int{{3}, {5, -2, 9}, {1, 2}}`, `floats, []float64{0, 0.25, -1, 1e300}`, `words, []string{"", "b", "zz"}`, `times, []clock.Duration{0, 1600, clock.Hour}`,
		`clears, []int{1, 2}`, `constants, []int{1, 7}`, `both, []int{3}`, `shadowed, []int{5}`,
	} {
		want := shown(t, e, 10+2*i, `demos.Serial(demos.Compute(`+job+`)).Values`)
		got := shown(t, e, 11+2*i, `r := demos.Interpreted(demos.Compute(`+job+`)); fmt.Sprint(r.Values, r.Failures, r.Err)`)
		if got != want+" [] <nil>" {
			t.Errorf("%s: interpreted %s\nwant %s", job, got, want)
		}
	}
}
