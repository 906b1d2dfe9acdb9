package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// stmt writes the statements that change, or refuses them.
func (r *rewriter) stmt(n ast.Stmt) (string, bool) {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return r.block(n, ""), true
	case *ast.GoStmt:
		before, call := r.later(n, n.Call, "")
		return before + "ꞋꞋgo(" + quote(r.where(n)) + ", " + closed("func()", "func() { "+call+" }") + ")", true
	case *ast.DeferStmt:
		return r.deferStmt(n), true
	case *ast.SendStmt:
		return fmt.Sprintf("ꞋꞋsend(%s, %s, %s, %s)", quote(r.where(n)), r.what("send to ", n.Chan), r.text(n.Chan), r.sent(n.Chan, n.Value)), true
	case *ast.ExprStmt:
		if u, ok := ast.Unparen(n.X).(*ast.UnaryExpr); ok && u.Op == token.ARROW {
			return r.recvCall("ꞋꞋrecv", u), true
		}
	case *ast.IncDecStmt:
		if r.libraryVar(n.X) {
			return r.refuse(n, "an assignment to a variable of a package"), true
		}
		if r.copied(n.X) {
			return r.refuse(n, "an assignment to an element of what a call gives"), true
		}
		if isUintptr(r.ch.Info.TypeOf(n.X)) {
			return r.left(n.X) + " " + n.Tok.String()[:1] + "= 1", true
		}
	case *ast.AssignStmt:
		return r.assignStmt(n), true
	case *ast.DeclStmt:
		return r.localDecl(n)
	case *ast.ForStmt:
		return r.forStmt(n), true
	case *ast.RangeStmt:
		return r.rangeStmt(n), true
	case *ast.SelectStmt:
		return r.selectStmt(n), true
	case *ast.TypeSwitchStmt:
		return r.typeSwitch(n), true
	case *ast.SwitchStmt:
		return r.switchStmt(n), true
	case *ast.IfStmt:
		r.head(n.Init)
		r.conds[n.Cond] = true
	case *ast.ReturnStmt:
		return r.returnStmt(n)
	case *ast.BranchStmt:
		if n.Tok == token.GOTO {
			return r.refuse(n, "goto"), true
		}
		return r.ch.Cell.Text(n), true
	case *ast.LabeledStmt:
		r.head(n.Stmt) // the label belongs to what is written first
		if _, ok := n.Stmt.(*ast.ForStmt); ok {
			r.label = n.Label.Name
		}
		// The interpreter knows no label that stands in a case.
		return "{ " + n.Label.Name + ":" + r.gap(n.Colon+1, n.Stmt.Pos()) + r.text(n.Stmt) + " }", true
	}
	return "", false
}

// isUintptr tells of what the interpreter leaves its function at x++ and x--.
func isUintptr(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Kind() == types.Uintptr
}

// block writes a block with first as its first statement.
func (r *rewriter) block(b *ast.BlockStmt, first string) string {
	return "{" + first + r.between(b, b.Lbrace+1, b.Rbrace) + "}"
}

// head notes a statement in whose place only one statement can stand.
func (r *rewriter) head(s ast.Stmt) {
	if s != nil {
		r.header[s] = true
	}
}

// sent writes the value of a send: nil needs no type there.
func (r *rewriter) sent(ch, v ast.Expr) string { return r.text(v) }

// receive writes <-ch as an expression.
func (r *rewriter) receive(u *ast.UnaryExpr) string {
	t := r.ch.Info.TypeOf(u)
	if tuple, ok := t.(*types.Tuple); ok {
		t = tuple.At(0).Type()
	}
	return r.typed(u, t, r.recvCall("ꞋꞋrecv", u))
}

func (r *rewriter) recvCall(op string, u *ast.UnaryExpr) string {
	return fmt.Sprintf("%s(%s, %s, %s)", op, quote(r.where(u)), r.what("receive from ", u.X), r.text(u.X))
}

// received makes (T, bool) of (any, bool), T being the element of channel type ch.
func (r *rewriter) received(n ast.Node, ch types.Type, call string) string {
	return r.pair(n, ch.Underlying().(*types.Chan).Elem(), call)
}
