package rewrite

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"interleave/interp/child"
	"interleave/interp/eval/symbols"
)

const demosPath = "interleave/demos"

// ofTypes are the generic functions of package demos that are made for any types. Of the
// others there are some: see symbols.Generic.
var ofTypes = map[string]bool{"Map": true, "Submit": true, "Then": true}

// waiting are the methods of generic types of package demos that are called as instances,
// so that those who wait are known by their place.
var waiting = map[string]bool{"Result": true, "ResultWithin": true}

// madeFunc is the name, in the program, of a function that is made for it. where is the
// place of those that may wait.
func (r *rewriter) madeFunc(where, fn, typ string) string {
	name := fmt.Sprintf("ꞋꞋinstance%d", len(r.instances))
	r.instances = append(r.instances, child.Instance{Name: name, Func: fn, Type: typ, Where: where})
	return name
}

// genericFunc writes a generic function with its types, as a call or a value.
func (r *rewriter) genericFunc(n ast.Node, fun ast.Expr) string {
	id := funcName(fun)
	if id == nil {
		return r.refuse(n, "instances of generic functions and types")
	}
	f, ok := r.ch.Info.Uses[id].(*types.Func)
	if !ok || f.Pkg() == nil || f.Pkg().Path() != demosPath {
		return r.refuse(n, "the generic function %s", r.ch.Cell.Text(fun))
	}
	in := r.ch.Info.Instances[id]
	if in.Type == nil {
		return r.refuse(n, "the generic function %s", r.ch.Cell.Text(fun))
	}
	sig := r.typeText(n, in.Type) // refuses promises of what there are none
	if ofTypes[f.Name()] {
		return r.madeFunc(r.where(n), "demos."+f.Name(), sig)
	}
	if name := symbols.Instance(f.Name(), argText(in.TypeArgs.At(0))); isHeld(name) {
		return r.madeFunc(r.where(n), name, sig)
	}
	return r.refuse(n, "demos.%s of %s", f.Name(), types.TypeString(in.TypeArgs.At(0), (*types.Package).Name))
}

func isHeld(name string) bool {
	_, ok := symbols.Generic(name)
	return ok
}

// funcName is the name of a function that fun is, with or without type arguments.
func funcName(fun ast.Expr) *ast.Ident {
	switch f := ast.Unparen(fun).(type) {
	case *ast.IndexExpr:
		return funcName(f.X)
	case *ast.IndexListExpr:
		return funcName(f.X)
	case *ast.SelectorExpr:
		return f.Sel
	case *ast.Ident:
		return f
	}
	return nil
}

// waitingMethod writes a call of a method of a generic type that waits.
func (r *rewriter) waitingMethod(c *ast.CallExpr, fun ast.Expr) (string, bool) {
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	s := r.ch.Info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal || len(s.Index()) > 1 || !waiting[sel.Sel.Name] {
		return "", false
	}
	named, ok := types.Unalias(deref(s.Recv())).(*types.Named)
	if !ok || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != demosPath || named.TypeArgs().Len() != 1 {
		return "", false
	}
	method := s.Obj().(*types.Func).Signature()
	params := []*types.Var{types.NewParam(0, nil, "", types.NewPointer(named))}
	for v := range method.Params().Variables() {
		params = append(params, types.NewParam(0, nil, "", v.Type()))
	}
	sig := types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), method.Results(), false)
	name := symbols.Instance(named.Obj().Name()+"."+sel.Sel.Name, argText(named.TypeArgs().At(0)))
	f := r.madeFunc(r.where(c), name, r.typeText(c, sig))
	return f + "(" + strings.Join(append([]string{r.address(sel.X)}, r.texts(c.Args)...), ", ") + ")", true
}

func deref(t types.Type) types.Type {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

// extreme writes a call of max or min that is no constant.
func (r *rewriter) extreme(c *ast.CallExpr, name string) string {
	t := r.typeText(c, r.ch.Info.TypeOf(c))
	f := r.madeFunc("", name, "func("+strings.Repeat(t+", ", len(c.Args)-1)+t+") "+t)
	text, at := f+"(", c.Lparen+1
	for _, a := range c.Args {
		text += r.gap(at, a.Pos()) + r.text(a)
		at = a.End()
	}
	return text + r.gap(at, c.Rparen) + ")"
}

// instanceName is the symbol of package demos for an instance of a generic type, and
// what can be told of one that this program does not hold; "" where it holds it.
func instanceName(t *types.Named) (name, missing string) {
	obj := t.Obj()
	if obj.Pkg() == nil || obj.Pkg().Path() != demosPath || t.TypeArgs().Len() != 1 {
		return "", "the generic type " + obj.Pkg().Name() + "." + obj.Name()
	}
	name = symbols.Instance(obj.Name(), argText(t.TypeArgs().At(0)))
	if symbols.Has(demosPath, name) {
		return name, ""
	}
	text := types.TypeString(t, (*types.Package).Name)
	switch obj.Name() {
	case "Promise":
		return "", "the type " + text + ", in place of which demos.Promise[any] could be interpreted"
	case "Shared":
		return "", "the type " + text + ", in place of which demos.Shared[int] or [float64] could be interpreted"
	}
	return "", "the type " + text
}

// argText writes a type argument as package reflect does; "" for one of which there are
// no instances.
func argText(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return types.Typ[t.Kind()].Name()
	case *types.Slice:
		if elem := argText(t.Elem()); elem != "" {
			return "[]" + elem
		}
	case *types.Map:
		if key, elem := argText(t.Key()), argText(t.Elem()); key != "" && elem != "" {
			return "map[" + key + "]" + elem
		}
	case *types.Interface:
		if t.Empty() {
			return "interface {}"
		}
	case *types.Named:
		switch obj := t.Obj(); {
		case obj.Pkg() == nil:
			return obj.Name()
		case t.TypeArgs().Len() == 0 && obj.Parent() == obj.Pkg().Scope() && obj.Pkg().Path() == "time":
			return "time." + obj.Name()
		}
	}
	return ""
}
