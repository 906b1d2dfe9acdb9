package source

import (
	"go/ast"
	"go/constant"
	"go/types"
	"math/big"
	"strconv"
	"strings"

	"interleave/interp/check"
)

// ident writes a name.
func (r *rewriter) ident(id *ast.Ident) (string, bool) {
	if b := r.ch.Uses[id]; b != nil {
		return r.binding(id, b)
	}
	obj := r.ch.Info.Uses[id]
	if obj == nil {
		obj = r.ch.Info.Defs[id]
	}
	switch obj := obj.(type) {
	case *types.Func:
		if r.ch.Main != nil && obj == r.ch.Info.Defs[r.ch.Main.Name] {
			return Mark + Mark + "main", true
		}
		if obj.Signature().Recv() != nil {
			return r.method(obj)
		}
	case *types.Label:
		if r.item >= 0 { // items are one function here, and may use a label each
			return id.Name + Mark + strconv.Itoa(r.item), true
		}
	}
	if obj != nil && obj.Pkg() != nil && obj.Pkg() != r.ch.Pkg && obj.Pkg().Path() != "main" && obj.Parent() == obj.Pkg().Scope() {
		return r.library(obj.Pkg().Path(), obj.Name()), true // by a dot import
	}
	return "", false
}

// method writes the name of a method: lower-case ones are exported under the prefix.
func (r *rewriter) method(f *types.Func) (string, bool) {
	if hidden(f) && f.Name() != "_" {
		return Mark + f.Name(), true
	}
	return "", false
}

// hidden tells whether obj is a lower-case name of the session, a field or a method.
func hidden(obj types.Object) bool {
	return !obj.Exported() && obj.Pkg() != nil && obj.Pkg().Path() == "main"
}

// binding writes a top-level name of this or an earlier cell.
func (r *rewriter) binding(id *ast.Ident, b *check.Binding) (string, bool) {
	switch b.Kind {
	case check.Var:
		return "(*" + r.pointer(id, b) + ")", true
	case check.Func:
		return r.funcName(id, b), true
	case check.Type:
		if r.ch != r.own { // the name may mean something else in this unit
			w := typeWriter{r: r}
			return w.sessionType(b.Object.(*types.TypeName)), true
		}
		r.needType(id, b.Object.(*types.TypeName))
	case check.Const:
		if r.ch != r.own {
			return r.constant(id, b.Object.(*types.Const)), true
		}
		if b.Decl != r.ch.Cell {
			r.needConst(id, b.Object.(*types.Const))
		}
	}
	return "", false
}

// funcName writes a function: by its slot, or directly in its own body.
func (r *rewriter) funcName(id *ast.Ident, b *check.Binding) string {
	fd, _ := b.Node.(*ast.FuncDecl)
	switch {
	case fd != nil && fd.Type.TypeParams != nil:
		return r.genericName(id, b)
	case fd != nil && fd == r.fn:
		return r.fnName
	}
	return "(*" + r.pointer(id, b) + ")"
}

// library writes a name of a library package, or what stands for it.
func (r *rewriter) library(path, name string) string {
	if shims[path][name] {
		return r.rt(path, name)
	}
	return r.alias(path) + "." + name
}

// needType sees to it that the unit knows a type by the user's name.
func (r *rewriter) needType(n ast.Node, t *types.TypeName) {
	if _, own := r.u.homes[t]; own {
		return
	}
	h, ok := r.s.homes[t]
	if !ok {
		r.refuse(n, "type %s: the cell that declares it was not compiled: run it again", t.Name())
		return
	}
	params, args := "", ""
	switch named := t.Type().(type) {
	case *types.Named:
		params, args = r.typeParams(n, named.TypeParams())
	case *types.Alias:
		params, args = r.typeParams(n, named.TypeParams())
	}
	r.local[t.Name()] = "type " + t.Name() + params + " = " + r.alias(h.path) + "." + h.name + args
}

// needConst declares a constant of an earlier cell again, by its value.
func (r *rewriter) needConst(n ast.Node, c *types.Const) {
	t := ""
	if b, ok := c.Type().(*types.Basic); !ok || b.Info()&types.IsUntyped == 0 {
		t = " " + r.typeText(n, c.Type())
	}
	r.local[c.Name()] = "const " + c.Name() + t + " = " + literal(c.Type(), c.Val())
}

// constant writes a constant in place.
func (r *rewriter) constant(n ast.Node, c *types.Const) string {
	if b, ok := c.Type().(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
		return "(" + literal(c.Type(), c.Val()) + ")"
	}
	return r.typeText(n, c.Type()) + "(" + literal(c.Type(), c.Val()) + ")"
}

// literal writes a constant as an expression that has exactly its value, and its
// kind where it has no type.
func literal(t types.Type, v constant.Value) string {
	b, _ := t.Underlying().(*types.Basic)
	switch {
	case b.Info()&types.IsBoolean != 0:
		return strconv.FormatBool(constant.BoolVal(v))
	case b.Info()&types.IsString != 0:
		return strconv.Quote(constant.StringVal(v))
	case b.Kind() == types.UntypedRune:
		return "('\\x00' + " + constant.ToInt(v).ExactString() + ")"
	case b.Info()&types.IsInteger != 0:
		return constant.ToInt(v).ExactString()
	case b.Info()&types.IsFloat != 0:
		return float(constant.ToFloat(v))
	}
	v = constant.ToComplex(v)
	return "(" + float(constant.Real(v)) + " + " + float(constant.Imag(v)) + "*1i)"
}

// float writes a floating-point constant exactly.
func float(v constant.Value) string {
	switch x := constant.Val(constant.ToFloat(v)).(type) {
	case *big.Rat:
		return "(" + x.Num().String() + ".0 / " + x.Denom().String() + ".0)"
	case *big.Float:
		return x.Text('p', 0)
	case int64:
		return strconv.FormatInt(x, 10) + ".0"
	case *big.Int:
		return x.String() + ".0"
	}
	return strings.TrimSpace(v.ExactString())
}
