package rewrite

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// selectStmt writes a select statement as a switch over the case that was chosen.
func (r *rewriter) selectStmt(n *ast.SelectStmt) string {
	if len(n.Body.List) == 0 {
		return fmt.Sprintf("ꞋꞋchoose(%s, %q, false)", quote(r.where(n)), "select")
	}
	i, v, ok := r.fresh("i"), r.fresh("v"), r.fresh("ok")
	var comms, clauses []string
	hasDefault := false
	for _, s := range n.Body.List {
		c := s.(*ast.CommClause)
		if c.Comm == nil {
			hasDefault = true
			clauses = append(clauses, "case -1:"+r.clauseBody(c))
			continue
		}
		comm, first := r.comm(c.Comm, v, ok)
		clauses = append(clauses, fmt.Sprintf("case %d: %s%s", len(comms), first, r.clauseBody(c)))
		comms = append(comms, ", "+comm)
	}
	head := fmt.Sprintf("switch %s, %s, %s := ꞋꞋchoose(%s, %q, %v%s); %s {", i, v, ok,
		quote(r.where(n)), "select", hasDefault, strings.Join(comms, ""), i)
	return head + strings.Join(clauses, "\n") + "\n}"
}

// clauseBody writes the statements of a select case at their lines.
func (r *rewriter) clauseBody(c *ast.CommClause) string {
	var b strings.Builder
	for _, s := range c.Body {
		b.WriteString(r.line(s))
		b.WriteString(r.lineNote(nil, s) + r.text(s))
	}
	return b.String()
}

// comm writes the operation of a select case, and what its body begins with.
func (r *rewriter) comm(s ast.Stmt, v, ok string) (op, first string) {
	switch s := s.(type) {
	case *ast.SendStmt:
		return fmt.Sprintf("ꞋꞋsendCase(%s, %s)", r.text(s.Chan), r.sent(s.Chan, s.Value)), ""
	case *ast.ExprStmt:
		u := ast.Unparen(s.X).(*ast.UnaryExpr)
		return "ꞋꞋrecvCase(" + r.text(u.X) + ")", ""
	case *ast.AssignStmt:
		u := ast.Unparen(s.Rhs[0]).(*ast.UnaryExpr)
		elem := r.ch.Info.TypeOf(u.X).Underlying().(*types.Chan).Elem()
		first = r.target(s.Lhs[0], s.Tok.String()) + r.typed(u, elem, v) + "; "
		if id, blank := s.Lhs[0].(*ast.Ident); blank && id.Name == "_" {
			first = ""
		}
		if len(s.Lhs) == 2 {
			if id, blank := s.Lhs[1].(*ast.Ident); !blank || id.Name != "_" {
				first += r.target(s.Lhs[1], s.Tok.String()) + ok + "; "
			}
		}
		return "ꞋꞋrecvCase(" + r.text(u.X) + ")", first
	}
	return r.refuse(s, "this select case"), ""
}
