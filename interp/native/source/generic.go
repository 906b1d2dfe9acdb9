package source

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"interleave/interp/check"
	"interleave/interp/child"
)

// A function is one that a cell declared, with what is needed to compile it again.
//
// An ordinary function is in a slot. A generic function cannot be: its callers are
// bound to it when they are compiled. So when one is declared again, its callers
// are compiled again, in the unit of the new one: generic functions move there,
// others get into their slots from there. Methods cannot move.
type function struct {
	ch    *check.Checked
	decl  *ast.FuncDecl
	b     *check.Binding        // nil for a method
	uses  map[types.Object]bool // generic functions
	slots []string              // keys of storage
}

// name is what messages call the function.
func (f *function) name() string {
	if f.decl.Recv == nil {
		return f.decl.Name.Name
	}
	t := f.ch.Cell.Text(f.decl.Recv.List[0].Type)
	t, _, _ = strings.Cut(strings.TrimLeft(t, "*("), "[")
	return t + "." + f.decl.Name.Name
}

// registerGeneric gives a generic function its home, and notes what it replaces.
func (r *rewriter) registerGeneric(b *check.Binding) {
	r.u.homes[b.Object] = home{r.u.Path, Mark + b.Name}
	old := r.s.generics[b.Name]
	if old == nil {
		return
	}
	if types.Identical(old.b.Object.Type(), b.Object.Type()) {
		r.again[old.b.Object] = b.Object
		return
	}
	r.note(b, r.usersOf(func(f *function) bool { return f.uses[old.b.Object] }))
}

// genericName writes a generic function.
func (r *rewriter) genericName(id *ast.Ident, b *check.Binding) string {
	f := b.Object
	if now := r.again[f]; now != nil {
		f = now
	}
	if r.used != nil {
		r.used[f] = true
	}
	if h, own := r.u.homes[f]; own {
		return h.name
	}
	h, ok := r.s.homes[f]
	if !ok {
		return r.refuse(id, "generic function %s: the cell that declares it was not compiled: run it again", b.Name)
	}
	return r.alias(h.path) + "." + h.name
}

// callers writes again what uses generic functions that this unit replaces.
func (r *rewriter) callers() string {
	if len(r.again) == 0 {
		return ""
	}
	var generic, plain []*function
	for more := true; more; {
		more = false
		for _, name := range slices.Sorted(maps.Keys(r.s.generics)) {
			f := r.s.generics[name]
			if r.again[f.b.Object] == nil && r.outdated(f) && !r.declares(f) {
				r.again[f.b.Object] = f.b.Object
				r.u.homes[f.b.Object] = home{r.u.Path, Mark + name}
				generic, more = append(generic, f), true
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(r.s.users)) {
		if f := r.s.users[key]; r.outdated(f) && r.u.users[key] == nil && f.ch.C == nil && !r.declares(f) {
			plain = append(plain, f)
		}
	}
	var b strings.Builder
	for _, f := range append(generic, plain...) {
		b.WriteString(r.compileAgain(f))
	}
	stay := slices.Clone(r.s.methods)
	for _, f := range r.s.users {
		if f.ch.C != nil { // its C is that of its unit
			stay = append(stay, f)
		}
	}
	for _, f := range stay {
		if r.outdated(f) && !r.declares(f) {
			r.u.Notes = append(r.u.Notes, fmt.Sprintf("%s of cell %d keeps the generic functions that it was compiled with: run cell %[2]d again", f.name(), f.ch.Cell.N))
		}
	}
	return b.String()
}

// outdated tells whether f uses a generic function that this unit replaces.
func (r *rewriter) outdated(f *function) bool {
	for obj := range f.uses {
		if r.again[obj] != nil {
			return true
		}
	}
	return false
}

// declares tells whether the cell itself declares a function, or the type of a
// method, again.
func (r *rewriter) declares(f *function) bool {
	name, _, _ := strings.Cut(f.name(), ".")
	for _, b := range r.own.Declared {
		if b.Name == name && b.Kind != check.Var {
			return true
		}
	}
	return false
}

// compileAgain writes a function of an earlier cell.
func (r *rewriter) compileAgain(f *function) string {
	r.ch = f.ch
	defer func() { r.ch = r.own }()
	r.noteShadows()
	for _, it := range f.ch.Cell.Items {
		r.noteBodies(it.Node)
	}
	name := f.decl.Name.Name
	for _, b := range r.own.Declared {
		if b.Name == name {
			name = Mark + Mark + name
		}
	}
	return r.tracked(f.decl, f.b, name)
}

// tracked writes a function, and notes what it uses.
func (r *rewriter) tracked(d *ast.FuncDecl, b *check.Binding, name string) string {
	r.slots, r.used = map[string]bool{}, map[types.Object]bool{}
	defer func() { r.slots, r.used = nil, nil }()
	f := &function{ch: r.ch, decl: d, b: b, uses: r.used}
	text := ""
	switch {
	case d.Recv != nil:
		text = r.function(d, r.between(d, d.Recv.Pos(), d.Name.End()), "")
		r.u.methods = append(r.u.methods, f)
	case d.Type.TypeParams != nil:
		text = r.function(d, Mark+b.Name, "")
		r.u.generics[b.Name] = f
	default:
		text = r.function(d, name, name)
		r.u.users[b.Key] = f
		r.u.Funcs = append(r.u.Funcs, child.Func{Key: b.Key, Name: name})
	}
	f.slots = slices.Sorted(maps.Keys(r.slots))
	switch {
	case d.Recv != nil:
		t, _, _ := strings.Cut(f.name(), ".")
		r.need(t, f.slots)
	case d.Type.TypeParams != nil:
		r.need(b.Name, f.slots)
	default:
		r.u.Funcs[len(r.u.Funcs)-1].Uses = f.slots
	}
	return text
}

func (r *rewriter) need(name string, keys []string) {
	for _, k := range keys {
		if !slices.Contains(r.u.Needs[name], k) {
			r.u.Needs[name] = append(r.u.Needs[name], k)
		}
	}
}

// changed notes the functions of earlier cells that keep a variable or function
// which this cell gives another type.
func (r *rewriter) changed() {
	for _, b := range r.ch.Declared {
		old := r.s.keys[b.Name]
		if b.Kind == check.Var || b.Kind == check.Func && b.Node.(*ast.FuncDecl).Type.TypeParams == nil {
			r.u.keys[b.Name] = b.Key
			if old != "" && old != b.Key {
				r.note(b, r.usersOf(func(f *function) bool { return slices.Contains(f.slots, old) }))
			}
		}
	}
}

// usersOf names the functions of earlier cells that use something.
func (r *rewriter) usersOf(uses func(*function) bool) []string {
	var out []string
	add := func(f *function) {
		if uses(f) && !r.declares(f) && (f.b == nil || r.s.keys[f.b.Name] == f.b.Key || r.s.generics[f.b.Name] == f) {
			out = append(out, fmt.Sprintf("%s (cell %d)", f.name(), f.ch.Cell.N))
		}
	}
	for _, f := range r.s.users {
		add(f)
	}
	for _, f := range r.s.generics {
		add(f)
	}
	for _, f := range r.s.methods {
		add(f)
	}
	slices.Sort(out)
	return out
}

func (r *rewriter) note(b *check.Binding, users []string) {
	if len(users) > 0 {
		r.u.Notes = append(r.u.Notes, fmt.Sprintf("%s has another type now; compiled with the earlier one: %s", b.Name, strings.Join(users, ", ")))
	}
}
