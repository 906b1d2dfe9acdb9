package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"interleave/interp/cell"
)

// A Match is one way to complete.
type Match struct {
	Text   string
	Type   string // "function", "variable", "type", "const", "module", "keyword", "field", "method", "label" or "magic"
	Detail string // type, signature or help, or ""
}

// A Completion has the matches for Start:End, byte offsets, of the code.
type Completion struct {
	Matches    []Match
	Start, End int
}

// mark ends the identifier that stands at the cursor while it is looked up.
const mark = "Ꞌ"

// Complete gives what can stand at a byte offset of code, which need not parse.
// Offsets outside of code are moved to its ends.
func (s *Session) Complete(code string, offset int) Completion {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.complete(code, offset)
}

func (s *Session) complete(code string, offset int) Completion {
	offset = clamp(code, offset)
	start := identStart(code, offset)
	out := Completion{Start: start, End: offset}
	blanked, inMagic := withoutMagics(code[:offset])
	if inMagic {
		at := strings.LastIndexByte(code[:offset], '\n') + 1
		line := code[at:offset]
		if asked := strings.TrimLeft(line, "?"); asked != line { // ?NAME
			found := s.complete(asked, len(asked))
			found.Start, found.End = found.Start+offset-len(asked), offset
			return found
		}
		if name := strings.TrimLeft(line, "%"); strings.HasPrefix(line, "%") && identStart(name, len(name)) == 0 {
			out.Matches = pick(name, s.magics())
		}
		return out
	}
	at := look(blanked)
	switch {
	case at.inString && at.inImport():
		out.Start = at.stringAt + 1
		out.Matches = pick(code[out.Start:offset], s.paths())
		return out
	case at.inString || at.inComment || afterNumber(code, start):
		return out
	}
	prefix := code[start:offset]
	u := s.checkFirst(start, attempts(code, blanked+mark, identEnd(code, offset))...)
	if u == nil {
		return out
	}
	defer u.restore()
	out.Matches = pick(prefix, u.candidates(start, prefix))
	return out
}

// afterNumber tells whether what ends before an offset is "3.": a number goes on there.
func afterNumber(code string, at int) bool {
	if at == 0 || code[at-1] != '.' {
		return false
	}
	r, _ := utf8.DecodeRuneInString(code[identStart(code, at-1):])
	return unicode.IsDigit(r)
}

// attempts gives what to parse in place of code: with all that follows the cursor
// from an offset on; without, made whole; and only the line of the cursor, when
// what comes before it is broken. before is what comes before, magics blanked.
func attempts(code, before string, rest int) []string {
	line := lastLine(before)
	at, atLine := look(before), look(line)
	return []string{before + code[rest:], before + at.closers(), line + atLine.closers()}
}

// clamp moves an offset into code, to the start of a rune.
func clamp(code string, offset int) int {
	offset = min(max(offset, 0), len(code))
	for offset > 0 && offset < len(code) && !utf8.RuneStart(code[offset]) {
		offset--
	}
	return offset
}

// withoutMagics blanks magics, and tells whether the code ends in one.
func withoutMagics(code string) (string, bool) {
	c, _ := cell.Parse(-1, code)
	if n := len(c.Magics); n > 0 {
		last := c.Magics[n-1]
		return c.Code, last.Cell || last.Line == 1+strings.Count(code, "\n")
	}
	return c.Code, false
}

// pick keeps the matches that begin with prefix, those in the same case first.
func pick(prefix string, all []Match) []Match {
	var same, folded []Match
	for _, m := range all {
		switch {
		case strings.HasPrefix(m.Text, prefix):
			same = append(same, m)
		case begins(m.Text, prefix):
			folded = append(folded, m)
		}
	}
	return append(same, folded...)
}

func (s *Session) magics() []Match {
	var out []Match
	for _, name := range slices.Sorted(maps.Keys(s.options.Magics)) {
		out = append(out, Match{Text: name, Type: "magic", Detail: s.options.Magics[name]})
	}
	return out
}

