package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// stmt writes the statements that change, or refuses them.
func (r *rewriter) stmt(n ast.Stmt) (string, bool) {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return r.block(n, ""), true
	case *ast.GoStmt:
		return "ꞋꞋgo(" + quote(r.where(n)) + ", " + r.arguments(n.Call) + ")", true
	case *ast.DeferStmt:
		return r.deferStmt(n)
	case *ast.SendStmt:
		return fmt.Sprintf("ꞋꞋsend(%s, %s, %s, %s)", quote(r.where(n)), r.what("send to ", n.Chan), r.text(n.Chan), r.sent(n.Chan, n.Value)), true
	case *ast.ExprStmt:
		if u, ok := ast.Unparen(n.X).(*ast.UnaryExpr); ok && u.Op == token.ARROW {
			return r.recvCall("ꞋꞋrecv", u), true
		}
	case *ast.AssignStmt:
		return r.assignStmt(n)
	case *ast.DeclStmt:
		return r.localDecl(n)
	case *ast.ForStmt:
		return r.forStmt(n), true
	case *ast.RangeStmt:
		return r.rangeStmt(n), true
	case *ast.SelectStmt:
		return r.selectStmt(n), true
	case *ast.TypeSwitchStmt:
		return r.typeSwitch(n)
	case *ast.SwitchStmt:
		if n.Tag != nil && types.IsInterface(r.ch.Info.TypeOf(n.Tag)) {
			return r.refuse(n, "a switch on a value of the interface type %s", r.ch.Info.TypeOf(n.Tag)), true
		}
	case *ast.ReturnStmt:
		return r.returnStmt(n)
	case *ast.BranchStmt:
		if n.Tok == token.GOTO {
			return r.refuse(n, "goto"), true
		}
		return r.ch.Cell.Text(n), true
	case *ast.LabeledStmt:
		return n.Label.Name + ":" + r.gap(n.Colon+1, n.Stmt.Pos()) + r.text(n.Stmt), true
	}
	return "", false
}

// block writes a block with first as its first statement.
func (r *rewriter) block(b *ast.BlockStmt, first string) string {
	return "{" + first + r.between(b, b.Lbrace+1, b.Rbrace) + "}"
}

func (r *rewriter) deferStmt(d *ast.DeferStmt) (string, bool) {
	if r.loops > 0 {
		return r.refuse(d, "defer in a loop"), true
	}
	if _, lit := ast.Unparen(d.Call.Fun).(*ast.FuncLit); !lit || len(d.Call.Args) > 0 {
		for _, a := range d.Call.Args {
			if r.ch.Info.Types[a].Value == nil {
				return r.refuse(d, "defer with arguments that are not constants"), true
			}
		}
	}
	return "", false
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

// receive2 writes v, ok := <-ch as an expression of two values.
func (r *rewriter) receive2(u *ast.UnaryExpr) string {
	return r.received(u, r.ch.Info.TypeOf(u.X), r.recvCall("ꞋꞋrecv2", u))
}

// received makes (T, bool) of (any, bool), T being the element of channel type ch.
func (r *rewriter) received(n ast.Node, ch types.Type, call string) string {
	elem := ch.Underlying().(*types.Chan).Elem()
	t := r.typeText(n, elem)
	return fmt.Sprintf("func() (%s, bool) { ꞋꞋv, ꞋꞋok := %s; return %s, ꞋꞋok }()", t, call, r.typed(n, elem, "ꞋꞋv"))
}

// assignStmt writes assignments whose right side changes with their left.
func (r *rewriter) assignStmt(a *ast.AssignStmt) (string, bool) {
	if len(a.Lhs) > 1 && len(a.Lhs) == len(a.Rhs) {
		for _, e := range a.Rhs {
			if r.isNil(e) {
				return r.refuse(a, "nil in an assignment of several values"), true
			}
		}
	}
	return r.assign(a.Lhs, a.Tok.String(), a.Rhs), true
}

// assign writes an assignment or a definition.
func (r *rewriter) assign(lhs []ast.Expr, op string, rhs []ast.Expr) string {
	left := make([]string, len(lhs))
	for i, e := range lhs {
		left[i] = r.text(e)
		if _, ok := e.(*ast.Ident); ok && strings.HasPrefix(left[i], "(") {
			left[i] = left[i][1 : len(left[i])-1]
		}
	}
	right := make([]string, len(rhs))
	for i, e := range rhs {
		right[i] = r.text(e)
	}
	if len(lhs) == 2 && len(rhs) == 1 {
		if u, ok := ast.Unparen(rhs[0]).(*ast.UnaryExpr); ok && u.Op == token.ARROW {
			right[0] = r.receive2(u)
		}
	}
	return strings.Join(left, ", ") + " " + op + " " + strings.Join(right, ", ")
}

// localDecl writes a declaration in a function.
func (r *rewriter) localDecl(d *ast.DeclStmt) (string, bool) {
	g := d.Decl.(*ast.GenDecl)
	switch g.Tok {
	case token.CONST: // every use has become its value
		return "{" + strings.Repeat("\n", strings.Count(r.ch.Cell.Text(d), "\n")) + "}", true
	case token.TYPE:
		return r.refuse(d, "type declarations"), true
	}
	var out []string
	for _, s := range g.Specs {
		v := s.(*ast.ValueSpec)
		var names []string
		for _, n := range v.Names {
			names = append(names, n.Name)
		}
		text := "var " + strings.Join(names, ", ")
		if v.Type != nil {
			text += " " + r.text(v.Type)
		}
		if len(v.Values) > 0 {
			var values []ast.Expr = v.Values
			text += r.assign(nil, "=", values)
			if len(names) == 2 && len(values) == 1 {
				if u, ok := ast.Unparen(values[0]).(*ast.UnaryExpr); ok && u.Op == token.ARROW {
					return r.refuse(d, "var with two values of a receive"), true
				}
			}
		}
		out = append(out, text)
	}
	return strings.Join(out, "; "), true
}

// returnStmt refuses results that the interpreter puts into an interface wrongly.
func (r *rewriter) returnStmt(n *ast.ReturnStmt) (string, bool) {
	if r.sig == nil || r.sig.Results().Len() != len(n.Results) || len(n.Results) == 0 {
		return "", false
	}
	var out []string
	for i, e := range n.Results {
		text := r.text(e)
		if types.IsInterface(r.sig.Results().At(i).Type()) && r.isComputed(e) {
			if !r.sig.Results().At(i).Type().Underlying().(*types.Interface).Empty() {
				return r.refuse(n, "returning a computed value as an interface"), true
			}
			text = "ꞋꞋany(" + text + ")"
		}
		out = append(out, text)
	}
	return "return " + strings.Join(out, ", "), true
}

// isComputed tells operators from names and calls.
func (r *rewriter) isComputed(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		return true
	case *ast.UnaryExpr:
		return e.Op != token.AND
	}
	return r.ch.Info.Types[e].Value != nil
}
