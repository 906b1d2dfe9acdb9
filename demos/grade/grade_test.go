package grade

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// failure is what check panics with; "" where it holds.
func failure(t *testing.T, check func()) (message string) {
	t.Helper()
	defer func() {
		switch f := recover().(type) {
		case nil:
		case *Failure:
			message = f.Error()
		default:
			t.Errorf("panic with %v", f)
		}
	}()
	check()
	return ""
}

type point struct{ X, Y int }

type secret struct{ at *point }

type list struct {
	N    int
	Next *list
}

func TestEqual(t *testing.T) {
	loop := &list{N: 1}
	loop.Next = loop
	other := &list{N: 1, Next: &list{N: 1}}
	for _, test := range []struct {
		found, expected any
		want            string
	}{
		{1, 1, ""},
		{[]int{}, []int{}, ""},
		{nil, nil, ""},
		{secret{&point{1, 2}}, secret{&point{1, 2}}, ""},
		{fmt.Errorf("wrapped: %w", fs.ErrNotExist), fs.ErrNotExist, ""},
		{1, 2, "x: found 1, expected 2"},
		{1, int64(1), "x: found 1 of type int, expected 1 of type int64"},
		{"a\n", "a", `x: found "a\n", expected "a"`},
		{nil, 1, "x: found nothing, expected 1"},
		{errors.New("a"), nil, "x: found a, expected nothing"},
		{fs.ErrExist, fs.ErrNotExist, "x: found file already exists, expected file does not exist"},
		{[]int(nil), []int{}, "x: found nil, expected []"},
		{[]int{1}, []int{1, 2}, "x: found [1], expected [1 2]"},
		{[]int{1, 5, 3}, []int{1, 2, 3}, "x, at [1]: found 5, expected 2"},
		{[2]bool{true}, [2]bool{}, "x, at [0]: found true, expected false"},
		{map[string]int{"a": 1}, map[string]int{"b": 1}, `x, at ["a"]: found 1, expected nothing`},
		{map[string][]point{"a": {{1, 2}}}, map[string][]point{"a": {{1, 3}}}, `x, at ["a"][0].Y: found 2, expected 3`},
		{&point{1, 2}, &point{2, 2}, "x, at .X: found 1, expected 2"},
		{[]any{1, "a"}, []any{1, 2}, `x, at [1]: found "a", expected 2`},
		{[]any{1}, []any{int8(1)}, "x, at [0]: found 1 of type int, expected 1 of type int8"},
		{math.NaN(), math.NaN(), "x: found NaN of type float64, expected NaN of type float64"},
		{strings.Repeat("é", 500), "", `x: found "` + strings.Repeat("é", 99) + `... (1002 bytes), expected ""`},
		{loop, other, "x, at .Next.Next: found "},
	} {
		got := failure(t, func() { Equal("x", test.found, test.expected) })
		if got != test.want && (test.want == "" || !strings.HasSuffix(test.want, " ") || !strings.HasPrefix(got, test.want)) {
			t.Errorf("Equal(%v, %v): %q, want %q", test.found, test.expected, got, test.want)
		}
	}
	if got := failure(t, func() { Equal("x", secret{&point{1, 2}}, secret{&point{1, 3}}) }); !strings.HasPrefix(got, "x: found {at:0x") {
		t.Errorf("lower-case fields: %s", got)
	}
}

// spin takes a time that grows with n.
func spin(n int) {
	x := 1
	for i := range n * 100_000 {
		x = x*31 + i
	}
	runtime.KeepAlive(x)
}

func TestFaster(t *testing.T) {
	if got := failure(t, func() { Faster("x", 2, func() { spin(40) }, func() { spin(4) }) }); got != "" {
		t.Error(got)
	}
	if got := failure(t, func() { Faster("short", 2, func() { spin(1); spin(1); spin(1); spin(1) }, func() { spin(1) }) }); got != "" {
		t.Error(got)
	}
	got := failure(t, func() { Faster("x", 50, func() { spin(4) }, func() { spin(4) }) })
	if !regexp.MustCompile(`^x: found \d+\.\d\d times as fast, \S+ instead of \S+ on \d+ cores?, expected at least 50$`).MatchString(got) {
		t.Error(got)
	}
	if got := failure(t, func() { Faster("x", 1, func() {}, func() { panic("boom") }) }); got != "x: found panic: boom, expected that it returns" {
		t.Error(got)
	}
}

// A function that a busy machine holds up at its first turns, less each time, is
// not taken for slow.
func TestFasterWhenHeldUp(t *testing.T) {
	turn := 0
	slow := func() {
		turn++
		time.Sleep(max(20, 300/time.Duration(turn)) * time.Millisecond)
	}
	got := failure(t, func() { Faster("x", 3, slow, func() { time.Sleep(20 * time.Millisecond) }) })
	if !strings.Contains(got, "expected at least 3") {
		t.Errorf("%q", got)
	}
}

