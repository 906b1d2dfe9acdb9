package check

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// result finds the value that the cell shows: that of its last item.
func (u *unit) result(ch *Checked) {
	x := u.last()
	if x == nil {
		return
	}
	tv, ok := u.info.Types[x]
	if !ok || !tv.IsValue() || tv.IsVoid() || tv.Type == types.Typ[types.Invalid] || u.silent(x, tv.Type) {
		return
	}
	ch.Result, ch.ResultType = x, types.Default(tv.Type)
	if tv.IsNil() {
		ch.ResultType = types.Universe.Lookup("any").Type()
	}
	if len(u.c.Items) == 1 && tv.Value != nil {
		ch.Constant = constantValue(ch.ResultType, tv.Value)
	}
}

// constantValue gives v as a Go value of type t, which can hold it; nil where t is
// declared, since it may have methods that show it in their own way.
func constantValue(t types.Type, v constant.Value) any {
	b, ok := types.Unalias(t).(*types.Basic)
	if !ok {
		return nil
	}
	if make := constants[b.Kind()]; make != nil {
		return make(v)
	}
	return nil
}

// constants make values of predeclared types.
var constants = map[types.BasicKind]func(constant.Value) any{
	types.Bool:       func(v constant.Value) any { return constant.BoolVal(v) },
	types.String:     func(v constant.Value) any { return constant.StringVal(v) },
	types.Int:        func(v constant.Value) any { return int(signed(v)) },
	types.Int8:       func(v constant.Value) any { return int8(signed(v)) },
	types.Int16:      func(v constant.Value) any { return int16(signed(v)) },
	types.Int32:      func(v constant.Value) any { return int32(signed(v)) },
	types.Int64:      func(v constant.Value) any { return signed(v) },
	types.Uint:       func(v constant.Value) any { return uint(unsigned(v)) },
	types.Uint8:      func(v constant.Value) any { return uint8(unsigned(v)) },
	types.Uint16:     func(v constant.Value) any { return uint16(unsigned(v)) },
	types.Uint32:     func(v constant.Value) any { return uint32(unsigned(v)) },
	types.Uint64:     func(v constant.Value) any { return unsigned(v) },
	types.Uintptr:    func(v constant.Value) any { return uintptr(unsigned(v)) },
	types.Float32:    func(v constant.Value) any { f, _ := constant.Float32Val(v); return f },
	types.Float64:    func(v constant.Value) any { f, _ := constant.Float64Val(v); return f },
	types.Complex64:  func(v constant.Value) any { return complex64(complexOf(v)) },
	types.Complex128: func(v constant.Value) any { return complexOf(v) },
}

func signed(v constant.Value) int64 {
	n, _ := constant.Int64Val(constant.ToInt(v))
	return n
}

func unsigned(v constant.Value) uint64 {
	n, _ := constant.Uint64Val(constant.ToInt(v))
	return n
}

func complexOf(v constant.Value) complex128 {
	re, _ := constant.Float64Val(constant.Real(v))
	im, _ := constant.Float64Val(constant.Imag(v))
	return complex(re, im)
}

// last gives the expression that is the cell's last item, or nil.
func (u *unit) last() ast.Expr {
	if n := u.c.Own; n > 0 {
		if s, ok := u.c.Items[n-1].Node.(*ast.ExprStmt); ok {
			return s.X
		}
	}
	return nil
}

// displayPath is the package whose functions show by themselves.
const displayPath = "interleave/display"

// silent tells what is there for what it does: a receive of a value that holds
// nothing, and a call that gives only the count and error of a write, of a function
// that displays, or for a password.
func (u *unit) silent(x ast.Expr, t types.Type) bool {
	if e, ok := ast.Unparen(x).(*ast.UnaryExpr); ok && e.Op == token.ARROW {
		s, ok := t.Underlying().(*types.Struct)
		return ok && s.NumFields() == 0
	}
	if n, ok := t.(*types.Named); ok && n.Obj().Name() == "_Ctype_void" {
		return true // a C function without a result
	}
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok {
		return false
	}
	var id *ast.Ident
	switch fn := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		id = fn
	case *ast.SelectorExpr:
		id = fn.Sel
	default:
		return false
	}
	if fn, ok := u.info.Uses[id].(*types.Func); ok && fn.Pkg() != nil && fn.Pkg().Path() == displayPath {
		return displays(fn.Pkg(), t) || fn.Name() == "Password"
	}
	return isWriteName(id.Name) && isCountAndError(t)
}

// displays tells whether t is what the functions of package display give that have shown
// something: *Handle or *Progress.
func displays(display *types.Package, t types.Type) bool {
	p, ok := t.(*types.Pointer)
	if !ok {
		return false
	}
	n, ok := p.Elem().(*types.Named)
	return ok && n.Obj().Pkg() == display && (n.Obj().Name() == "Handle" || n.Obj().Name() == "Progress")
}

func isWriteName(name string) bool {
	for _, prefix := range []string{"Print", "Fprint", "Write", "Copy"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func isCountAndError(t types.Type) bool {
	tuple, ok := t.(*types.Tuple)
	if !ok || tuple.Len() != 2 || !types.Identical(tuple.At(1).Type(), types.Universe.Lookup("error").Type()) {
		return false
	}
	b, ok := tuple.At(0).Type().(*types.Basic)
	return ok && (b.Kind() == types.Int || b.Kind() == types.Int64)
}

// overflow tells whether the result is an untyped constant that its default
// type cannot hold. go/types does not ask, as the expression is no operand.
func (u *unit) overflow(x ast.Expr) (types.BasicKind, bool) {
	tv := u.info.Types[x]
	b, ok := tv.Type.(*types.Basic)
	if !ok || tv.Value == nil || b.Info()&types.IsUntyped == 0 {
		return 0, false
	}
	switch b.Kind() {
	case types.UntypedInt:
		_, exact := constant.Int64Val(constant.ToInt(tv.Value))
		return types.Int, !exact
	case types.UntypedRune:
		v, exact := constant.Int64Val(constant.ToInt(tv.Value))
		return types.Rune, !exact || v != int64(int32(v))
	case types.UntypedFloat:
		v, _ := constant.Float64Val(tv.Value)
		return types.Float64, v > 1.797693134862315708145274237317043567981e308 || v < -1.797693134862315708145274237317043567981e308
	}
	return 0, false
}
