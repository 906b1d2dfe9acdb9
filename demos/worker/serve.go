package worker

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime/debug"
	"syscall"
	"unsafe"

	"interleave/demos/timeline"
	"interleave/demos/work"
)

// Cells are those whose functions a worker process runs. Their methods are called by
// the goroutine that runs tasks.
type Cells interface {
	// Function loads cells and gives the function of that symbol.
	Function(load []Piece, symbol string) (reflect.Value, error)
	// Enter comes before some tasks, Leave after them.
	Enter()
	Leave()
	// Ended is why the goroutine is ended, by runtime.Goexit; nil: the function did it.
	Ended() error
}

// Resolve is a Cells.Function and nothing else.
type Resolve func(load []Piece, symbol string) (reflect.Value, error)

func (r Resolve) Function(load []Piece, symbol string) (reflect.Value, error) { return r(load, symbol) }
func (r Resolve) Enter()                                                      {}
func (r Resolve) Leave()                                                      {}
func (r Resolve) Ended() error                                                { return nil }

// Serve is the whole life of a worker process. It ends when its parent does, or
// closes the pipe.
func Serve(cells Cells) error {
	page, err := mapPage(slot)
	if err != nil {
		return fmt.Errorf("worker: the kernel starts this, not you: %w", err)
	}
	for _, fd := range []int{requests, replies, slot} {
		syscall.CloseOnExec(fd)
	}
	os.Args = os.Args[:1] // those of cells, as in the evaluator
	debug.SetMaxStack(maxStack)
	s := &server{cells: cells, claims: claimsIn(page), clock: timeline.NewClock(), ended: make(chan error, 1)}
	go leaveWithParent() // ends the process
	if err := s.answer(reply{Done: true}, reflect.Value{}); err != nil {
		return err
	}
	go s.serve() // ends with the parent, or by an error
	return <-s.ended
}

// maxStack is where a stack ends, in bytes: half of Go's limit, as in the session's own
// process, so that endless recursion is told soon.
const maxStack = 500_000_000

// leaveWithParent ends the process with its parent, whatever it is doing.
func leaveWithParent() {
	p := struct {
		fd            int32
		asked, events int16 // errors and the end are told unasked
	}{fd: requests}
	for {
		const forever, noMask = 0, 0 // arm64 has no poll
		n, _, errno := syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&p)), 1, forever, noMask, 0, 0)
		if n == 1 || errno != 0 && errno != syscall.EINTR {
			os.Exit(0)
		}
	}
}

// descriptor reads and writes without the runtime's poller: who waits for a request
// is woken by the system itself.
type descriptor int

func (fd descriptor) Read(p []byte) (int, error) {
	for {
		n, err := syscall.Read(int(fd), p)
		switch {
		case err == syscall.EINTR:
			continue
		case err == nil && n == 0:
			return 0, io.EOF
		}
		return max(n, 0), err
	}
}

func (fd descriptor) Write(p []byte) (done int, err error) {
	for done < len(p) {
		n, err := syscall.Write(int(fd), p[done:])
		if err != nil && err != syscall.EINTR {
			return done, err
		}
		done += max(n, 0)
	}
	return done, nil
}

type server struct {
	cells   Cells
	claims  claims
	clock   timeline.Clock
	in, out frame
	ended   chan error

	fn     reflect.Value // invalid: the ready-made task of client
	client *work.Client
	err    error  // of the call
	now    *tasks // under way
}

// serve does what requests ask for, until they end.
func (s *server) serve() {
	for {
		var r request
		err := s.in.receive(descriptor(requests))
		if err == io.EOF {
			s.ended <- nil
			return
		}
		if err == nil {
			err = r.take(&s.in)
		}
		if err != nil {
			s.ended <- fmt.Errorf("worker: %w", err)
			return
		}
		if err := s.begin(&r); err != nil {
			s.claims.end()
			s.answer(reply{Err: err.Error(), Done: true}, reflect.Value{}) // an error is that of the next request too
			continue
		}
		s.work()
	}
}

func (s *server) answer(r reply, results reflect.Value) error {
	if err := r.put(&s.out, results); err != nil {
		r = reply{Done: r.Done, Err: "result: " + err.Error()}
		r.put(&s.out, reflect.Value{})
	}
	return s.out.send(descriptor(replies))
}

// set makes ready for a call.
func (s *server) set(call []byte) {
	s.fn, s.client, s.err = reflect.Value{}, nil, nil
	c, err := decodeCall(call)
	switch {
	case err != nil:
		s.err = err
	case c.Symbol != "":
		s.fn, s.err = s.cells.Function(c.Load, c.Symbol)
		if s.err == nil && s.fn.Kind() != reflect.Func {
			s.err = errors.New("worker process: no function " + c.Symbol)
		}
	default:
		s.client = work.NewClient(c.Spec, 1)
	}
}

// begin gets ready for the tasks of r.
func (s *server) begin(r *request) error {
	if len(r.Call) > 0 {
		s.set(r.Call)
	}
	if s.err != nil {
		return s.err
	}
	s.now = &tasks{s: s, request: *r, place: -1, base: s.clock.Now()}
	if r.Times {
		s.now.task = timeline.NewRecorder(1).Task(0)
		s.now.changes = make([]int, 0, 4*r.Count)
	}
	return s.now.prepare()
}

// work does the tasks that it got ready for.
func (s *server) work() {
	s.cells.Enter()
	for s.now != nil {
		if s.stretch() {
			s.cells.Leave()
			s.claims.end() // before the parent gives the next ones
			s.now.answer(true)
			s.now = nil
		}
	}
}

// stretch does tasks until there are none, which it tells, or one of them panics.
func (s *server) stretch() (over bool) {
	t, returned := s.now, false
	defer func() {
		r := recover()
		if returned {
			return
		}
		if r != nil {
			t.fail(fmt.Sprintf("panic: %v", r))
			t.ended()
			return
		}
		why := s.cells.Ended()
		if why == nil {
			why = errors.New("the function ended its goroutine: runtime.Goexit")
		}
		t.fail(why.Error())
		t.ended()
		go func() { // instead of this one, as serve
			s.work()
			s.serve()
		}()
	}()
	for k := s.claims.next(); k >= 0; k = s.claims.next() {
		t.place = k
		if t.task != nil {
			t.task.Begin(0)
		}
		if err := t.do(k); err != nil {
			t.fail(err.Error())
		}
		if t.task != nil || s.claims.tell.Load() != 0 {
			t.ended()
		}
	}
	returned = true
	return true
}
