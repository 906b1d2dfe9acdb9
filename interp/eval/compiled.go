package eval

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"interleave/interp/child"
	"interleave/interp/native/load"
)

// unitPrefix begins the import path of every unit; see package source.
const unitPrefix = "interleave/cells/"

// loadUnits loads a compiled cell and the units that it imports, points them at
// the storage, and puts its functions into their slots.
func (s *Session) loadUnits(m *module, p *child.Program) *child.Failure {
	for _, so := range p.Libraries {
		if err := load.OpenC(so); err != nil {
			return &child.Failure{Name: "LoadError", Value: err.Error()}
		}
		s.link.Send(child.Event{Kind: child.Mapped, Run: p.ID, Text: so, Address: mappedAt(so)})
	}
	for i, so := range p.Units {
		l, err := load.Open(so)
		if err != nil {
			return &child.Failure{Name: "LoadError", Value: err.Error()}
		}
		if hooks, ok := l.Unit[child.HooksUnit].(map[string]map[string]any); ok {
			if err := s.fillHooks(hooks); err != nil {
				return &child.Failure{Name: "LoadError", Value: err.Error()}
			}
			continue
		}
		if slices.Contains(p.InC, so) {
			s.link.Send(child.Event{Kind: child.Mapped, Run: p.ID, Text: so, Address: mappedAt(so)})
		}
		s.point(l.Unit)
		s.noteTypes(l.Unit)
		if i == len(p.Units)-1 {
			s.migrate(m.c, p, l.Unit)
			s.enterUnit(m, p, l.Unit)
		}
	}
	return nil
}

// mappedAt gives the address at which a file begins in memory; 0 where it does not.
func mappedAt(file string) uint64 {
	maps, _ := os.ReadFile("/proc/self/maps")
	for line := range strings.Lines(string(maps)) {
		if strings.HasSuffix(strings.TrimSpace(line), file) {
			from, _, _ := strings.Cut(line, "-")
			at, _ := strconv.ParseUint(from, 16, 64)
			return at
		}
	}
	return 0
}

// point points a unit's variables at the storage, made where it is missing.
func (s *Session) point(unit map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	vars, _ := unit["vars"].(map[string]any)
	for key, p := range vars {
		v := reflect.ValueOf(p).Elem()
		ptr, ok := s.storage[key]
		if !ok {
			ptr = reflect.New(v.Type().Elem())
			s.storage[key] = ptr
		}
		ptr = asType(ptr, v.Type())
		if ptr.Type() != v.Type() { // declared again since, with the same layout: see package check
			ptr = reflect.NewAt(v.Type().Elem(), ptr.UnsafePointer())
		}
		v.Set(ptr)
	}
}

// asType gives v as a value of type t. Reflection makes a type such as func([]int)
// int where no code loaded so far has it; one that a plugin brings later is another
// to the runtime, though identical.
func asType(v reflect.Value, t reflect.Type) reflect.Value {
	if !v.Type().AssignableTo(t) && v.Type().String() == t.String() && v.Type().ConvertibleTo(t) {
		return v.Convert(t)
	}
	return v
}

// enterUnit fills the slots of p's functions and notes its statements.
func (s *Session) enterUnit(m *module, p *child.Program, unit map[string]any) {
	funcs, _ := unit["funcs"].(map[string]any)
	s.mu.Lock()
	for _, fn := range p.Funcs {
		v := reflect.ValueOf(funcs[fn.Key])
		if !v.IsValid() {
			continue // a generic function has no slot
		}
		slot, ok := s.storage[fn.Key]
		if !ok {
			slot = reflect.New(v.Type())
			s.storage[fn.Key] = slot
		}
		slot.Elem().Set(asType(v, slot.Type().Elem()))
		s.known.declare(fn, slot.Elem(), p)
	}
	s.mu.Unlock()
	m.hideNil = p.HideNil
	run := unit["run"].(func(func(int), func(...any)))
	m.run = func() { run(m.at, m.compiledResult) }
}

