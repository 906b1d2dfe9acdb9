package program

import (
	"go/ast"
	"go/types"
)

// doneName is the function that a goroutine runs which wg.Go starts.
const doneName = "ꞋꞋdone"

const doneSource = "func " + doneName + "(done func(), f func()) {\n\tdefer done()\n\tf()\n}\n"

// starts writes wg.Go(f) as wg.Add(1); go f() with wg.Done(): the race detector tells
// only the innermost function that started a goroutine, which would be wg.Go itself.
func (w *writer) starts(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		stmt, ok := n.(*ast.ExprStmt)
		if !ok {
			return true
		}
		call, ok := stmt.X.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || !w.plain(sel.X) {
			return true
		}
		if f, ok := w.ch.Info.Uses[sel.Sel].(*types.Func); ok && f.FullName() == "(*sync.WaitGroup).Go" {
			w.replace(sel.Sel.Pos(), call.Lparen+1, "Add(1); go "+doneName+"("+w.ch.Cell.Text(sel.X)+".Done, ")
			w.b.done = true
		}
		return true
	})
}

// plain tells an expression that may stand in the source twice.
func (w *writer) plain(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		_, pkg := w.ch.Info.Uses[e].(*types.PkgName)
		return !pkg
	case *ast.SelectorExpr:
		return w.plain(e.X)
	}
	return false
}
