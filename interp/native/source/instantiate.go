package source

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// deepest is how far instances are followed through generic functions: Go allows no
// endless chain, but a session may seem to have one, of functions of several versions.
const deepest = 10

// through collects what a generic function, or a method of a generic type, mentions
// when its type parameters are args.
func (c *instances) through(f *function, params *types.TypeParamList, args []types.Type, depth int) {
	if depth > deepest || params.Len() != len(args) {
		return
	}
	key := fmt.Sprintf("%p", f.decl)
	a := again{params: map[*types.TypeParam]types.Type{}}
	for i := range params.Len() {
		a.params[params.At(i)] = args[i]
		key += " " + types.TypeString(args[i], byName)
	}
	if c.done[key] {
		return
	}
	c.done[key] = true
	ast.Inspect(f.decl, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok {
			if t := f.ch.Info.TypeOf(e); t != nil {
				c.collectAs(&a, t)
			}
		}
		if id, ok := n.(*ast.Ident); ok {
			c.follow(f.ch.Info.Uses[id], f.ch.Info.Instances[id].TypeArgs, &a, depth+1)
		}
		return true
	})
}

// collectAs collects from t with arguments for type parameters.
func (c *instances) collectAs(a *again, t types.Type) {
	if now, ok := a.of(t); ok {
		c.collect(now)
	}
}

// follow goes on with a generic function that is mentioned with type arguments, which
// are written in type parameters that a knows.
func (c *instances) follow(obj types.Object, args *types.TypeList, a *again, depth int) {
	fn, ok := obj.(*types.Func)
	if !ok || args.Len() == 0 {
		return
	}
	var now []types.Type
	for arg := range args.Types() {
		t, ok := a.of(arg)
		if !ok {
			return
		}
		now = append(now, t)
	}
	if f := c.r.genericNamed(fn.Name()); f != nil {
		c.through(f, signature(f).TypeParams(), now, depth)
	}
}

// methods goes on with the methods of an instance.
func (c *instances) methods(t *types.Named) {
	var args []types.Type
	for arg := range t.TypeArgs().Types() {
		args = append(args, arg)
	}
	for _, list := range [][]*function{c.r.u.methods, c.r.s.methods} {
		for _, f := range list {
			if name, _, _ := strings.Cut(f.name(), "."); name == t.Obj().Name() {
				c.through(f, signature(f).RecvTypeParams(), args, 1)
			}
		}
	}
}

// genericNamed is the latest generic function of that name, or nil.
func (r *rewriter) genericNamed(name string) *function {
	if f := r.u.generics[name]; f != nil {
		return f
	}
	return r.s.generics[name]
}

// signature is that of a function, as its own cell has it.
func signature(f *function) *types.Signature {
	if obj := f.ch.Info.Defs[f.decl.Name]; obj != nil {
		if s, ok := obj.Type().(*types.Signature); ok {
			return s
		}
	}
	return &types.Signature{}
}
