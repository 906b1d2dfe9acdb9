package host

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"interleave/demos"
	"interleave/demos/timeline"
	"interleave/display"
)

// script is a program that runs tasks by one of Python's tools.
//
//go:embed scripts/demo.py
var script []byte

// pythonFor is how long one of Python's tools may take for a job, pythonReady how
// long to get ready for it, which for Cython is to compile.
const (
	pythonFor   = 6 * time.Second
	pythonReady = time.Minute
)

// pythonTools are Python's tools, and whether they can do what waits, and what
// computes.
var pythonTools = []struct {
	name            string
	waits, computes bool
	own             bool // can run a function of the user's
}{
	{"asyncio", true, true, true},
	{"threading", true, true, true},
	{"multiprocessing", true, true, true},
	{"concurrent.futures", true, true, true},
	{"trio", true, false, false},
	{"unsync", true, true, true},
	{"cython", false, true, false},
}

// python runs job by each of Python's tools that can, where there is a Python.
func (h *Host) python(in *display.Handle, job demos.Job, o demos.Options) []*demos.Result {
	path, err := findPython()
	if err != nil {
		return []*demos.Result{{Technique: "python", Job: job, Python: true, Err: err}}
	}
	if job.Kind == demos.KindCompute && o.Python == "" {
		return []*demos.Result{{Technique: "python", Job: job, Python: true,
			Err: errors.New("python: this function is Go: give it in Python too, by demos.InPython(\"def task(x): ...\")")}}
	}
	var out []*demos.Result
	for _, tool := range pythonTools {
		if job.Waits() && !tool.waits || !job.Waits() && !tool.computes || job.Kind == demos.KindCompute && !tool.own {
			continue
		}
		name := tool.name
		r := h.runWith(in, "python "+name, func(t *trial) error { return t.python(path, name) }, job, o)
		r.Python = true
		h.leave(r.Err)
		out = append(out, r)
	}
	return out
}

// findPython finds the private environment's Python, or that on PATH.
func findPython() (string, error) {
	data := os.Getenv("XDG_DATA_HOME")
	if home, err := os.UserHomeDir(); data == "" && err == nil {
		data = filepath.Join(home, ".local", "share")
	}
	private := filepath.Join(data, "interleave", "venv", "bin", "python3")
	if _, err := os.Stat(private); err == nil {
		return private, nil
	}
	path, err := exec.LookPath("python3")
	if err != nil {
		return "", missing("python3", "python")
	}
	return path, nil
}

// A pythonLine is what the script says.
type pythonLine struct {
	Python  string
	GIL     bool
	Missing string
	Begun   int64
	Usage   *struct {
		User, System           float64
		Voluntary, Involuntary int64
		Memory                 int64 // KiB
	}

	I                        *int
	Lane                     string
	Start, Wait, Resume, End int64
	Value                    json.RawMessage
	Error                    string
}

// python runs the job by one tool.
func (t *trial) python(path, tool string) error {
	cmd, out, err := t.startPython(path, tool)
	if err != nil {
		return err
	}
	kill := func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // and all that it started
	var late atomic.Bool
	timer := time.AfterFunc(pythonReady, func() {
		late.Store(true)
		kill()
	})
	defer timer.Stop()
	defer context.AfterFunc(t.ctx, kill)()
	lanes := map[string]int{}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	missing := ""
	for lines.Scan() {
		var l pythonLine
		if json.Unmarshal(lines.Bytes(), &l) != nil {
			continue // a task of the user's prints
		}
		if l.Missing != "" {
			missing = l.Missing
		}
		if l.Begun != 0 {
			timer.Reset(pythonFor)
		}
		t.takePython(&l, lanes)
	}
	kill()
	err = cmd.Wait()
	switch {
	case t.ctx.Err() != nil:
		return errInterrupted
	case missing != "":
		return fmt.Errorf("python: no %s in this Python: python3 -m pip install %s", missing, strings.ToLower(missing))
	case late.Load() && t.ready == 0:
		return fmt.Errorf("python: not ready after %v", pythonReady)
	case late.Load():
		t.partial = true
		t.notes = append(t.notes, fmt.Sprintf("Stopped after %v.", pythonFor))
	case t.usage.Memory == 0 || t.done.Load() == 0:
		said, _ := cmd.Stderr.(*bytes.Buffer)
		return fmt.Errorf("python: it died: %v: %s", err, lastLine(said.String()))
	}
	t.workers = len(lanes)
	if tool == "asyncio" || tool == "trio" {
		t.workers = t.job.N
	}
	return nil
}

