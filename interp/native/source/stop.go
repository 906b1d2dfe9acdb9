package source

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// Where the stop flag is looked at: at the head of each loop but innermost ones
// that count and call nothing, whose time is nothing; and at the entry of
// functions that may recurse. A function that has such a loop keeps the flag's
// address in a local variable, which saves a load each turn.

// stopCheck looks at the stop flag, by way of the local variable.
func stopCheck(r *rewriter) string {
	if r.s.NoStop {
		return ""
	}
	r.stop = true
	return " if *ꞋꞋs { " + r.rt("", "Check") + "() };"
}

// funcBody writes the body of a function.
func (r *rewriter) funcBody(b *ast.BlockStmt) string {
	outer := r.stop
	r.stop = false
	defer func() { r.stop = outer }()
	text := r.between(b, b.Lbrace+1, b.End())
	return "{" + r.prologue(!r.s.NoStop && r.mayRecurse(b)) + text
}

// prologue is what a function begins with.
func (r *rewriter) prologue(entry bool) string {
	s := ""
	if r.stop {
		s = " ꞋꞋs := &" + r.rt("", "Stop") + ";"
		if entry {
			s += stopCheck(r)
		}
	} else if entry {
		s = " if " + r.rt("", "Stop") + " { " + r.rt("", "Check") + "() };"
	}
	return s
}

// watch makes the body of a loop look at the stop flag.
func (r *rewriter) watch(body *ast.BlockStmt, watch bool) { r.loops[body] = watch && !r.s.NoStop }

// endless tells whether a loop may take long.
func (r *rewriter) endless(n *ast.ForStmt) bool { return !r.counts(n) || !r.brief(n.Body) }

// counts tells a loop such as for i := a; i < n; i++, which ends by itself.
func (r *rewriter) counts(n *ast.ForStmt) bool {
	c, ok := n.Cond.(*ast.BinaryExpr)
	if !ok || n.Post == nil {
		return false
	}
	switch c.Op {
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
	default:
		return false
	}
	var x ast.Expr
	switch p := n.Post.(type) {
	case *ast.IncDecStmt:
		x = p.X
	case *ast.AssignStmt:
		if p.Tok == token.ADD_ASSIGN || p.Tok == token.SUB_ASSIGN {
			x = p.Lhs[0]
		}
	}
	id, ok := x.(*ast.Ident)
	return ok && !r.assigned(n.Body, r.ch.Info.Uses[id])
}

// assigned tells whether n assigns to obj by its name.
func (r *rewriter) assigned(n ast.Node, obj types.Object) bool {
	found := false
	is := func(e ast.Expr) {
		id, ok := ast.Unparen(e).(*ast.Ident)
		found = found || ok && r.ch.Info.Uses[id] == obj
	}
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.AssignStmt:
			for _, e := range m.Lhs {
				is(e)
			}
		case *ast.IncDecStmt:
			is(m.X)
		}
		return !found
	})
	return found
}

// brief tells whether one pass through b takes nanoseconds: it has no loops, no
// channel operations, and calls nothing but conversions and the like.
func (r *rewriter) brief(b *ast.BlockStmt) bool {
	brief := true
	ast.Inspect(b, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ForStmt, *ast.RangeStmt, *ast.SendStmt, *ast.SelectStmt, *ast.GoStmt, *ast.DeferStmt:
			brief = false
		case *ast.BranchStmt:
			brief = brief && n.Tok != token.GOTO
		case *ast.UnaryExpr:
			brief = brief && n.Op != token.ARROW
		case *ast.CallExpr:
			brief = brief && r.quick(n)
		}
		return brief
	})
	return brief
}

// quickPackages have functions that take nanoseconds.
var quickPackages = map[string]bool{"math": true, "math/bits": true, "math/cmplx": true, "math/rand": true, "math/rand/v2": true, "unicode": true, "unicode/utf8": true, "sync/atomic": true}

// quickTypes have methods that take nanoseconds.
var quickTypes = map[string]bool{"(*strings.Builder": true, "(*math/rand.Rand": true, "(*math/rand/v2.Rand": true}

// quick tells whether a call is a conversion, a built-in function, or one of the
// library that takes nanoseconds.
func (r *rewriter) quick(c *ast.CallExpr) bool {
	switch f := r.callee(c).(type) {
	case *types.TypeName, *types.Builtin:
		return true
	case *types.Func:
		if f.Pkg() == nil {
			return false
		}
		recv, _, _ := strings.Cut(f.FullName(), ").")
		return quickPackages[f.Pkg().Path()] || quickTypes[recv]
	}
	return r.ch.Info.Types[c.Fun].IsType()
}

// callee is what a call names, or nil.
func (r *rewriter) callee(c *ast.CallExpr) types.Object {
	switch f := ast.Unparen(c.Fun).(type) {
	case *ast.Ident:
		return r.ch.Info.Uses[f]
	case *ast.SelectorExpr:
		return r.ch.Info.Uses[f.Sel]
	}
	return nil
}

// mayRecurse tells whether a function calls what may call it: anything but
// itself being of the library.
func (r *rewriter) mayRecurse(b *ast.BlockStmt) bool {
	found := false
	ast.Inspect(b, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if r.ch.Info.Types[n.Fun].IsType() {
				return true
			}
			switch f := r.callee(n).(type) {
			case *types.Builtin:
			case *types.Func:
				found = found || f.Pkg() == nil || f.Pkg().Path() == "main"
			default:
				found = true
			}
		}
		return !found
	})
	return found
}
