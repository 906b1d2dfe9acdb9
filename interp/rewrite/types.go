package rewrite

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strconv"
	"strings"

	"interleave/interp/eval/symbols"
)

// typeText writes t with packages by their alias, for the program and for
// storage. Types that have no such text are refused.
func (r *rewriter) typeText(n ast.Node, t types.Type) string {
	if why := unfit(t, map[types.Type]bool{}); why != "" {
		return r.refuse(n, "%s", why)
	}
	return types.TypeString(unaliased(t), func(p *types.Package) string { return r.alias(p.Path()) })
}

// unfit tells why the interpreter has no such type; "" where it has.
func unfit(t types.Type, seen map[types.Type]bool) string {
	if seen[t] {
		return ""
	}
	seen[t] = true
	switch t := t.(type) {
	case *types.Basic:
		return ""
	case *types.Alias:
		return unfit(types.Unalias(t), seen)
	case *types.Named:
		return unfitNamed(t)
	case *types.Pointer:
		return unfit(t.Elem(), seen)
	case *types.Slice:
		return unfit(t.Elem(), seen)
	case *types.Array:
		return unfit(t.Elem(), seen)
	case *types.Chan:
		return unfit(t.Elem(), seen)
	case *types.Map:
		return first(unfit(t.Key(), seen), unfit(t.Elem(), seen))
	case *types.Signature:
		return first(unfit(t.Params(), seen), unfit(t.Results(), seen))
	case *types.Tuple:
		for v := range t.Variables() {
			if why := unfit(v.Type(), seen); why != "" {
				return why
			}
		}
		return ""
	case *types.Struct:
		return unfitStruct(t, seen)
	case *types.Interface:
		if t.NumMethods() == 0 && !t.IsComparable() && t.NumEmbeddeds() == 0 {
			return ""
		}
		return "interface types with methods"
	case *types.TypeParam:
		return "type parameters"
	}
	return "values of type " + t.String()
}

func unfitNamed(t *types.Named) string {
	obj := t.Obj()
	switch {
	case obj.Pkg() == nil: // error
		return ""
	case t.TypeArgs().Len() > 0:
		_, missing := instanceName(t)
		return missing
	case !obj.Exported():
		return "the unexported type " + obj.Pkg().Name() + "." + obj.Name()
	case !symbols.Has(obj.Pkg().Path(), obj.Name()):
		return "type " + obj.Pkg().Name() + "." + obj.Name()
	}
	return ""
}

func unfitStruct(t *types.Struct, seen map[types.Type]bool) string {
	for f := range t.Fields() {
		if !f.Exported() || f.Embedded() {
			return "struct types with lower-case or embedded fields"
		}
		if why := unfit(f.Type(), seen); why != "" {
			return why
		}
	}
	return ""
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// constant writes a constant expression as its value, in its type, since the
// interpreter's own arithmetic of untyped constants is not Go's.
func (r *rewriter) constant(e ast.Expr) (string, bool) {
	tv, ok := r.ch.Info.Types[e]
	if id, isIdent := e.(*ast.Ident); isIdent && !ok {
		if c, isConst := r.ch.Info.Uses[id].(*types.Const); isConst {
			tv, ok = types.TypeAndValue{Type: c.Type(), Value: c.Val()}, true
		}
	}
	if !ok || tv.Value == nil || tv.Type == nil {
		return "", false
	}
	t := types.Default(tv.Type)
	if _, isParam := t.(*types.TypeParam); isParam {
		return r.refuse(e, "type parameters"), true
	}
	text := r.literal(e, t, tv.Value)
	if lines := strings.Count(r.ch.Cell.Text(e), "\n"); lines > 0 {
		return "(" + strings.Repeat("\n", lines) + text + ")", true
	}
	return text, true
}

// literal writes v as an expression of type t.
func (r *rewriter) literal(n ast.Node, t types.Type, v constant.Value) string {
	b, ok := t.Underlying().(*types.Basic)
	if !ok {
		return r.refuse(n, "a constant of type %s", t)
	}
	var text string
	natural := false
	switch info := b.Info(); {
	case info&types.IsBoolean != 0:
		text, natural = strconv.FormatBool(constant.BoolVal(v)), b.Kind() == types.Bool
	case info&types.IsString != 0:
		text, natural = strconv.Quote(constant.StringVal(v)), b.Kind() == types.String
	case info&types.IsInteger != 0:
		text, natural = constant.ToInt(v).ExactString(), b.Kind() == types.Int
	case info&types.IsFloat != 0:
		f, _ := constant.Float64Val(v)
		text = strconv.FormatFloat(f, 'g', -1, 64)
		if b.Kind() == types.Float32 {
			f32, _ := constant.Float32Val(v)
			text = strconv.FormatFloat(float64(f32), 'g', -1, 64)
		}
	default:
		re, _ := constant.Float64Val(constant.Real(v))
		im, _ := constant.Float64Val(constant.Imag(v))
		text = "ꞋꞋcomplex(" + strconv.FormatFloat(re, 'g', -1, 64) + ", " + strconv.FormatFloat(im, 'g', -1, 64) + ")"
		if b.Kind() == types.Complex128 || b.Kind() == types.UntypedComplex {
			return text
		}
	}
	if _, named := t.(*types.Basic); natural && named {
		return text
	}
	return r.typeText(n, t) + "(" + text + ")"
}
