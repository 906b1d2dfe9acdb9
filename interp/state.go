package interp

import (
	"fmt"
	"maps"
	"slices"

	"interleave/interp/check"
	"interleave/interp/child"
)

// state is what brings a session back after a crash.
type state struct {
	sources  map[int]string            // cells by execution count, for messages
	programs map[string]*child.Program // by function key: the program that declares it
	names    map[string]string         // by function key: its name
	inChild  map[string]int            // by function key: generation of the child that has it
	shapes   map[string]shape          // by name: types and generic functions of compiled cells
	vars     map[string]variable       // by name: live variables
	lastLost []string                  // names of the variables that the last crash took
	again    map[int]int               // cells that ran again as they were compiled: their number then -> that of the latest run
	mapped   map[mapping]uint64        // where children have shared objects with C
	listing  chan []child.Goroutine    // waits for the answer to %goroutines
}

// A mapping is a shared object in child generation gen.
type mapping struct {
	gen int
	so  string
}

type variable struct {
	key  string
	cell int
}

// A shape is a type or a generic function: it has no slot, and its code lies in
// the units of those that use it.
type shape struct {
	program *child.Program
	needs   []string // keys of the storage that it, or a method of it, uses
}

func newState() state {
	return state{sources: map[int]string{}, programs: map[string]*child.Program{}, names: map[string]string{}, inChild: map[string]int{}, shapes: map[string]shape{}, vars: map[string]variable{}, mapped: map[mapping]uint64{}, again: map[int]int{}}
}

// declared notes what a cell declared.
func (s *state) declared(c *check.Checked, m made, reached int) {
	p := m.program
	for _, name := range c.Dropped {
		delete(s.vars, name)
	}
	for _, b := range c.Declared {
		delete(s.shapes, b.Name)
		switch b.Kind {
		case check.Type, check.Func:
			if slot := slices.ContainsFunc(p.Funcs, func(f child.Func) bool { return f.Key == b.Key }); m.unit != nil && !slot {
				s.shapes[b.Name] = shape{p, m.unit.Needs[b.Name]}
				continue
			}
			s.programs[b.Key] = p
			s.names[b.Key] = b.Name
			delete(s.vars, b.Name)
		case check.Var:
			if b.Item < reached || b.Adopted {
				s.vars[b.Name] = variable{b.Key, b.Cell}
			}
		}
	}
}

// loaded notes that child generation gen has the functions of p.
func (s *state) loaded(p *child.Program, gen int) {
	for _, f := range p.Funcs {
		s.inChild[f.Key] = gen
	}
}

// missing are programs that declare functions which p uses and child generation
// gen does not have, those that are used first.
func (s *state) missing(p *child.Program, gen int) []*child.Program {
	var out []*child.Program
	seen := map[*child.Program]bool{p: true}
	var visit func(p *child.Program)
	visit = func(p *child.Program) {
		for _, v := range p.Vars {
			old := s.programs[v.Key]
			if old == nil || seen[old] || s.inChild[v.Key] == gen {
				continue
			}
			seen[old] = true
			visit(old)
			out = append(out, s.declaration(old))
		}
	}
	visit(p)
	return out
}

// declaration is p without its statements, and without functions that were
// declared again since.
func (s *state) declaration(p *child.Program) *child.Program {
	d := *p
	d.Declare = true
	d.Funcs = slices.DeleteFunc(slices.Clone(p.Funcs), func(f child.Func) bool { return s.programs[f.Key] != p })
	return &d
}

// lose forgets the values that died with a child, and the functions that use them.
func (s *state) lose(session *check.Session) {
	s.lastLost = s.varNames()
	lost := map[string]variable{}
	for _, v := range s.vars {
		lost[v.key] = v
	}
	for name, v := range s.vars {
		session.Forget(fmt.Sprintf("declared in cell %d, lost in the crash; run cell %d again", v.cell, v.cell), name)
	}
	broken := map[string]variable{} // shared objects with a shape that uses a lost value
	for again := true; again; {
		again = s.loseShapes(session, lost, broken)
		for key, p := range s.programs {
			v, ok := s.usesLost(p, key, lost)
			if !ok {
				v, ok = uses(p, broken)
			}
			if !ok {
				continue
			}
			session.Forget(usesLostValue(p, v), s.names[key])
			lost[key] = v
			delete(s.programs, key)
			again = true
		}
	}
	s.vars = map[string]variable{}
	clear(s.inChild)
}

// loseShapes forgets types and generic functions that use a lost value, or lie in
// a unit that holds code of one that does. It tells whether there were any.
func (s *state) loseShapes(session *check.Session, lost, broken map[string]variable) (any bool) {
	for name, sh := range s.shapes {
		v, ok := uses(sh.program, broken)
		for _, key := range sh.needs {
			if w, is := lost[key]; is {
				v, ok = w, true
			}
		}
		if !ok {
			continue
		}
		session.Forget(usesLostValue(sh.program, v), name)
		broken[sh.program.Units[len(sh.program.Units)-1]] = v
		delete(s.shapes, name)
		any = true
	}
	return any
}

// uses gives the lost variable that a unit of p uses.
func uses(p *child.Program, broken map[string]variable) (variable, bool) {
	for _, so := range p.Units {
		if v, ok := broken[so]; ok {
			return v, true
		}
	}
	return variable{}, false
}

func usesLostValue(p *child.Program, v variable) string {
	return fmt.Sprintf("declared in cell %d, uses a value lost in the crash; run %s again", p.Cell, cells(v.cell, p.Cell))
}

// usesLost gives a lost variable that the function key of p uses.
func (s *state) usesLost(p *child.Program, key string, lost map[string]variable) (variable, bool) {
	for _, f := range p.Funcs {
		for _, use := range f.Uses {
			if v, ok := lost[use]; ok && f.Key == key {
				return v, true
			}
		}
	}
	return variable{}, false
}

// cells is "cell 2" or "cells 2 and 4".
func cells(a, b int) string {
	if a == b {
		return fmt.Sprintf("cell %d", a)
	}
	return fmt.Sprintf("cells %d and %d", a, b)
}

// varNames are the live variables, sorted.
func (s *state) varNames() []string { return slices.Sorted(maps.Keys(s.vars)) }