// compiledResult is the value of the last expression. A lone nil error is not shown.
func (m *module) compiledResult(values ...any) {
	if m.hideNil && len(values) == 1 && values[0] == nil {
		return
	}
	m.result(values...)
}

// fillHooks fills in what the runtime units call of the evaluator, once.
func (s *Session) fillHooks(hooks map[string]map[string]any) error {
	if s.hooked {
		return nil
	}
	s.hooked = true
	ops := s.hooks()
	for pkg, table := range hooks {
		for name, p := range table {
			if pkg == "" && name == "Stop" {
				s.stopFlag.compiled = p.(*bool)
				continue
			}
			f, ok := ops[pkg][name]
			v := reflect.ValueOf(p).Elem()
			if !ok || !f.Type().AssignableTo(v.Type()) {
				return fmt.Errorf("compiled cell: hook %s.%s: this program has no %s for it: run ./install.sh again", pkg, name, v.Type())
			}
			v.Set(f)
		}
	}
	return nil
}

// hooks are the functions for the runtime units: by package, then by name.
func (s *Session) hooks() map[string]map[string]reflect.Value {
	table := shimTable(map[string]map[string]any{
		"": {
			"Check": s.check,
			"Go":    s.spawnHere,
			"Bind":  s.bindHere,
			"Enter": s.enterWait,
			"Leave": s.leaveWait,

			"Recovered": asInMain,
		},
		"sync": {
			"Lock": s.lock, "RLock": s.rlock, "Wait": s.waitGroup, "Cond": s.condWait,
			"Go": func(where string, wg *sync.WaitGroup, f func()) { s.wgGo(where, wg, f) },
		},
		"time": {
			"SleepAt":     s.sleep,
			"AfterFuncAt": func(where string, d time.Duration, f func()) *time.Timer { return s.afterFunc(where, d, f) },
			"ResetAt":     s.reset,
		},
	})
	for path, shims := range s.shims {
		if table[path] == nil {
			table[path] = map[string]reflect.Value{}
		}
		for name, f := range shims {
			table[path][name] = f
		}
	}
	return table
}

// enterWait notes that the calling goroutine is about to wait in compiled code.
func (s *Session) enterWait(where, what string) (any, <-chan struct{}) {
	c := s.current()
	c.leaveIfStopped()
	if c == nil {
		return nil, nil
	}
	w := &wait{where: where, what: what}
	s.startWait(c, w)
	return w, w.stop
}

func (s *Session) leaveWait(token any) {
	if w, ok := token.(*wait); ok {
		s.endWait(w.g.cell, w)
	}
}

// compiledPark tells whether a goroutine waits in compiled code: in a function
// of the runtime unit, or in a select statement of a cell. The compiler makes a
// receive of one with a single case.
func compiledPark(head, stack []byte) bool {
	return bytes.Contains(stack, []byte(unitPrefix+"rt.park")) ||
		(bytes.Contains(head, []byte("[select")) || bytes.Contains(head, []byte("[chan receive"))) && bytes.HasPrefix(stack, []byte(unitPrefix))
}

// caller is the position, "cell 3:5", of the compiled cell that called this; otherwise
// where there is none.
func caller(otherwise string) string {
	pcs := make([]uintptr, 16)
	list := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for f, more := list.Next(); ; f, more = list.Next() {
		if file := filepath.Base(f.File); strings.HasPrefix(file, "cell ") {
			return fmt.Sprintf("%s:%d", file, f.Line)
		}
		if !more {
			return otherwise
		}
	}
}

// userFunction is ": main.f" for the symbol of the user's f; "" for the cell's
// own statements.
func userFunction(symbol string) string {
	symbol = symbol[strings.LastIndexByte(symbol, '/')+1:]
	_, name, _ := strings.Cut(symbol, ".")
	if name == "" || strings.HasPrefix(name, "ꞋꞋ") {
		return ""
	}
	return ": main." + strings.ReplaceAll(name, "Ꞌ", "")
}
