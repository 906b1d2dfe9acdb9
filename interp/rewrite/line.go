package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"

	"interleave/interp/child"
)

// Where a panic comes from is known of the statements of a cell: each tells its line
// before it runs. Functions do not: that would take as long again as to call them.

// A loop is a statement of the cell with a condition that is evaluated again after the
// body, by when the line is another one.
type loop struct {
	label string
	pos   token.Pos
}

// noteLine tells the evaluator the line of a position.
func (r *rewriter) noteLine(p token.Pos) string {
	return fmt.Sprintf("*ꞋꞋline = %d", r.ch.Cell.Position(p).Line)
}

// lineNote is what stands before k, which is directly below n: "" where k is no
// statement of the cell in a block, or a clause.
func (r *rewriter) lineNote(n ast.Node, k ast.Node) string {
	s, ok := k.(ast.Stmt)
	if !ok || r.in.sig != nil {
		return ""
	}
	switch n := n.(type) {
	case nil, *ast.BlockStmt, *ast.CaseClause:
	case *ast.CommClause:
		if n.Comm == s {
			return ""
		}
	default:
		return ""
	}
	switch s := s.(type) {
	case *ast.CaseClause, *ast.CommClause, *ast.EmptyStmt:
		return ""
	case *ast.BranchStmt:
		if s.Tok != token.CONTINUE {
			return ""
		}
		i := slices.IndexFunc(r.loops, func(l loop) bool { return s.Label == nil || l.label == s.Label.Name })
		if i < 0 {
			return ""
		}
		return r.noteLine(r.loops[i].pos) + "; "
	}
	return r.noteLine(s.Pos()) + "; "
}

// enterLoop notes a loop of the cell, innermost first. It gives what its body ends with
// where what is evaluated next may panic, and what is to be called behind the body.
func (r *rewriter) enterLoop(f *ast.ForStmt) (last string, leave func()) {
	label := r.label
	r.label = ""
	if r.in.sig != nil || (f.Cond == nil || !mayPanic(f.Cond)) && (f.Post == nil || !mayPanic(f.Post)) {
		return "", func() {}
	}
	outer := r.loops
	r.loops = append([]loop{{label, f.Pos()}}, outer...)
	return r.noteLine(f.Pos()), func() { r.loops = outer }
}

// mayPanic tells whether n has more in it than names and values.
func mayPanic(n ast.Node) bool {
	found := false
	for n := range ast.Preorder(n) {
		switch n := n.(type) {
		case *ast.CallExpr, *ast.IndexExpr, *ast.SliceExpr, *ast.StarExpr, *ast.SelectorExpr, *ast.TypeAssertExpr:
			found = true
		case *ast.BinaryExpr:
			found = found || n.Op == token.QUO || n.Op == token.REM
		}
	}
	return found
}

// spans are the functions of the cell that have several lines, outer ones first.
func (r *rewriter) spans() (out []child.Span) {
	for _, item := range r.ch.Cell.Items {
		ast.Inspect(item.Node, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.FuncDecl, *ast.FuncLit:
				from, to := r.ch.Cell.Position(n.Pos()), r.ch.Cell.Position(n.End())
				if from.Line < to.Line {
					out = append(out, child.Span{From: from.Line, To: to.Line})
				}
			}
			return true
		})
	}
	return out
}
