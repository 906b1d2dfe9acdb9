package worker

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// A process is one worker, as its parent sees it. One goroutine at a time uses it.
type process struct {
	cmd    *exec.Cmd
	out    *gob.Encoder
	in     *gob.Decoder
	pipes  []*os.File // ends of this side
	page   []byte
	at     *atomic.Int64
	stderr *tail
	call   *Call // that it is set to
	ended  sync.Once
	state  *os.ProcessState
}

// start starts a worker, and does not wait until it is ready.
func start(command []string) (p *process, err error) {
	p = &process{stderr: &tail{}}
	shared, err := page()
	if err != nil {
		return nil, fmt.Errorf("worker process: shared memory: %w", err)
	}
	defer shared.Close()
	p.page, err = syscall.Mmap(int(shared.Fd()), 0, os.Getpagesize(), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("worker process: shared memory: %w", err)
	}
	p.at = (*atomic.Int64)(unsafe.Pointer(&p.page[0]))
	theirs, err := p.connect()
	if err != nil {
		syscall.Munmap(p.page)
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
	p.pipes = []*os.File{ourOut, ourIn}
	p.out, p.in = gob.NewEncoder(ourOut), gob.NewDecoder(ourIn)
	return []*os.File{theirIn, theirOut}, nil
}

func (p *process) release() {
	for _, f := range p.pipes {
		f.Close()
	}
}

// ready waits until the worker takes requests.
func (p *process) ready() error {
	var r reply
	if err := p.in.Decode(&r); err != nil {
		return fmt.Errorf("worker process: %s", p.end(true))
	}
	return nil
}

// send sends a chunk.
func (p *process) send(c *Call, indexes []int, inputs []byte, times bool) error {
	r := request{Indexes: indexes, Inputs: inputs, Times: times}
	if p.call != c {
		r.Call, p.call = c, c
	}
	return p.out.Encode(r)
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

// page gives a file in memory, of a page.
func page() (*os.File, error) {
	name := []byte("interleave\x00")
	const closeOnExec = 1
	fd, _, errno := syscall.Syscall(sysMemfdCreate, uintptr(unsafe.Pointer(&name[0])), closeOnExec, 0)
	if errno != 0 {
		return nil, errno
	}
	f := os.NewFile(fd, "memory")
	return f, f.Truncate(int64(os.Getpagesize()))
}

const sysMemfdCreate = 319 // on amd64

// A tail keeps the beginning of what a worker writes to stderr, and passes it on
// where the worker does not die of it.
type tail struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (t *tail) Write(b []byte) (int, error) {
	const most = 64 << 10
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b.Write(b[:min(len(b), most-t.b.Len())])
	return len(b), nil
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
