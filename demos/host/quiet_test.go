//go:build !race

package host

import (
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A promise of speed is kept or not on a machine that others use too: each is tried
// many times, and the best time counts; and in the same run a plain computation shows
// what the machine gives to anybody. Only where that is enough is a promise broken;
// else the test is skipped, and says what the machine gave.

// best keeps the shortest time of several.
type best time.Duration

func (b *best) of(f func()) {
	begun := time.Now()
	f()
	b.take(time.Since(begun))
}

func (b *best) take(d time.Duration) {
	if *b == 0 || d < time.Duration(*b) {
		*b = best(d)
	}
}

// times is how many times as fast as this other is.
func (b best) times(other best) float64 { return float64(b) / float64(other) }

// cores shows what two cores give: the same work on one thread and on two.
type cores struct {
	work int // of toil
	one  best
}

// speed is how many times as fast as one thread two are just now.
func (c *cores) speed() float64 {
	c.one.of(func() { toil(c.work) })
	var two best
	two.of(func() {
		var wait sync.WaitGroup
		for range 2 {
			wait.Go(func() {
				runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
				toil(c.work / 2)
			})
		}
		wait.Wait()
	})
	return c.one.times(two)
}

func needTwoCores(t *testing.T) {
	t.Helper()
	if n := min(runtime.NumCPU(), runtime.GOMAXPROCS(0)); n < 2 {
		t.Skip("there is one core")
	}
}

// onTime tries until f, which gives how long something took, stays within limit, 30
// times at most. A try counts where the machine was quiet before and after it.
func onTime(t *testing.T, what string, limit time.Duration, f func() time.Duration) {
	t.Helper()
	var shortest best
	quietTries, before := 0, quiet()
	for range 30 {
		d := f()
		shortest.take(d)
		if d <= limit {
			t.Logf("%s: %v", what, d)
			return
		}
		after := quiet()
		if before && after {
			quietTries++
		}
		before = after
	}
	if quietTries < 3 {
		t.Skipf("the machine has other things to do: %s took %v at best, and of 30 tries it was quiet in %d", what, time.Duration(shortest), quietTries)
	}
	t.Errorf("%s took %v at best, not %v; the machine was quiet in %d of 30 tries", what, time.Duration(shortest), limit, quietTries)
}

// quiet tells whether a thread that computes has a core for itself just now.
func quiet() bool {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	begun, cpu := time.Now(), threadTime()
	toil(3_000_000)
	return time.Since(begun) < (threadTime()-cpu)*11/10
}

// threadTime is what this thread has computed. Source: getrusage(2).
func threadTime() time.Duration {
	const thisThread = 1
	var u syscall.Rusage
	syscall.Getrusage(thisThread, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
