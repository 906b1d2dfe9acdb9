package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
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
	u := s.look(start, attempts(code, blanked+mark, identEnd(code, offset))...)
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

// visible gives the names that can be used at a position: locals, those of the
// cell and the session, imports, Go's own, keywords.
func (u *unit) visible(pos token.Pos, inFunc bool, prefix string) []Match {
	v := visible{prefix: prefix, seen: map[string]bool{}}
	for scope := u.pkg.Scope().Innermost(pos); scope != nil && scope != u.pkg.Scope(); scope = scope.Parent() {
		for _, name := range scope.Names() {
			if obj := scope.Lookup(name); obj.Pos() < pos && obj.Parent() == scope {
				v.add(obj)
			}
		}
	}
	for _, d := range slices.Backward(u.decls) {
		if obj := u.info.Defs[d.id]; obj != nil && obj.Type() != nil && (inFunc || d.kind != Var || d.from <= pos) {
			v.addAs(d.name, obj)
		}
	}
	for _, name := range v.some(u.s.names) {
		v.add(u.s.names[name].Object)
	}
	for _, name := range slices.Sorted(maps.Keys(u.s.imports)) {
		v.match(Match{name, "module", u.s.imports[name]})
	}
	for _, name := range types.Universe.Names() {
		v.add(types.Universe.Lookup(name))
	}
	for tok := token.BREAK; tok <= token.VAR; tok++ {
		v.match(Match{Text: tok.String(), Type: "keyword"})
	}
	return v.list
}

// visible collects matches; the first of a name hides the others.
type visible struct {
	prefix string
	seen   map[string]bool
	list   []Match
}

// begins tells whether a name begins with a prefix, in whatever case.
func begins(name, prefix string) bool {
	return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}

// some gives the names that begin with the prefix, sorted.
func (v *visible) some(names map[string]*Binding) []string {
	var out []string
	for name := range names {
		if begins(name, v.prefix) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func (v *visible) match(m Match) {
	if !v.seen[m.Text] && m.Text != "_" && !strings.HasSuffix(m.Text, mark) && !strings.Contains(m.Text, dot) {
		v.seen[m.Text] = true
		v.list = append(v.list, m)
	}
}

func (v *visible) add(obj types.Object) { v.addAs(obj.Name(), obj) }

func (v *visible) addAs(name string, obj types.Object) {
	if v.seen[name] || !begins(name, v.prefix) {
		return
	}
	m := describe(obj)
	m.Text = name
	v.match(m)
}
