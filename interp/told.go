package interp

import (
	"go/ast"

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
				alone(c, d, &p.Funcs[i])
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
