// Package grade has checks for exercises, for the cells that test what a student
// wrote:
//
//	grade.Equal("sum of 1, 2, 3", sum([]int{1, 2, 3}), 6)
//	grade.Faster("two workers", 1.6, serial, parallel)
//	grade.NoLeak("fetch", func() { fetch(urls) })
//	grade.NoRace("count", func() { count(4) })
//
// The first argument names what is checked; messages begin with it. A check that
// holds does nothing. One that fails panics with a *Failure, which ends the cell
// with an error: nbgrader gives such a cell no points. Nothing is printed, since
// nbgrader gives none for a word on standard error either.
//
// What a check runs, it runs apart: it is stopped when the check has its verdict,
// so that an endless loop or a deadlock costs its own points and no others.
package grade

import (
	"fmt"
	"time"
)

// Failure is why a check failed.
type Failure struct {
	What     string // what was checked, as the author of the exercise named it
	Found    string
	Expected string
}

func (f *Failure) Error() string {
	return fmt.Sprintf("%s: found %s, expected %s", f.What, f.Found, f.Expected)
}

// fail ends the check.
func fail(what, found, expected string) {
	panic(&Failure{What: what, Found: found, Expected: expected})
}

// limit is how long a function that is checked may run where the check itself
// says no time: shorter than nbgrader waits for a cell, which is 30 s.
const limit = 10 * time.Second

// Equal checks that found and expected are deeply equal and of one type; errors
// also where errors.Is says so.
func Equal(what string, found, expected any) {
	if d := difference(found, expected); d != nil && !underDetector() {
		fail(what+d.path, d.found, d.expected)
	}
}
