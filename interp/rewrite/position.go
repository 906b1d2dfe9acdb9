package rewrite

import (
	"go/ast"
	"go/token"
	"strconv"
	"strings"
)

// gap is the source between two positions.
func (r *rewriter) gap(from, to token.Pos) string {
	return r.ch.Cell.Code[r.ch.Cell.Offset(from):r.ch.Cell.Offset(to)]
}

// frame is the position of n and its function, as a traceback shows them.
func (r *rewriter) frame(n ast.Node) string {
	if r.fn == nil {
		return quote(r.where(n))
	}
	return quote(r.where(n) + ": main." + r.fn.Name.Name)
}

// quote is a Go string of s.
func quote(s string) string { return strconv.Quote(s) }

// what names the operand of a wait, cut to a readable length.
func (r *rewriter) what(verb string, e ast.Expr) string {
	text := strings.Join(strings.Fields(r.ch.Cell.Text(e)), " ")
	if len(text) > 40 {
		text = text[:37] + "..."
	}
	return quote(verb + text)
}
