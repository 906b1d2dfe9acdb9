package check

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
	"unicode/utf8"

	"interleave/interp/cell"
)

// A Match is one way to complete.
type Match struct {
	Text   string
	Type   string // "function", "variable", "type", "const", "module", "keyword", "field", "method" or "magic"
	Detail string // type or signature, or ""
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
	offset = clamp(code, offset)
	start := identStart(code, offset)
	out := Completion{Start: start, End: offset}
	blanked, inMagic := withoutMagics(code[:offset])
	if inMagic {
		line := code[strings.LastIndexByte(code[:offset], '\n')+1 : offset]
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
	case at.inString || at.inComment:
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
	for _, name := range s.options.Magics {
		out = append(out, Match{Text: name, Type: "magic"})
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
		if fields := u.literalFields(parent, id); fields != nil {
			return append(fields, without(u.visible(id.Pos(), inFuncDecl(path), prefix), fields)...)
		}
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

// literalFields gives the fields that a struct literal can set.
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
	var out []Match
	for f := range s.Fields() {
		if reachable(f) {
			out = append(out, describe(f))
		}
	}
	return out
}
