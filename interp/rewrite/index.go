package rewrite

import (
	"go/ast"
	"go/types"
)

// indexExpr writes a[i], with Go's own panic where i is out of range.
func (r *rewriter) indexExpr(e *ast.IndexExpr) string {
	if tv := r.ch.Info.Types[e.Index]; tv.IsType() {
		if whole := r.ch.Info.Types[e]; whole.IsType() {
			return r.typeText(e, whole.Type)
		}
		return r.genericFunc(e, e)
	}
	if indexed(e.X) > maxIndexed {
		return r.refuse(e, "an element of an element, more than %d times over", maxIndexed)
	}
	t := r.ch.Info.TypeOf(e.X)
	switch u := t.Underlying().(type) {
	case *types.Map:
		return r.text(e.X) + "[" + r.key(e.Index, u.Key()) + "]"
	case *types.Array:
		if r.ch.Info.Types[e.Index].Value != nil {
			return r.plain(e)
		}
	case *types.Pointer:
		if !r.pure(e.X) {
			return r.refuse(e, "indexing by way of a pointer to an array that a call gives")
		}
		x := "(*" + r.text(e.X) + ")"
		return x + "[ꞋꞋindex(" + r.frame(e) + ", " + r.integer(e.Index) + ", len(" + x + "))]"
	case *types.Slice, *types.Basic:
	default:
		return r.refuse(e, "indexing a %s", u)
	}
	if !r.pure(e.X) {
		return r.at(e)
	}
	x := r.text(e.X)
	return x + "[ꞋꞋindex(" + r.frame(e) + ", " + r.integer(e.Index) + ", len(" + x + "))]"
}

// maxIndexed bounds how often an operand is itself an element: each time its text is
// there twice.
const maxIndexed = 8

// indexed tells how many times over e is an element of something.
func indexed(e ast.Expr) int {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return indexed(e.X)
	case *ast.StarExpr:
		return indexed(e.X)
	case *ast.SelectorExpr:
		return indexed(e.X)
	case *ast.IndexExpr:
		return 1 + indexed(e.X)
	}
	return 0
}

// at writes an element of what cannot be evaluated twice.
func (r *rewriter) at(e *ast.IndexExpr) string {
	t := r.ch.Info.TypeOf(e)
	return r.typed(e, t, "ꞋꞋelement("+r.frame(e)+", "+r.text(e.X)+", "+r.integer(e.Index)+")")
}

// copied tells whether e is an element, or a part of one, of a slice that cannot be
// evaluated twice: what at writes is a copy, whose address is another one.
func (r *rewriter) copied(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return r.copied(e.X)
	case *ast.SelectorExpr:
		s := r.ch.Info.Selections[e]
		return s != nil && s.Kind() == types.FieldVal && !s.Indirect() && r.copied(e.X)
	case *ast.IndexExpr:
		switch r.ch.Info.TypeOf(e.X).Underlying().(type) {
		case *types.Array:
			return r.copied(e.X)
		case *types.Slice:
			return !r.pure(e.X)
		}
	}
	return false
}

// integer writes an index, as an int.
func (r *rewriter) integer(e ast.Expr) string {
	t := types.Default(r.ch.Info.TypeOf(e))
	b, ok := t.Underlying().(*types.Basic)
	if !ok || b.Info()&types.IsInteger == 0 {
		return r.refuse(e, "an index of type %s", t)
	}
	switch b.Kind() {
	case types.Int:
		if t == types.Typ[types.Int] {
			return r.text(e)
		}
	case types.Uint, types.Uint64, types.Uintptr:
		if r.ch.Info.Types[e].Value == nil {
			return r.refuse(e, "an index of type %s", t)
		}
	}
	return "int(" + r.text(e) + ")"
}

// pure tells whether e may be evaluated twice: variables, their fields and elements.
func (r *rewriter) pure(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident, *ast.BasicLit:
		return true
	case *ast.ParenExpr:
		return r.pure(e.X)
	case *ast.StarExpr:
		return r.pure(e.X)
	case *ast.SelectorExpr:
		return r.pure(e.X)
	case *ast.IndexExpr:
		return r.pure(e.X) && r.pure(e.Index)
	case *ast.BinaryExpr:
		return r.pure(e.X) && r.pure(e.Y)
	case *ast.CallExpr:
		if id, ok := e.Fun.(*ast.Ident); ok && len(e.Args) == 1 {
			_, builtin := r.ch.Info.Uses[id].(*types.Builtin)
			return builtin && (id.Name == "len" || id.Name == "cap") && r.pure(e.Args[0])
		}
	}
	return r.ch.Info.Types[e].Value != nil
}

// sliceExpr writes a[lo:hi], with Go's own panic where they are out of range.
func (r *rewriter) sliceExpr(e *ast.SliceExpr) string {
	t := r.ch.Info.TypeOf(e.X).Underlying()
	_, isSlice := t.(*types.Slice)
	_, isString := t.(*types.Basic)
	_, isArray := t.(*types.Array)
	switch {
	case e.Low == nil && e.High == nil:
		return r.plain(e)
	case e.Slice3:
		return r.refuse(e, "full slice expressions")
	case !isSlice && !isString && !isArray:
		return r.refuse(e, "slicing a %s", r.ch.Info.TypeOf(e.X))
	case !r.pure(e.X) || e.Low != nil && !r.pure(e.Low):
		return r.refuse(e, "slicing what a call gives")
	}
	x := r.text(e.X)
	lo := "0"
	if e.Low != nil {
		lo = r.integer(e.Low)
	}
	if e.High == nil {
		return x + "[ꞋꞋlow(" + r.frame(e) + ", " + lo + ", len(" + x + ")):]"
	}
	hi := r.integer(e.High)
	if isString || isArray {
		return x + "[" + lo + ":ꞋꞋhighString(" + r.frame(e) + ", " + lo + ", " + hi + ", len(" + x + "))]"
	}
	return x + "[" + lo + ":ꞋꞋhigh(" + r.frame(e) + ", " + lo + ", " + hi + ", cap(" + x + "))]"
}
