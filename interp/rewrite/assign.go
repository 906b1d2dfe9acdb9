package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// value writes e where a t is wanted: what becomes an interface value by that
// does so in a call, since the interpreter's operators forget it.
func (r *rewriter) value(e ast.Expr, t types.Type) string {
	text := r.text(e)
	from := r.ch.Info.TypeOf(e)
	if r.isNil(e) && t != nil && types.IsInterface(t) && t.String() != "error" && !t.Underlying().(*types.Interface).Empty() {
		return "*new(" + r.typeText(e, t) + ")"
	}
	if t == nil || from == nil || !types.IsInterface(t) || r.isNil(e) || types.IsInterface(from) {
		return text
	}
	if _, tuple := from.(*types.Tuple); tuple {
		return text
	}
	switch {
	case t.String() == "error":
		return "ꞋꞋasErr(" + text + ")"
	case t.Underlying().(*types.Interface).Empty():
		return "ꞋꞋany(" + text + ")"
	case r.isComputed(e):
		return r.refuse(e, "a computed value as a %s", t)
	}
	return text
}

// isComputed tells operators and constants from names and calls.
func (r *rewriter) isComputed(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		return true
	case *ast.UnaryExpr:
		return e.Op != token.AND
	}
	return r.ch.Info.Types[e].Value != nil
}

// assignStmt writes an assignment.
func (r *rewriter) assignStmt(a *ast.AssignStmt) string {
	return r.assign(a, a.Lhs, a.Tok.String(), a.Rhs)
}

// assign writes an assignment or a definition; n is the statement, nil for a
// declaration.
func (r *rewriter) assign(n ast.Stmt, lhs []ast.Expr, op string, rhs []ast.Expr) string {
	r.refuseMoved(lhs, rhs)
	if len(lhs) > 1 && len(rhs) == 1 {
		return r.assignTuple(n, lhs, op, rhs[0])
	}
	if len(lhs) == 1 {
		if _, ok := ast.Unparen(lhs[0]).(*ast.Ident); !ok && (r.calls(rhs[0]) || op == "=" && r.mayPanic(rhs[0])) {
			return r.assignCalled(n, lhs[0], op, rhs[0])
		}
		return r.left(lhs[0]) + " " + op + " " + r.assigned1(lhs[0], op, rhs[0])
	}
	if n != nil && r.header[n] {
		return r.assignInHead(n, lhs, op, rhs)
	}
	before, after := &evaluated{r: r}, ""
	left, right := make([]string, len(lhs)), make([]string, len(rhs))
	for i, e := range lhs {
		left[i] = r.leftAmong(before, lhs, e)
	}
	for _, calls := range []bool{true, false} { // variables are read after calls
		for i, e := range rhs {
			if r.calls(e) != calls {
				continue
			}
			right[i] = r.assigned1(lhs[i], op, e)
			if !r.isNil(e) && r.ch.Info.Types[e].Value == nil {
				right[i] = before.temp(right[i])
			}
		}
	}
	for i, e := range lhs {
		each := op
		if id, ok := e.(*ast.Ident); ok && op == ":=" && (id.Name == "_" || r.ch.Info.Defs[id] == nil) {
			each = "="
		}
		after += "; " + left[i] + " " + each + " " + right[i]
	}
	return before.String() + after[2:]
}

// assignCalled writes an assignment, of what calls something or may panic, to an element
// or the like: what is assigned to is found afterwards, but for calls in it.
func (r *rewriter) assignCalled(n ast.Stmt, l ast.Expr, op string, e ast.Expr) string {
	before := &evaluated{r: r}
	left, ok := r.leftBefore(before, l)
	right := r.assigned1(l, op, e)
	switch {
	case !ok:
		return r.left(l) + " " + op + " " + right
	case n != nil && r.header[n]:
		return r.refuse(n, "such an assignment to an element in the head of a statement")
	}
	right = before.temp(right)
	return before.String() + left + " " + op + " " + right
}

// leftBefore writes a left side whose calls are made before. It is false where they are
// not only in the index of an element.
func (r *rewriter) leftBefore(before *evaluated, e ast.Expr) (string, bool) {
	if !r.calls(e) {
		return r.left(e), true
	}
	ix, ok := ast.Unparen(e).(*ast.IndexExpr)
	if !ok || r.calls(ix.X) {
		return "", false
	}
	return r.leftIndex(before, ix), true
}

