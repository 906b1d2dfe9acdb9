package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"interleave/interp/check"
	"interleave/interp/child"
)

// freeLits are the function literals of the cell's statements that worker processes
// of package demos may be asked to run: those that use no variable of a function around
// them, and are an argument for demos or the value of a variable.
func freeLits(ch *check.Checked) map[*ast.FuncLit]bool {
	free := map[*ast.FuncLit]bool{}
	add := func(list []ast.Expr) {
		for _, e := range list {
			if lit, ok := ast.Unparen(e).(*ast.FuncLit); ok {
				free[lit] = len(ch.Outside(lit).Locals) == 0
			}
		}
	}
	for _, item := range ch.Cell.Items[:ch.Cell.Own] {
		switch n := item.Node.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				add(n.Rhs)
			}
		case *ast.GenDecl:
			for _, s := range n.Specs {
				if v, ok := s.(*ast.ValueSpec); ok {
					add(v.Values)
				}
			}
		}
		ast.Inspect(item.Node, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit, *ast.FuncDecl:
				return false // the interpreter is asked for each when that runs
			case *ast.CallExpr:
				if ofDemos(ch, n.Fun) {
					add(n.Args)
				}
			}
			return true
		})
	}
	return free
}

// ofDemos tells whether a function, or method, is one of package demos.
func ofDemos(ch *check.Checked, fun ast.Expr) bool {
	sel, ok := ast.Unparen(fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	f, ok := ch.Info.Uses[sel.Sel].(*types.Func)
	return ok && f.Pkg() != nil && f.Pkg().Path() == "interleave/demos"
}

// freeLit makes a literal a function with a slot, as those that are declared.
func (r *rewriter) freeLit(n *ast.FuncLit) string {
	name := fmt.Sprintf("%s%d", child.LiteralPrefix, len(r.litFuncs))
	fn := child.Func{Key: fmt.Sprintf("%s.%d", name, r.ch.Cell.N), Name: name, Type: r.typeText(n, r.ch.Info.TypeOf(n))}
	outer := r.slots
	r.slots = map[string]bool{}
	r.lits += r.line(n) + "func " + name + r.funcLit(n, "")[len("func"):] + "\n"
	fn.Uses = slices.Sorted(maps.Keys(r.slots))
	r.slots = outer
	r.litFuncs = append(r.litFuncs, fn)
	return "(*" + r.slot(fn.Key, fn.Type) + ")"
}
