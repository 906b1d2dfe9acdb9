package eval

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"interleave/demos/worker"
	"interleave/interp/child"
	"interleave/interp/native/load"
)

// alone is the session of a worker process, which runs tasks of demos. Its units have
// storage of their own, which is that of no other process.
type alone struct {
	s     *Session
	c     *cell      // that tasks are a part of, so that their goroutines and waits are known
	g     *goroutine // that runs them
	ended chan struct{}
}

var _ worker.Cells = (*alone)(nil)

// NewWorker gives what a worker process runs functions in.
func NewWorker() worker.Cells { return &alone{s: newSession(nil)} }

// Function loads cells and gives the function of a symbol.
func (a *alone) Function(pieces []worker.Piece, symbol string) (reflect.Value, error) {
	return a.s.resolve(pieces, symbol)
}

// Enter makes the calling goroutine that of a cell, if it is not, and has the deadlock
// detector look.
func (a *alone) Enter() {
	if a.c == nil || a.c.isStopped() {
		if a.g != nil {
			a.s.leave(a.g)
		}
		a.s.rest()
		a.c = newCell(0, 0)
		a.g = a.s.enter(a.c, "a task")
		a.g.main = true
		a.s.adopt(a.g)
	}
	a.run(true)
	a.ended = make(chan struct{})
	go a.s.watch(a.c, a.ended) // ends with Leave, or by its verdict
}

// Leave ends the look for deadlocks.
func (a *alone) Leave() {
	close(a.ended)
	a.run(false)
}

// run notes whether a task runs, of which the panic of a goroutine is the error.
func (a *alone) run(on bool) {
	a.c.mu.Lock()
	defer a.c.mu.Unlock()
	a.c.running = on
}

// Ended tells why the goroutine was stopped.
func (a *alone) Ended() error {
	a.Leave()
	a.c.mu.Lock()
	defer a.c.mu.Unlock()
	if a.c.failure == nil {
		return nil
	}
	return errors.New(a.c.failure.Value)
}

// resolve loads cells and gives the function of a symbol.
func (s *Session) resolve(pieces []worker.Piece, symbol string) (reflect.Value, error) {
	for _, p := range pieces {
		if err := s.take(p); err != nil {
			return reflect.Value{}, err
		}
	}
	if f, ok := library(symbol); ok {
		return f, nil
	}
	if place, ok := parsePlace(symbol); ok {
		return place.value()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	slot, ok := s.storage[symbol]
	if !ok {
		return reflect.Value{}, fmt.Errorf("worker process: no function %s in what it loaded", symbol)
	}
	return slot.Elem(), nil
}

// take declares the functions of a cell.
func (s *Session) take(piece worker.Piece) error {
	if piece.Program != "" {
		p := new(child.Program)
		if err := json.Unmarshal([]byte(piece.Program), p); err != nil {
			return fmt.Errorf("worker process: %w", err)
		}
		m := &module{s: s, c: newCell(p.Cell, p.ID), res: &child.Result{}}
		if f := s.load(m, p); f != nil {
			return fmt.Errorf("worker process: %s", f.Value)
		}
		return nil
	}
	for i, so := range piece.Units {
		if i < len(piece.Units)-1 && s.imported[so] {
			continue // what it declares may have been declared again since
		}
		s.imported[so] = true
		l, err := load.Open(so)
		if err != nil {
			return err
		}
		if hooks, ok := l.Unit[child.HooksUnit].(map[string]map[string]any); ok {
			if err := s.fillHooks(hooks); err != nil {
				return err
			}
			continue
		}
		s.point(l.Unit)
		s.fillSlots(l.Unit)
	}
	return nil
}

// fillSlots puts all functions of a unit into their slots.
func (s *Session) fillSlots(unit map[string]any) {
	funcs, _ := unit["funcs"].(map[string]any)
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, f := range funcs {
		v := reflect.ValueOf(f)
		slot, ok := s.storage[key]
		if !ok {
			slot = reflect.New(v.Type())
			s.storage[key] = slot
		}
		slot.Elem().Set(v)
	}
}
