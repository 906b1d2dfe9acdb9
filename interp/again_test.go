package interp

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// compiledUnits counts the units that an Evaluator has compiled.
func compiledUnits(e *Evaluator) int { return len(e.compiler.objects) }

// A compiled cell that runs again unchanged compiles nothing, and does what it did.
func TestAgain(t *testing.T) {
	e := newTier(t, Native)
	mustRun(t, e, 1, `import "fmt"; n := 0`)
	mustRun(t, e, 2, `func step() int { return 1 }`)
	const src = `for i := range 3 { n += step() + i }; fmt.Println(n)`
	mustRun(t, e, 3, src)
	units := compiledUnits(e)
	start := time.Now()
	if got := mustRun(t, e, 4, src).String(); got != "12\n" || compiledUnits(e) != units {
		t.Errorf("again: printed %q, %d units compiled", got, compiledUnits(e)-units)
	}
	t.Logf("again: %v", time.Since(start))

	// A function that is declared again reaches it, as it does all callers.
	mustRun(t, e, 5, `func step() int { return 10 }`)
	if got := mustRun(t, e, 6, src).String(); got != "45\n" {
		t.Errorf("with another step: printed %q", got)
	}
	// So does declaring the first again, which is no earlier cell any more.
	mustRun(t, e, 7, `func step() int { return 1 }`)
	if got := mustRun(t, e, 8, src).String(); got != "51\n" {
		t.Errorf("with the first step again: printed %q", got)
	}
	// A variable of another type is another variable.
	mustRun(t, e, 9, `n := 0.5`)
	mustRun(t, e, 10, `func step() float64 { return 1 }`)
	if _, err := e.Eval(context.Background(), Request{Code: src, Count: 11}, &recorder{}); err == nil || !strings.Contains(err.Error(), "cell 11:1: invalid operation") {
		t.Errorf("with other types: %v", err)
	}
}

// What goes wrong in a cell that runs again is at the number that it has now.
func TestAgainPositions(t *testing.T) {
	e := newTier(t, Native)
	mustRun(t, e, 1, `a, i := []int{1}, 0`)
	const src = "\nfunc() { _ = a[i] }()"
	mustRun(t, e, 2, src)
	mustRun(t, e, 3, `i = 5`)
	units := compiledUnits(e)
	_, err := e.Eval(context.Background(), Request{Code: src, Count: 4}, &recorder{})
	var x *Error
	if !errors.As(err, &x) || x.Name != "panic" || compiledUnits(e) != units {
		t.Fatalf("error is %v, %d units compiled", err, compiledUnits(e)-units)
	}
	if text := strings.Join(x.Traceback, "\n"); !strings.Contains(text, "cell 4:2") || strings.Contains(text, "cell 2:") || !strings.Contains(text, "func() { _ = a[i] }()") {
		t.Errorf("traceback is %s", text)
	}
}