// leftIndex writes an element on the left side whose index is evaluated before, and
// looked at when it is assigned to.
func (r *rewriter) leftIndex(before *evaluated, e *ast.IndexExpr) string {
	x := r.text(e.X)
	switch u := r.ch.Info.TypeOf(e.X).Underlying().(type) {
	case *types.Map:
		return x + "[" + before.temp(r.key(e.Index, u.Key())) + "]"
	case *types.Slice, *types.Array:
		return x + "[ꞋꞋindex(" + r.frame(e) + ", " + before.temp(r.integer(e.Index)) + ", len(" + x + "))]"
	}
	return r.refuse(e, "an assignment to an element of a %s whose index is called", r.ch.Info.TypeOf(e.X))
}

// calls tells whether e calls a function, or receives.
func (r *rewriter) calls(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.CallExpr:
			tv := r.ch.Info.Types[ast.Unparen(n.Fun)]
			found = found || !tv.IsType() && !tv.IsBuiltin()
		}
		return !found
	})
	return found
}

// mayPanic tells whether e itself may panic, calls aside.
func (r *rewriter) mayPanic(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.IndexExpr, *ast.SliceExpr, *ast.StarExpr, *ast.TypeAssertExpr:
			found = true
		case *ast.BinaryExpr:
			found = found || n.Op == token.QUO || n.Op == token.REM
		}
		return !found
	})
	return found
}

// leftAmong writes one of several left sides. The index of an element that one of
// the others changes, or that a call gives, is evaluated before.
func (r *rewriter) leftAmong(before *evaluated, lhs []ast.Expr, e ast.Expr) string {
	if _, ok := e.(*ast.Ident); ok {
		return r.left(e)
	}
	changed := func(n ast.Node) bool {
		for _, other := range lhs {
			if id, ok := other.(*ast.Ident); ok && r.mentions(n, id) {
				return true
			}
		}
		return false
	}
	if !changed(e) && !r.calls(e) {
		return r.left(e)
	}
	ix, ok := e.(*ast.IndexExpr)
	if !ok || changed(ix.X) || r.calls(ix.X) {
		return r.refuse(e, "an assignment of several values to what one of them, or a call, finds")
	}
	return r.leftIndex(before, ix)
}

// assignInHead writes an assignment of several values where only one statement
// can stand. The interpreter forgets some of them if one is a call or a literal.
func (r *rewriter) assignInHead(n ast.Stmt, lhs []ast.Expr, op string, rhs []ast.Expr) string {
	left, right := make([]string, len(lhs)), make([]string, len(rhs))
	for i, e := range rhs {
		bad := false
		switch ast.Unparen(e).(type) {
		case *ast.Ident, *ast.BasicLit, *ast.BinaryExpr:
		case *ast.CompositeLit:
			bad = true
		default:
			bad = op != ":=" && r.ch.Info.Types[e].Value == nil
		}
		if _, ok := lhs[i].(*ast.Ident); !ok || bad || r.isNil(e) {
			return r.refuse(n, "an assignment of several such values in the head of a statement")
		}
		left[i], right[i] = r.left(lhs[i]), r.assigned1(lhs[i], op, e)
	}
	return strings.Join(left, ", ") + " " + op + " " + strings.Join(right, ", ")
}

// assigned1 writes the value e that is assigned to l.
func (r *rewriter) assigned1(l ast.Expr, op string, e ast.Expr) string {
	if op == "<<=" || op == ">>=" {
		return r.shiftCount(e)
	}
	if id, ok := l.(*ast.Ident); ok && id.Name == "_" {
		if r.isNil(e) {
			return r.refuse(e, "nil assigned to _")
		}
		if r.isComputed(e) { // the interpreter has no place for it
			return "ꞋꞋany(" + r.text(e) + ")"
		}
		return r.text(e)
	}
	t := r.leftType(l)
	if lit, ok := ast.Unparen(e).(*ast.CompositeLit); ok && op == "=" && t != nil && !types.IsInterface(t) {
		// The interpreter would put the literal in the place of the variable, so that
		// closures keep the one before.
		return r.typed(e, r.ch.Info.TypeOf(lit), "ꞋꞋany("+r.text(lit)+")")
	}
	return r.value(e, t)
}

// leftType is the type of the left side of an assignment.
func (r *rewriter) leftType(l ast.Expr) types.Type {
	if id, ok := l.(*ast.Ident); ok {
		if b := r.ch.Uses[id]; b != nil {
			return b.Object.Type()
		}
		if obj := r.ch.Info.ObjectOf(id); obj != nil {
			return obj.Type()
		}
		return nil
	}
	return r.ch.Info.TypeOf(l)
}

