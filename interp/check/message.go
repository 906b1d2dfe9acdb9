package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"strings"
	"unicode"

	"interleave/interp/cell"
	"interleave/interp/exports"
)

// diagnostics turns what go/types said into the errors of the cell: in Go's
// words, without what the session allows and without names of ours.
func (u *unit) diagnostics(ch *Checked) []cell.Diagnostic {
	list := u.refused
	cycle := false
	for _, e := range u.errs {
		if note, ok := strings.CutPrefix(e.Msg, "\t"); ok { // more about the error before
			if n := len(list); n > 0 && !cycle {
				at := u.place(e.Pos)
				list[n-1].Msg += fmt.Sprintf("\n\tcell %d:%d:%d: %s", at.Cell, at.Line, at.Col, u.plain(note))
			}
			continue
		}
		cycle = u.allowed(e)
		if cycle {
			continue
		}
		pos, msg := u.reword(e)
		list = append(list, u.c.Diagnostic(pos, u.plain(msg)))
	}
	if ch.Result != nil && len(list) == 0 {
		if kind, over := u.overflow(ch.Result); over {
			msg := fmt.Sprintf("cannot use %s (untyped constant) as %s value (overflows)", u.c.Text(ch.Result), types.Typ[kind])
			list = append(list, u.c.Diagnostic(ch.Result.Pos(), msg))
		}
	}
	return list
}

// place gives where a position of a message is, of this cell or an earlier one.
func (u *unit) place(p token.Pos) cell.Position {
	if u.c.Has(p) {
		return u.c.Position(p)
	}
	for _, b := range u.s.names {
		if b.Decl.Has(p) {
			return b.Decl.Position(p)
		}
	}
	return u.c.Position(u.c.Pos(0))
}

// allowed tells the errors that are none in a session.
func (u *unit) allowed(e types.Error) bool {
	switch {
	case strings.HasPrefix(e.Msg, "initialization cycle"): // statements run in the order of the source
		return !u.forward
	case isImplicit(e.Msg): // the cells are one package
		return true
	case strings.HasSuffix(e.Msg, " is not used"):
		return u.isResult(e.Pos)
	case strings.HasPrefix(e.Msg, "declared and not used: "):
		return u.isDefined(e.Pos)
	case unusedLabel.MatchString(e.Msg): // told where the goto is
		return u.isGotoTarget(unusedLabel.FindStringSubmatch(e.Msg)[1])
	}
	return false
}

var (
	unusedLabel  = regexp.MustCompile(`^label (\S+) declared and not used$`)
	unknownLabel = regexp.MustCompile(`^label (\S+) not declared$`)
)

// isGotoTarget tells a label of one statement of the cell that a goto in another
// one names: each statement is a function of its own.
func (u *unit) isGotoTarget(label string) bool {
	labelled, named := false, false
	for _, it := range u.c.Items {
		if l, ok := it.Node.(*ast.LabeledStmt); ok && l.Label.Name == label {
			labelled = true
		}
		ast.Inspect(it.Node, func(n ast.Node) bool {
			b, ok := n.(*ast.BranchStmt)
			named = named || ok && b.Tok == token.GOTO && b.Label != nil && b.Label.Name == label
			return !named
		})
	}
	return labelled && named
}

func isImplicit(msg string) bool {
	return strings.HasPrefix(msg, "implicit assignment to unexported field ")
}

// isDefined tells whether p is on the left of a := of the session.
func (u *unit) isDefined(p token.Pos) bool {
	i := u.c.ItemAt(p)
	if i < 0 {
		return false
	}
	n, ok := u.c.Items[i].Node.(*ast.AssignStmt)
	return ok && p < n.TokPos
}

// isResult tells whether p lies in the expression that the cell shows, and not
// in a statement inside of it.
func (u *unit) isResult(p token.Pos) bool {
	x := u.last()
	if x == nil || p < x.Pos() || p >= x.End() {
		return false
	}
	inside := false
	ast.Inspect(x, func(n ast.Node) bool {
		if fn, ok := n.(*ast.FuncLit); ok {
			inside = inside || fn.Body.Pos() <= p && p < fn.Body.End()
			return false
		}
		return true
	})
	return !inside
}

