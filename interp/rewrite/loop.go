package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// loopBody writes the body of a loop: a look at the stop flag, then first.
func (r *rewriter) loopBody(b *ast.BlockStmt, first string) string {
	r.loops++
	defer func() { r.loops-- }()
	return r.block(b, stopCheck+first)
}

// forStmt writes a for loop. A variable of the loop that a closure captures gets
// its copy for each turn, as in Go since 1.22.
func (r *rewriter) forStmt(f *ast.ForStmt) string {
	copies := ""
	if init, ok := f.Init.(*ast.AssignStmt); ok && init.Tok == token.DEFINE {
		for _, e := range init.Lhs {
			id, ok := e.(*ast.Ident)
			if !ok || id.Name == "_" {
				continue
			}
			obj := r.ch.Info.Defs[id]
			if obj == nil || !r.captured(f, obj) {
				continue
			}
			if r.assigned(f.Body, obj) || f.Cond != nil && r.captured(f.Cond, obj) || f.Post != nil && r.captured(f.Post, obj) {
				return r.refuse(f, "a loop variable that a closure captures and the loop's body changes")
			}
			copies += fmt.Sprintf(" %s := %s;", id.Name, id.Name)
		}
	}
	return r.between(f, f.Pos(), f.Body.Pos()) + r.loopBody(f.Body, copies)
}

// captured tells whether a closure in n uses obj, or its address is taken.
func (r *rewriter) captured(n ast.Node, obj types.Object) bool {
	found := false
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.FuncLit:
			found = found || r.uses(m, obj)
		case *ast.UnaryExpr:
			found = found || m.Op == token.AND && r.uses(m.X, obj)
		case *ast.SelectorExpr: // x.Method may take the address of x
			if s := r.ch.Info.Selections[m]; s != nil && s.Kind() == types.MethodVal {
				found = found || r.uses(m.X, obj)
			}
		case *ast.SliceExpr: // and so does a[:] of an array
			found = found || r.uses(m.X, obj)
		}
		return !found
	})
	return found
}

func (r *rewriter) uses(n ast.Node, obj types.Object) bool {
	found := false
	ast.Inspect(n, func(m ast.Node) bool {
		id, ok := m.(*ast.Ident)
		found = found || ok && r.ch.Info.Uses[id] == obj
		return !found
	})
	return found
}

// assigned tells whether n assigns to obj.
func (r *rewriter) assigned(n ast.Node, obj types.Object) bool {
	found := false
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && r.ch.Info.Uses[id] == obj
	}
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.AssignStmt:
			for _, e := range m.Lhs {
				found = found || is(e)
			}
		case *ast.IncDecStmt:
			found = found || is(m.X)
		case *ast.RangeStmt:
			found = found || m.Key != nil && is(m.Key) || m.Value != nil && is(m.Value)
		case *ast.UnaryExpr:
			found = found || m.Op == token.AND && is(m.X)
		}
		return !found
	})
	return found
}

// rangeStmt writes a range loop.
func (r *rewriter) rangeStmt(n *ast.RangeStmt) string {
	switch t := r.ch.Info.TypeOf(n.X).Underlying().(type) {
	case *types.Basic:
		if t.Info()&types.IsInteger != 0 {
			return r.rangeInt(n)
		}
		return r.rangePlain(n)
	case *types.Slice, *types.Map, *types.Array:
		return r.rangePlain(n)
	case *types.Chan:
		return r.rangeChan(n)
	}
	return r.refuse(n, "range over a %s", r.ch.Info.TypeOf(n.X))
}

// rangePlain is range over what the interpreter knows.
func (r *rewriter) rangePlain(n *ast.RangeStmt) string {
	copies := ""
	if n.Tok == token.DEFINE {
		for _, e := range []ast.Expr{n.Key, n.Value} {
			if id, ok := e.(*ast.Ident); ok && id.Name != "_" {
				if obj := r.ch.Info.Defs[id]; obj != nil && (r.captured(n.Body, obj) || r.assigned(n.Body, obj)) {
					copies += fmt.Sprintf(" %s := %s;", id.Name, id.Name)
				}
			}
		}
	}
	return r.between(n, n.Pos(), n.Body.Pos()) + r.loopBody(n.Body, copies)
}

