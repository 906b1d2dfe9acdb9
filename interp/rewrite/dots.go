package rewrite

import (
	"go/ast"
	"go/types"

	"interleave/interp/eval/symbols"
)

// refuseDots refuses names that are those of a dot import, of this cell or an earlier
// one, and the import of a package that is to be loaded.
func (r *rewriter) refuseDots() {
	if len(r.ch.DotImports) == 0 {
		return
	}
	for _, is := range r.ch.Cell.Imports {
		if p, ok := r.ch.Info.Defs[is.Name].(*types.PkgName); ok && p.Name() == "." && !symbols.HasPackage(p.Imported().Path()) {
			r.refuse(is, "the dot import of %s", p.Imported().Name())
		}
	}
	for _, item := range r.ch.Cell.Items {
		qualified := map[*ast.Ident]bool{}
		ast.Inspect(item.Node, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				qualified[n.Sel] = true
			case *ast.Ident:
				obj := r.ch.Info.Uses[n]
				if obj == nil || obj.Pkg() == nil || qualified[n] || r.ch.Uses[n] != nil {
					return true
				}
				if _, name := obj.(*types.PkgName); !name && obj.Parent() == obj.Pkg().Scope() && obj.Pkg() != r.ch.Pkg {
					r.refuse(n, "%s of a dot import", n.Name)
				}
			}
			return true
		})
	}
}
