package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// The compiler calls the functions of an assignment first, and then reads the variables
// by which its left side is found: in m[k] = f(), those that f left in m and k. The
// interpreter, for the most part, reads them before.

// refuseMoved refuses an assignment where that makes a difference.
func (r *rewriter) refuseMoved(lhs, rhs []ast.Expr) {
	found := false
	for _, e := range lhs {
		found = found || r.found(e)
	}
	if !found {
		return
	}
	for _, e := range slices.Concat(lhs, rhs) {
		if c := r.ownCall(e); c != nil {
			r.refuse(c, "a call in an assignment to what is found by way of variables")
		}
	}
}

// found tells whether what e stands for depends on the values of variables: elements of
// slices and maps, what pointers point to.
func (r *rewriter) found(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return r.found(e.X)
	case *ast.SelectorExpr:
		_, pointer := r.ch.Info.TypeOf(e.X).Underlying().(*types.Pointer)
		return pointer || r.found(e.X)
	case *ast.IndexExpr:
		_, array := r.ch.Info.TypeOf(e.X).Underlying().(*types.Array)
		return !array || r.ch.Info.Types[e.Index].Value == nil || r.found(e.X)
	case *ast.StarExpr:
		return true
	}
	return false
}

// ownCall finds a call in e that may run code of cells; nil for none.
func (r *rewriter) ownCall(e ast.Expr) *ast.CallExpr {
	var call *ast.CallExpr
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			fun := ast.Unparen(n.Fun)
			if tv := r.ch.Info.Types[fun]; call == nil && !tv.IsType() && !tv.IsBuiltin() && !(r.fromLibrary(fun) && !r.hasFunc(n.Args)) {
				call = n
			}
		}
		return call == nil
	})
	return call
}

// hasFunc tells whether one of list is a function.
func (r *rewriter) hasFunc(list []ast.Expr) bool {
	for _, e := range list {
		if t := r.ch.Info.TypeOf(e); t != nil {
			if _, ok := t.Underlying().(*types.Signature); ok {
				return true
			}
		}
	}
	return false
}

// appended writes an operand of append with several: the interpreter reads an element
// only when it is its turn, and those before may have been written over it.
func (r *rewriter) appended(e ast.Expr, t types.Type, several bool) string {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident, *ast.BasicLit, *ast.CallExpr, *ast.BinaryExpr:
	case *ast.UnaryExpr:
		several = several && x.Op == token.ARROW
	default:
		if several && types.IsInterface(t) {
			return r.refuse(e, "append of several values, one of them an element")
		}
		if several && r.ch.Info.Types[e].Value == nil {
			return r.typed(e, t, "ꞋꞋany("+r.text(e)+")")
		}
	}
	return r.value(e, t)
}
