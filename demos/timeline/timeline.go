// Package timeline keeps when tasks ran, and where: spans in lanes, of one
// monotonic clock that all processes of the machine share.
package timeline

import (
	"cmp"
	"slices"
)

// A State is what a task does during a span.
type State uint8

// The states. Runnable is a task that could go on, had it a thread, a lock or the
// GIL.
const (
	Running State = iota
	Waiting
	Runnable
)

var stateNames = [...]string{"running", "waiting", "runnable"}

func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "unknown"
}

// A Span is a stretch of one task in one lane. Start and End are nanoseconds since
// the timeline's start; Start <= End; spans of one lane do not overlap.
type Span struct {
	Lane, Task int
	State      State
	Start, End int64
}

// A Timeline is what tasks did. Spans are in the order of lanes, then of Start.
type Timeline struct {
	Lanes []string // their names: a thread, a process, a goroutine
	Spans []Span
	Wall  int64   // nanoseconds from the start to the end of the last task
	Tasks []Times // by task
}

// Times are when a task was there to be done, began, and ended, in nanoseconds
// since the timeline's start. A task that never began has End < 0.
type Times struct{ Submitted, Start, End int64 }

// Latencies gives how long each task that ended took from when it was there to be
// done, sorted.
func (t *Timeline) Latencies() []int64 {
	var out []int64
	for _, task := range t.Tasks {
		if task.End >= 0 {
			out = append(out, task.End-task.Submitted)
		}
	}
	slices.Sort(out)
	return out
}

// Percentile gives the value below which p percent of sorted lie, by the nearest
// rank; 0 for none.
func Percentile(sorted []int64, p int) int64 {
	if len(sorted) == 0 {
		return 0
	}
	rank := (len(sorted)*p + 99) / 100
	return sorted[min(max(rank-1, 0), len(sorted)-1)]
}

// Overlap gives two spans of one lane that overlap, which a correct timeline has
// not.
func (t *Timeline) Overlap() (a, b Span, found bool) {
	for i := 1; i < len(t.Spans); i++ {
		a, b := t.Spans[i-1], t.Spans[i]
		if a.Lane == b.Lane && b.Start < a.End {
			return a, b, true
		}
	}
	return Span{}, Span{}, false
}

// sort brings spans in order.
func (t *Timeline) sort() {
	slices.SortFunc(t.Spans, func(a, b Span) int {
		return cmp.Or(cmp.Compare(a.Lane, b.Lane), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
}

// Busy gives the nanoseconds that all lanes together spent in a state.
func (t *Timeline) Busy(s State) int64 {
	var sum int64
	for _, span := range t.Spans {
		if span.State == s {
			sum += span.End - span.Start
		}
	}
	return sum
}
