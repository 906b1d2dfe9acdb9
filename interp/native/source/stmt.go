package source

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// stmt writes the statements that change.
func (r *rewriter) stmt(n ast.Stmt) (string, bool) {
	switch n := n.(type) {
	case *ast.GoStmt:
		return r.goStmt(n), true
	case *ast.DeferStmt:
		r.deferred[n.Call] = true
	case *ast.SendStmt:
		if _, ok := r.ch.Info.TypeOf(n.Chan).(*types.TypeParam); ok {
			return "", false
		}
		return fmt.Sprintf("%s(%s).Send(%s, %s, %s)", r.rt("", "To"), r.text(n.Chan), r.text(n.Value), r.where(n), r.what("send to ", n.Chan)), true
	case *ast.ForStmt:
		r.watch(n.Body, r.endless(n))
	case *ast.RangeStmt:
		if _, ok := r.ch.Info.TypeOf(n.X).Underlying().(*types.Chan); ok {
			return r.rangeChan(n), true
		}
		r.watch(n.Body, !r.brief(n.Body))
	case *ast.BlockStmt:
		if r.loops[n] {
			return "{" + stopCheck(r) + r.between(n, n.Lbrace+1, n.End()), true
		}
	case *ast.SelectStmt:
		return r.selectStmt(n, "")
	case *ast.LabeledStmt:
		if s, ok := n.Stmt.(*ast.SelectStmt); ok {
			return r.selectStmt(s, r.text(n.Label)+": ")
		}
	case *ast.BranchStmt:
		if n.Tok == token.GOTO && !r.s.NoStop {
			return strings.TrimPrefix(stopCheck(r), " ") + " " + r.plain(n), true
		}
	}
	return "", false
}

// receive writes <-ch, of one value or two.
func (r *rewriter) receive(u *ast.UnaryExpr) (string, bool) {
	if _, ok := r.ch.Info.TypeOf(u.X).(*types.TypeParam); ok {
		return "", false
	}
	op := "Recv"
	if _, two := r.ch.Info.TypeOf(u).(*types.Tuple); two {
		op = "Recv2"
	}
	return fmt.Sprintf("%s(%s).%s(%s, %s)", r.rt("", "From"), r.text(u.X), op, r.where(u), r.what("receive from ", u.X)), true
}

// rangeChan writes range over a channel as a loop of receives.
func (r *rewriter) rangeChan(n *ast.RangeStmt) string {
	v, assign := "_", ""
	if id, ok := n.Key.(*ast.Ident); n.Key != nil && (!ok || id.Name != "_") {
		v = Mark + Mark + "v"
		assign = " " + r.text(n.Key) + " " + n.Tok.String() + " " + v + ";"
	}
	c, ok := Mark+Mark+"c", Mark+Mark+"ok"
	head := fmt.Sprintf("for %s := %s(%s); ; { %s, %s := %s.Recv2(%s, %s); if !%s { break };%s ",
		c, r.rt("", "From"), r.text(n.X), v, ok, c, r.where(n), r.what("receive from ", n.X), ok, assign)
	return head + r.at(n.Body.Pos()) + r.text(n.Body) + " }"
}

// selectStmt writes a select statement that blocks, so that it ends with its cell.
func (r *rewriter) selectStmt(n *ast.SelectStmt, label string) (string, bool) {
	w := Mark + Mark + "w"
	var b strings.Builder
	pos := n.Body.Lbrace + 1
	for _, s := range n.Body.List {
		c := s.(*ast.CommClause)
		if c.Comm == nil {
			return r.selectNow(n, label)
		}
		b.WriteString(r.gap(pos, c.Comm.Pos()) + r.comm(c.Comm) + r.gap(c.Comm.End(), c.Colon+1) + " " + w + ".Leave();")
		pos = c.Colon + 1
		for _, s := range c.Body {
			b.WriteString(r.gap(pos, s.Pos()) + r.text(s))
			pos = s.End()
		}
	}
	b.WriteString(r.gap(pos, n.Body.Rbrace))
	stop := fmt.Sprintf("case <-%s.Enter(%s, \"select\"): for { %[1]s.Exit() } }", w, r.where(n))
	if len(n.Body.List) > 0 {
		stop = "; " + stop
	}
	return fmt.Sprintf("{ var %s %s; %s%sselect {", w, r.rt("", "Wait"), label, r.at(n.Pos())) + b.String() + stop + " }", true
}

// selectNow writes a select statement with a default: it does not wait.
func (r *rewriter) selectNow(n *ast.SelectStmt, label string) (string, bool) {
	var b strings.Builder
	pos := n.Pos()
	for _, s := range n.Body.List {
		c := s.(*ast.CommClause)
		if c.Comm != nil {
			b.WriteString(r.gap(pos, c.Comm.Pos()) + r.comm(c.Comm))
			pos = c.Comm.End()
		}
		for _, s := range c.Body {
			b.WriteString(r.gap(pos, s.Pos()) + r.text(s))
			pos = s.End()
		}
	}
	return label + b.String() + r.gap(pos, n.End()), true
}

// comm writes the operation of a select case: it stays one, its operands change.
func (r *rewriter) comm(s ast.Stmt) string {
	recv := func(e ast.Expr) string {
		u := ast.Unparen(e).(*ast.UnaryExpr)
		return "<-" + r.text(u.X)
	}
	switch s := s.(type) {
	case *ast.SendStmt:
		return r.text(s.Chan) + r.gap(s.Chan.End(), s.Value.Pos()) + r.text(s.Value)
	case *ast.ExprStmt:
		return recv(s.X)
	case *ast.AssignStmt:
		left := make([]string, len(s.Lhs))
		for i, e := range s.Lhs {
			left[i] = r.text(e)
		}
		return strings.Join(left, ", ") + " " + s.Tok.String() + " " + recv(s.Rhs[0])
	}
	return r.refuse(s, "this select case")
}
