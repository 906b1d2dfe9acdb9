package grade

import (
	"fmt"
	"runtime"
	"time"
)

const (
	rounds = 9                     // most rounds of both functions
	enough = 3                     // rounds after which they may be fast enough
	near   = 1.1                   // times the best time, at most, for the second best to confirm it
	budget = 8 * time.Second       // after which no round begins
	shown  = 10 * time.Millisecond // least time of a measurement
)

// Faster checks that fast takes at most 1/times of the time that slow takes. Both
// run by turns; what counts is the best time of each, so that what else the
// machine does matters little, and that each came to it twice, or had nine turns:
// one that was held up at its first turns is not slow yet. What takes less than
// 10 ms is measured by running it more often.
func Faster(what string, times float64, slow, fast func()) {
	if underDetector() {
		return
	}
	var a, b stopwatch
	start := time.Now()
	for round := 1; round <= rounds && (round == 1 || time.Since(start) < budget); round++ {
		a.measure(what, slow)
		b.measure(what, fast)
		if round >= enough && a.confirmed() && b.confirmed() && a.best >= times*b.best {
			return
		}
	}
	if a.best >= times*b.best { // after all the rounds that the budget allowed
		return
	}
	found := fmt.Sprintf("%.2f times as fast, %v instead of %v on %s",
		a.best/b.best, duration(b.best), duration(a.best), count(runtime.GOMAXPROCS(0), "core"))
	fail(what, found, fmt.Sprintf("at least %v", times))
}

// A stopwatch keeps the two best times of a function. The zero value is ready.
type stopwatch struct {
	best, second float64 // seconds of one call; 0 where there is none yet
	n            int     // calls in a measurement
}

// confirmed tells whether two measurements agree on the best time.
func (w *stopwatch) confirmed() bool { return w.second != 0 && w.second <= near*w.best }

// keep takes the time of one more measurement, in seconds of one call.
func (w *stopwatch) keep(one float64) {
	switch {
	case w.best == 0 || one < w.best:
		w.best, w.second = one, w.best
	case w.second == 0 || one < w.second:
		w.second = one
	}
}

// measure times f once more, apart.
func (w *stopwatch) measure(what string, f func()) {
	w.n = max(w.n, 1)
	for {
		var took time.Duration
		finish(what, func() {
			start := time.Now()
			for range w.n {
				f()
			}
			took = time.Since(start)
		})
		if took >= shown || w.n > 1<<20 {
			w.keep(took.Seconds() / float64(w.n))
			return
		}
		w.n *= 1 + int(shown/max(took, shown/100))
	}
}

func duration(seconds float64) time.Duration {
	d := time.Duration(seconds * float64(time.Second))
	return d.Round(max(time.Nanosecond, d/1000))
}
