package source

import (
	"fmt"
	"go/ast"
	"go/types"

	"interleave/interp/check"
)

// pointerType writes the declaration of the pointer to the storage of b.
//
// The library has variables of types that it does not export, such as
// binary.LittleEndian. A pointer to one gets its type from an expression that
// has it: the variable of the library, or the pointer of the unit that declared b.
func (r *rewriter) pointerType(n ast.Node, b *check.Binding) {
	name := r.vars[b.Key]
	text, why := r.tryType(b.Object.Type())
	if why == "" {
		r.pointers = append(r.pointers, fmt.Sprintf("var %s *%s\n", name, text))
		return
	}
	if h, ok := r.s.inferred[b.Key]; ok {
		r.pointers = append(r.pointers, fmt.Sprintf("var %s = %s.%s\n", name, r.alias(h.path), h.name))
		return
	}
	if from := r.sameType(r.initial(b)); from != "" {
		r.pointers = append(r.pointers, fmt.Sprintf("var %s = %s\n", name, from))
		r.u.inferred[b.Key] = home{r.u.Path, name}
		return
	}
	r.refuse(n, "%s", why)
}

// initial gives the expression that b is initialised with, where there is one.
func (r *rewriter) initial(b *check.Binding) ast.Expr {
	if b.Decl != r.own.Cell {
		return nil
	}
	find := func(names, values []ast.Expr) ast.Expr {
		for i, e := range names {
			if id, ok := e.(*ast.Ident); ok && id.Name == b.Name && len(names) == len(values) {
				return values[i]
			}
		}
		return nil
	}
	switch n := b.Node.(type) {
	case *ast.AssignStmt:
		return find(n.Lhs, n.Rhs)
	case *ast.ValueSpec:
		names := make([]ast.Expr, len(n.Names))
		for i, id := range n.Names {
			names[i] = id
		}
		return find(names, n.Values)
	}
	return nil
}

// sameType gives a pointer to the type of e, where e is a variable of the session
// or of a library package; else "".
func (r *rewriter) sameType(e ast.Expr) string {
	id, _ := ast.Unparen(e).(*ast.Ident)
	if sel, ok := ast.Unparen(e).(*ast.SelectorExpr); ok {
		id = sel.Sel
	}
	if id == nil {
		return ""
	}
	if b := r.ch.Uses[id]; b != nil && b.Kind == check.Var {
		return r.pointer(id, b)
	}
	if v, ok := r.ch.Info.Uses[id].(*types.Var); ok && !v.IsField() && v.Pkg() != nil && v.Pkg().Path() != "main" {
		return r.rt("", "Ptr") + "(" + r.text(e) + ")"
	}
	return ""
}
