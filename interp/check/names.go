package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
)

// A package has one object of a name; a cell may have several. In a statement a
// name means the latest declaration before it, of this cell or an earlier one;
// in a function body, the last of the cell. So "x := x*10", "x := 1; x := "a"",
// and "now := time.Now(); time := 5" need two objects of one name.
//
// A name that may be used so is odd. A cell without odd names is checked once.
// One with them is checked first as it stands, which tells the identifiers that
// mean the top-level name from locals, fields and keys; then the cell's
// variables of that name get hidden names, each identifier that means one of
// them too, and the rest see the older meaning. The result is checked again.

// maxPasses bounds how often a cell is checked. Two suffice unless errors keep
// go/types from reaching an identifier in the first.
const maxPasses = 4

// dot separates a name from its number in a hidden name. No identifier has it.
const dot = "·"

// findOdd finds the odd names: declared as variables only, and more than once,
// or used before, or an import of this cell.
func (u *unit) findOdd() {
	u.ahead = true
	for name, decls := range u.vars {
		u.ahead = u.ahead && (u.hoisted[name] || !u.isOdd(name, decls))
	}
	u.forward = u.forward && u.ahead
	for name, decls := range u.vars {
		if u.hoisted[name] || !u.isOdd(name, decls) {
			continue
		}
		u.odd = append(u.odd, name)
		for i, d := range decls {
			d.hidden = name + dot + strconv.Itoa(i+1)
		}
	}
}

func (u *unit) isOdd(name string, decls []*declaration) bool {
	if len(decls) > 1 || u.own[name] {
		return true
	}
	for _, m := range u.mentions[name] {
		if m.id == decls[0].id || m.inFunc || m.id.Pos() >= decls[0].from {
			continue
		}
		if !u.ahead || !u.isAhead(decls[0]) {
			return true
		}
		u.forward = true
	}
	return false
}

// run checks the cell, as often as names need.
func (u *unit) run() {
	for range maxPasses {
		u.check()
		again := u.settle()
		if !u.keyLiterals() && !again {
			return
		}
	}
}

// settle gives each identifier the name that leads go/types to what it means.
// It tells whether that changed anything.
func (u *unit) settle() bool {
	changed := len(u.odd) > 0 && !u.apart
	first := changed
	u.apart = true
	for _, name := range u.odd {
		for _, d := range u.vars[name] {
			if first {
				u.rename(d.id, d.hidden)
			}
		}
		for _, m := range u.mentions[name] {
			if u.settleOne(name, m, first) {
				changed = true
			}
		}
	}
	return changed
}

func (u *unit) settleOne(name string, m mention, first bool) bool {
	if _, def := u.info.Defs[m.id]; def {
		return false
	}
	obj := u.info.Uses[m.id]
	if obj == nil && first || obj != nil && !u.topLevel(obj) {
		return false
	}
	want := u.meaning(name, m)
	if m.id.Name == want {
		return false
	}
	u.rename(m.id, want)
	return true
}

// topLevel tells the meanings of a top-level name from locals and fields.
func (u *unit) topLevel(obj types.Object) bool {
	if _, ok := obj.(*types.PkgName); ok {
		return true
	}
	if obj.Parent() == u.pkg.Scope() || obj.Parent() == types.Universe {
		return true
	}
	b := u.s.names[obj.Name()]
	return b != nil && b.Object == obj
}

// meaning gives the name of the declaration that m means: that of a variable of
// this cell, or the plain one for what was there before.
func (u *unit) meaning(name string, m mention) string {
	decls := u.vars[name]
	if m.inFunc {
		return decls[len(decls)-1].hidden
	}
	best := name
	for _, d := range decls {
		if d.from <= m.id.Pos() {
			best = d.hidden
		}
	}
	return best
}

func (u *unit) rename(id *ast.Ident, to string) {
	was := id.Name
	id.Name = to
	u.undo = append(u.undo, func() { id.Name = was })
}

// keyLiterals writes the field names into literals such as point{1, 2} of a
// struct that an earlier cell declared. go/types refuses them without, for lower-
// case fields, since it takes the cells for different packages; with them it does not.
func (u *unit) keyLiterals() bool {
	found := false
	for _, err := range u.errs {
		found = found || isImplicit(err.Msg)
	}
	if !found {
		return false
	}
	changed := false
	for _, d := range u.body {
		ast.Inspect(d, func(n ast.Node) bool {
			if lit, ok := n.(*ast.CompositeLit); ok {
				changed = u.keyLiteral(lit) || changed
			}
			return true
		})
	}
	return changed
}

func (u *unit) keyLiteral(lit *ast.CompositeLit) bool {
	tv, ok := u.info.Types[lit]
	if !ok || len(lit.Elts) == 0 {
		return false
	}
	t := tv.Type.Underlying()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem().Underlying()
	}
	s, ok := t.(*types.Struct)
	if !ok || s.NumFields() != len(lit.Elts) {
		return false
	}
	was, elts := lit.Elts, make([]ast.Expr, len(lit.Elts))
	for i, e := range was {
		f := s.Field(i)
		if _, ok := e.(*ast.KeyValueExpr); ok || f.Name() == "_" || f.Pkg() == nil || f.Pkg().Path() != u.pkg.Path() {
			return false
		}
		elts[i] = &ast.KeyValueExpr{Key: &ast.Ident{NamePos: e.Pos(), Name: f.Name()}, Colon: token.NoPos, Value: e}
	}
	lit.Elts = elts
	u.undo = append(u.undo, func() { lit.Elts = was })
	return true
}
