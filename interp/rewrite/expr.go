package rewrite

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// special writes the nodes that change, or refuses them.
func (r *rewriter) special(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.Ident:
		return r.ident(n), true
	case *ast.SelectorExpr:
		return r.selector(n), true
	case *ast.CallExpr:
		return r.call(n), true
	case *ast.FuncLit:
		return r.keptLit(n), true
	case *ast.IndexExpr:
		return r.indexExpr(n), true
	case *ast.IndexListExpr:
		if tv := r.ch.Info.Types[n]; tv.IsType() {
			return r.refuse(n, "instances of generic types"), true
		}
		return r.genericFunc(n, n), true
	case *ast.SliceExpr:
		return r.sliceExpr(n), true
	case *ast.UnaryExpr:
		switch {
		case n.Op == token.ARROW:
			return r.receive(n), true
		case n.Op == token.AND && r.libraryVar(n.X):
			return r.refuse(n, "the address of a variable of a package"), true
		case n.Op == token.AND && r.copied(n.X):
			return r.refuse(n, "the address of an element of what a call gives"), true
		}
	case *ast.StructType, *ast.InterfaceType:
		if t := r.ch.Info.TypeOf(n.(ast.Expr)); t != nil {
			return r.typeText(n, t), true
		}
	case *ast.TypeAssertExpr:
		return r.assertion(n), true
	case *ast.CompositeLit:
		return r.composite(n), true
	case *ast.BinaryExpr:
		return r.binary(n), true
	case ast.Stmt:
		return r.stmt(n)
	case *ast.FuncType:
		if n.TypeParams != nil {
			return r.refuse(n, "generic functions"), true
		}
	case *ast.TypeSpec:
		return r.refuse(n, "type declarations"), true
	case *ast.Field:
		return r.field(n), true
	}
	return "", false
}

// binary refuses what the interpreter compares or shifts in another way.
func (r *rewriter) binary(e *ast.BinaryExpr) string {
	x, y := r.ch.Info.TypeOf(e.X), r.ch.Info.TypeOf(e.Y)
	if e.Op == token.EQL || e.Op == token.NEQ {
		if s, ok := r.compareNil(e); ok {
			return s
		}
		if types.IsInterface(x) || types.IsInterface(y) {
			op := map[token.Token]string{token.EQL: "", token.NEQ: "!"}[e.Op]
			return op + "ꞋꞋequal(" + r.text(e.X) + ", " + r.text(e.Y) + ")"
		}
		switch x.Underlying().(type) {
		case *types.Struct, *types.Array:
			if !types.Identical(x, y) {
				return r.refuse(e, "comparing a %s with a %s", x, y)
			}
			return map[token.Token]string{token.EQL: "", token.NEQ: "!"}[e.Op] + "ꞋꞋequal(" + r.text(e.X) + ", " + r.text(e.Y) + ")"
		}
	}
	if _, ok := x.Underlying().(*types.Chan); ok && e.Op != token.ARROW && !types.Identical(x, y) {
		return r.refuse(e, "comparing a %s with a %s", x, y)
	}
	if (e.Op == token.LAND || e.Op == token.LOR) && r.hasLiteral(e.X) {
		return r.refuse(e, "a literal of a map or struct before && or ||")
	}
	if e.Op != token.LAND && e.Op != token.LOR && r.readsMap(e.X) && r.callsCell(e.Y) {
		return r.refuse(e, "an element of a map before a call that may change it")
	}
	if e.Op == token.SHL || e.Op == token.SHR {
		return r.text(e.X) + r.gap(e.X.End(), e.Y.Pos()) + r.shiftCount(e.Y)
	}
	return r.plain(e)
}

// readsMap tells whether an operand has an element of a map in it. The compiler reads
// it after the calls of the whole expression, the interpreter in its place.
func (r *rewriter) readsMap(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if ix, ok := n.(*ast.IndexExpr); ok {
			if t := r.ch.Info.TypeOf(ix.X); t != nil {
				_, isMap := t.Underlying().(*types.Map)
				found = found || isMap
			}
		}
		_, lit := n.(*ast.FuncLit)
		return !lit && !found
	})
	return found
}

