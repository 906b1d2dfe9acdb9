package source

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// A setting is one element of a struct literal.
type setting struct {
	field *types.Var
	value ast.Expr
}

// composite writes T{a, b} whose fields are another unit's as calls of setters,
// which keep the order of evaluation: set(set(T{}, a), b).
func (r *rewriter) composite(l *ast.CompositeLit) (string, bool) {
	t := r.ch.Info.TypeOf(l)
	pointer := isPointer(t)
	t = deref(t)
	st, ok := t.Underlying().(*types.Struct)
	if !ok || len(l.Elts) == 0 {
		return "", false
	}
	settings := settings(st, l)
	if !r.anyForeign(t, settings) {
		return "", false
	}
	r.calls++
	o := r.owner(t, settings[0].field)
	home := r.alias(o.path) + "." + o.name
	zero, back := r.literalType(l, t), ""
	if r.borrowed(l, t, o) {
		zero, back = home, zero
	}
	text := zero + "{}"
	for _, s := range settings {
		text = home + Mark + s.field.Name() + Mark + "s" + r.typeArgs(l, t) + "(" + text + ", " + r.at(s.value.Pos()) + r.text(s.value) + ")"
	}
	if back != "" {
		text = back + "(" + text + ")"
	}
	if pointer {
		text = r.rt("", "Ptr") + "(" + text + ")"
	}
	return text, true
}

func settings(st *types.Struct, l *ast.CompositeLit) []setting {
	out := make([]setting, 0, len(l.Elts))
	for i, e := range l.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			out = append(out, setting{st.Field(min(i, st.NumFields()-1)), e})
			continue
		}
		for f := range st.Fields() {
			if key, ok := kv.Key.(*ast.Ident); ok && f.Name() == key.Name {
				out = append(out, setting{f, kv.Value})
			}
		}
	}
	return out
}

func (r *rewriter) anyForeign(t types.Type, list []setting) bool {
	for _, s := range list {
		if r.foreign(r.owner(t, s.field), s.field) {
			return true
		}
	}
	return false
}

// literalType writes the type of a literal, as the user wrote it where it stands there.
func (r *rewriter) literalType(l *ast.CompositeLit, t types.Type) string {
	if l.Type != nil {
		return r.text(l.Type)
	}
	return r.typeText(l, t)
}

// typeArgs writes the type arguments of an instance.
func (r *rewriter) typeArgs(n ast.Node, t types.Type) string {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.TypeArgs().Len() == 0 {
		return ""
	}
	var out []string
	for a := range named.TypeArgs().Types() {
		out = append(out, r.typeText(n, a))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// unary writes &T{...} and <-ch.
func (r *rewriter) unary(u *ast.UnaryExpr) (string, bool) {
	switch u.Op {
	case token.AND:
		lit, ok := ast.Unparen(u.X).(*ast.CompositeLit)
		if !ok {
			return "", false
		}
		if s, ok := r.composite(lit); ok {
			return r.rt("", "Ptr") + "(" + s + ")", true
		}
	case token.ARROW:
		return r.receive(u)
	}
	return "", false
}
