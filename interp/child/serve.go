package child

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
)

// A Session runs programs in the child.
type Session interface {
	Run(p *Program) *Result // called on a goroutine of its own
	Stop(id int)            // must return at once
	Goroutines() []Goroutine
	Idle() // called after each program; may prepare the next
}

// A Link is the child's end of the pipe.
type Link struct {
	StdinFeed *os.File // write end of descriptor 0

	mu    sync.Mutex // guards what follows
	enc   *json.Encoder
	next  uint64
	waits map[uint64]chan Request
}

// maxStack is the largest stack of a goroutine, bytes: half of Go's own limit,
// so that endless recursion ends within a second.
const maxStack = 500_000_000

// NewLink makes a link that sends its events to w.
func NewLink(w io.Writer, stdinFeed *os.File) *Link {
	return &Link{StdinFeed: stdinFeed, enc: json.NewEncoder(w), waits: map[uint64]chan Request{}}
}

// Serve runs a child: it takes requests from descriptor 3 until that ends.
func Serve(start func(*Link) Session) error {
	if os.Getenv(Env) == "" {
		return errors.New("eval: started by the kernel only, not by hand; try: interleave run NOTEBOOK")
	}
	for fd := 3; fd <= 5; fd++ {
		syscall.CloseOnExec(fd)
	}
	os.Unsetenv(Env)
	os.Args = os.Args[:1] // those of cells: a program without arguments
	debug.SetMaxStack(maxStack)
	if err := limitMemory(); err != nil {
		return err
	}
	l := NewLink(os.NewFile(4, "events"), os.NewFile(5, "stdin feed"))
	s := start(l)
	l.Send(Event{Kind: Ready})
	syscall.SetNonblock(3, true) // waited for by the runtime, which runs cells meanwhile on the same thread
	dec := json.NewDecoder(bufio.NewReader(os.NewFile(3, "requests")))
	for {
		var r Request
		if err := dec.Decode(&r); err != nil {
			syscall.Kill(0, syscall.SIGKILL) // the kernel has gone: so do this process and all that it started
			return nil
		}
		l.handle(s, r)
	}
}

func (l *Link) handle(s Session, r Request) {
	switch r.Kind {
	case Run:
		go func() { // ends with the cell
			res := s.Run(r.Program)
			l.Send(Event{Kind: Done, Run: r.Program.ID, Result: res})
			s.Idle()
		}()
	case Stop:
		s.Stop(r.ID)
	case List:
		l.Send(Event{Kind: Listed, Goroutines: s.Goroutines()})
	case Ack, Answer:
		l.mu.Lock()
		ch := l.waits[r.Ack]
		delete(l.waits, r.Ack)
		l.mu.Unlock()
		if ch != nil {
			ch <- r
		}
	}
}

// Send sends e without waiting.
func (l *Link) Send(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.enc.Encode(e) // a kernel that has gone is noticed by Serve
}

// Place sends e and waits until it is published in its place among the output.
func (l *Link) Place(e Event) { <-l.ask(&e) }

// Ask sends e, an Input event. The channel gets the answer.
func (l *Link) Ask(e Event) <-chan Request { return l.ask(&e) }

func (l *Link) ask(e *Event) <-chan Request {
	ch := make(chan Request, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	e.Ack = l.next
	l.waits[e.Ack] = ch
	l.enc.Encode(e)
	return ch
}

// limitMemory keeps the child's data below what Options.Memory says.
func limitMemory() error {
	v := os.Getenv(memoryEnv)
	if v == "" {
		return nil
	}
	os.Unsetenv(memoryEnv)
	n, err := strconv.ParseUint(v, 10, 64)
	if err != nil {
		return fmt.Errorf("eval: memory limit %q: %w", v, err)
	}
	debug.SetMemoryLimit(int64(n / 10 * 9)) // collect harder before the end
	return syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: n, Max: n})
}