// startPython starts the script and gives it the job.
func (t *trial) startPython(path, tool string) (*exec.Cmd, io.Reader, error) {
	dir, err := cacheDir("demos-python")
	if err != nil {
		return nil, nil, fmt.Errorf("python: %w", err)
	}
	file := filepath.Join(dir, "interleave_demo.py") // a file, since worker processes import it
	if have, err := os.ReadFile(file); err != nil || !bytes.Equal(have, script) {
		if err := keepText(script, file); err != nil {
			return nil, nil, fmt.Errorf("python: %w", err)
		}
	}
	job := map[string]any{
		"tool": tool, "kind": t.job.Kind, "n": t.job.N, "size": t.job.Size, "port": portOf(t.spec.URL), "folder": dir, "source": t.o.Python,
		"threads": t.count(mostThreads), "processes": min(max(1, t.o.Workers, runtime.NumCPU()), t.job.N), "connections": mostConnections,
	}
	if t.job.Kind == demos.KindCompute {
		job["inputs"] = reflect.ValueOf(t.job.Inputs).Interface()
	}
	text, err := json.Marshal(job)
	if err != nil {
		return nil, nil, fmt.Errorf("python: the inputs cannot be passed: %w", err)
	}
	cmd := exec.Command(path, "-u", file)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stderr = new(bytes.Buffer)
	cmd.WaitDelay = time.Second
	in, err := cmd.StdinPipe() // held open: its end is that of the script
	if err != nil {
		return nil, nil, fmt.Errorf("python: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, fmt.Errorf("python: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("python: %w", err)
	}
	in.Write(append(text, '\n')) // an error shows at its end
	return cmd, out, nil
}

// takePython takes a line of the script.
func (t *trial) takePython(l *pythonLine, lanes map[string]int) {
	switch {
	case l.Python != "":
		t.version = "Python " + l.Python + " with a GIL"
		if !l.GIL {
			t.version = "Python " + l.Python + " without a GIL"
		}
	case l.Begun != 0:
		t.ready = time.Duration(l.Begun - t.rec.Start)
		t.rec.StartAt(l.Begun)
	case l.Usage != nil:
		u := l.Usage
		t.usage = demos.Usage{User: seconds(u.User), System: seconds(u.System), Voluntary: u.Voluntary, Involuntary: u.Involuntary, Memory: u.Memory << 10}
	case l.I != nil && *l.I >= 0 && *l.I < t.job.N:
		t.takeTask(l, lanes)
	}
}

func (t *trial) takeTask(l *pythonLine, lanes map[string]int) {
	task := t.rec.Task(*l.I)
	task.Lane = timeline.OwnLane
	if l.Lane != "" {
		n, ok := lanes[l.Lane]
		if !ok {
			n = len(t.lanes)
			lanes[l.Lane] = n
			t.lanes = append(t.lanes, l.Lane)
		}
		task.Lane = n
	}
	task.Changes = append(task.Changes, timeline.Change{At: l.Start, State: timeline.Running})
	if l.Resume > 0 {
		task.Changes = append(task.Changes, timeline.Change{At: l.Wait, State: timeline.Waiting}, timeline.Change{At: l.Resume, State: timeline.Running})
	}
	task.Ended = l.End
	t.values[*l.I] = pythonValue(l.Value)
	if l.Error != "" {
		t.errs[*l.I], t.values[*l.I] = errors.New(l.Error), nil
	}
	t.done.Add(1)
}

// pythonValue is a result: a number keeps all its digits.
func pythonValue(raw json.RawMessage) any {
	text := string(raw)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return f
	}
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return text
	}
	return v
}

func portOf(address string) int {
	u, err := url.Parse(address)
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(u.Port()) // 0 where there is none
	return n
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func lastLine(said string) string {
	said = strings.TrimSpace(said)
	return said[strings.LastIndexByte(said, '\n')+1:]
}
