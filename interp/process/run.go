package process

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// An Output takes what a process prints, and answers what it asks.
type Output interface {
	Stream(name, text string)                           // name is "stdout" or "stderr"
	Input(prompt string, password bool) (string, error) // a line of the user
}

// Patience is how long a process that was interrupted may take to end before it is
// killed.
const Patience = 2 * time.Second

// A Result is how a process ended.
type Result struct {
	Status      int            // exit status where it exited
	Signal      syscall.Signal // 0: it exited
	Interrupted bool           // ctx ended first
	Killed      bool           // it did not heed the interrupt
	Stdout      string         // the last of what it wrote there, at most tail bytes
	Stderr      string         // likewise
}

const tail = 64 << 10

// SignalName is such as "SIGSEGV".
func (r *Result) SignalName() string { return unix.SignalName(r.Signal) }

// Run runs cmd, which has not been started, until it ends; what it started is killed
// then. When ctx ends, it is sent an interrupt, as from a terminal, and killed when it
// still runs Patience later. With ask, what it reads from its standard input is
// asked for, a line at a time, when it waits to read. The error is one of starting.
func Run(ctx context.Context, cmd *exec.Cmd, out Output, ask bool) (*Result, error) {
	return (&runner{cmd: cmd, out: out, ended: make(chan struct{})}).run(ctx, ask)
}

// RunTests is Run for go test, which prints traces to its standard output, too, and
// has no input.
func RunTests(ctx context.Context, cmd *exec.Cmd, out Output) (*Result, error) {
	return (&runner{cmd: cmd, out: out, ended: make(chan struct{}), tests: true}).run(ctx, false)
}

func (r *runner) run(ctx context.Context, ask bool) (*Result, error) {
	cmd := r.cmd
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel, cmd.WaitDelay = nil, 0
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if ask {
		r2, w, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		defer r2.Close()
		cmd.Stdin, r.stdin = r2, w
	}
	// The kernel of the system kills the process when the thread that started it
	// ends: so that thread is kept.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if ask {
		defer r.stdin.Close()
	}
	r.ctx, r.tails = ctx, map[string]string{}
	read := make(chan struct{}, 2)
	go func() { r.copy("stdout", stdout); read <- struct{}{} }() // ends with the pipe
	go func() { r.copy("stderr", stderr); read <- struct{}{} }() // ends with the pipe
	stopped := make(chan stop, 1)
	go func() { stopped <- r.interrupts() }() // ends with the process
	if ask {
		go r.feed() // ends with the process, or when the user has answered
	}
	r.wait(read)
	how := <-stopped
	return r.result(how), nil
}

// A runner runs one process.
type runner struct {
	ctx   context.Context
	cmd   *exec.Cmd
	out   Output
	stdin *os.File
	ended chan struct{} // closed when the process has ended
	tests bool          // standard output has traces, too

	mu    sync.Mutex        // guards tails
	tails map[string]string // the last of what came, by name
}

// A stop is what was done to end a process.
type stop struct{ interrupted, killed bool }

// wait waits for the end of the process itself, ends what it left behind, and then
// waits for the rest of the output.
func (r *runner) wait(read chan struct{}) {
	pid := r.cmd.Process.Pid
	for unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
	close(r.ended)
	syscall.Kill(-pid, syscall.SIGKILL) // it is a zombie still, so that the group is its own
	late := time.NewTimer(time.Second)
	defer late.Stop()
	for range 2 {
		select {
		case <-read:
		case <-late.C: // a process that left the group holds a pipe open
		}
	}
	r.cmd.Wait() // closes the pipes
}

