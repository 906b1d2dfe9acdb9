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

	"interleave/interp/child"
)

// A cell is one run of a cell, and the goroutines that it started.
type cell struct {
	n      int             // execution count
	run    int             // ID of the program
	labels context.Context // profiler labels; children and library code inherit them
	stop   chan struct{}   // closed to stop the cell
	muted  atomic.Bool     // it called os.Exit: what it still writes goes nowhere

	mu      sync.Mutex // guards what follows
	stopped bool
	failure *child.Failure // why it was stopped
	running bool           // its own statements have not ended
	live    map[*goroutine]struct{}
	waits   map[*wait]struct{}
	frames  map[string][]string // by goroutine id: where a panic passed
	late    lateOutput
}

// A goroutine is one that user code started with a go statement or the like.
type goroutine struct {
	where string // position of the go statement
	main  bool   // runs the cell's own statements
}

// A wait is a goroutine that is blocked in one of this package's operations.
type wait struct {
	where, what string // "cell 2:1", "receive from ch"
	seq         uint64
	timed       bool // ends by itself
	main        bool // blocks the cell's own statements
}

func newCell(n, run int) *cell {
	return &cell{
		n:      n,
		run:    run,
		labels: pprof.WithLabels(context.Background(), pprof.Labels("cell", strconv.Itoa(n))),
		stop:   make(chan struct{}),
		live:   map[*goroutine]struct{}{},
		waits:  map[*wait]struct{}{},
		frames: map[string][]string{},
	}
}

// adopt labels the calling goroutine, so that it and its children are the cell's.
func (s *Session) adopt(c *cell) {
	pprof.SetGoroutineLabels(c.labels)
	s.cells.Store(getProfLabel(), c)
}

// current is the cell of the calling goroutine; nil where it has none.
func (s *Session) current() *cell {
	if v, ok := s.cells.Load(getProfLabel()); ok {
		return v.(*cell)
	}
	return nil
}

// getProfLabel is a pointer that goroutines of one label set share. Reading it
// takes 3 ns.
//
//go:linkname getProfLabel runtime/pprof.runtime_getProfLabel
func getProfLabel() unsafe.Pointer

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

// leaveIfStopped ends the calling goroutine where its cell is stopped. Deferred
// functions run, and recover sees nothing.
func (c *cell) leaveIfStopped() {
	if c != nil && c.isStopped() {
		runtime.Goexit()
	}
}

func (c *cell) enter(g *goroutine) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.live[g] = struct{}{}
}

func (c *cell) leave(g *goroutine) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.live, g)
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
