package interp

import (
	"go/ast"
	"go/types"
	"slices"

	"interleave/interp/check"
	"interleave/interp/child"
)

// told adds to p what package demos has to know of the cell's functions: their
// source, and what function literals use that lies outside of them.
func told(c *check.Checked, p *child.Program) *child.Program {
	for _, b := range c.Declared {
		d, ok := b.Node.(*ast.FuncDecl)
		if !ok {
			continue
		}
		for i := range p.Funcs {
			if p.Funcs[i].Key == b.Key {
				p.Funcs[i].Text, p.Funcs[i].Imports = text(c, d)
			}
		}
	}
	for _, item := range c.Cell.Items {
		ast.Inspect(item.Node, func(n ast.Node) bool {
			if lit, ok := n.(*ast.FuncLit); ok {
				p.Literals = append(p.Literals, child.Literal{Line: c.Cell.Position(lit.Pos()).Line, Captures: captures(c, lit)})
			}
			return true
		})
	}
	return p
}

// text is the source of a function, with the constants of the session that it
// uses, and the imports.
func text(c *check.Checked, d *ast.FuncDecl) (string, map[string]string) {
	source, imports := c.Cell.Text(d), map[string]string{}
	seen := map[string]bool{}
	ast.Inspect(d, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		switch o := c.Info.Uses[id].(type) {
		case *types.PkgName:
			imports[id.Name] = o.Imported().Path()
		case *types.Const:
			if c.Uses[id] != nil && !seen[id.Name] {
				seen[id.Name] = true
				source += "\nconst " + id.Name + " = " + o.Val().ExactString()
			}
		}
		return true
	})
	return source, imports
}

// captures are the names of the variables outside of a literal that it uses.
func captures(c *check.Checked, lit *ast.FuncLit) []string {
	var names []string
	ast.Inspect(lit, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		b, v := c.Uses[id], c.Info.Uses[id]
		outer := b != nil && b.Kind == check.Var
		if local, ok := v.(*types.Var); ok && b == nil && !local.IsField() && local.Pkg() != nil && local.Pkg().Path() == "main" {
			outer = local.Pos() < lit.Pos() || local.Pos() > lit.End()
		}
		if outer && !slices.Contains(names, id.Name) {
			names = append(names, id.Name)
		}
		return true
	})
	return names
}
