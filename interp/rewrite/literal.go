package rewrite

import (
	"go/ast"
	"go/types"
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
	at := c.Lbrace + 1
	for i, e := range c.Elts {
		text += r.gap(at, e.Pos()) + r.element(t, i, e)
		at = e.End()
	}
	return text + r.gap(at, c.Rbrace) + "}"
}

// element writes the i-th element of a literal of type t.
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
		want = u.Field(min(i, u.NumFields()-1)).Type()
		if keyed {
			key, want = kv.Key.(*ast.Ident).Name, r.ch.Info.Uses[kv.Key.(*ast.Ident)].Type()
		}
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
	if keyed {
		key += r.gap(kv.Key.End(), kv.Value.Pos())
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
