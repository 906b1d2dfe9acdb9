package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// switchStmt writes a switch. The interpreter does it right where the tag is not
// an interface value and all cases are constants; the others become a switch
// without a tag whose cases have one condition each. A statement before the tag goes
// before the switch: with one, the interpreter does not evaluate the tag.
func (r *rewriter) switchStmt(n *ast.SwitchStmt) string {
	r.head(n.Init)
	constants, cases := true, 0
	for _, s := range n.Body.List {
		for _, e := range s.(*ast.CaseClause).List {
			cases++
			constants = constants && r.ch.Info.Types[e].Value != nil
		}
	}
	if !r.defaultLast(n.Body) && r.fallsThrough(n.Body) {
		return r.refuse(n, "fallthrough in a switch whose default is not the last case")
	}
	if n.Init != nil && n.Tag != nil && r.header[n] {
		return r.refuse(n, "a label on a switch with a statement and a tag")
	}
	if n.Tag == nil && cases == 0 {
		return r.plain(n)
	}
	if n.Tag != nil && cases > 0 && constants && isBasic(r.ch.Info.TypeOf(n.Tag)) {
		if n.Init == nil {
			return r.plain(n)
		}
		return "{ " + r.text(n.Init) + "; switch " + r.between(n, n.Tag.Pos(), n.End()) + " }"
	}
	tag, before := "", ""
	if n.Tag != nil {
		tag = r.fresh("tag")
		before = r.tagText(n.Tag, tag)
	}
	if n.Init != nil && before != "" {
		return "{ " + r.text(n.Init) + "; switch " + before + "; " + r.cases(n, tag) + " }"
	}
	if n.Init != nil {
		before = r.text(n.Init)
	}
	if cases == 0 { // the interpreter leaves the statement out
		if r.header[n] {
			return r.refuse(n, "a label on a switch without cases")
		}
		return "{ " + before + "; switch " + r.cases(n, tag) + " }"
	}
	if before != "" {
		before += "; "
	}
	return "switch " + before + r.cases(n, tag)
}

// defaultLast tells whether the default of a switch, if any, is the last clause. The
// interpreter changes places with the last one where it is not.
func (r *rewriter) defaultLast(b *ast.BlockStmt) bool {
	for i, s := range b.List {
		if s.(*ast.CaseClause).List == nil {
			return i == len(b.List)-1
		}
	}
	return true
}

func (r *rewriter) fallsThrough(b *ast.BlockStmt) bool {
	found := false
	for _, s := range b.List {
		body := s.(*ast.CaseClause).Body
		if len(body) == 0 {
			continue
		}
		br, ok := body[len(body)-1].(*ast.BranchStmt)
		found = found || ok && br.Tok == token.FALLTHROUGH
	}
	return found
}

func isBasic(t types.Type) bool {
	_, ok := t.Underlying().(*types.Basic)
	return ok
}

// tagText defines name as the tag of a switch.
func (r *rewriter) tagText(tag ast.Expr, name string) string {
	t := types.Default(r.ch.Info.TypeOf(tag))
	if types.IsInterface(t) && t.String() != "error" && !t.Underlying().(*types.Interface).Empty() {
		return r.refuse(tag, "a switch on a value of the interface type %s", t)
	}
	return name + " := " + r.text(tag)
}

// cases writes the body of a switch, each case as one condition, the default last.
func (r *rewriter) cases(n *ast.SwitchStmt, tag string) string {
	text := func(c *ast.CaseClause) string {
		if c.List == nil {
			return "default:"
		}
		conds := make([]string, len(c.List))
		for i, e := range c.List {
			if i+1 < len(c.List) && r.hasLiteral(e) {
				r.refuse(e, "a literal of a map or struct before another case")
			}
			conds[i] = r.caseText(n.Tag, tag, e)
		}
		return "case " + strings.Join(conds, " || ") + ":"
	}
	return r.clauses(n.Body, text)
}

