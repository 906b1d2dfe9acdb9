package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// loopBody writes the body of a loop: a look at the stop flag, then first. What the body
// declares may hide what first does, so it is a block of its own then.
func (r *rewriter) loopBody(b *ast.BlockStmt, first string) string {
	if first != "" && slices.ContainsFunc(b.List, declares) {
		return "{" + stopCheck + first + " " + r.block(b, "") + " }"
	}
	return r.block(b, stopCheck+first)
}

// declares tells whether s declares names.
func declares(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.DeclStmt:
		return true
	case *ast.AssignStmt:
		return s.Tok == token.DEFINE
	}
	return false
}

// forBody is loopBody for a loop whose condition and post statement are evaluated behind
// the body.
func (r *rewriter) forBody(f *ast.ForStmt, first string) string {
	last, leave := r.enterLoop(f)
	defer leave()
	body := strings.TrimSuffix(r.loopBody(f.Body, first), "}")
	if end := strings.TrimRight(body, " \t"); last != "" && !strings.HasSuffix(end, "\n") && !strings.HasSuffix(end, ";") {
		body += "; "
	}
	return body + last + "}"
}

// forStmt writes a for loop. A variable of the loop that a closure captures gets
// its copy for each turn, as in Go since 1.22.
func (r *rewriter) forStmt(f *ast.ForStmt) string {
	r.head(f.Init)
	r.head(f.Post)
	if f.Cond != nil {
		r.conds[f.Cond] = true
	}
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
			if Assigned(r.ch.Info, f.Body, obj) || f.Cond != nil && r.captured(f.Cond, obj) || f.Post != nil && r.captured(f.Post, obj) {
				return r.forCaptured(f, init)
			}
			copies += fmt.Sprintf(" %s := %s;", id.Name, id.Name)
		}
	}
	if f.Init != nil && f.Cond == nil && f.Post == nil { // the interpreter does Init each time
		return "for " + r.text(f.Init) + "; true; " + r.forBody(f, copies)
	}
	return r.between(f, f.Pos(), f.Body.Pos()) + r.forBody(f, copies)
}

// condition writes the condition of a statement. The interpreter takes one for true
// that is an assertion or a conversion, of which many are written, and nothing else.
func (r *rewriter) condition(e ast.Expr) string {
	text := r.text(e)
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident, *ast.BinaryExpr:
		return text
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			return text
		}
	case *ast.CallExpr:
		if tv := r.ch.Info.Types[ast.Unparen(x.Fun)]; !tv.IsType() {
			return text
		}
	}
	return text + " && true"
}

// forCaptured writes a loop whose variables are captured and changed within a
// turn: each turn begins with new ones, which have the values of those before
// after the post statement.
func (r *rewriter) forCaptured(f *ast.ForStmt, init *ast.AssignStmt) string {
	if len(init.Lhs) != len(init.Rhs) {
		return r.refuse(f, "a captured loop variable that a call gives")
	}
	var names, values, start, keep []string
	for i, e := range init.Lhs {
		id, ok := e.(*ast.Ident)
		if !ok || r.ch.Info.Defs[id] == nil {
			return r.refuse(f, "a captured loop variable beside a blank one")
		}
		t := r.typeText(id, r.ch.Info.Defs[id].Type())
		p := r.fresh("p")
		names = append(names, p)
		values = append(values, "ꞋꞋref("+r.text(init.Rhs[i])+", (*"+t+")(nil)).(*"+t+")")
		start = append(start, id.Name+" := *"+p+";")
		keep = append(keep, p+" = &"+id.Name+";")
	}
	first := r.fresh("first")
	post, cond := "", ""
	if f.Post != nil {
		post = r.text(f.Post)
	}
	if f.Cond != nil {
		cond = " if !(" + r.text(f.Cond) + ") { break };"
	}
	head := fmt.Sprintf("for %s, %s := %s, true; true; ", strings.Join(names, ", "), first, strings.Join(values, ", "))
	body := fmt.Sprintf(" %s if %s { %s = false } else { %s }; %s%s", strings.Join(start, " "), first, first, post, strings.Join(keep, " "), cond)
	return head + r.forBody(f, body)
}

// fresh is a name for a temporary.
func (r *rewriter) fresh(name string) string {
	r.temp++
	return fmt.Sprintf("ꞋꞋ%s%d", name, r.temp)
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
			if s := r.ch.Info.Selections[m]; s != nil && s.Kind() == types.MethodVal && !isReference(s.Recv()) {
				found = found || r.uses(m.X, obj)
			}
		case *ast.SliceExpr: // and so does a[:] of an array
			if !isReference(r.ch.Info.TypeOf(m.X)) {
				found = found || r.uses(m.X, obj)
			}
		}
		return !found
	})
	return found
}

// isReference tells types whose values are used without their address.
func isReference(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Interface, *types.Slice, *types.Basic:
		return true
	}
	return false
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

// Assigned tells whether n may assign to obj: it does, or takes its address.
func Assigned(info *types.Info, n ast.Node, obj types.Object) bool {
	found := false
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && info.Uses[id] == obj
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
