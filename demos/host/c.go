package host

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"syscall"
	"time"

	"interleave/demos"
	"interleave/demos/timeline"
	"interleave/demos/work"
)

// inC has a program in C do the tasks, with POSIX threads.
func inC(t *trial) error {
	source, cpp := work.CSource(t.spec), false
	inputs := make([]float64, t.job.N)
	for i := range inputs {
		inputs[i] = float64(i)
	}
	if t.job.Kind == demos.KindCompute {
		if t.o.C == "" {
			return errors.New("c: this function is Go: give it in C too, by demos.InC(`double task(double x) { ... }`)")
		}
		source, cpp = work.CTask(t.o.C), t.o.CPP
		in := reflect.ValueOf(t.job.Inputs)
		if !in.Type().Elem().ConvertibleTo(reflect.TypeFor[float64]()) || in.Type().Elem().Kind() == reflect.String {
			return fmt.Errorf("c: inputs are %s: the task in C takes a number", in.Type())
		}
		for i := range inputs {
			inputs[i] = in.Index(i).Convert(reflect.TypeFor[float64]()).Float()
		}
	}
	program, version, err := t.h.tools.compileC(t.ctx, source, cpp)
	if err != nil {
		return err
	}
	t.version = version
	return t.runC(program, inputs)
}

// A cTask is what the program writes of a task.
type cTask struct {
	Value                                    float64
	Start, Wait, Resume, End, Thread, Failed int64
}

// runC runs a compiled program and takes what it did.
func (t *trial) runC(program string, inputs []float64) error {
	t.workers = t.count(mostThreads)
	ctx := t.ctx
	if t.o.Timeout > 0 { // a thread cannot be ended from outside: only the program can
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.o.Timeout*time.Duration((t.job.N+t.workers-1)/t.workers))
		defer cancel()
	}
	var in, said bytes.Buffer
	binary.Write(&in, binary.LittleEndian, inputs)
	results, theirs, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("c: %w", err)
	}
	defer results.Close()
	cmd := exec.CommandContext(ctx, program, fmt.Sprint(t.job.N), fmt.Sprint(t.workers))
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = &in, os.Stdout, &said, []*os.File{theirs}
	err = cmd.Start()
	theirs.Close()
	if err != nil {
		return fmt.Errorf("c: %w", err)
	}
	out, _ := io.ReadAll(results) // what is missing is told below
	err = cmd.Wait()
	if t.ctx.Err() != nil {
		return errInterrupted
	}
	if err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("c: a task took longer than %v: the whole program was killed, since a thread cannot be", t.o.Timeout)
		}
		return fmt.Errorf("c: the program died, and all its threads with it: %s", strings.TrimSpace(cmd.ProcessState.String()+" "+said.String()))
	}
	u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if ok {
		t.usage = demos.Usage{User: cmd.ProcessState.UserTime(), System: cmd.ProcessState.SystemTime(), Voluntary: u.Nvcsw, Involuntary: u.Nivcsw, Memory: u.Maxrss << 10}
	}
	return t.takeC(bytes.NewReader(out))
}

// takeC reads what the program wrote.
func (t *trial) takeC(out io.Reader) error {
	var begun int64
	all := make([]cTask, t.job.N)
	if err := errors.Join(binary.Read(out, binary.LittleEndian, &begun), binary.Read(out, binary.LittleEndian, all)); err != nil {
		return fmt.Errorf("c: the program wrote something else than results to descriptor 3: %w", err)
	}
	t.ready = time.Duration(begun - t.rec.Start)
	t.rec.StartAt(begun)
	lanes := map[int64]int{}
	for i, c := range all {
		n, ok := lanes[c.Thread]
		if !ok {
			n = len(t.lanes)
			lanes[c.Thread] = n
			t.lanes = append(t.lanes, fmt.Sprintf("C thread %d", c.Thread))
		}
		task := t.rec.Task(i)
		task.Lane, task.Ended = n, c.End
		task.Changes = append(task.Changes, timeline.Change{At: c.Start, State: timeline.Running})
		if c.Resume > 0 {
			task.Changes = append(task.Changes, timeline.Change{At: c.Wait, State: timeline.Waiting}, timeline.Change{At: c.Resume, State: timeline.Running})
		}
		if c.Failed != 0 {
			t.errs[i] = errors.New("c: the request failed")
		} else {
			t.values[i] = c.Value
		}
		t.done.Add(1)
	}
	return nil
}

// missing tells how to get a tool.
func missing(tool, what string) error {
	hint := "install it"
	if _, err := exec.LookPath("apt-get"); err == nil {
		hint = "apt-get install " + tool
	}
	return fmt.Errorf("%s: there is no %s on this machine: %s", what, tool, hint)
}