// clauses writes the body of a switch, text being how each clause begins.
func (r *rewriter) clauses(body *ast.BlockStmt, text func(*ast.CaseClause) string) string {
	if r.defaultLast(body) {
		out, at := "{", body.Lbrace+1
		for _, s := range body.List {
			c := s.(*ast.CaseClause)
			out += r.gap(at, c.Pos()) + text(c) + r.stmts(c.Colon+1, c.End(), c.Body)
			at = c.End()
		}
		return out + r.gap(at, body.Rbrace) + "}"
	}
	out, last := "{", ""
	for _, s := range body.List {
		c := s.(*ast.CaseClause)
		each := r.line(c) + text(c) + r.stmts(c.Colon+1, c.End(), c.Body)
		if c.List == nil {
			last = each
			continue
		}
		out += each
	}
	return out + last + r.line(closing{body.Rbrace}) + "}"
}

// closing is the position of a closing brace as a node.
type closing struct{ at token.Pos }

func (c closing) Pos() token.Pos { return c.at }
func (c closing) End() token.Pos { return c.at + 1 }

// caseText writes the condition of a case.
func (r *rewriter) caseText(tagExpr ast.Expr, tag string, e ast.Expr) string {
	if tagExpr == nil {
		return "(" + r.text(e) + ")"
	}
	t, of := r.ch.Info.TypeOf(tagExpr), r.ch.Info.TypeOf(e)
	switch {
	case !isBasic(t) && !r.isNil(e) && !types.IsInterface(t) && !types.IsInterface(of) && !types.Identical(t, of):
		return r.refuse(e, "a case of type %s in a switch on a %s", of, t)
	case types.IsInterface(t), types.IsInterface(of), !isBasic(t) && !r.isNil(e) && !isReference(t):
		return "ꞋꞋequal(" + tag + ", " + r.text(e) + ")"
	case r.isNil(e):
		return "ꞋꞋnil(" + tag + ")"
	}
	return "(" + tag + " == " + r.text(e) + ")"
}

// stmts writes statements between two positions.
func (r *rewriter) stmts(from, to token.Pos, list []ast.Stmt) string {
	var b strings.Builder
	at := from
	for _, s := range list {
		b.WriteString(r.gap(at, s.Pos()) + r.lineNote(nil, s) + r.text(s))
		at = s.End()
	}
	b.WriteString(r.gap(at, to))
	return b.String()
}

// typeSwitch writes a type switch as a switch over the number of the type.
func (r *rewriter) typeSwitch(n *ast.TypeSwitchStmt) string {
	r.head(n.Init)
	var x ast.Expr
	name := ""
	switch a := n.Assign.(type) {
	case *ast.AssignStmt:
		name, x = a.Lhs[0].(*ast.Ident).Name, a.Rhs[0].(*ast.TypeAssertExpr).X
	case *ast.ExprStmt:
		x = a.X.(*ast.TypeAssertExpr).X
	}
	i, v := r.fresh("i"), r.fresh("v")
	list, body := r.typeCases(n, name, v, r.ch.Info.TypeOf(x))
	head := fmt.Sprintf("switch %s, %s := ꞋꞋtypeOf(%s%s); %s ", i, v, r.text(x), list, i)
	if n.Init == nil {
		return head + body
	}
	if r.header[n] {
		return r.refuse(n, "a label on a type switch with a statement")
	}
	return "{ " + r.text(n.Init) + "; " + head + body + " }"
}

// typeCases writes the types of a type switch as pointers to them, and its body.
func (r *rewriter) typeCases(n *ast.TypeSwitchStmt, name, v string, whole types.Type) (list, body string) {
	count := 0
	text := func(c *ast.CaseClause) string {
		t, numbers := whole, []string{}
		for _, e := range c.List {
			numbers = append(numbers, fmt.Sprint(count))
			count++
			if r.isNil(e) {
				list += ", nil"
				continue
			}
			each := r.ch.Info.TypeOf(e)
			list += ", (*" + r.typeText(e, each) + ")(nil)"
			if len(c.List) == 1 {
				t = each
			}
		}
		head := "case " + strings.Join(numbers, ", ") + ":"
		if c.List == nil {
			head = "default:"
		}
		if obj := r.ch.Info.Implicits[c]; name != "" && obj != nil && r.usesAny(c.Body, obj) {
			head += " " + name + " := " + r.typed(c, t, v) + ";"
		}
		return head
	}
	return list, r.clauses(n.Body, text)
}

func (r *rewriter) usesAny(list []ast.Stmt, obj types.Object) bool {
	for _, s := range list {
		if r.uses(s, obj) {
			return true
		}
	}
	return false
}
