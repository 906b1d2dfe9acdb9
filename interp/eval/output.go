package eval

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
	"unsafe"

	"interleave/display"
	"interleave/interp/child"
)

// Output of the cell in the foreground goes to descriptors 1 and 2, in one
// order with what C and child processes write; that of any other cell goes as
// events that name it.

// print writes b to stdout or stderr of c; of the foreground where c is nil.
func (s *Session) print(c *cell, name string, b []byte) (int, error) {
	if c != nil && c.muted.Load() {
		return len(b), nil
	}
	s.foreMu.RLock()
	if c == nil || s.link == nil || s.fore != nil && c.within(s.fore) { // without a link this is a worker process
		defer s.foreMu.RUnlock()
		return stdFile(name).Write(b)
	}
	s.foreMu.RUnlock()
	s.gather(c, name, b)
	return len(b), nil
}

func stdFile(name string) *os.File {
	if name == "stderr" {
		return os.Stderr
	}
	return os.Stdout
}

// A stream writes to stdout or stderr of the cell of the calling goroutine.
type stream struct {
	s    *Session
	name string
}

func (w stream) Write(b []byte) (int, error) {
	c := w.s.current()
	c.leaveIfStopped()
	return w.s.print(c, w.name, b)
}

// print is fmt.Print. A lone string, which may be large, is not copied.
func (w stream) print(a []any) (int, error) {
	if len(a) == 1 {
		if s, ok := a[0].(string); ok {
			return w.Write(unsafe.Slice(unsafe.StringData(s), len(s)))
		}
	}
	return w.Write(fmt.Append(nil, a...))
}

// routed is the stream that stands for w where w is os.Stdout or os.Stderr.
func (s *Session) routed(w io.Writer) io.Writer {
	switch w {
	case os.Stdout:
		return stream{s, "stdout"}
	case os.Stderr:
		return stream{s, "stderr"}
	}
	return w
}

const (
	lateSize = 32 << 10 // bytes after which late output is sent at once
	lateWait = 5 * time.Millisecond
)

// lateOutput is what a cell that is not in the foreground has printed and that was not
// sent yet.
type lateOutput struct {
	mu    sync.Mutex
	name  string
	buf   []byte
	timer *time.Timer
}

// gather keeps what c prints for a moment, so that many small texts are one event.
func (s *Session) gather(c *cell, name string, b []byte) {
	l := &c.late
	l.mu.Lock()
	defer l.mu.Unlock()
	if name != l.name {
		s.sendLate(c)
		l.name = name
	}
	l.buf = append(l.buf, b...)
	s.gathered.Store(c, nil)
	switch {
	case len(l.buf) >= lateSize:
		s.sendLate(c)
	case l.timer == nil:
		l.timer = time.AfterFunc(lateWait, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.timer = nil
			s.sendLate(c)
		})
	}
}

// sendLate sends what was gathered of c. A full text waits until it is published, so
// that an endless printer does not outrun its readers. c.late.mu is held.
func (s *Session) sendLate(c *cell) {
	l := &c.late
	s.gathered.Delete(c)
	if len(l.buf) == 0 {
		return
	}
	e := child.Event{Kind: child.Stream, Run: c.run, Name: l.name, Text: string(l.buf)}
	l.buf = l.buf[:0]
	s.link.Place(e)
}

// flushLate sends what was gathered of c.
func (s *Session) flushLate(c *cell) {
	c.late.mu.Lock()
	defer c.late.mu.Unlock()
	s.sendLate(c)
}

// flushAllLate sends what was gathered of all cells, once each: what goes on printing holds
// nothing up.
func (s *Session) flushAllLate() {
	s.gathered.Range(func(c, _ any) bool {
		s.flushLate(c.(*cell))
		return true
	})
}

// sink is what package display shows through.
type sink struct{ s *Session }

var _ display.Sink = sink{}

// place sends an event that has its place among the output of the calling
// goroutine's cell.
func (k sink) place(e child.Event) {
	c := k.s.current()
	c.leaveIfStopped()
	if c != nil {
		e.Run = c.run
		k.s.flushLate(c)
	}
	k.s.link.Place(e)
}

func (k sink) Display(b display.Bundle, id string, update bool) error {
	k.place(child.Event{Kind: child.Display, Data: b.Data, Metadata: b.Metadata, DisplayID: id, Update: update})
	return nil
}

func (k sink) Clear(wait bool) error {
	k.place(child.Event{Kind: child.Clear, Wait: wait})
	return nil
}

func (k sink) Input(prompt string, password bool) (string, error) {
	return k.s.input(prompt, password)
}

// exit is os.Exit: the cell ends with nothing more to be seen of it, or a task of a
// demo does.
func (s *Session) exit(code int) {
	if g := s.self(); g != nil && g.watch != nil {
		g.watch.Exit(code)
	}
	c := s.current()
	if c == nil || s.link == nil {
		os.Exit(code)
	}
	c.muted.Store(true)
	s.halt(c, &child.Failure{Name: "exit", Value: fmt.Sprintf("exit status %d", code)})
	c.leaveIfStopped()
}