// left writes the left side of an assignment.
func (r *rewriter) left(e ast.Expr) string {
	if ix, ok := ast.Unparen(e).(*ast.IndexExpr); ok {
		if m, ok := r.ch.Info.TypeOf(ix.X).Underlying().(*types.Map); ok {
			return r.text(ix.X) + "[" + r.key(ix.Index, m.Key()) + "]"
		}
	}
	if r.libraryVar(e) {
		return r.refuse(e, "an assignment to a variable of a package")
	}
	if r.copied(e) {
		return r.refuse(e, "an assignment to an element of what a call gives")
	}
	text := r.text(e)
	if _, ok := e.(*ast.Ident); ok && strings.HasPrefix(text, "(") {
		return text[1 : len(text)-1]
	}
	return text
}

// mentions tells whether n uses the variable that id is.
func (r *rewriter) mentions(n ast.Node, id *ast.Ident) bool {
	obj := r.ch.Info.ObjectOf(id)
	return obj != nil && r.uses(n, obj)
}

// assignTuple writes an assignment of the values of one call or the like. It goes
// by way of new variables, one assignment after the other, but where all are
// new anyway.
func (r *rewriter) assignTuple(n ast.Stmt, lhs []ast.Expr, op string, rhs ast.Expr) string {
	right := r.tuple(rhs)
	simple := true
	for _, e := range lhs {
		id, ok := e.(*ast.Ident)
		simple = simple && ok && (op == ":=" || id.Name == "_" || r.ch.Uses[id] != nil && !types.IsInterface(r.leftType(id)))
		if op == ":=" && ok && id.Name != "_" && r.ch.Info.Defs[id] == nil {
			simple = false // a variable that exists already: its type may be another
		}
	}
	before, left := &evaluated{r: r}, make([]string, len(lhs))
	for i, e := range lhs {
		left[i] = r.leftAmong(before, lhs, e)
	}
	if simple {
		return strings.Join(left, ", ") + " " + op + " " + right
	}
	if n != nil && r.header[n] {
		return r.refuse(n, "an assignment of several values in the head of a statement")
	}
	temps, after := make([]string, len(lhs)), ""
	for i, e := range lhs {
		id, isIdent := e.(*ast.Ident)
		if isIdent && id.Name == "_" {
			temps[i] = "_"
			continue
		}
		temps[i] = r.fresh("t")
		each := "="
		if op == ":=" && r.ch.Info.Defs[id] != nil {
			each = ":="
		}
		after += "; " + left[i] + " " + each + " " + temps[i]
	}
	return before.String() + strings.Join(temps, ", ") + " := " + right + after
}

// tuple writes an expression of several values. All but calls become calls, which
// give zero values where there are none and make new variables.
func (r *rewriter) tuple(e ast.Expr) string {
	switch x := ast.Unparen(e).(type) {
	case *ast.UnaryExpr: // v, ok := <-ch
		return r.received(x, r.ch.Info.TypeOf(x.X), r.recvCall("ꞋꞋrecv2", x))
	case *ast.TypeAssertExpr:
		t := r.ch.Info.TypeOf(x.Type)
		return r.pair(x, t, "ꞋꞋassert2("+r.text(x.X)+", (*"+r.typeText(x, t)+")(nil))")
	case *ast.IndexExpr:
		t := r.ch.Info.TypeOf(e).(*types.Tuple).At(0).Type()
		return "func() (" + r.typeText(e, t) + ", bool) { ꞋꞋv, ꞋꞋok := " + r.text(x) + "; return ꞋꞋv, ꞋꞋok }()"
	}
	return r.text(e)
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
		out = append(out, r.localVar(s.(*ast.ValueSpec)))
	}
	return strings.Join(out, "; "), true
}

func (r *rewriter) localVar(v *ast.ValueSpec) string {
	var names []string
	for _, n := range v.Names {
		names = append(names, n.Name)
	}
	text := "var " + strings.Join(names, ", ")
	if len(v.Names) > 1 && len(v.Values) == 1 {
		if v.Type != nil {
			return r.refuse(v, "var of a type with several values of a call")
		}
		return strings.Join(names, ", ") + " := " + r.tuple(v.Values[0])
	}
	t := ""
	if v.Type != nil {
		t = " " + r.text(v.Type)
	}
	switch len(v.Values) {
	case 0:
		return text + t
	case 1:
		return text + t + " = " + r.value(v.Values[0], r.leftType(v.Names[0]))
	}
	before, after := &evaluated{r: r}, ""
	for i, e := range v.Values {
		value := r.value(e, r.leftType(v.Names[i]))
		if !r.isNil(e) {
			value = before.temp(value)
		}
		after += "; var " + names[i] + t + " = " + value
	}
	return before.String() + after[2:]
}
