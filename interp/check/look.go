package check

import (
	"go/ast"
	"go/types"
	"strings"

	"interleave/interp/cell"
)

// checkFirst checks the first of several texts that parses, or else the first in which
// an identifier at a byte offset survives the parser. It returns nil when even
// go/types gives up. The caller calls restore.
func (s *Session) checkFirst(offset int, texts ...string) (u *unit) {
	defer func() {
		if recover() != nil {
			u = nil // there is nothing to tell then
		}
	}()
	var best *cell.Cell
	for _, text := range texts {
		c, err := cell.Parse(-1, text)
		if err == nil {
			best = c
			break
		}
		if _, id := identAt(c, offset); id != nil && best == nil {
			best = c
		}
	}
	if best == nil {
		best, _ = cell.Parse(-1, texts[len(texts)-1])
	}
	r := s.redeclare(best)
	if r != nil {
		if e, err := r.extend(best); err == nil {
			best = e
		}
	}
	u = s.newUnit(best, r)
	u.scopes, u.ctypes = true, s.lastC
	u.run()
	return u
}

// lastLine blanks all lines of code but the last; bytes keep their offsets.
func lastLine(code string) string {
	i := strings.LastIndexByte(code, '\n') + 1
	return strings.Repeat(" ", i) + code[i:]
}

// identAt finds the identifier at a byte offset, with the nodes around it,
// innermost last.
func identAt(c *cell.Cell, offset int) (path []ast.Node, id *ast.Ident) {
	pos := c.Pos(offset)
	var stack []ast.Node
	for _, it := range c.Items {
		if it.Node.Pos() > pos || it.Node.End() < pos {
			continue
		}
		ast.Inspect(it.Node, func(n ast.Node) bool {
			if n == nil {
				stack = stack[:len(stack)-1]
				return true
			}
			if found, ok := n.(*ast.Ident); ok && found.NamePos == pos && found.Name != "" && id == nil {
				id, path = found, append([]ast.Node(nil), stack...)
			}
			stack = append(stack, n)
			return true
		})
	}
	return path, id
}

// object gives what an identifier means, or nil.
func (u *unit) object(id *ast.Ident) types.Object {
	if obj := u.info.Uses[id]; obj != nil {
		return obj
	}
	return u.info.Defs[id]
}
