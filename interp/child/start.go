package child

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Env is set in the child's environment, so that it cannot be started by hand.
const Env = "INTERLEAVE_EVALUATOR"

// Options tell how to start a child.
type Options struct {
	Binary string   // program to start, with the one argument "eval"
	Dir    string   // working directory; empty: the kernel's
	Env    []string // further environment, as in "K=v"
	Memory int64    // limit of the child's memory in bytes; 0: none
}

// A Handler takes what the child sends. Text on the pipes belongs to the cell
// in the foreground. Calls never overlap.
type Handler interface {
	Output(name, text string) // name is "stdout" or "stderr"
	Event(e Event)            // Stream, Display, Clear, Done, Listed
	Input(c *Child, e Event)  // called on a goroutine of its own; answered by Child.Answer
}

// A Child is a running evaluator process.
type Child struct {
	cmd     *exec.Cmd
	handler Handler
	out     *pipe         // stdout
	err     *pipe         // stderr
	exited  chan struct{} // closed when the process has been reaped
	dead    chan struct{} // closed when the process has ended and all was published
	death   *Crash
	ready   chan struct{}
	publish sync.Mutex // one publisher at a time

	mu  sync.Mutex // guards enc
	enc *json.Encoder
	req *os.File
}

// ErrDead is returned for a request to a child that has ended.
var ErrDead = errors.New("the evaluator process has ended")

// Start starts a child. It returns before the child is ready: requests wait in
// the pipe.
func Start(o Options, h Handler) (*Child, error) {
	c := &Child{handler: h, dead: make(chan struct{}), exited: make(chan struct{}), ready: make(chan struct{})}
	c.cmd = exec.Command(o.Binary, "eval")
	c.cmd.Dir = o.Dir
	c.cmd.Env = append(os.Environ(), Env+"=1", "GODEBUG=tracebacklabels=1")
	c.cmd.Env = append(c.cmd.Env, o.Env...)
	if o.Memory > 0 {
		c.cmd.Env = append(c.cmd.Env, fmt.Sprintf("%s=%d", memoryEnv, o.Memory))
	}
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}

	var ends [6]*os.File // read and write ends of stdin, requests, events
	for i := 0; i < len(ends); i += 2 {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, fmt.Errorf("start evaluator: %w", err)
		}
		ends[i], ends[i+1] = r, w
	}
	var stdout, stderr *os.File
	var err error
	if c.out, stdout, err = newPipe("stdout", c); err != nil {
		return nil, fmt.Errorf("start evaluator: %w", err)
	}
	if c.err, stderr, err = newPipe("stderr", c); err != nil {
		return nil, fmt.Errorf("start evaluator: %w", err)
	}
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = ends[0], stdout, stderr
	c.cmd.ExtraFiles = []*os.File{ends[2], ends[5], ends[1]} // 3, 4, and 5: the write end of its own stdin
	c.req, c.enc = ends[3], json.NewEncoder(ends[3])
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start evaluator: %w", err)
	}
	for _, f := range []*os.File{ends[0], ends[1], ends[2], ends[5], stdout, stderr} {
		f.Close()
	}
	go c.out.run()                    // ends with the pipe
	go c.err.run()                    // ends with the pipe
	go c.wait(c.startEvents(ends[4])) // ends with the process
	return c, nil
}

// startEvents reads events until the pipe ends; the channel is closed then.
func (c *Child) startEvents(f *os.File) chan struct{} {
	ended := make(chan struct{})
	go func() { // ends with the pipe
		defer close(ended)
		defer f.Close()
		dec := json.NewDecoder(bufio.NewReaderSize(f, 64<<10))
		for {
			var e Event
			if dec.Decode(&e) != nil {
				return
			}
			c.event(e)
		}
	}()
	return ended
}

// event publishes e in its place among the output, and answers.
func (c *Child) event(e Event) {
	switch e.Kind {
	case Ready:
		close(c.ready)
		return
	case Input:
		c.drain()
		go c.handler.Input(c, e) // ends when the user has answered or the cell is stopped
		return
	}
	if e.Ack != 0 || e.Kind == Done {
		c.drain()
	}
	c.publish.Lock()
	c.handler.Event(e)
	c.publish.Unlock()
	if e.Ack != 0 {
		c.Send(Request{Kind: Ack, Ack: e.Ack})
	}
}

// drain publishes what the pipes hold now.
func (c *Child) drain() {
	c.out.drain()
	c.err.drain()
}

// Ready is closed when the child takes requests.
func (c *Child) Ready() <-chan struct{} { return c.ready }

// Dead is closed when the process has ended and its last output is published.
func (c *Child) Dead() <-chan struct{} { return c.dead }

// Crash tells how the child ended; nil while it lives.
func (c *Child) Crash() *Crash {
	select {
	case <-c.dead:
		return c.death
	default:
		return nil
	}
}

// Send sends a request. It fails with ErrDead where nobody reads it any more.
func (c *Child) Send(r Request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.enc.Encode(r); err != nil {
		return ErrDead
	}
	return nil
}

// Answer answers an Input event; refused is why there is no answer, or nil.
func (c *Child) Answer(ack uint64, text string, refused *Failure) {
	c.Send(Request{Kind: Answer, Ack: ack, Text: text, Refused: refused})
}

// Pid is the child's process id, and that of its process group.
func (c *Child) Pid() int { return c.cmd.Process.Pid }

// Kill ends the child and every process that it started.
func (c *Child) Kill() { syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) }

// wait reaps the process, and closes dead when its last words are published.
func (c *Child) wait(events chan struct{}) {
	err := c.cmd.Wait()
	close(c.exited)
	syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) // what it left behind
	c.mu.Lock()
	c.req.Close()
	c.mu.Unlock()
	after(events, time.Second)
	after(c.out.ended, time.Second)
	after(c.err.ended, time.Second)
	c.out.flush()
	words := ""
	if diedOfGo(c.cmd.ProcessState) {
		words = c.err.takeWords()
	}
	c.err.flush()
	c.death = newCrash(c.cmd.ProcessState, err, words)
	close(c.dead)
}

// after waits for ch, at most d: a process that left the group may hold a pipe open.
func after(ch <-chan struct{}, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ch:
	case <-t.C:
	}
}
