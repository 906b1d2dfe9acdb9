package timeline

import (
	"syscall"
	"time"
	"unsafe"
)

// A Clock reads the system's monotonic clock, which is the same in all processes;
// the zero Clock is not one. Reading it takes 50 ns.
type Clock struct {
	begun time.Time
	base  int64
}

// NewClock gives a clock. Source: clock_gettime(2), CLOCK_MONOTONIC.
func NewClock() Clock {
	const monotonic = 1
	var ts syscall.Timespec
	begun := time.Now()
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, monotonic, uintptr(unsafe.Pointer(&ts)), 0)
	return Clock{begun, ts.Nano()}
}

// Now gives nanoseconds since the machine started.
func (c Clock) Now() int64 { return c.base + int64(time.Since(c.begun)) }

// A Change is the moment at which a task began to be in a state.
type Change struct {
	At    int64 // of a Clock
	State State
}

// A Task records what one task does. One goroutine at a time uses it. The zero
// Task, and a nil one, record nothing.
type Task struct {
	ID        int
	Lane      int // OwnLane: any that is free
	Submitted int64
	Ended     int64 // 0: not yet
	Changes   []Change
	clock     Clock
	inline    [4]Change
}

// OwnLane is the lane of a task that has none given: it is drawn in the first
// lane that is free while it runs.
const OwnLane = -1

// Begin notes that the task starts to run, in a lane.
func (t *Task) Begin(lane int) {
	if t == nil {
		return
	}
	t.Clear(lane)
	t.Enter(Running)
}

// Clear makes t a task of a lane that has not begun.
func (t *Task) Clear(lane int) {
	t.Lane, t.Ended, t.Changes = lane, 0, t.inline[:0]
}

// Enter notes that the task is in a state from now on.
func (t *Task) Enter(s State) {
	if t == nil || t.Ended != 0 {
		return
	}
	t.Changes = append(t.Changes, Change{t.clock.Now(), s})
}

// End notes that the task has ended; the first time counts.
func (t *Task) End() {
	if t == nil || t.Ended != 0 {
		return
	}
	t.Ended = t.clock.Now()
}

// A Recorder records n tasks, each in its own place, so that recording takes no
// lock.
type Recorder struct {
	Clock Clock
	Start int64 // of Clock
	tasks []Task
}

// NewRecorder gives a recorder of n tasks, which are all there to be done now.
func NewRecorder(n int) *Recorder {
	r := &Recorder{Clock: NewClock(), tasks: make([]Task, n)}
	r.Start = r.Clock.Now()
	for i := range r.tasks {
		r.tasks[i] = Task{ID: i, Lane: OwnLane, Submitted: r.Start, clock: r.Clock}
	}
	return r
}

// Task gives the i-th task.
func (r *Recorder) Task(i int) *Task { return &r.tasks[i] }

// Submit notes that the i-th task is there to be done from now on.
func (r *Recorder) Submit(i int) { r.tasks[i].Submitted = r.Clock.Now() }

// Timeline gives what was recorded; lanes name those that tasks were given. Tasks
// that go on are shown up to now.
func (r *Recorder) Timeline(lanes []string) *Timeline {
	t := &Timeline{Lanes: append([]string(nil), lanes...), Tasks: make([]Times, len(r.tasks))}
	now := r.Clock.Now()
	pack := packer{lanes: len(lanes)}
	for _, i := range r.order() {
		task := &r.tasks[i]
		t.Tasks[i] = Times{Submitted: task.Submitted - r.Start, End: -1}
		if len(task.Changes) == 0 {
			continue
		}
		end, lane := task.Ended, task.Lane
		if end == 0 {
			end = now
		} else {
			t.Tasks[i].End = end - r.Start
		}
		t.Tasks[i].Start = task.Changes[0].At - r.Start
		if lane == OwnLane {
			lane = pack.lane(task.Changes[0].At, end)
		}
		t.add(task, lane, end, r.Start)
	}
	for i := range pack.free {
		t.Lanes = append(t.Lanes, "goroutine "+itoa(i+1))
	}
	t.sort()
	return t
}

// add adds the spans of a task.
func (t *Timeline) add(task *Task, lane int, end, start int64) {
	for i, c := range task.Changes {
		until := end
		if i+1 < len(task.Changes) {
			until = task.Changes[i+1].At
		}
		if until > c.At {
			t.Spans = append(t.Spans, Span{lane, task.ID, c.State, c.At - start, until - start})
		}
	}
	t.Wall = max(t.Wall, end-start)
}

// Restart makes now the start, at which all tasks that have not begun are there to
// be done.
func (r *Recorder) Restart() { r.StartAt(r.Clock.Now()) }

// StartAt is Restart at a time of the clock, such as that at which a program began
// its tasks.
func (r *Recorder) StartAt(at int64) {
	r.Start = at
	for i := range r.tasks {
		if len(r.tasks[i].Changes) == 0 {
			r.tasks[i].Submitted = r.Start
		}
	}
}
