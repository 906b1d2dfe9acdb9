package interp

import (
	"go/ast"
	"go/constant"
	"go/types"
	"math"
	"strconv"
	"strings"

	"interleave/interp/check"
	"interleave/interp/child"
)

// alone gives fn its source by itself, as package demos has it interpreted, with the
// imports and the constants of the session that this uses. Functions of package demo,
// which is there then, stand for max, min and clear, which the interpreter does not have.
func alone(c *check.Checked, d *ast.FuncDecl, fn *child.Func) {
	a := &aloneSource{c: c, d: d, imports: map[string]string{}, constants: map[string]string{}}
	ast.Inspect(d, a.visit)
	a.copy(c.Cell.Offset(d.End()))
	fn.Text, fn.Imports, fn.Constants = a.source.String(), a.imports, a.constants
}

// demoName is the name of package demo, see eval.
const demoName = "ꞋꞋdemo"

type aloneSource struct {
	c         *check.Checked
	d         *ast.FuncDecl
	at        int // what comes before it in the cell is copied
	source    strings.Builder
	imports   map[string]string
	constants map[string]string
}

// copy copies the cell's source up to an offset; nothing from before the function.
func (a *aloneSource) copy(to int) {
	from := max(a.at, a.c.Cell.Offset(a.d.Pos()))
	a.source.WriteString(a.c.Cell.Code[from:to])
	a.at = to
}

// replace writes text in place of n.
func (a *aloneSource) replace(n ast.Node, text string) {
	a.copy(a.c.Cell.Offset(n.Pos()))
	a.source.WriteString(text)
	a.at = a.c.Cell.Offset(n.End())
}

func (a *aloneSource) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok {
			if b, ok := a.c.Info.Uses[id].(*types.Builtin); ok {
				return a.builtin(n, b.Name())
			}
		}
	case *ast.Ident:
		switch o := a.c.Info.Uses[n].(type) {
		case *types.PkgName:
			a.imports[n.Name] = o.Imported().Path()
		case *types.Const:
			if a.c.Uses[n] != nil {
				a.constants[n.Name] = strings.TrimSpace(a.constType(o.Type()) + " = " + plainConstant(o.Val(), o.Type()))
			}
		}
	}
	return true
}

// builtin writes a call of a function of package demo in place of one of a built-in
// function, and tells whether there is more to visit in it. It needs no function of its
// own in the source: the interpreter gives those 0 where they are called with -0.
func (a *aloneSource) builtin(call *ast.CallExpr, name string) bool {
	tv := a.c.Info.Types[call]
	switch {
	case name == "clear":
		a.replace(call.Fun, demoName+".Clear")
		return true
	case name != "max" && name != "min":
		return true
	case tv.Value != nil:
		text := plainConstant(tv.Value, tv.Type)
		if t := a.constType(tv.Type); t != "" {
			text = t + "(" + text + ")"
		}
		a.replace(call, text)
		return false
	}
	do, wide := extremeOf(name, tv.Type)
	a.copy(a.c.Cell.Offset(call.Pos()))
	a.source.WriteString(a.typeText(tv.Type) + "(" + demoName + "." + do)
	for i, e := range call.Args {
		a.source.WriteString([]string{"(", ", "}[min(i, 1)] + wide + "(")
		a.argument(e)
		a.source.WriteString(")")
	}
	a.source.WriteString("))")
	a.at = a.c.Cell.Offset(call.End())
	return false
}

// argument writes an argument of max or min.
func (a *aloneSource) argument(e ast.Expr) {
	if tv := a.c.Info.Types[e]; tv.Value != nil {
		a.source.WriteString(plainConstant(tv.Value, tv.Type))
		return
	}
	a.at = a.c.Cell.Offset(e.Pos())
	ast.Inspect(e, a.visit)
	a.copy(a.c.Cell.Offset(e.End()))
}

// extremeOf is the function of package demo for max, or min, of type t, and the type of
// its arguments.
func extremeOf(name string, t types.Type) (do, wide string) {
	do = strings.ToUpper(name[:1]) + name[1:]
	switch info := t.Underlying().(*types.Basic).Info(); {
	case info&types.IsUnsigned != 0:
		return do + "Uint", "uint64"
	case info&types.IsInteger != 0:
		return do + "Int", "int64"
	case info&types.IsFloat != 0:
		return do + "Float", "float64"
	}
	return do + "String", "string"
}

// typeText writes t with names of packages that nothing in the function hides.
func (a *aloneSource) typeText(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p == a.c.Pkg || p.Path() == "main" {
			return ""
		}
		a.imports["ꞋꞋ"+p.Name()] = p.Path()
		return "ꞋꞋ" + p.Name()
	})
}

// constType is the type of a constant; "" where it has none.
func (a *aloneSource) constType(t types.Type) string {
	if b, ok := t.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
		return ""
	}
	return a.typeText(t)
}

// plainConstant writes v as a constant expression that has no type, but is of the kind
// that t is.
func plainConstant(v constant.Value, t types.Type) string {
	b, ok := t.Underlying().(*types.Basic)
	switch {
	case !ok:
	case b.Info()&types.IsString != 0:
		return strconv.Quote(constant.StringVal(v))
	case b.Kind() == types.UntypedRune:
		if r, exact := constant.Int64Val(v); exact && strconv.CanBackquote(string(rune(r))) {
			return strconv.QuoteRune(rune(r))
		}
		return "rune(" + v.ExactString() + ")"
	case b.Info()&types.IsFloat != 0:
		f, _ := constant.Float64Val(v)
		if b.Kind() == types.Float32 {
			f32, _ := constant.Float32Val(v)
			f = float64(f32)
		}
		if math.IsInf(f, 0) {
			return v.ExactString()
		}
		text := strconv.FormatFloat(f, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return text
	}
	return v.ExactString()
}
