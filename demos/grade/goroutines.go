package grade

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// NoLeak checks that f leaves no goroutine behind: that all those which it
// started, by go statements, WaitGroup.Go or time.AfterFunc, have ended a second
// after f returned. Goroutines that the library keeps for itself do not count.
func NoLeak(what string, f func()) {
	if underDetector() {
		return
	}
	t := finish(what, f)
	for end := time.Now().Add(time.Second); ; time.Sleep(5 * time.Millisecond) {
		left := t.Running()
		if len(left) == 0 {
			return
		}
		if time.Now().After(end) {
			failTrial(what, t, count(len(left), "goroutine")+" a second after it returned: "+strings.Join(left, "; "), "none")
		}
	}
}

// Deadlocks checks that f, with the goroutines that it starts, comes to a point
// where all of them wait for each other for ever. In a program that no kernel runs
// it cannot be told, and fails.
func Deadlocks(what string, f func()) {
	if underDetector() {
		return
	}
	const expected = "a deadlock"
	t := start(f)
	for end := time.Now().Add(limit); time.Now().Before(end); {
		if t.Asleep() != nil {
			t.Stop()
			return
		}
		select {
		case <-t.Done():
			mustReturn(what, t)
			failTrial(what, t, "that it returned", expected)
		case <-time.After(10 * time.Millisecond):
		}
	}
	failTrial(what, t, fmt.Sprintf("that after %v something may still wake it", limit)+state(t), expected)
}

// settle is how long a function runs before it is cancelled.
const settle = 100 * time.Millisecond

// Cancels checks that f, which would run for longer, returns within a time of
// its context being cancelled.
func Cancels(what string, within time.Duration, f func(ctx context.Context)) {
	if underDetector() {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	expected := fmt.Sprintf("that it runs until it is cancelled, and then returns within %v", within)
	t := start(func() { f(ctx) })
	select {
	case <-t.Done():
		mustReturn(what, t)
		failTrial(what, t, "that it returned before", expected)
	case <-time.After(settle):
	}
	cancel()
	select {
	case <-t.Done():
		mustReturn(what, t)
	case <-time.After(within):
		failTrial(what, t, fmt.Sprintf("that it still runs %v after it was cancelled", within)+state(t), expected)
	}
}

// state is where the goroutines of t are, for the end of a sentence.
func state(t Trial) string {
	if list := t.Running(); len(list) > 0 {
		return ", with " + count(len(list), "goroutine") + ": " + strings.Join(list, "; ")
	}
	return ""
}

// count is "1 thing" or "2 things".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
