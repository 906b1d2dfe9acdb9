package grade

import (
	"fmt"
	"runtime"
	"time"
)

// A Trial is a function that runs apart, on a goroutine of its own.
type Trial interface {
	// Done is closed when the function has ended.
	Done() <-chan struct{}
	// Err is why it ended without returning: a panic, there or in a goroutine that
	// it started, or runtime.Goexit. To be asked after Done.
	Err() error
	// Running tells of each goroutine that it started, itself aside, and that has
	// not ended, where it was started and what it does.
	Running() []string
	// Asleep tells where the function and the goroutines that it started wait, where
	// nothing in the session will ever wake one of them; else nil. It takes two looks,
	// 50 ms apart.
	Asleep() []string
	// Stop ends the function and the goroutines that it started.
	Stop()
}

// Host runs functions apart. The kernel sets it, which can tell the goroutines of
// one function from others and stop them; nil stands for what a plain program can do.
var Host func(f func()) Trial

func start(f func()) Trial {
	if Host != nil {
		return Host(f)
	}
	t := &plainTrial{done: make(chan struct{}), before: runtime.NumGoroutine()}
	go t.run(f) // ends with f
	return t
}

// finish runs f apart to its end, or fails the check: where it panics, or runs
// longer than limit.
func finish(what string, f func()) Trial {
	t := start(f)
	select {
	case <-t.Done():
		mustReturn(what, t)
	case <-time.After(limit):
		failTrial(what, t, fmt.Sprintf("that it still runs after %v", limit)+state(t), "that it returns")
	}
	return t
}

// mustReturn fails the check where the function, which has ended, did not return.
func mustReturn(what string, t Trial) {
	if err := t.Err(); err != nil {
		failTrial(what, t, err.Error(), "that it returns")
	}
}

// failTrial stops what was tried, and fails the check.
func failTrial(what string, t Trial, found, expected string) {
	t.Stop()
	fail(what, found, expected)
}

// A plainTrial is a trial in a program that no kernel runs.
type plainTrial struct {
	done   chan struct{}
	err    error
	before int // number of goroutines
}

func (t *plainTrial) run(f func()) {
	returned := false
	defer close(t.done)
	defer func() {
		if r := recover(); r != nil {
			t.err = fmt.Errorf("panic: %v", r)
		} else if !returned {
			t.err = fmt.Errorf("runtime.Goexit")
		}
	}()
	f()
	returned = true
}

func (t *plainTrial) Done() <-chan struct{} { return t.done }
func (t *plainTrial) Err() error            { return t.err }
func (t *plainTrial) Asleep() []string      { return nil }
func (t *plainTrial) Stop()                 {}

func (t *plainTrial) Running() []string {
	n := runtime.NumGoroutine() - t.before
	select {
	case <-t.done:
	default:
		n-- // itself
	}
	var more []string
	for range n {
		more = append(more, "a goroutine")
	}
	return more
}
