package eval

import (
	"encoding/json"
	"fmt"
	"reflect"

	"interleave/demos/worker"
	"interleave/interp/child"
	"interleave/interp/native/load"
)

// NewResolver gives what a worker process finds functions by. Its units have
// storage of their own, which is that of no other process.
func NewResolver() worker.Resolve {
	s := newSession(nil)
	return s.resolve
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
