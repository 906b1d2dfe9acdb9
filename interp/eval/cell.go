// Package eval is the evaluator child: it runs rewritten cells in yaegi, and
// is the only importer of yaegi.
//
// Each cell has an interpreter of its own: making one takes 0.1 ms, so that the
// cost of a cell does not grow with the session, nothing of an earlier cell
// runs again, and stopping one cell stops no other. What lives on between cells
// lives outside the interpreters, in storage that they reach by pointer.
package eval

import (
	"context"
	"runtime"
	"runtime/pprof"
	"strconv"
	"sync"
	"sync/atomic"
	"unsafe"

	"interleave/demos/host"
	"interleave/interp/child"
)

// A cell is one run of a cell, and the goroutines that it started.
type cell struct {
	n     int           // execution count
	run   int           // ID of the program
	stop  chan struct{} // closed to stop the cell
	muted atomic.Bool   // it called os.Exit: what it still writes goes nowhere
	outer *cell         // the cell that it is a trial of; else nil

	line     int      // of the statement that runs, where they are interpreted
	leaving  func()   // called by what is about to leave c since that is stopped; nil: by nobody
	compiled int      // the number that its code has in positions, where that is another one; see place
	numbers  *numbers // of the session; nil in tests

	mu      sync.Mutex // guards what follows
	stopped bool
	failure *child.Failure // why it was stopped
	running bool           // its own statements have not ended
	placed  bool           // failure tells where they were when it was interrupted
	live    map[*goroutine]struct{}
	waits   map[*wait]struct{}
	frames  map[string][]string // by goroutine id: where a panic passed
	late    lateOutput
	raced   *child.Raced // what grade.NoRace has to tell; nil: it did not run under the race detector
}

// A goroutine is one that user code started with a go statement or the like.
type goroutine struct {
	cell  *cell
	where string                 // position of the go statement
	main  bool                   // runs the cell's own statements
	watch host.Watch             // of a demo; nil: none
	at    atomic.Pointer[string] // position of the call of an instance that it is in; nil: of none
}

// A wait is a goroutine that is blocked in one of this package's operations.
type wait struct {
	where, what string // "cell 2:1", "receive from ch"
	seq         uint64
	timed       bool // ends by itself
	g           *goroutine
	stop        <-chan struct{} // ends it; nil: nothing does
}

func newCell(n, run int) *cell {
	return &cell{
		n:      n,
		run:    run,
		stop:   make(chan struct{}),
		live:   map[*goroutine]struct{}{},
		waits:  map[*wait]struct{}{},
		frames: map[string][]string{},
	}
}

// adopt gives the calling goroutine profiler labels of its own, by which it and
// what library code starts from it are known. They are forgotten when the last
// goroutine that has them has ended.
func (s *Session) adopt(g *goroutine) {
	key := s.label(g)
	runtime.AddCleanup((*byte)(getProfLabel()), func(g *goroutine) { s.labels.CompareAndDelete(key, g) }, g)
}

// label is adopt, but that nothing is forgotten by itself.
func (s *Session) label(g *goroutine) (key uintptr) {
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("cell", strconv.Itoa(g.cell.n))))
	key = uintptr(getProfLabel())
	s.labels.Store(key, g)
	return key
}

// self is the calling goroutine, or the one that had library code start it; nil
// where there is none.
func (s *Session) self() *goroutine {
	if v, ok := s.labels.Load(uintptr(getProfLabel())); ok {
		return v.(*goroutine)
	}
	return nil
}

// current is the cell of the calling goroutine; nil where it has none.
func (s *Session) current() *cell {
	if g := s.self(); g != nil {
		return g.cell
	}
	return nil
}

// position is where the calling goroutine is, as far as that is known, else otherwise.
func (s *Session) position(otherwise string) string {
	if g := s.self(); g != nil {
		if at := g.at.Load(); at != nil {
			otherwise = *at
		}
	}
	return caller(otherwise)
}

// getProfLabel is a pointer that goroutines of one label set share. Reading it
// takes 3 ns.
//
//go:linkname getProfLabel runtime/pprof.runtime_getProfLabel
func getProfLabel() unsafe.Pointer

// within tells whether c is other, or a trial of it or of one within it.
func (c *cell) within(other *cell) bool {
	for ; c != nil; c = c.outer {
		if c == other {
			return true
		}
	}
	return false
}

// halt stops the cell. The first reason counts.
func (s *Session) halt(c *cell, why *child.Failure) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return
	}
	c.stopped, c.failure = true, why
	s.stopFlag.set()
	close(c.stop)
}

func (c *cell) isStopped() bool {
	select {
	case <-c.stop:
		return true
	default:
		return false
	}
}

// leave ends the calling goroutine, whose cell is stopped, or its task.
func (c *cell) leave() {
	if c != nil && c.leaving != nil {
		c.leaving()
	}
	runtime.Goexit()
}

// leaveIfStopped ends the calling goroutine where its cell is stopped. Deferred
// functions run, and recover sees nothing.
func (c *cell) leaveIfStopped() {
	if c != nil && c.isStopped() {
		c.leave()
	}
}

// enter makes a goroutine of c known. It has to leave.
func (s *Session) enter(c *cell, where string) *goroutine {
	g := &goroutine{cell: c, where: where}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.live) == 0 {
		s.active.Store(c, nil)
	}
	c.live[g] = struct{}{}
	return g
}

func (s *Session) leave(g *goroutine) {
	c := g.cell
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.live, g)
	if len(c.live) == 0 {
		s.active.Delete(c)
	}
}

// eachActive calls f with each cell that has goroutines, locked, until f says no.
func (s *Session) eachActive(f func(c *cell) bool) {
	s.active.Range(func(k, _ any) bool {
		c := k.(*cell)
		c.mu.Lock()
		defer c.mu.Unlock()
		return f(c)
	})
}

// goid is the id of the calling goroutine. It takes microseconds: for panics.
func goid() string {
	var buf [64]byte
	b := buf[len("goroutine "):runtime.Stack(buf[:], false)]
	for i, c := range b {
		if c == ' ' {
			return string(b[:i])
		}
	}
	return ""
}

// Write takes what yaegi says of a panic that passes: "cell 3:5: panic: main.f(...)".
func (s *Session) Write(b []byte) (int, error) {
	if c := s.current(); c != nil {
		id := goid()
		c.mu.Lock()
		c.frames[id] = append(c.frames[id], string(b))
		c.mu.Unlock()
	}
	return len(b), nil
}

// takeFrames gives the positions that a panic of this goroutine passed.
func (c *cell) takeFrames() []string {
	id := goid()
	c.mu.Lock()
	defer c.mu.Unlock()
	lines := c.frames[id]
	delete(c.frames, id)
	return lines
}