// rangeInt is range over an integer, evaluated once; the body may change its
// copy of the variable.
func (r *rewriter) rangeInt(n *ast.RangeStmt) string {
	t := types.Default(r.ch.Info.TypeOf(n.X))
	first := ""
	if n.Key != nil {
		if id, ok := n.Key.(*ast.Ident); !ok || id.Name != "_" {
			t = r.ch.Info.TypeOf(n.Key)
			if id, ok := n.Key.(*ast.Ident); ok && n.Tok == token.DEFINE {
				t = r.ch.Info.Defs[id].Type()
			}
		}
	}
	r.temp++
	i, end := fmt.Sprintf("ꞋꞋi%d", r.temp), fmt.Sprintf("ꞋꞋn%d", r.temp)
	if n.Key != nil {
		if id, ok := n.Key.(*ast.Ident); !ok || id.Name != "_" {
			first = " " + r.assign([]ast.Expr{n.Key}, n.Tok.String(), nil) + i + ";"
		}
	}
	text := r.typeText(n, t)
	head := fmt.Sprintf("for %s, %s := %s(0), %s(%s); %s < %s; %s++ ", i, end, text, text, r.text(n.X), i, end, i)
	return head + r.loopBody(n.Body, first)
}

// rangeChan is range over a channel.
func (r *rewriter) rangeChan(n *ast.RangeStmt) string {
	r.temp++
	v, ok, c := fmt.Sprintf("ꞋꞋv%d", r.temp), fmt.Sprintf("ꞋꞋok%d", r.temp), fmt.Sprintf("ꞋꞋc%d", r.temp)
	ch := r.ch.Info.TypeOf(n.X)
	call := fmt.Sprintf("ꞋꞋrecv2(%s, %s, %s)", quote(r.where(n)), r.what("receive from ", n.X), c)
	first := fmt.Sprintf(" %s, %s := %s; if !%s { break };", v, ok, r.received(n, ch, call), ok)
	if n.Key != nil {
		if id, isIdent := n.Key.(*ast.Ident); !isIdent || id.Name != "_" {
			first += " " + r.assign([]ast.Expr{n.Key}, n.Tok.String(), nil) + v + ";"
		}
	}
	return fmt.Sprintf("for %s := ꞋꞋchan(%s); ; ", c, r.text(n.X)) + r.loopBody(n.Body, first)
}

// selectStmt writes a select statement as a switch over the case that was chosen.
func (r *rewriter) selectStmt(n *ast.SelectStmt) string {
	if len(n.Body.List) == 0 {
		return fmt.Sprintf("ꞋꞋchoose(%s, %q, false)", quote(r.where(n)), "select")
	}
	r.temp++
	i, v, ok := fmt.Sprintf("ꞋꞋi%d", r.temp), fmt.Sprintf("ꞋꞋv%d", r.temp), fmt.Sprintf("ꞋꞋok%d", r.temp)
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
		b.WriteString(r.text(s))
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
		first = r.assign(s.Lhs[:1], s.Tok.String(), nil) + r.typed(u, elem, v) + "; "
		if id, blank := s.Lhs[0].(*ast.Ident); blank && id.Name == "_" {
			first = ""
		}
		if len(s.Lhs) == 2 {
			if id, blank := s.Lhs[1].(*ast.Ident); !blank || id.Name != "_" {
				first += r.assign(s.Lhs[1:], s.Tok.String(), nil) + ok + "; "
			}
		}
		return "ꞋꞋrecvCase(" + r.text(u.X) + ")", first
	}
	return r.refuse(s, "this select case"), ""
}

// typeSwitch refuses cases that the interpreter does not tell apart.
func (r *rewriter) typeSwitch(n *ast.TypeSwitchStmt) (string, bool) {
	for _, s := range n.Body.List {
		for _, e := range s.(*ast.CaseClause).List {
			if r.isNil(e) {
				continue
			}
			if t := r.ch.Info.TypeOf(e); types.IsInterface(t) {
				return r.refuse(e, "a type switch with the interface type %s", t), true
			}
		}
	}
	return "", false
}
