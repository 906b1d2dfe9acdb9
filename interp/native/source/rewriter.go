package source

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"interleave/interp/check"
	"interleave/interp/child"
)

// A rewriter writes the unit of one cell.
type rewriter struct {
	s       *Session
	ch      *check.Checked // whose text is being written: that of u, or of an earlier cell
	own     *check.Checked // the cell of u
	u       *Unit
	refusal *Refusal

	aliases  map[string]string // import path -> name of the package in the unit
	taken    map[string]bool   // those names
	vars     map[string]string // key -> name of the pointer
	pointers []string          // their declarations
	embeds   []string          // declarations of variables that the compiler fills with files
	local    map[string]string // name -> declaration of a local alias of a type or constant
	anonOut  []anon            // unnamed struct types that this unit exports
	shadow   map[string]bool   // names that the cell declares somewhere
	bodies   map[*ast.StructType]bool
	slots    map[string]bool               // keys that the declaration being written uses
	used     map[types.Object]bool         // generic functions that it uses
	fn       *ast.FuncDecl                 // the declaration being written
	item     int                           // index of the item being written, -1 in declarations
	stop     bool                          // the function being written needs the stop flag at hand
	loops    map[*ast.BlockStmt]bool       // bodies that look at the stop flag
	again    map[types.Object]types.Object // generic functions that this unit replaces, and by what
	fnName   string                        // what fn is called in the unit
	cCalls   map[ast.Expr]bool             // what the cell calls
	deferred map[*ast.CallExpr]bool        // calls of defer statements
	calls    int                           // of accessors and the like that have been written
}

// noCell stands for the cell's number until the text is complete; no source has it.
const noCell = "\x00"

func newRewriter(s *Session, ch *check.Checked) *rewriter {
	base := "c" + strconv.Itoa(ch.Cell.N)
	path := s.Prefix + base
	if n := s.paths[base]; n > 0 {
		path += "x" + strconv.Itoa(n+1)
	}
	r := &rewriter{
		s: s, ch: ch, own: ch,
		u: &Unit{
			Path: path, Files: map[string]string{}, Needs: map[string][]string{}, Result: ch.Result != nil,
			homes: map[types.Object]home{}, fields: map[*types.Var]owner{}, generics: map[string]*function{}, keys: map[string]string{},
			users: map[string]*function{}, inferred: map[string]home{}, instances: map[string]*types.Named{},
		},
		aliases: map[string]string{}, taken: map[string]bool{}, vars: map[string]string{},
		local: map[string]string{}, shadow: map[string]bool{}, bodies: map[*ast.StructType]bool{},
		loops: map[*ast.BlockStmt]bool{}, deferred: map[*ast.CallExpr]bool{}, again: map[types.Object]types.Object{}, item: -1,
	}
	r.noteShadows()
	return r
}

// noteShadows notes the names that the cell being written declares somewhere.
func (r *rewriter) noteShadows() {
	for id := range r.ch.Info.Defs {
		r.shadow[id.Name] = true
	}
	for id, b := range r.ch.Uses {
		if b.Kind != check.Var {
			r.shadow[id.Name] = true
		}
	}
}

// refuse notes the first construct that cannot be compiled.
func (r *rewriter) refuse(n ast.Node, format string, args ...any) string {
	if r.refusal == nil {
		p := r.ch.Cell.Position(n.Pos())
		r.refusal = &Refusal{Where: fmt.Sprintf("cell %d:%d", p.Cell, p.Line), What: fmt.Sprintf(format, args...)}
	}
	return ""
}

// cellName is how positions name a cell: the one being written, or the one that a
// declaration in it is from.
func (r *rewriter) cellName(n int) string {
	if r.ch == r.own && n == r.own.Cell.N {
		return "cell " + noCell
	}
	return "cell " + strconv.Itoa(n)
}

// where is a Go string: "cell 2:4".
func (r *rewriter) where(n ast.Node) string {
	at := r.ch.Cell.Position(n.Pos())
	return fmt.Sprintf(`"%s:%d"`, r.cellName(at.Cell), at.Line)
}

// what names the operand of a wait, cut to a readable length, as a Go string.
func (r *rewriter) what(verb string, e ast.Node) string {
	text := []rune(strings.Join(strings.Fields(r.ch.Cell.Text(e)), " "))
	if len(text) > 40 {
		text = append(text[:37], '.', '.', '.')
	}
	return strconv.Quote(verb + string(text))
}

