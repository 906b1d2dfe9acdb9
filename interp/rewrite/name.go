package rewrite

import (
	"go/ast"
	"go/types"

	"interleave/interp/check"
	"interleave/interp/eval/symbols"
)

func (r *rewriter) ident(id *ast.Ident) string {
	if b := r.ch.Uses[id]; b != nil {
		switch b.Kind {
		case check.Var:
			return "(*" + r.pointer(id, b) + ")"
		case check.Func:
			return r.funcIdent(id, b)
		case check.Type:
			return r.refuse(id, "type %s", b.Name)
		}
	}
	switch obj := r.ch.Info.Uses[id].(type) {
	case *types.PkgName:
		return r.alias(obj.Imported().Path())
	case *types.Builtin:
		switch obj.Name() {
		case "print", "println":
			return r.refuse(id, "the built-in function %s", obj.Name())
		}
	case *types.TypeName:
		if obj.Pkg() == nil { // rune and byte are only other names
			return id.Name
		}
	case *types.Var:
		if id.Name == "nil" { // the interpreter goes by the name
			return r.refuse(id, "a variable with the name nil")
		}
	}
	return r.ch.Cell.Text(id)
}

// funcIdent writes a reference to a function that a cell declared: by its slot,
// so that redefining it reaches this caller, or directly in its own body.
func (r *rewriter) funcIdent(id *ast.Ident, b *check.Binding) string {
	if fd, ok := b.Node.(*ast.FuncDecl); ok {
		if fd.Type.TypeParams != nil {
			return r.refuse(id, "generic functions")
		}
		if r.itself(id) {
			return fd.Name.Name
		}
	}
	return "(*" + r.pointer(id, b) + ")"
}

func (r *rewriter) selector(e *ast.SelectorExpr) string {
	if id, ok := e.X.(*ast.Ident); ok {
		if pkg, ok := r.ch.Info.Uses[id].(*types.PkgName); ok {
			path := pkg.Imported().Path()
			if _, generic := r.ch.Info.Instances[e.Sel]; generic {
				return r.genericFunc(e, e)
			}
			if inexact[path+"."+e.Sel.Name] || !symbols.Has(path, e.Sel.Name) {
				return r.refuse(e, "%s.%s", pkg.Imported().Name(), e.Sel.Name)
			}
			return r.alias(path) + "." + e.Sel.Name
		}
	}
	if sel := r.ch.Info.Selections[e]; sel != nil {
		if sel.Kind() == types.MethodExpr {
			return r.refuse(e, "method expressions")
		}
		if why := unfit(sel.Recv(), map[types.Type]bool{}); why != "" && !errorLike(sel.Recv()) && !r.ofPackage(e.X) {
			return r.refuse(e, "%s", why)
		}
		if byPointer(sel) && r.copied(e.X) {
			return r.refuse(e, "a method with a pointer receiver of an element of what a call gives")
		}
	}
	return r.text(e.X) + r.gap(e.X.End(), e.Sel.Pos()) + e.Sel.Name
}

// byPointer tells whether sel is a method that takes the address of what stands before it.
func byPointer(sel *types.Selection) bool {
	f, isMethod := sel.Obj().(*types.Func)
	if !isMethod || f.Signature().Recv() == nil || sel.Indirect() {
		return false
	}
	_, pointer := f.Signature().Recv().Type().(*types.Pointer)
	return pointer
}

// inexact are what tells of the program itself, which the interpreter's is not; so do
// those that are locating.
var inexact = map[string]bool{
	"runtime.CallersFrames": true, "runtime/debug.SetPanicOnFault": true,
}

// libraryVar tells whether e is a variable of a library package.
func (r *rewriter) libraryVar(e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	_, isVar := r.ch.Info.Uses[sel.Sel].(*types.Var)
	return isVar && r.ofPackage(sel)
}

// ofPackage tells whether e is a variable of a library package, whose type need
// not have a name.
func (r *rewriter) ofPackage(e ast.Expr) bool {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return false
	}
	_, ok = r.ch.Info.Uses[id].(*types.PkgName)
	return ok
}

// errorLike: methods of values whose type cannot be named may still be called.
func errorLike(t types.Type) bool { return types.IsInterface(t) }
