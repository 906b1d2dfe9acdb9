package worker

import (
	"context"
	"encoding/gob"
	"fmt"
	"io"
	"os"
	"reflect"
	"sync/atomic"
	"syscall"
	"unsafe"

	"interleave/demos/timeline"
	"interleave/demos/work"
)

// Resolve loads compiled cells and gives the function of that symbol.
type Resolve func(units []string, symbol string) (reflect.Value, error)

// Serve is the whole life of a worker process. It ends when its parent does, or
// closes the pipe.
func Serve(resolve Resolve) error {
	page, err := syscall.Mmap(slot, 0, os.Getpagesize(), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("worker: the kernel starts this, not you: %w", err)
	}
	for _, fd := range []int{requests, replies, slot} {
		syscall.CloseOnExec(fd)
	}
	s := &server{resolve: resolve, at: (*atomic.Int64)(unsafe.Pointer(&page[0])), clock: timeline.NewClock()}
	in, out := gob.NewDecoder(os.NewFile(requests, "requests")), gob.NewEncoder(os.NewFile(replies, "replies"))
	todo := make(chan request, 4)
	go read(in, todo) // ends the process
	if err := out.Encode(reply{}); err != nil {
		return err
	}
	for r := range todo {
		if err := out.Encode(s.chunk(r)); err != nil {
			return err
		}
	}
	return nil
}

// read reads requests. Their end is that of the process, whatever it is doing.
func read(in *gob.Decoder, todo chan<- request) {
	for {
		var r request
		err := in.Decode(&r)
		if err == io.EOF {
			os.Exit(0)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "worker:", err)
			os.Exit(1)
		}
		todo <- r
	}
}

type server struct {
	resolve Resolve
	at      *atomic.Int64
	clock   timeline.Clock
	fn      reflect.Value // invalid: the ready-made task of client
	client  *work.Client
	err     error // of the call
}

// set makes ready for a call.
func (s *server) set(c *Call) {
	s.fn, s.err = reflect.Value{}, nil
	if c.Symbol != "" {
		s.fn, s.err = s.resolve(c.Units, c.Symbol)
		return
	}
	s.client = work.NewClient(c.Spec, 1)
}

// chunk does the tasks of r.
func (s *server) chunk(r request) reply {
	if r.Call != nil {
		s.set(r.Call)
	}
	out := reply{Indexes: r.Indexes, Errors: map[int]string{}}
	if s.err != nil {
		out.Err = s.err.Error()
		return out
	}
	if len(r.Indexes) == 0 { // it was only to get ready
		return out
	}
	do, results, err := s.calls(r)
	if err != nil {
		out.Err = err.Error()
		return out
	}
	out.Base = s.clock.Now()
	var t *timeline.Task
	if r.Times {
		t = timeline.NewRecorder(1).Task(0)
		out.Changes = make([]int64, 0, 4*len(r.Indexes))
	}
	for k, i := range r.Indexes {
		s.at.Store(int64(i) + 1)
		if err := s.call(t, k, do); err != nil {
			out.Errors[i] = err.Error()
		}
		if r.Times {
			out.Changes = pack(out.Changes, t, out.Base)
		}
	}
	s.at.Store(0)
	out.Took = s.clock.Now() - out.Base
	if out.Results, err = encode(results); err != nil {
		out.Err = "result: " + err.Error()
	}
	return out
}

// calls gives what does the k-th task of r, and the slice for its results.
func (s *server) calls(r request) (do func(k int, t *timeline.Task) error, results reflect.Value, err error) {
	n := len(r.Indexes)
	if !s.fn.IsValid() {
		values := reflect.ValueOf(make([]float64, n))
		return func(k int, t *timeline.Task) error {
			v, err := s.client.Do(context.Background(), r.Indexes[k], watch{t})
			if err == nil {
				values.Index(k).Set(reflect.ValueOf(v).Convert(reflect.TypeFor[float64]()))
			}
			return err
		}, values, nil
	}
	in, err := decode(r.Inputs, reflect.SliceOf(s.fn.Type().In(0)))
	if err != nil {
		return nil, results, fmt.Errorf("argument: %w", err)
	}
	if in.Len() != n {
		return nil, results, fmt.Errorf("%d arguments for %d tasks", in.Len(), n)
	}
	out := reflect.MakeSlice(reflect.SliceOf(s.fn.Type().Out(0)), n, n)
	if do := plain(s.fn, in, out); do != nil {
		return do, out, nil
	}
	return func(k int, _ *timeline.Task) error {
		got := s.fn.Call([]reflect.Value{in.Index(k)})
		out.Index(k).Set(got[0])
		if len(got) == 2 && !got[1].IsNil() {
			return got[1].Interface().(error)
		}
		return nil
	}, out, nil
}

// call does a task; a panic is its error.
func (s *server) call(t *timeline.Task, k int, do func(int, *timeline.Task) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
		t.End()
	}()
	if t != nil {
		t.Begin(0)
	}
	return do(k, t)
}

// watch records waiting.
type watch struct{ t *timeline.Task }

func (w watch) Wait()   { w.t.Enter(timeline.Waiting) }
func (w watch) Resume() { w.t.Enter(timeline.Running) }
func (w watch) Check()  {}

// plain calls functions of common types without reflection, which is ten times as
// fast; nil for others.
func plain(fn, in, out reflect.Value) func(int, *timeline.Task) error {
	switch f := fn.Interface().(type) {
	case func(int) int:
		return each(f, in, out)
	case func(float64) float64:
		return each(f, in, out)
	case func(string) string:
		return each(f, in, out)
	case func(string) int:
		return each(f, in, out)
	case func(int) string:
		return each(f, in, out)
	case func(int) float64:
		return each(f, in, out)
	case func(int) bool:
		return each(f, in, out)
	}
	return nil
}

func each[A, R any](f func(A) R, in, out reflect.Value) func(int, *timeline.Task) error {
	args, ok := in.Interface().([]A)
	results, ok2 := out.Interface().([]R)
	if !ok || !ok2 {
		return nil
	}
	return func(k int, _ *timeline.Task) error {
		results[k] = f(args[k])
		return nil
	}
}
