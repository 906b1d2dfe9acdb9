package interp

import (
	"strings"
	"testing"
)

// A task of a demo whose time is over, or that a failure cancels, is ended where it
// waits, and has failed; a lock that it waits for stays usable.
func TestTasksAreCutWhereTheyWait(t *testing.T) {
	for name, tier := range map[string]Tier{"compiled": Native, "interpreted": Interpreted} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newTier(t, tier)
			mustRun(t, e, 1, `import ("errors"; "fmt"; "sync"; "time"; "interleave/demos")`)
			mustRun(t, e, 2, `never, nobody, mu := make(chan int), make(chan int), new(sync.Mutex); mu.Lock()`)
			mustRun(t, e, 3, `
func wait(how int) (int, error) {
	switch how {
	case 1:
		time.Sleep(time.Hour)
	case 2:
		<-never
	case 3:
		nobody <- 1
	case 4:
		select {
		case <-never:
		case nobody <- 1:
		}
	case 5:
		mu.Lock()
	case 6:
		return 0, errors.New("no")
	}
	return how, nil
}`)
			mustRun(t, e, 4, `job := demos.Compute(wait, []int{0, 1, 2, 3, 4, 5})
ended := func(r *demos.Result) string { return fmt.Sprint(r.Values[0], len(r.Failures), r.Err, " ", r.Failures[0], r.Wall() < 20*time.Second) }`)
			const cut = "0 5 <nil> task 1: took longer than 50ms: cancelled true"
			for i, code := range []string{
				`ended(demos.Threads(job, demos.Timeout(50*time.Millisecond)))`,
				`ended(demos.Threads(job, demos.Timeout(50*time.Millisecond), demos.GIL()))`,
				`ended(demos.Async(job, demos.Timeout(50*time.Millisecond)))`,
				`ended(demos.Future(job, demos.Timeout(50*time.Millisecond)))`,
			} {
				if got := shown(t, e, 5+i, code); got != cut {
					t.Errorf("%s: %s", code, got)
				}
			}
			got := shown(t, e, 9, `late := demos.Nursery(job, demos.Timeout(50*time.Millisecond)); fmt.Sprint(len(late.Failures), " ", late.Failures)`)
			if !strings.HasPrefix(got, "5 ") || !strings.Contains(got, "took longer than 50ms") || strings.Contains(got, "interrupted") {
				t.Errorf("a nursery whose tasks are late: %s", got)
			}
			got = shown(t, e, 10, `failed := demos.Nursery(demos.Compute(wait, []int{1, 2, 3, 4, 5, 6})); fmt.Sprint(len(failed.Failures), failed.Wall() < 20*time.Second)`)
			if got != "6 true" {
				t.Errorf("a failure among tasks that wait: %s", got)
			}
			if got := shown(t, e, 11, `mu.Unlock(); time.Sleep(50*time.Millisecond); mu.TryLock()`); got != "true" {
				t.Errorf("the lock is free: %s", got)
			}
		})
	}
}
