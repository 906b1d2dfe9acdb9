package check

import (
	"go/ast"
	"go/types"
	"slices"
)

// Outside is what a function literal uses that lies outside of it.
type Outside struct {
	Variables []string // of the session, by name
	Locals    []string // variables of the function around it
	Functions []string // of the session, by key
}

// Outside tells what lit uses that lies outside of it.
func (c *Checked) Outside(lit *ast.FuncLit) (o Outside) {
	add := func(to *[]string, what string) {
		if !slices.Contains(*to, what) {
			*to = append(*to, what)
		}
	}
	ast.Inspect(lit, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		v, isVar := c.Info.Uses[id].(*types.Var)
		switch b := c.Uses[id]; {
		case b != nil && b.Kind == Func:
			add(&o.Functions, b.Key)
		case b != nil && b.Kind == Var:
			add(&o.Variables, id.Name)
		case b == nil && isVar && !v.IsField() && v.Pkg() != nil && v.Pkg().Path() == "main" && (v.Pos() < lit.Pos() || v.Pos() > lit.End()):
			add(&o.Locals, id.Name)
		}
		return true
	})
	return o
}