// reword puts an error as Go would for the statement that the user wrote.
func (u *unit) reword(e types.Error) (token.Pos, string) {
	pos, msg := e.Pos, e.Msg
	if i := u.c.ItemAt(pos); i >= 0 {
		if n, ok := u.c.Items[i].Node.(*ast.AssignStmt); ok {
			pos, msg = rewordDefine(n, pos, msg)
		}
	}
	switch {
	case strings.HasPrefix(msg, "undefined: "):
		name := u.plain(strings.TrimPrefix(msg, "undefined: "))
		if why := u.s.lost[name]; why != "" {
			msg += " (" + why + ")"
		} else if !strings.HasSuffix(msg, ")") { // Go has no suggestion itself
			msg += u.suggest(pos)
		}
	case multiple.MatchString(msg):
		if call := u.assigned(pos); call != nil {
			vals, _ := u.info.TypeOf(call).(*types.Tuple)
			if vals != nil {
				msg = fmt.Sprintf("assignment mismatch: 1 variable but %s returns %s", u.c.Text(call.Fun), count(vals.Len(), "value"))
			}
		}
	case noMember.MatchString(msg):
		msg = strings.TrimSuffix(msg, ")") + strings.Replace(u.suggest(pos), " (", "; ", 1)
		if !strings.HasSuffix(msg, ")") {
			msg += ")"
		}
	case strings.HasPrefix(msg, "could not import "):
		_, why, _ := strings.Cut(strings.TrimSuffix(msg, ")"), " (")
		msg = why
	case unknownLabel.MatchString(msg):
		if label := unknownLabel.FindStringSubmatch(msg)[1]; u.isGotoTarget(label) {
			msg = "goto " + label + " leaves its statement, which it cannot at the top level of a cell: put both into { } or a function"
		}
	}
	return pos, msg
}

// multiple is go/types' word for a call with several values where there is one, also where
// a package variable is to have it.
var multiple = regexp.MustCompile(`^multiple-value .* in single-value context$`)

// assigned gives the call at p that is all that a top-level variable is to have; nil for
// anything else.
func (u *unit) assigned(p token.Pos) *ast.CallExpr {
	i := u.c.ItemAt(p)
	if i < 0 {
		return nil
	}
	var values []ast.Expr
	switch n := u.c.Items[i].Node.(type) {
	case *ast.AssignStmt:
		values = n.Rhs
	case *ast.GenDecl:
		for _, s := range n.Specs {
			if v, ok := s.(*ast.ValueSpec); ok && v.Pos() <= p && p < v.End() {
				values = v.Values
			}
		}
	}
	if len(values) != 1 || values[0].Pos() != p {
		return nil
	}
	call, _ := ast.Unparen(values[0]).(*ast.CallExpr)
	return call
}

// rewordDefine words an error of a package variable as one of a :=.
func rewordDefine(n *ast.AssignStmt, pos token.Pos, msg string) (token.Pos, string) {
	if s, ok := strings.CutSuffix(msg, " in variable declaration"); ok {
		return pos, s + " in assignment"
	}
	if strings.HasPrefix(msg, "missing init expr for ") || strings.HasPrefix(msg, "extra init expr ") {
		return n.Lhs[0].Pos(), fmt.Sprintf("assignment mismatch: %s but %s", count(len(n.Lhs), "variable"), count(len(n.Rhs), "value"))
	}
	return pos, msg
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// noMember is go/types' word for a field or method that is not there, where it has no
// suggestion itself.
var noMember = regexp.MustCompile(`undefined \(type .* has no field or method [^ ,]+\)$`)

var qualified = regexp.MustCompile(`\bmain\.([\pL_])`)

// plain takes our own names out of a message: hidden ones, and the package that
// all cells are. Where a type was declared again, it says so.
func (u *unit) plain(msg string) string {
	for _, name := range u.odd {
		for _, d := range u.vars[name] {
			msg = strings.ReplaceAll(msg, d.hidden, name)
		}
	}
	msg = exports.Plain(msg)
	if strings.Contains(msg, "main.") {
		msg = qualified.ReplaceAllString(msg, "$1")
	}
	msg = inC(msg)
	if strings.HasPrefix(msg, "cannot use ") || strings.Contains(msg, "mismatched types ") {
		msg += u.retyped(msg)
	}
	return msg
}

// retyped gives a remark for a message about types of one name: that name was
// declared more than once, which makes different types.
func (u *unit) retyped(msg string) string {
	for _, word := range strings.FieldsFunc(msg, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if b := u.s.names[word]; b != nil && b.Kind == Type && u.hoisted[word] {
			return fmt.Sprintf(" (this cell declares %s again; values made before keep the type of cell %d)", word, b.Cell)
		}
		if cells := u.s.retyped[word]; len(cells) > 0 {
			return fmt.Sprintf(" (cell %d declared %s again; values made before keep the old type)", cells[len(cells)-1], word)
		}
	}
	return ""
}
