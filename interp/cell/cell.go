// Package cell reads the source of one notebook cell: it splits off magics,
// imports and function declarations, and parses what is left as statements.
// It knows nothing of types or of other cells.
package cell

import (
	"go/ast"
	"go/token"
	"sort"
)

// A Cell is one parsed cell. All positions in its nodes are positions in Src,
// whatever the way a node was parsed: see Offset and Position.
type Cell struct {
	N       int               // execution count; names the cell in positions
	Src     string            // as sent
	Code    string            // Src with magics and package clause blanked: same length, same lines
	Package string            // name in a package clause at the start, or ""
	Magics  []Magic           // in source order
	Fset    *token.FileSet    // holds one file, named "cell N"
	Imports []*ast.ImportSpec // in source order; Doc is the preamble of import "C"
	Items   []Item            // in source order, imports excluded
	Own     int               // how many of Items are the cell's own: all, but of an extended cell

	file  *token.File
	parts []part // of an extended cell
}

// A Magic is a line that is not Go: "%name args", "!command", "name?", or
// "%%name args", which takes the rest of the cell as its Body.
type Magic struct {
	Name string // without %; "!" for a shell command, "?" or "??" for a question
	Args string // trimmed
	Line int    // 1-based
	N    int    // execution count of its cell
	Src  string // of its cell
	Cell bool   // %%: Body is what follows the line
	Body string
}

// An Item is one piece of a cell at its top level: an *ast.FuncDecl, an
// *ast.GenDecl (const, type or var) or any ast.Stmt.
type Item struct{ Node ast.Node }

// A Position is a place in a cell. Line and Col count from 1, Col in bytes.
type Position struct{ Cell, Line, Col int }

// room is how many positions a cell has to itself. Cells with different N never
// share a position, so that messages about two cells cannot be mixed up, and
// none is shared with the fileset of an importer, which counts from 1.
const (
	room  = 1 << (22 + 14*(^uint(0)>>63))
	cells = 1 << (8 + 16*(^uint(0)>>63)) // from here on they begin again
)

// newFile makes the fileset of cell n and the file that holds src.
func newFile(n int, src string) (*token.FileSet, *token.File) {
	fset := token.NewFileSet()
	f := fset.AddFile(name(n), (1+n&(cells-1))*room, len(src))
	f.SetLinesForContent([]byte(src))
	return fset, f
}

// Offset gives the byte offset of p in c.Src, between 0 and len(c.Src).
func (c *Cell) Offset(p token.Pos) int {
	return min(max(int(p)-c.file.Base(), 0), len(c.Src))
}

// Pos gives the position of a byte offset in c.Src; the inverse of Offset.
func (c *Cell) Pos(offset int) token.Pos {
	return c.file.Pos(min(max(offset, 0), len(c.Src)))
}

// Has tells whether p is a position in this cell.
func (c *Cell) Has(p token.Pos) bool {
	return int(p) >= c.file.Base() && int(p) <= c.file.Base()+len(c.Src)
}

// Position gives the place of p in the cell.
func (c *Cell) Position(p token.Pos) Position {
	from, off := c.origin(c.Offset(p))
	at := from.file.PositionFor(from.Pos(off), false)
	return Position{from.N, at.Line, at.Column}
}

// Text gives the source of a node, as the user typed it.
func (c *Cell) Text(n ast.Node) string {
	from, to := c.Offset(n.Pos()), c.Offset(n.End())
	return c.Src[from:max(from, to)]
}

// ItemAt gives the index of the item that p lies in, or -1.
func (c *Cell) ItemAt(p token.Pos) int {
	i := sort.Search(len(c.Items), func(i int) bool { return c.Items[i].Node.End() > p })
	if i < len(c.Items) && c.Items[i].Node.Pos() <= p {
		return i
	}
	return -1
}
