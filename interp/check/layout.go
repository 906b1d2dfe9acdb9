package check

import "go/types"

// mentions tells whether t is made of a named type that is says so of.
func mentions(t types.Type, is func(*types.TypeName) bool, seen map[types.Type]bool) bool {
	any := func(list ...types.Type) bool {
		for _, t := range list {
			if t == nil || seen[t] {
				continue
			}
			seen[t] = true
			if mentions(t, is, seen) {
				return true
			}
		}
		return false
	}
	switch t := t.(type) {
	case *types.Alias:
		return any(types.Unalias(t))
	case *types.Named:
		if is(t.Origin().Obj()) {
			return true
		}
		for a := range t.TypeArgs().Types() {
			if any(a) {
				return true
			}
		}
	case *types.Pointer:
		return any(t.Elem())
	case *types.Slice:
		return any(t.Elem())
	case *types.Array:
		return any(t.Elem())
	case *types.Chan:
		return any(t.Elem())
	case *types.Map:
		return any(t.Key(), t.Elem())
	case *types.Signature:
		return any(t.Params(), t.Results())
	case *types.Tuple:
		for v := range t.Variables() {
			if any(v.Type()) {
				return true
			}
		}
	case *types.Struct:
		for f := range t.Fields() {
			if any(f.Type()) {
				return true
			}
		}
	case *types.Interface:
		for m := range t.Methods() {
			if any(m.Type()) {
				return true
			}
		}
	}
	return false
}

// holdsFunc tells whether values of t are functions, or hold them one level down.
func holdsFunc(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Signature:
		return true
	case *types.Slice:
		return holdsFunc(t.Elem())
	case *types.Map:
		return holdsFunc(t.Elem())
	case *types.Array:
		return holdsFunc(t.Elem())
	}
	return false
}

// A layout compares types that were declared twice.
type layout struct {
	now  *types.Package // declares the new ones
	seen map[[2]types.Type]bool
}

// sameLayout tells whether storage of type a may be used as storage of type b,
// which now declares anew in part: the same fields, elements and methods of interfaces.
func (r *redeclaration) sameLayout(now *types.Package, a, b types.Type) bool {
	l := layout{now, map[[2]types.Type]bool{}}
	return l.same(a, b)
}

func (l layout) same(a, b types.Type) bool {
	a, b = types.Unalias(a), types.Unalias(b)
	if a == b || l.seen[[2]types.Type{a, b}] {
		return true
	}
	l.seen[[2]types.Type{a, b}] = true
	switch b := b.(type) {
	case *types.Named:
		return l.named(a, b)
	case *types.TypeParam:
		p, ok := a.(*types.TypeParam)
		return ok && p.Index() == b.Index()
	case *types.Pointer:
		p, ok := a.(*types.Pointer)
		return ok && l.same(p.Elem(), b.Elem())
	case *types.Slice:
		s, ok := a.(*types.Slice)
		return ok && l.same(s.Elem(), b.Elem())
	case *types.Array:
		s, ok := a.(*types.Array)
		return ok && s.Len() == b.Len() && l.same(s.Elem(), b.Elem())
	case *types.Chan:
		c, ok := a.(*types.Chan)
		return ok && c.Dir() == b.Dir() && l.same(c.Elem(), b.Elem())
	case *types.Map:
		m, ok := a.(*types.Map)
		return ok && l.same(m.Key(), b.Key()) && l.same(m.Elem(), b.Elem())
	case *types.Signature:
		s, ok := a.(*types.Signature)
		return ok && s.Variadic() == b.Variadic() && l.tuple(s.Params(), b.Params()) && l.tuple(s.Results(), b.Results())
	case *types.Struct:
		return l.structs(a, b)
	case *types.Interface:
		return l.interfaces(a, b)
	}
	return types.Identical(a, b)
}

func (l layout) named(a types.Type, b *types.Named) bool {
	n, ok := a.(*types.Named)
	if !ok || n.Obj().Name() != b.Obj().Name() || n.TypeArgs().Len() != b.TypeArgs().Len() {
		return false
	}
	for i := range n.TypeArgs().Len() {
		if !l.same(n.TypeArgs().At(i), b.TypeArgs().At(i)) {
			return false
		}
	}
	if n.Origin().Obj() == b.Origin().Obj() {
		return true
	}
	return b.Obj().Pkg() == l.now && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "main" && l.same(n.Underlying(), b.Underlying())
}

func (l layout) tuple(a, b *types.Tuple) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if !l.same(a.At(i).Type(), b.At(i).Type()) {
			return false
		}
	}
	return true
}

func (l layout) structs(a types.Type, b *types.Struct) bool {
	s, ok := a.(*types.Struct)
	if !ok || s.NumFields() != b.NumFields() {
		return false
	}
	for i := range s.NumFields() {
		f, g := s.Field(i), b.Field(i)
		if f.Name() != g.Name() || f.Embedded() != g.Embedded() || !l.same(f.Type(), g.Type()) {
			return false
		}
	}
	return true
}

// interfaces have one layout where their methods are the same: a value is bound
// to the table of just these.
func (l layout) interfaces(a types.Type, b *types.Interface) bool {
	t, ok := a.(*types.Interface)
	if !ok || t.NumMethods() != b.NumMethods() {
		return false
	}
	for i := range t.NumMethods() {
		if t.Method(i).Name() != b.Method(i).Name() || !l.same(t.Method(i).Type(), b.Method(i).Type()) {
			return false
		}
	}
	return true
}