func (r *runner) result(how stop) *Result {
	out := &Result{Interrupted: how.interrupted, Killed: how.killed}
	ws, _ := r.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if ws.Signaled() {
		out.Signal = ws.Signal()
	} else {
		out.Status = ws.ExitStatus()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	out.Stdout, out.Stderr = r.tails["stdout"], r.tails["stderr"]
	return out
}

// interrupts ends the process when the context ends.
func (r *runner) interrupts() (how stop) {
	select {
	case <-r.ended:
		return how
	case <-r.ctx.Done():
	}
	how.interrupted = true
	syscall.Kill(-r.cmd.Process.Pid, syscall.SIGINT)
	late := time.NewTimer(Patience)
	defer late.Stop()
	select {
	case <-r.ended:
	case <-late.C:
		how.killed = true
		syscall.Kill(-r.cmd.Process.Pid, syscall.SIGKILL)
	}
	return how
}

// copy publishes what comes from a pipe, as it comes. Runes stay whole, and so do
// lines of a trace, whose positions are made those of cells.
func (r *runner) copy(name string, pipe io.Reader) {
	buf := make([]byte, 64<<10)
	rest, traces := "", name == "stderr" || r.tests
	put := func(text string) {
		if text == "" {
			return
		}
		if traces {
			text = InCells(text)
		}
		r.mu.Lock()
		r.tails[name] += text
		r.tails[name] = r.tails[name][max(0, len(r.tails[name])-tail):]
		r.mu.Unlock()
		r.out.Stream(name, strings.ToValidUTF8(text, "\ufffd"))
	}
	for {
		n, err := pipe.Read(buf)
		text := rest + string(buf[:n])
		cut := len(text)
		if err == nil {
			cut = whole(text, traces)
		}
		put(text[:cut])
		if rest = text[cut:]; err != nil {
			return
		}
	}
}

// whole is how much of text can be published before more comes: all but the start
// of a rune, and, with traces, but the start of a line of a trace.
func whole(text string, traces bool) int {
	cut := len(text)
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if c := text[len(text)-n]; utf8.RuneStart(c) {
			if !utf8.FullRuneInString(text[len(text)-n:]) {
				cut -= n
			}
			break
		}
	}
	line := strings.LastIndexByte(text[:cut], '\n') + 1
	if begin := text[line:cut]; traces && cut-line < 4096 && (strings.HasPrefix(begin, "\t") || strings.HasPrefix(begin, "./")) {
		return line
	}
	return cut
}

// inCell is a position in a trace of a program of cells, with the folder that a
// //line directive got and the offset in the code.
var inCell = regexp.MustCompile(`(?m)^(\s+)(?:[^\s:]*/)?(cell \d+:\d+)(?: (?:\+0x[0-9a-f]+|fp=0x[0-9a-f]+|sp=0x[0-9a-f]+|pc=0x[0-9a-f]+))*$`)

// inBuild is a position in what the go command writes.
var inBuild = regexp.MustCompile(`(?m)^\./(cell \d+:)`)

// InCells makes the positions in a trace, and in messages of the go command, those
// of cells.
func InCells(text string) string {
	return inBuild.ReplaceAllString(inCell.ReplaceAllString(text, "$1$2"), "$1")
}

// look is how often a process is looked at, whether it waits to read.
const look = 20 * time.Millisecond

// feed asks the user for a line whenever a thread of the process waits to read from
// descriptor 0. Where the user cannot be asked, the process finds the end of its input.
func (r *runner) feed() {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		select {
		case <-r.ended:
			return
		case <-tick.C:
		}
		if !readsInput(r.cmd.Process.Pid) || r.inputLeft() {
			continue
		}
		line, err := r.out.Input("", false)
		if err != nil {
			r.stdin.Close()
			return
		}
		if _, err := io.WriteString(r.stdin, line+"\n"); err != nil {
			return
		}
	}
}

// inputLeft tells whether the process has not read yet what it was given.
func (r *runner) inputLeft() bool {
	n, err := unix.IoctlGetInt(int(r.stdin.Fd()), unix.TIOCINQ)
	return err != nil || n > 0
}

// readsInput tells whether a thread of a process is in read(0, ...).
func readsInput(pid int) bool {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/syscall", pid))
	for _, t := range tasks {
		if b, err := os.ReadFile(t); err == nil && strings.HasPrefix(string(b), "0 0x0 ") {
			return true
		}
	}
	return false
}