// callsCell tells whether e calls a function that is not the library's.
func (r *rewriter) callsCell(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok {
			tv := r.ch.Info.Types[ast.Unparen(c.Fun)]
			found = found || !tv.IsType() && !tv.IsBuiltin() && !r.fromLibrary(c.Fun)
		}
		return !found
	})
	return found
}

// shiftCount writes the count of a shift, with Go's panic where it is negative.
func (r *rewriter) shiftCount(e ast.Expr) string {
	b, ok := r.ch.Info.TypeOf(e).Underlying().(*types.Basic)
	if r.ch.Info.Types[e].Value != nil {
		return "uint(" + constant.ToInt(r.ch.Info.Types[e].Value).ExactString() + ")"
	}
	if ok && b.Info()&types.IsUnsigned != 0 {
		return r.text(e)
	}
	return "ꞋꞋshift(" + r.frame(e) + ", " + r.integer(e) + ")"
}

// compareNil writes x == nil.
func (r *rewriter) compareNil(e *ast.BinaryExpr) (string, bool) {
	x := e.X
	if r.isNil(x) {
		x = e.Y
	} else if !r.isNil(e.Y) {
		return "", false
	}
	op := ""
	if e.Op == token.NEQ {
		op = "!"
	}
	if types.IsInterface(r.ch.Info.TypeOf(x)) {
		return op + "ꞋꞋequal(" + r.text(x) + ", nil)", true
	}
	return op + "ꞋꞋnil(" + r.text(x) + ")", true
}

func (r *rewriter) isNil(e ast.Expr) bool {
	tv, ok := r.ch.Info.Types[e]
	return ok && tv.IsNil()
}

// typed makes an expression of type t of one of type any.
func (r *rewriter) typed(n ast.Node, t types.Type, expr string) string {
	text := r.typeText(n, t)
	switch u := t.Underlying().(type) {
	case *types.Struct:
		if u.NumFields() == 0 { // the interpreter looks at the first field
			return "(*ꞋꞋbox(" + expr + ").(*" + text + "))"
		}
		return expr + ".(" + text + ")"
	case *types.Interface:
		switch {
		case text == "error":
			return "ꞋꞋasErr(" + expr + ")"
		case u.Empty():
			return expr
		}
		return r.refuse(n, "a value of the interface type %s here", t)
	}
	return expr + ".(" + text + ")"
}

// pair makes (T, bool) of call, which gives (any, bool).
func (r *rewriter) pair(n ast.Node, t types.Type, call string) string {
	return "func() (" + r.typeText(n, t) + ", bool) { ꞋꞋv, ꞋꞋok := " + call + "; return " + r.typed(n, t, "ꞋꞋv") + ", ꞋꞋok }()"
}

// assertion writes x.(T), with Go's own panic and idea of identical types.
func (r *rewriter) assertion(e *ast.TypeAssertExpr) string {
	if e.Type == nil {
		return r.plain(e)
	}
	t := r.ch.Info.TypeOf(e.Type)
	from := "any"
	if x := r.ch.Info.TypeOf(e.X); !x.Underlying().(*types.Interface).Empty() {
		from = r.typeText(e, x)
	}
	return r.typed(e, t, "ꞋꞋassert("+r.frame(e)+", "+r.text(e.X)+", (*"+from+")(nil), (*"+r.typeText(e, t)+")(nil))")
}

// hasLiteral tells whether n has a literal of a map or struct in it, outside of function
// literals: behind one, && and || end the interpreter's function without a word.
func (r *rewriter) hasLiteral(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CompositeLit:
			switch r.ch.Info.TypeOf(n).Underlying().(type) {
			case *types.Map, *types.Struct, *types.Pointer:
				found = true
			}
		}
		return !found
	})
	return found
}