// paths gives what can be imported.
func (s *Session) paths() []Match {
	var paths []string
	for path := range s.options.Sources {
		paths = append(paths, path)
	}
	if s.importer.load() == nil {
		paths = append(paths, s.importer.table.Paths()...)
		paths = append(paths, "unsafe")
	}
	paths = slices.DeleteFunc(paths, internal)
	for _, path := range s.options.Modules.ImportPaths() {
		if !internal(path) || s.options.Modules.Allowed(path) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	var out []Match
	for _, path := range slices.Compact(paths) {
		out = append(out, Match{Text: path, Type: "module"})
	}
	return out
}

// candidates gives what can stand in the place of the identifier at an offset.
// Names of the session come only as far as they begin with prefix.
func (u *unit) candidates(offset int, prefix string) []Match {
	path, id := identAt(u.c, offset)
	if id == nil || len(path) == 0 {
		return u.visible(u.c.Pos(offset), false, prefix)
	}
	switch parent := path[len(path)-1].(type) {
	case *ast.SelectorExpr:
		if parent.Sel == id {
			return u.members(parent.X)
		}
	case *ast.CompositeLit:
		if fields := u.literalFields(parent, id); fields != nil && keyed(parent) {
			return fields
		} else if fields != nil {
			return append(fields, without(u.visible(id.Pos(), inFuncDecl(path), prefix), fields)...)
		}
	case *ast.BranchStmt:
		return labels(path, parent.Tok)
	case *ast.KeyValueExpr:
		if lit, ok := path[max(0, len(path)-2)].(*ast.CompositeLit); ok && parent.Key == id {
			if fields := u.literalFields(lit, id); fields != nil {
				return fields
			}
		}
	}
	return u.visible(id.Pos(), inFuncDecl(path), prefix)
}

// without leaves out of all what has the name of one in hidden.
func without(all, hidden []Match) []Match {
	return slices.DeleteFunc(all, func(m Match) bool {
		return slices.ContainsFunc(hidden, func(h Match) bool { return h.Text == m.Text })
	})
}

func inFuncDecl(path []ast.Node) bool {
	_, ok := path[0].(*ast.FuncDecl)
	return ok
}

// labels gives those that a statement can name: of a break or a continue, of the
// statements around it; of a goto, of its function or its top-level statement.
func labels(path []ast.Node, tok token.Token) (out []Match) {
	add := func(n ast.Node) {
		if l, ok := n.(*ast.LabeledStmt); ok {
			out = append(out, Match{Text: l.Label.Name, Type: "label"})
		}
	}
	if tok != token.GOTO {
		for _, n := range slices.Backward(path) {
			if _, ok := n.(*ast.FuncLit); ok {
				break
			}
			add(n)
		}
		return out
	}
	root := path[0]
	for _, n := range path {
		if _, ok := n.(*ast.FuncLit); ok {
			root = n
		}
	}
	for n := range ast.Preorder(root) {
		add(n)
	}
	return out
}

// keyed tells whether a literal names its fields.
func keyed(lit *ast.CompositeLit) bool {
	return slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool { _, ok := e.(*ast.KeyValueExpr); return ok })
}

// literalFields gives the fields that a struct literal can set, and has not where id is.
func (u *unit) literalFields(lit *ast.CompositeLit, id *ast.Ident) []Match {
	t := u.info.TypeOf(lit)
	if t == nil || lit.Type == id {
		return nil
	}
	t = t.Underlying()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem().Underlying()
	}
	s, ok := t.(*types.Struct)
	if !ok {
		return nil
	}
	set := map[string]bool{}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok && kv.Key != id {
			if key, ok := kv.Key.(*ast.Ident); ok {
				set[key.Name] = true
			}
		}
	}
	out := []Match{}
	for f := range s.Fields() {
		if reachable(f) && !set[f.Name()] {
			out = append(out, describe(f))
		}
	}
	return out
}
