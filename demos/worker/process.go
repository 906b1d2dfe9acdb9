package worker

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A process is one worker, as its parent sees it. One goroutine at a time uses it.
type process struct {
	cmd    *exec.Cmd
	to     *os.File
	from   *os.File
	out    frame
	in     frame
	claims claims
	stderr *tail
	call   *Call // that it is set to
	ended  sync.Once
	state  *os.ProcessState
}

// start starts a worker, and does not wait until it is ready.
func start(command []string) (p *process, err error) {
	p = &process{stderr: &tail{to: os.Stderr}}
	shared, err := Memory(os.Getpagesize())
	if err != nil {
		return nil, fmt.Errorf("worker process: shared memory: %w", err)
	}
	defer shared.Close()
	page, err := mapPage(int(shared.Fd()))
	if err != nil {
		return nil, fmt.Errorf("worker process: shared memory: %w", err)
	}
	p.claims = claimsIn(page)
	runtime.AddCleanup(p, func(page []byte) { syscall.Munmap(page) }, page) // others look at it until the end
	theirs, err := p.connect()
	if err != nil {
		return nil, fmt.Errorf("worker process: pipe: %w", err)
	}
	p.cmd = exec.Command(command[0], command[1:]...)
	p.cmd.Stdout, p.cmd.Stderr = os.Stdout, p.stderr
	p.cmd.ExtraFiles = append(theirs, shared)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.WaitDelay = time.Second // what it had started may hold stderr
	err = p.cmd.Start()
	for _, f := range theirs {
		f.Close()
	}
	if err != nil {
		p.release()
		return nil, fmt.Errorf("worker process: %w", err)
	}
	return p, nil
}

// connect makes the pipes, and gives the worker's ends of them.
func (p *process) connect() ([]*os.File, error) {
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		theirIn.Close()
		ourOut.Close()
		return nil, err
	}
	p.to, p.from = ourOut, ourIn
	return []*os.File{theirIn, theirOut}, nil
}

func (p *process) release() {
	p.to.Close()
	p.from.Close()
}

// ready waits until the worker takes requests.
func (p *process) ready() error {
	if _, err := p.receive(); err != nil {
		return fmt.Errorf("worker process: %s", p.end(true))
	}
	return nil
}

// ask makes a request for tasks of c, with arguments, and gives how many bytes these
// take.
func (p *process) ask(c *Call, r request, inputs reflect.Value) (size int, err error) {
	if !c.same(p.call) {
		p.call = nil
		if r.Call, err = c.encode(); err != nil {
			return 0, err
		}
	}
	if err := r.put(&p.out, inputs); err != nil {
		return 0, fmt.Errorf("argument: %w", err)
	}
	p.call = c
	return len(p.out.b), nil
}

// send sends the request that was made last.
func (p *process) send() error { return p.out.send(p.to) }

// receive waits for a reply, which is good until the next one.
func (p *process) receive() (r reply, err error) {
	if err = p.in.receive(p.from); err == nil {
		err = r.take(&p.in)
	}
	return r, err
}

// kill ends it at once, from any goroutine.
func (p *process) kill() { syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) }

// end waits for its end, with kill at once, and says how it came.
func (p *process) end(kill bool) string {
	p.ended.Do(func() {
		p.release()
		if kill {
			p.kill()
		}
		p.cmd.Wait()
		p.state = p.cmd.ProcessState
		if p.state.Success() {
			p.stderr.rest()
		}
	})
	return p.death()
}

// crashed waits for the end of a worker whose pipe has ended, and says how it came.
func (p *process) crashed() string {
	p.ended.Do(func() {
		p.kill() // what it had started; a process that has ended keeps its status
		p.cmd.Wait()
		p.state = p.cmd.ProcessState
		p.release()
	})
	return p.death()
}

// death is "killed by SIGSEGV", "exit status 3", with what it said.
func (p *process) death() string {
	status, ok := p.state.Sys().(syscall.WaitStatus)
	text := p.state.String()
	if ok && status.Signaled() {
		text = "killed by a signal: " + status.Signal().String()
	}
	if said := p.stderr.first(); said != "" {
		text += ": " + said
	}
	return text
}

// A tail keeps the beginning of what a worker writes to stderr, and passes it on, but
// for what a dying runtime says, which is told where the worker does die.
type tail struct {
	to    io.Writer
	mu    sync.Mutex
	b     bytes.Buffer
	line  []byte // whose end has not come
	dying bool
}

func (t *tail) Write(b []byte) (int, error) {
	const most = 64 << 10
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b.Write(b[:min(len(b), most-t.b.Len())])
	t.line = append(t.line, b...)
	for !t.dying {
		i := bytes.IndexByte(t.line, '\n') + 1
		if i == 0 && len(t.line) < most {
			break
		}
		if i == 0 {
			i = len(t.line)
		}
		if t.dying = deathWords.Match(t.line[:i]); !t.dying {
			t.to.Write(t.line[:i])
			t.line = t.line[i:]
		}
	}
	if t.dying {
		t.line = t.line[:min(len(t.line), most)]
	}
	return len(b), nil
}

// deathWords begin what the Go runtime says before it dies.
var deathWords = regexp.MustCompile(`^(panic: |fatal error: |runtime: |unexpected fault |SIG[A-Z]+: )`)

// rest passes on what was held back of a worker that has not died.
func (t *tail) rest() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.to.Write(t.line)
	t.line = nil
}

// first is the first line that tells something.
func (t *tail) first() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for line := range strings.Lines(t.b.String()) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}

var errClosed = errors.New("the pool is closed")
