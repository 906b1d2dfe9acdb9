package rewrite

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strconv"
)

// composite writes a composite literal.
func (r *rewriter) composite(c *ast.CompositeLit) string {
	t := r.ch.Info.TypeOf(c)
	text := ""
	if p, ok := t.Underlying().(*types.Pointer); ok && c.Type == nil {
		text, t = "&"+r.typeText(c, p.Elem()), p.Elem()
	} else if c.Type == nil {
		text = r.typeText(c, t)
	} else {
		r.typeText(c, t)
		text = r.text(c.Type) + r.gap(c.Type.End(), c.Lbrace)
	}
	text += "{"
	at, next := c.Lbrace+1, 0
	for _, e := range c.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			next = r.place(t, kv.Key, next)
		}
		text += r.gap(at, e.Pos()) + r.element(t, next, e)
		at, next = e.End(), next+1
	}
	return text + r.gap(at, c.Rbrace) + "}"
}

// place is the index that key gives in a literal of type t; i where t is no slice or array.
func (r *rewriter) place(t types.Type, key ast.Expr, i int) int {
	switch t.Underlying().(type) {
	case *types.Slice, *types.Array:
		if n, exact := constant.Int64Val(constant.ToInt(r.ch.Info.Types[key].Value)); exact {
			return int(n)
		}
	}
	return i
}

// element writes the element with index i, of a struct the i-th, of a literal of type t.
// One without a key gets it, since the interpreter guesses its type otherwise, and fails
// for what has to do with a pointer: &list[1], address.String().
func (r *rewriter) element(t types.Type, i int, e ast.Expr) string {
	kv, keyed := e.(*ast.KeyValueExpr)
	value := e
	if keyed {
		value = kv.Value
	}
	var want types.Type
	key := ""
	switch u := t.Underlying().(type) {
	case *types.Struct:
		field := u.Field(min(i, u.NumFields()-1))
		if keyed {
			field = r.ch.Info.Uses[kv.Key.(*ast.Ident)].(*types.Var)
		}
		key, want = field.Name(), field.Type()
	case *types.Map:
		key, want = r.key(kv.Key, u.Key()), u.Elem()
	case *types.Slice:
		want = u.Elem()
	case *types.Array:
		want = u.Elem()
	}
	if keyed && key == "" {
		key = r.text(kv.Key)
	}
	switch {
	case keyed:
		key += r.gap(kv.Key.End(), kv.Value.Pos())
	case key != "":
		key += ": "
	case r.ch.Info.Types[e].Value == nil && !r.isNil(e):
		key = strconv.Itoa(i) + ": "
	}
	return key + r.value(ast.Unparen(value), want) // the interpreter mistakes the type of (*p + 1) there
}

// key writes the key of a map. What cannot be a key panics here as in Go.
func (r *rewriter) key(e ast.Expr, t types.Type) string {
	if !types.IsInterface(t) {
		return r.text(e)
	}
	if !t.Underlying().(*types.Interface).Empty() {
		return r.value(e, t)
	}
	return "ꞋꞋkey(" + r.frame(e) + ", " + r.text(e) + ")"
}
