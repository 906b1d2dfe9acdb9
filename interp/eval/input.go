package eval

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"interleave/interp/child"
)

// input asks the user for a line.
func (s *Session) input(prompt string, password bool) (string, error) {
	c := s.current()
	c.leaveIfStopped()
	if s.link == nil {
		return "", errors.New("a worker process has nobody to ask for input")
	}
	e := child.Event{Kind: child.Input, Text: prompt, Password: password}
	if c != nil {
		e.Run = c.run
	}
	s.asking.Add(1)
	defer s.asking.Add(-1)
	answer := s.link.Ask(e)
	r := s.parkOn(c, &wait{what: "read a line", timed: true}, answer).Interface().(child.Request)
	if r.Refused != nil {
		if c != nil {
			s.halt(c, r.Refused)
			c.leaveIfStopped()
		}
		return "", errors.New(r.Refused.Value)
	}
	return r.Text, nil
}

// stdin is what fmt.Scan reads from: each line is asked for when it is needed.
// Descriptor 0, which os.Stdin, C and child processes read from, is a pipe that
// feed fills.
type stdin struct {
	s    *Session
	mu   sync.Mutex
	rest string // of a line that was not read to its end
	once sync.Once
}

func (in *stdin) Read(b []byte) (int, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.rest == "" {
		line, err := in.s.input("", false)
		if err != nil {
			return 0, io.EOF
		}
		in.rest = line + "\n"
	}
	n := copy(b, in.rest)
	in.rest = in.rest[n:]
	return n, nil
}

const feedLook = 10 * time.Millisecond

// feed asks the user whenever a thread of this process waits to read from
// descriptor 0. It lives as long as the process.
func (in *stdin) feed() {
	for range time.Tick(feedLook) {
		c := in.s.foreground()
		if c == nil || !readerWaits() {
			continue
		}
		in.s.asking.Add(1)
		r := <-in.s.link.Ask(child.Event{Kind: child.Input, Run: c.run})
		in.s.asking.Add(-1)
		if r.Refused != nil {
			in.s.halt(c, r.Refused)
			in.wake()
			continue
		}
		io.WriteString(in.s.link.StdinFeed, r.Text+"\n")
	}
}

// wake ends a read of descriptor 0 that nothing will answer: the reader gets
// the end of the file, later ones a new pipe.
func (in *stdin) wake() {
	if !readerWaits() {
		return
	}
	r, w, err := os.Pipe()
	if err != nil {
		return
	}
	old := in.s.link.StdinFeed
	in.s.link.StdinFeed = w
	syscall.Dup3(int(r.Fd()), 0, 0)
	r.Close()
	old.Close()
}

// readerWaits tells whether a thread is in read(0, ...).
func readerWaits() bool {
	tasks, _ := filepath.Glob("/proc/self/task/*/syscall")
	for _, t := range tasks {
		if b, err := os.ReadFile(t); err == nil && strings.HasPrefix(string(b), "0 0x0 ") {
			return true
		}
	}
	return false
}

func (s *Session) foreground() *cell {
	s.foreMu.RLock()
	defer s.foreMu.RUnlock()
	return s.fore
}
