package cell

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A Piece is a part of a cell's source.
type Piece struct {
	Cell     *Cell
	From, To int    // offsets in Cell.Src
	Before   string // what stands before it in the extended cell, such as "type "
}

// A part is where a piece lies in an extended cell.
type part struct {
	at    int // offset where it begins, what stands before it included
	piece Piece
}

// Extend gives c with declarations of earlier cells after its own items, in the
// order given, and with imports, path to name. The nodes of pieces have positions
// in the cells that they are from; Own tells how many items are c's. The error is
// an *Errors.
func (c *Cell) Extend(pieces []Piece, imports map[string]string) (*Cell, error) {
	var b strings.Builder
	b.WriteString(c.Src)
	parts := make([]part, 0, len(pieces))
	for _, p := range pieces {
		b.WriteString("\n")
		parts = append(parts, part{b.Len(), p})
		b.WriteString(p.Before)
		if p.Cell != nil {
			b.WriteString(p.Cell.Src[p.From:p.To])
		}
	}
	e, err := Parse(c.N, b.String())
	if err != nil {
		return nil, err
	}
	e.Own, e.parts = len(c.Items), parts
	for _, path := range slices.Sorted(maps.Keys(imports)) {
		e.Imports = append(e.Imports, &ast.ImportSpec{
			Name: &ast.Ident{NamePos: e.Pos(0), Name: imports[path]},
			Path: &ast.BasicLit{ValuePos: e.Pos(0), Kind: token.STRING, Value: strconv.Quote(path)},
		})
	}
	return e, nil
}

// origin gives where an offset of an extended cell is from.
func (c *Cell) origin(off int) (*Cell, int) {
	for i := len(c.parts) - 1; i >= 0; i-- {
		p := c.parts[i]
		switch {
		case off < p.at:
		case p.piece.Cell == nil:
			return c, off
		default:
			off = p.piece.From + max(0, off-p.at-len(p.piece.Before))
			return p.piece.Cell.origin(min(off, p.piece.To))
		}
	}
	return c, off
}
