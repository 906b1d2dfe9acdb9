package interp

import (
	"go/ast"
	"go/types"

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
				o := c.Outside(lit)
				p.Literals = append(p.Literals, child.Literal{Line: c.Cell.Position(lit.Pos()).Line, Captures: append(o.Variables, o.Locals...), Uses: o.Functions})
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
