package source

import (
	"go/ast"
	"go/types"

	"interleave/interp/check"
)

// A generic is a generic function: the callers of an instance are bound to it
// when they are compiled, as there is no slot that could hold it.
type generic struct {
	obj *types.Func
}

// A function is one that is in a slot, with what is needed to compile it again.
type function struct {
	ch   *check.Checked
	decl *ast.FuncDecl
	b    *check.Binding
	uses map[types.Object]bool // generic functions
}

func (r *rewriter) registerGeneric(b *check.Binding, fd *ast.FuncDecl) {
	f := b.Object.(*types.Func)
	r.u.homes[f] = home{r.u.Path, Mark + b.Name}
	r.u.generics[b.Name] = &generic{f}
	if old := r.s.generics[b.Name]; old != nil && types.Identical(old.obj.Type(), f.Type()) {
		r.again[old.obj] = r.u.generics[b.Name]
	}
}

// genericName writes a generic function.
func (r *rewriter) genericName(id *ast.Ident, b *check.Binding) string {
	var f types.Object = b.Object
	if now := r.again[f]; now != nil {
		f = now.obj
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
