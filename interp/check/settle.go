package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// Settle drops what no later cell asks for of a cell that was committed and has ended:
// the statements that declare nothing, and what is known of them, most of what a session
// of many cells would keep. A later cell may mention, write or run again its declarations.
func (s *Session) Settle(ch *Checked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ch.mentioned != nil {
		return
	}
	ch.mentioned = ch.mentions()
	gone := statements(ch)
	keep := func(n ast.Node) bool { return !within(gone, n.Pos()) }
	ident := func(id *ast.Ident) bool { return keep(id) }
	ch.Uses = kept(ch.Uses, ident)
	old := ch.Info
	ch.Info = &types.Info{Defs: kept(old.Defs, ident), Uses: kept(old.Uses, ident), Instances: kept(old.Instances, ident)}
	if generic(ch.Info) {
		ch.Info.Types = kept(old.Types, func(e ast.Expr) bool { return keep(e) })
		ch.Info.Selections = kept(old.Selections, func(e *ast.SelectorExpr) bool { return keep(e) })
		ch.Info.Implicits = kept(old.Implicits, keep)
	}
	for i, it := range ch.Cell.Items {
		if within(gone, it.Node.Pos()) { // its place stays
			ch.Cell.Items[i].Node = &ast.BadStmt{From: it.Node.Pos(), To: it.Node.End()}
		}
	}
	ch.Result = nil
}

// generic tells whether what is known so has type parameters in it: only such functions,
// and those that use them, may be compiled once more, for which all is needed.
func generic(info *types.Info) bool {
	for _, obj := range info.Defs {
		if name, ok := obj.(*types.TypeName); ok {
			if _, param := name.Type().(*types.TypeParam); param {
				return true
			}
		}
	}
	return len(info.Instances) > 0
}

// A stretch is the places from pos up to end.
type stretch struct{ pos, end token.Pos }

// statements are the places of the statements that declare nothing, in their order.
func statements(ch *Checked) []stretch {
	declares := map[int]bool{}
	for _, b := range ch.Declared {
		if b.Decl == ch.Cell {
			declares[b.Item] = true
		}
	}
	var out []stretch
	for i, it := range ch.Cell.Items {
		if stmt, ok := it.Node.(ast.Stmt); ok && !declares[i] {
			out = append(out, stretch{stmt.Pos(), stmt.End()})
		}
	}
	slices.SortFunc(out, func(a, b stretch) int { return int(a.pos - b.pos) })
	return out
}

// within tells whether p lies in one of the stretches, which are in order.
func within(all []stretch, p token.Pos) bool {
	i, begins := slices.BinarySearchFunc(all, p, func(s stretch, p token.Pos) int { return int(s.pos - p) })
	return begins || i > 0 && p < all[i-1].end
}

// kept is a map of those keys of m that are to be kept. A map that lost keys would have
// the room for them still.
func kept[K comparable, V any](m map[K]V, keep func(K) bool) map[K]V {
	out := map[K]V{}
	for k, v := range m {
		if keep(k) {
			out[k] = v
		}
	}
	return out
}

// mentions are the meanings of the top-level names that the cell mentioned, without
// order.
func (ch *Checked) mentions() []*Binding {
	if ch.mentioned != nil {
		return ch.mentioned
	}
	seen := map[*Binding]bool{}
	out := []*Binding{}
	for _, b := range ch.Uses {
		if !seen[b] {
			seen[b] = true
			out = append(out, b)
		}
	}
	return out
}
