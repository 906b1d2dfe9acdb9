package interp

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

// interrupted runs a cell that prints STARTED, interrupts it then, and gives
// its error.
func interrupted(t *testing.T, e *Evaluator, count int, src string) *Error {
	t.Helper()
	r := &recorder{events: make(chan string, 1000)}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := e.Eval(ctx, Request{Code: src, Count: count}, r)
		done <- err
	}()
	for text := ""; !strings.Contains(text, "STARTED"); {
		select {
		case s := <-r.events:
			text += s
		case err := <-done:
			t.Fatalf("cell %d ended by itself: %v", count, err)
		}
	}
	cancel()
	var x *Error
	if err := <-done; !errors.As(err, &x) {
		t.Fatalf("cell %d: error is %v", count, err)
	}
	return x
}

// An interrupt ends whatever a cell waits for or does, in the same child: values
// are kept, and goroutines of earlier cells go on.
func TestInterrupt(t *testing.T) {
	for name, tier := range map[string]Tier{"interpreted": Interpreted, "native": Native} {
		t.Run(name, func(t *testing.T) { testInterrupt(t, newTier(t, tier)) })
	}
}

func testInterrupt(t *testing.T, e *Evaluator) {
	mustRun(t, e, 1, `import ("context"; "fmt"; "iter"; "sort"; "strings"; "sync"; "time")`)
	mustRun(t, e, 2, `kept := 41; ch := make(chan int); var mu sync.Mutex; var rw sync.RWMutex; var wg sync.WaitGroup; ticks := make(chan int)`)
	mustRun(t, e, 3, `mu.Lock(); rw.Lock(); wg.Add(1); ctx := context.Background(); cond := sync.NewCond(&sync.Mutex{})`)
	mustRun(t, e, 4, `func forever() { for { } }`)
	mustRun(t, e, 6, `func fib(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }`)
	mustRun(t, e, 7, `func endless() iter.Seq[int] { return func(yield func(int) bool) { for yield(1) { } } }`)
	mustRun(t, e, 8, `type list struct { mu sync.Mutex; next *list }; func (l *list) walk() { for p := l; ; p = p.next { if p == nil { p = l } } }`)
	mustRun(t, e, 5, `go func() { for i := 0; ; i++ { ticks <- i } }()`)
	const start = `go func() { time.Sleep(time.Hour) }(); fmt.Println("STARTED"); `
	for i, src := range []string{
		`time.Sleep(time.Hour)`,
		`for { }`,
		`forever()`,
		`n := 0; for { n++ }`,
		`<-ch`,
		`ch <- 1`,
		`for range ch { }`,
		`select { case <-ch: case ch <- 2: }`,
		`select { }`,
		`mu.Lock()`,
		`rw.RLock()`,
		`wg.Wait()`,
		`<-ctx.Done()`,
		`cond.L.Lock(); cond.Wait()`,
		`for { time.Sleep(time.Millisecond) }`,
		`for { fmt.Print() }`,
		`func() { defer func() { recover() }(); for { } }()`,
		`var inner sync.WaitGroup; inner.Go(func() { for { } }); inner.Wait()`,
		`fib(200)`,
		`for range endless() { }`,
		`for v := range endless() { _ = strings.Repeat("x", v) }`,
		`next, stop := iter.Pull(endless()); defer stop(); for { next() }`,
		`<-time.After(time.Hour)`,
		`select { case <-time.After(time.Hour): case <-ch: }`,
		`(&list{}).walk()`,
		`var l list; l.mu.Lock(); l.mu.Lock()`,
		`for i := range 1 << 40 { for j := range 100 { kept += i * j * 0 } }`,
		`func() { again: kept += 0; goto again }()`,
		`for { switch { default: continue } }`,
		`var once sync.Once; once.Do(func() { for { } })`,
		`m := map[int]int{}; for i := 0; ; i++ { m[i%100] = i }`,
		`xs := make([]int, 1000); for { sort.Slice(xs, func(i, j int) bool { return xs[i] < xs[j] }) }`,
	} {
		gen := e.gen
		where := regexp.MustCompile(fmt.Sprintf(`  \x1b\[1mcell (%d|7):1(: main.*|: goroutine waits (to|for) .*)?\x1b\[0m\n`, 10+i))
		told := ""
		for try := 0; try < 5 && !where.MatchString(told); try++ { // an interrupt may come before the cell is there
			x := interrupted(t, e, 10+i, start+src)
			if x.Name != "Interrupt" || e.gen != gen {
				t.Errorf("%s: %v, child %d then %d", src, x, gen, e.gen)
			}
			told = strings.Replace(strings.Join(x.Traceback, "\n"), ": goroutine waits to sleep", " sleeps", 1) // the other one
		}
		if !where.MatchString(told) {
			t.Errorf("%s: where it was is not told: %q", src, told)
		}
	}
	b, err := e.Eval(context.Background(), Request{Code: `kept + 1`, Count: 50}, &recorder{})
	if err != nil || b.Data["text/plain"] != "42" {
		t.Errorf("kept+1 is %v, %v", b, err)
	}
	mustRun(t, e, 51, `if a, b := <-ticks, <-ticks; b != a+1 { panic("the goroutine of an earlier cell stopped") }`)
}

// What an interrupt ended takes no value later and holds no lock.
func TestInterruptLeavesNothing(t *testing.T) {
	for name, tier := range map[string]Tier{"interpreted": Interpreted, "native": Native} {
		t.Run(name, func(t *testing.T) { testInterruptLeavesNothing(t, newTier(t, tier)) })
	}
}

func testInterruptLeavesNothing(t *testing.T, e *Evaluator) {
	mustRun(t, e, 1, `import ("fmt"; "sync"; "time")`)
	mustRun(t, e, 2, `ch := make(chan int); var mu sync.Mutex; mu.Lock()`)
	for i, src := range []string{`<-ch`, `ch <- 1`, `for range 10 { go func() { <-ch }() }; select { }`, `mu.Lock()`} {
		interrupted(t, e, 10+i, `fmt.Println("STARTED"); `+src)
	}
	b, err := e.Eval(context.Background(), Request{Code: `go func() { ch <- 7 }(); <-ch`, Count: 20}, &recorder{})
	if err != nil || b.Data["text/plain"] != "7" {
		t.Errorf("a new sender and receiver exchange %v, %v", b, err)
	}
	mustRun(t, e, 21, `mu.Unlock(); mu.Lock(); mu.Unlock()`)
}

// What cannot be stopped is killed after two seconds, and Kill does so at once.
func TestInterruptKills(t *testing.T) {
	e := newEvaluator(t)
	mustRun(t, e, 1, `import ("fmt"; "os"; "os/exec")`)
	const stuck = `cmd := exec.Command("sh", "-c", "echo STARTED; sleep 1000"); cmd.Stdout = os.Stdout; cmd.Run()`
	if x := interrupted(t, e, 2, stuck); x.Name != "Killed" {
		t.Errorf("error is %v", x)
	}
	r := &recorder{events: make(chan string, 10)}
	done := make(chan error, 1)
	go func() {
		_, err := e.Eval(context.Background(), Request{Code: stuck, Count: 3}, r)
		done <- err
	}()
	<-r.events
	start := time.Now()
	e.Kill()
	if err := <-done; err == nil || time.Since(start) > patience/2 {
		t.Errorf("Kill took %v: %v", time.Since(start), err)
	}
	mustRun(t, e, 4, `fmt.Println("again")`)
}