// So is a goroutine that such a cell starts, one of the first run keeping its number.
func TestAgainGoroutines(t *testing.T) {
	e := newTier(t, Native)
	mustRun(t, e, 1, `ch, bad := make(chan int), make(chan int)`)
	const src = "\nfunc wait() { <-ch }\ngo wait()\ngo func() { <-bad; panic(\"cell 2:9 is a text of the user's\") }()"
	mustRun(t, e, 2, src)
	list := func(n int) (text string) {
		eventually(t.Fatalf, func() (bool, string) {
			text = mustRun(t, e, n, `%goroutines`).String()
			return !strings.Contains(text, ": running"), text
		})
		return text
	}
	first := "  started at cell 2:3: waits to receive from ch at cell 2:2\n  started at cell 2:4: waits to receive from bad at cell 2:4\n"
	if got := sorted(list(3)); got != "2 goroutines still running\n"+first {
		t.Errorf("the first run is listed as\n%s", got)
	}
	again := &recorder{}
	units := compiledUnits(e)
	if _, err := e.Eval(t.Context(), Request{Code: src, Count: 4}, again); err != nil || compiledUnits(e) != units {
		t.Fatalf("again: %v, %d units compiled", err, compiledUnits(e)-units)
	}
	if got, want := sorted(list(5)), "4 goroutines still running\n"+first+strings.ReplaceAll(first, "cell 2", "cell 4"); got != want {
		t.Errorf("listed as\n%s\nwant\n%s", got, want)
	}
	mustRun(t, e, 6, `go wait()`) // whose code is that of [4] now
	if got, want := list(7), "started at cell 6:1: waits to receive from ch at cell 4:2\n"; !strings.Contains(got, want) {
		t.Errorf("listed as\n%s\nwithout %s", got, want)
	}
	mustRun(t, e, 8, `bad <- 1; bad <- 1`)
	eventually(t.Fatalf, func() (bool, string) { return again.errors() != "", "the panic is not told" })
	if got, want := again.errors(), "panic in goroutine started at cell 4:4: cell 2:9 is a text of the user's\n\tcell 4:4"; !strings.HasPrefix(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
	_, err := e.Eval(t.Context(), Request{Code: "\nfunc() { for { <-ch } }()", Count: 9}, &recorder{})
	var x *Error
	if !errors.As(err, &x) || !strings.Contains(strings.Join(x.Traceback, "\n"), "cell 4:2: goroutine waits to receive from ch") {
		t.Errorf("a deadlock is told as %v", x)
	}
}

// sorted gives lines, but the first, in order.
func sorted(text string) string {
	lines := strings.SplitAfter(text, "\n")
	slices.Sort(lines[1:])
	return strings.Join(lines, "")
}

// A crash of one is at the number of its run.
func TestAgainCrash(t *testing.T) {
	e := newTier(t, Native)
	mustRun(t, e, 1, `import "unsafe"; address := uintptr(0)`)
	const src = "\nif address != 0 { *(*int)(unsafe.Pointer(address)) = 1 }"
	mustRun(t, e, 2, src)
	mustRun(t, e, 3, `address = 0xdead0000`)
	_, err := e.Eval(t.Context(), Request{Code: src, Count: 4}, &recorder{})
	var x *Error
	if !errors.As(err, &x) {
		t.Fatalf("error is %v", err)
	}
	if text := strings.Join(x.Traceback, "\n"); !strings.Contains(text, "cell 4:2") || strings.Contains(text, "cell 2:") {
		t.Errorf("traceback is %s", text)
	}
}

// After a crash, and after %reset, nothing runs that uses what is gone.
func TestAgainAfterCrash(t *testing.T) {
	e := newTier(t, Native)
	mustRun(t, e, 1, `n := 1`)
	const src = `for range 2 { n++ }`
	mustRun(t, e, 2, src)
	generation := func() int {
		e.mu.Lock()
		defer e.mu.Unlock()
		return e.gen
	}
	old := generation()
	e.Kill()
	eventually(t.Fatalf, func() (bool, string) { return generation() != old, "no other child" })
	mustRun(t, e, 3, `1`)
	if _, err := e.Eval(context.Background(), Request{Code: src, Count: 4}, &recorder{}); err == nil || !strings.Contains(err.Error(), "undefined: n (declared in cell 1, lost in the crash") {
		t.Errorf("after the crash: %v", err)
	}
	mustRun(t, e, 5, `n := 40`)
	mustRun(t, e, 6, src)
	if got, _ := e.Eval(context.Background(), Request{Code: `n`, Count: 7}, &recorder{}); got == nil || got.Data["text/plain"] != "42" {
		t.Errorf("n is %v", got)
	}
	mustRun(t, e, 8, `%reset`)
	if _, err := e.Eval(context.Background(), Request{Code: src, Count: 9}, &recorder{}); err == nil {
		t.Error("after reset: no error")
	}
}

// A cell that declares a function again and again is the latest each time.
func TestAgainDeclares(t *testing.T) {
	e := newTier(t, Native)
	const first, second = `func f() int { return 1 }`, `func f() int { return 2 }`
	for i, c := range []struct{ src, want string }{{first, "1"}, {second, "2"}, {first, "1"}, {first, "1"}, {second, "2"}} {
		mustRun(t, e, 2*i+1, c.src)
		if got, err := e.Eval(context.Background(), Request{Code: `f()`, Count: 2*i + 2}, &recorder{}); err != nil || got.Data["text/plain"] != c.want {
			t.Errorf("%d: f() is %v, %v", i, got, err)
		}
	}
}