// Nothing at all is measured too, with more calls.
func TestFasterOfNothing(t *testing.T) {
	var w stopwatch
	w.measure("x", func() {})
	if w.n < 1000 || w.best <= 0 {
		t.Errorf("%d calls, %v s", w.n, w.best)
	}
}

// quiet waits until the goroutines of earlier tests have ended: outside of a kernel
// they are told from others by their number.
func quiet() {
	for last, same := 0, 0; same < 10; time.Sleep(5 * time.Millisecond) {
		n := runtime.NumGoroutine()
		if same++; n != last {
			last, same = n, 0
		}
	}
}

func TestNoLeak(t *testing.T) {
	quiet()
	if got := failure(t, func() { NoLeak("x", func() { <-time.After(time.Millisecond) }) }); got != "" {
		t.Error(got)
	}
	stop := make(chan struct{})
	defer close(stop)
	got := failure(t, func() {
		NoLeak("x", func() {
			go func() { <-stop }() // ends with the test
			go func() { <-stop }() // ends with the test
		})
	})
	if got != "x: found 2 goroutines a second after it returned: a goroutine; a goroutine, expected none" {
		t.Error(got)
	}
	if got := failure(t, func() { NoLeak("x", func() { panic("boom") }) }); got != "x: found panic: boom, expected that it returns" {
		t.Error(got)
	}
	if got := failure(t, func() { NoLeak("x", runtime.Goexit) }); got != "x: found runtime.Goexit, expected that it returns" {
		t.Error(got)
	}
}

func TestCancels(t *testing.T) {
	for name, test := range map[string]struct {
		within time.Duration
		f      func(context.Context)
		want   string
	}{
		"good":   {time.Minute, func(ctx context.Context) { <-ctx.Done() }, ""},
		"early":  {time.Minute, func(context.Context) {}, "x: found that it returned before, expected that it runs until it is cancelled, and then returns within 1m0s"},
		"panics": {time.Minute, func(ctx context.Context) { <-ctx.Done(); panic("boom") }, "x: found panic: boom, expected that it returns"},
		"deaf": {time.Millisecond, func(ctx context.Context) { <-t.Context().Done() },
			"x: found that it still runs 1ms after it was cancelled, expected that it runs until it is cancelled, and then returns within 1ms"},
	} {
		if got := failure(t, func() { Cancels("x", test.within, test.f) }); got != test.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// A host that says what it is told to.
type fake struct {
	plainTrial
	asleep  []string
	stopped bool
}

func (f *fake) Asleep() []string { return f.asleep }
func (f *fake) Stop()            { f.stopped = true }

func TestDeadlocks(t *testing.T) {
	if got := failure(t, func() { Deadlocks("x", func() {}) }); got != "x: found that it returned, expected a deadlock" {
		t.Error(got)
	}
	defer func() { Host = nil }()
	host := &fake{asleep: []string{"cell 1:1: goroutine waits"}, plainTrial: plainTrial{done: make(chan struct{})}}
	Host = func(func()) Trial { return host }
	if got := failure(t, func() { Deadlocks("x", func() {}) }); got != "" || !host.stopped {
		t.Errorf("%s, stopped %v", got, host.stopped)
	}
}

func ExampleEqual() {
	defer func() { fmt.Println(recover()) }()
	Equal("squares", []int{1, 4, 8}, []int{1, 4, 9})
	// Output: squares, at [2]: found 8, expected 9
}

// Without a kernel and without the detector it cannot be told, and fails; with a
// kernel it is as that says, and the function is not called.
func TestNoRace(t *testing.T) {
	called := func() { t.Error("called") }
	if !hasDetector() {
		if got := failure(t, func() { NoRace("x", called) }); got != "x: found that nobody looks: run it with go run -race, expected no data race" {
			t.Error(got)
		}
	}
	defer func() { Detector = nil }()
	Detector = func(what string) string { return "1 data race in " + what }
	if got := failure(t, func() { NoRace("x", called) }); got != "x: found 1 data race in x, expected no data race" {
		t.Error(got)
	}
	Detector = func(string) string { return "" }
	if got := failure(t, func() { NoRace("x", called) }); got != "" {
		t.Error(got)
	}
}

// In a process that runs for it, NoRace writes verdicts, and other checks hold.
func TestUnderDetector(t *testing.T) {
	file := filepath.Join(t.TempDir(), "verdicts")
	t.Setenv(VerdictsEnv, file)
	got := failure(t, func() {
		Equal("x", 1, 2)
		never := func() { t.Error("called") }
		Faster("x", 2, never, never)
		NoLeak("x", never)
		Deadlocks("x", never)
		Cancels("x", time.Second, func(context.Context) { never() })
		NoRace("one \"two\"", func() {})
		NoRace("three", func() { panic("boom") })
	})
	if got != "" {
		t.Error(got)
	}
	text, err := os.ReadFile(file)
	if want := "\"one \\\"two\\\"\" \"\"\n\"three\" \"panic: boom\"\n"; err != nil || string(text) != want {
		t.Errorf("%s, %v, want %s", text, err, want)
	}
}
