package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// rangeStmt writes a range loop.
func (r *rewriter) rangeStmt(n *ast.RangeStmt) string {
	switch t := r.ch.Info.TypeOf(n.X).Underlying().(type) {
	case *types.Basic:
		if t.Info()&types.IsInteger != 0 {
			return r.rangeInt(n)
		}
		return r.rangeString(n)
	case *types.Slice:
		return r.rangeElements(n, t.Elem())
	case *types.Array:
		return r.rangeElements(n, t.Elem())
	case *types.Map:
		if _, ok := t.Elem().Underlying().(*types.Chan); ok && n.Value != nil {
			return r.refuse(n, "range over a map of channels")
		}
		return r.rangePlain(n)
	case *types.Chan:
		return r.rangeChan(n)
	}
	return r.refuse(n, "range over a %s", r.ch.Info.TypeOf(n.X))
}

// rangeElements is range over a slice or an array. The interpreter takes one of
// channels for a channel.
func (r *rewriter) rangeElements(n *ast.RangeStmt, elem types.Type) string {
	if _, ok := elem.Underlying().(*types.Chan); !ok || n.Value == nil {
		return r.rangePlain(n)
	}
	all, i, first := r.fresh("all"), r.fresh("i"), ""
	if n.Key != nil {
		first += " " + r.target(n.Key, n.Tok.String()) + i + ";"
	}
	first += " " + r.target(n.Value, n.Tok.String()) + all + "[" + i + "];"
	head := fmt.Sprintf("for %s, %s := %s, 0; %s < len(%s); %s++ ", all, i, r.text(n.X), i, all, i)
	return head + r.loopBody(n.Body, first)
}

// rangePlain is range over what the interpreter knows. It gives only new
// variables the right values.
func (r *rewriter) rangePlain(n *ast.RangeStmt) string {
	first, names := "", make([]string, 0, 2)
	for _, e := range []ast.Expr{n.Key, n.Value} {
		if e == nil {
			continue
		}
		id, isIdent := e.(*ast.Ident)
		switch {
		case isIdent && id.Name == "_":
			names = append(names, "_")
			continue
		case n.Tok == token.DEFINE && !r.captured(n.Body, r.ch.Info.Defs[id]) && !Assigned(r.ch.Info, n.Body, r.ch.Info.Defs[id]):
			names = append(names, id.Name)
			continue
		}
		v := r.fresh("v")
		names = append(names, v)
		first += " " + r.target(e, n.Tok.String()) + v + ";"
	}
	head := "for range "
	if len(names) > 0 {
		head = "for " + strings.Join(names, ", ") + " := range "
	}
	return head + r.text(n.X) + " " + r.loopBody(n.Body, first)
}

// target writes the left side of an assignment to e, and the operator.
func (r *rewriter) target(e ast.Expr, op string) string {
	if id, ok := e.(*ast.Ident); ok && id.Name == "_" {
		return "_ = "
	}
	return r.left(e) + " " + op + " "
}

// rangeString is range over the runes of a string.
func (r *rewriter) rangeString(n *ast.RangeStmt) string {
	all, i, first := r.fresh("all"), r.fresh("i"), ""
	if n.Key != nil {
		first += fmt.Sprintf(" %s%s.At[%s];", r.target(n.Key, n.Tok.String()), all, i)
	}
	if n.Value != nil {
		first += fmt.Sprintf(" %s%s.Runes[%s];", r.target(n.Value, n.Tok.String()), all, i)
	}
	head := fmt.Sprintf("for %s, %s := ꞋꞋrunes(%s), 0; %s < len(%s.At); %s++ ", all, i, r.stringText(n.X), i, all, i)
	return head + r.loopBody(n.Body, first)
}

// stringText is e as a string, whatever its named type.
func (r *rewriter) stringText(e ast.Expr) string {
	if types.Identical(r.ch.Info.TypeOf(e), types.Typ[types.String]) {
		return r.text(e)
	}
	return "string(" + r.text(e) + ")"
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
	i, end := r.fresh("i"), r.fresh("n")
	if n.Key != nil {
		if id, ok := n.Key.(*ast.Ident); !ok || id.Name != "_" {
			first = " " + r.target(n.Key, n.Tok.String()) + i + ";"
		}
	}
	text := r.typeText(n, t)
	head := fmt.Sprintf("for %s, %s := %s(0), %s(%s); %s < %s; %s += 1 ", i, end, text, text, r.text(n.X), i, end, i)
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
			first += " " + r.target(n.Key, n.Tok.String()) + v + ";"
		}
	}
	return fmt.Sprintf("for %s := ꞋꞋchan(%s); true; ", c, r.text(n.X)) + r.loopBody(n.Body, first)
}
