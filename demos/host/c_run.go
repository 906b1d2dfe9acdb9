package host

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"interleave/demos/timeline"
	"interleave/demos/work"
	"interleave/demos/worker"
)

// mostDeaths is how often a program in C may die before its other tasks are given up.
const mostDeaths = 20

// A cRun is a program in C that does the tasks of a trial. What it has done stands in
// memory that it shares with this process; so it loses the task that it dies of, and
// is started again for the others.
type cRun struct {
	*trial
	program string
	file    *os.File
	head    *work.CHead
	jobs    []work.CJob
}

// runC runs a compiled program and takes what it did.
func (t *trial) runC(program string, inputs []float64) error {
	t.workers = t.count(mostThreads)
	size := int(unsafe.Sizeof(work.CHead{})) + len(inputs)*int(unsafe.Sizeof(work.CJob{}))
	file, err := worker.Memory(size)
	if err != nil {
		return fmt.Errorf("c: shared memory: %w", err)
	}
	defer file.Close()
	memory, err := syscall.Mmap(int(file.Fd()), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("c: shared memory: %w", err)
	}
	defer syscall.Munmap(memory)
	head := (*work.CHead)(unsafe.Pointer(&memory[0]))
	r := &cRun{t, program, file, head, unsafe.Slice((*work.CJob)(unsafe.Add(unsafe.Pointer(head), unsafe.Sizeof(*head))), len(inputs))}
	for i, x := range inputs {
		r.jobs[i].Input = x
	}
	if err := r.all(); err != nil {
		return err
	}
	r.take()
	return nil
}

// all runs the program until all tasks have ended, one way or another.
func (r *cRun) all() error {
	threads := r.workers
	for deaths := 0; ; {
		how, late, err := r.once(threads)
		if err != nil {
			return err
		}
		undone, lost := r.undone(), late
		why := fmt.Errorf("took longer than %v: its program was killed, since a thread cannot be", r.o.Timeout)
		if len(undone) == 0 {
			return nil
		}
		if len(late) == 0 {
			lost, why = r.culprits(undone, how)
		}
		if len(lost) == 0 && threads == 1 {
			return fmt.Errorf("c: the program died outside of its tasks: %s", how)
		}
		if deaths++; deaths == mostDeaths {
			why, lost = fmt.Errorf("not done: the program died %d times, the last time so: %w", deaths, why), undone
		}
		for _, i := range lost {
			r.errs[i] = why
			r.jobs[i].End = r.rec.Clock.Now()
		}
		threads = r.workers
		if len(lost) == 0 {
			threads = 1 // it will be seen
		}
		for _, i := range r.undone() {
			j := &r.jobs[i]
			j.Start, j.Wait, j.Resume, j.Failed = 0, 0, 0, 0
		}
		r.head.Culprit = 0
	}
}

// once runs the program. It tells how that ended, and which tasks took too long.
func (r *cRun) once(threads int) (how string, late []int, err error) {
	var said bytes.Buffer
	cmd := exec.CommandContext(r.ctx, r.program, fmt.Sprint(len(r.jobs)), fmt.Sprint(threads))
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = os.Stdout, &said, []*os.File{r.file}
	cmd.WaitDelay = time.Second // what a task has started may hold stderr
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("c: %w", err)
	}
	ended, found := make(chan struct{}), make(chan []int)
	go r.mind(cmd.Process, ended, found) // ends with the program
	cmd.Wait()
	close(ended)
	late = <-found
	if r.ctx.Err() != nil {
		return "", nil, errInterrupted
	}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.usage.User += cmd.ProcessState.UserTime()
		r.usage.System += cmd.ProcessState.SystemTime()
		r.usage.Voluntary += u.Nvcsw
		r.usage.Involuntary += u.Nivcsw
		r.usage.Memory = max(r.usage.Memory, u.Maxrss<<10)
	}
	return strings.TrimSpace(cmd.ProcessState.String() + " " + said.String()), late, nil
}

// mind counts the tasks that have ended, and kills the program where one takes too
// long. It gives those that do, at the end.
func (r *cRun) mind(p *os.Process, ended <-chan struct{}, found chan<- []int) {
	period := 50 * time.Millisecond
	if r.o.Timeout > 0 {
		period = min(period, max(r.o.Timeout/20, time.Millisecond))
	}
	tick := time.NewTicker(period)
	defer tick.Stop()
	var late []int
	for late == nil {
		select {
		case <-ended:
			found <- late
			return
		case <-tick.C:
		}
		now, done := r.rec.Clock.Now(), 0
		for i := range r.jobs {
			start, end := atomic.LoadInt64(&r.jobs[i].Start), atomic.LoadInt64(&r.jobs[i].End)
			switch {
			case end != 0:
				done++
			case start != 0 && r.o.Timeout > 0 && now-start > int64(r.o.Timeout):
				late = append(late, i)
			}
		}
		r.done.Store(int64(done))
	}
	p.Kill()
	<-ended
	found <- late
}

// undone are the tasks that have not ended.
func (r *cRun) undone() (all []int) {
	for i := range r.jobs {
		if r.jobs[i].End == 0 {
			all = append(all, i)
		}
	}
	return all
}

// culprits are the tasks that a program died of, and why; none where that cannot be
// told, as several were under way.
func (r *cRun) culprits(undone []int, how string) ([]int, error) {
	died := errors.New("its program died, and all threads with it: " + how)
	if c := int(r.head.Culprit) - 1; c >= 0 && c < len(r.jobs) && r.jobs[c].End == 0 {
		return []int{c}, died
	}
	var begun []int
	for _, i := range undone {
		if r.jobs[i].Start != 0 {
			begun = append(begun, i)
		}
	}
	switch {
	case strings.HasPrefix(how, "exit status 0"):
		return begun, errors.New("the task ended its thread")
	case len(begun) == 1:
		return begun, died
	}
	return nil, died
}

// take takes what the program did.
func (r *cRun) take() {
	r.ready = time.Duration(r.head.Begun - r.rec.Start)
	r.rec.StartAt(r.head.Begun)
	lanes := map[int64]int{}
	for i := range r.jobs {
		j := &r.jobs[i]
		r.done.Store(int64(i + 1))
		switch {
		case r.errs[i] != nil:
		case j.Failed != 0:
			r.errs[i] = errors.New("c: the request failed")
		default:
			r.values[i] = j.Value
		}
		if j.Start == 0 {
			continue
		}
		n, ok := lanes[j.Thread]
		if !ok {
			n = len(r.lanes)
			lanes[j.Thread] = n
			r.lanes = append(r.lanes, fmt.Sprintf("C thread %d", j.Thread))
		}
		task := r.rec.Task(i)
		task.Lane, task.Ended = n, j.End
		task.Changes = append(task.Changes, timeline.Change{At: j.Start, State: timeline.Running})
		if j.Resume > 0 {
			task.Changes = append(task.Changes, timeline.Change{At: j.Wait, State: timeline.Waiting}, timeline.Change{At: j.Resume, State: timeline.Running})
		}
	}
}