// line is a directive that gives what follows the position of p.
func (r *rewriter) line(p token.Pos) string {
	at := r.ch.Cell.Position(p)
	return fmt.Sprintf("\n//line %s:%d:%d\n", r.cellName(at.Cell), at.Line, at.Col)
}

// at is a comment that gives what follows it the position of p.
func (r *rewriter) at(p token.Pos) string {
	at := r.ch.Cell.Position(p)
	return fmt.Sprintf("/*line %s:%d:%d*/", r.cellName(at.Cell), at.Line, at.Col)
}

// text writes n: its own bytes, with what must change in them replaced.
func (r *rewriter) text(n ast.Node) string {
	s, ok := r.special(n)
	if !ok {
		return r.plain(n)
	}
	if strings.Count(s, "\n") != strings.Count(r.ch.Cell.Text(n), "\n") {
		s += r.at(n.End())
	}
	return s
}

// plain writes n's own bytes around its rewritten children.
func (r *rewriter) plain(n ast.Node) string { return r.between(n, n.Pos(), n.End()) }

// between writes the bytes from pos to end, the children of n rewritten.
func (r *rewriter) between(n ast.Node, pos, end token.Pos) string {
	var b strings.Builder
	for _, k := range children(n) {
		if k.Pos() < pos || k.End() > end {
			continue
		}
		b.WriteString(r.gap(pos, k.Pos()))
		b.WriteString(r.text(k))
		pos = k.End()
	}
	b.WriteString(r.gap(pos, end))
	return b.String()
}

// gap is the source between two positions.
func (r *rewriter) gap(from, to token.Pos) string {
	return r.ch.Cell.Code[r.ch.Cell.Offset(from):max(r.ch.Cell.Offset(from), r.ch.Cell.Offset(to))]
}

// children are the nodes directly below n, in source order.
func children(n ast.Node) []ast.Node {
	var out []ast.Node
	ast.Inspect(n, func(m ast.Node) bool {
		if m == nil || m == n {
			return m != nil
		}
		if _, comment := m.(*ast.CommentGroup); !comment {
			out = append(out, m)
		}
		return false
	})
	slices.SortStableFunc(out, func(a, b ast.Node) int { return int(a.Pos() - b.Pos()) })
	return out
}

// special writes the nodes that change.
func (r *rewriter) special(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.Ident:
		return r.ident(n)
	case *ast.SelectorExpr:
		return r.selector(n)
	case *ast.CompositeLit:
		return r.composite(n)
	case *ast.UnaryExpr:
		return r.unary(n)
	case *ast.CallExpr:
		return r.call(n)
	case *ast.StructType:
		return r.structType(n)
	case *ast.FuncLit:
		return r.text(n.Type) + r.gap(n.Type.End(), n.Body.Pos()) + r.funcBody(n.Body), true
	case ast.Stmt:
		return r.stmt(n)
	}
	return "", false
}

// alias is the name of package path in the unit.
func (r *rewriter) alias(path string) string {
	if name, ok := r.aliases[path]; ok {
		return name
	}
	name := path
	switch {
	case path == "unsafe" && r.own.C != nil: // cgo knows it by this name
		r.aliases[path], r.taken[path] = path, true
		return path
	case strings.HasPrefix(path, r.s.Prefix):
		name = strings.TrimPrefix(path, r.s.Prefix)
	case strings.HasPrefix(path, Runtime):
		name = strings.TrimPrefix(path, "interleave/cells/")
	}
	name = Mark + Mark + strings.Map(func(c rune) rune {
		if c == '/' || c == '.' || c == '-' || c == '~' {
			return '_'
		}
		return c
	}, name)
	for r.taken[name] {
		name += "_"
	}
	r.aliases[path], r.taken[name] = name, true
	return name
}

// rt is how the unit names what the runtime unit below path exports.
func (r *rewriter) rt(below, name string) string {
	path := Runtime
	if below != "" {
		path += "/" + below
	}
	return r.alias(path) + "." + name
}

// pointer is the name of the pointer to the storage of b.
func (r *rewriter) pointer(n ast.Node, b *check.Binding) string {
	if r.slots != nil {
		r.slots[b.Key] = true
	}
	if name, ok := r.vars[b.Key]; ok {
		return name
	}
	name := Mark + strings.ReplaceAll(b.Key, ".", Mark)
	r.vars[b.Key] = name
	r.u.Vars = append(r.u.Vars, child.Var{Key: b.Key, Name: name})
	r.pointerType(n, b)
	return name
}
