package program

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	gopath "path"
	"slices"
	"strconv"
	"strings"

	"interleave/interp/check"
	"interleave/interp/exports"
)

// A file is what the program has of one cell.
type file struct {
	imports map[string]string // path -> local name, of this file
	paths   map[string]bool
	dots    map[string]bool
	blank   map[string]bool
	c       *check.C // whose comment it has; nil for none
	decls   strings.Builder
	body    strings.Builder // statements
	inInit  bool            // they are func init, not func main
	entry   string          // they are this function, where it has a name
}

func (b *builder) file(name string) *file {
	f := b.files[name]
	if f == nil {
		f = &file{imports: map[string]string{}, paths: map[string]bool{}, dots: map[string]bool{}, blank: map[string]bool{}}
		b.files[name] = f
	}
	return f
}

// A writer writes one node of a cell.
type writer struct {
	b     *builder
	f     *file
	ch    *check.Checked
	edits []edit
}

// An edit replaces a stretch of the source.
type edit struct {
	from, to int
	text     string
}

// writer writes a node that lies in a cell. The names of files sort as the cells do,
// since package variables without other needs start in that order. What uses C goes where its C is.
func (b *builder) writer(ch *check.Checked, n ast.Node) *writer {
	name, withC := fmt.Sprintf("cell%06d.go", ch.Cell.N), ch.C != nil && usesC(n)
	if ch == b.ch {
		name, withC = b.home, ch.C != nil
	} else if withC {
		name = b.homeOfC(ch)
	}
	w := &writer{b: b, f: b.file(name), ch: ch}
	if withC && w.f.c == nil {
		w.f.c = ch.C
	}
	w.names(n)
	if !b.plain {
		w.starts(n)
	}
	if b.raced {
		w.yields(n)
	}
	return w
}

// homeOfC is the file of what uses the C of one comment, or of comments that say the
// same, as that of a cell that ran again does: the program has it once then.
func (b *builder) homeOfC(ch *check.Checked) string {
	text := withoutLines(ch.C.Preamble)
	if b.homes[text] == "" {
		b.homes[text] = fmt.Sprintf("cell%06dc.go", ch.C.Cell)
	}
	return b.homes[text]
}

// withoutLines is a preamble without the directives that tell where its lines are.
func withoutLines(preamble string) string {
	var b strings.Builder
	for line := range strings.Lines(preamble) {
		if !strings.HasPrefix(line, "#line ") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// usesC tells whether C.name is mentioned, or exported to C.
func usesC(n ast.Node) bool {
	fn, ok := n.(*ast.FuncDecl)
	found := ok && check.IsExportedToC(fn)
	ast.Inspect(n, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			id, ok := sel.X.(*ast.Ident)
			found = found || ok && id.Name == "C"
		}
		return !found
	})
	return found
}

// names notes the packages that a node mentions.
func (w *writer) names(n ast.Node) {
	qualified := map[*ast.Ident]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			qualified[n.Sel] = true
		case *ast.Ident:
			switch obj := w.ch.Info.Uses[n].(type) {
			case *types.PkgName:
				if path := pathOf(obj.Imported()); path != "C" {
					w.f.imports[path] = n.Name
					w.replaceLater(n, path)
				}
			case nil:
			default:
				pkg := obj.Pkg()
				if pkg != nil && pkg.Path() != "main" && !qualified[n] && obj.Parent() == pkg.Scope() && slices.Contains(w.ch.DotImports, pathOf(pkg)) {
					w.f.dots[pathOf(pkg)] = true
				}
			}
		}
		return true
	})
	for _, is := range w.ch.Cell.Imports {
		if path, err := strconv.Unquote(is.Path.Value); err == nil && is.Name != nil && is.Name.Name == "_" {
			w.f.blank[path] = true
		}
	}
}

// pathOf is the path by which a program imports a package.
func pathOf(pkg *types.Package) string { return exports.Plain(pkg.Path()) }

// packageMark stands around the path of a package until the names of packages are
// chosen; no source has it.
const packageMark = "\x00"

func (w *writer) replaceLater(id *ast.Ident, path string) {
	w.replace(id.Pos(), id.End(), packageMark+path+packageMark)
}

func (w *writer) replace(from, to token.Pos, text string) {
	w.edits = append(w.edits, edit{w.ch.Cell.Offset(from), w.ch.Cell.Offset(to), text})
}

// source is the source between two positions, with the edits made.
func (w *writer) source(from, to token.Pos) string {
	slices.SortStableFunc(w.edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	at, end := w.ch.Cell.Offset(from), w.ch.Cell.Offset(to)
	var b strings.Builder
	for _, e := range w.edits {
		if e.from < at || e.to > end {
			continue
		}
		b.WriteString(w.ch.Cell.Src[at:e.from] + e.text)
		at = e.to
	}
	b.WriteString(w.ch.Cell.Src[at:end])
	return b.String()
}

// line is a directive that gives what follows, after skipped bytes, the position p.
func (w *writer) line(p token.Pos, skipped int) string {
	if w.b.plain {
		return ""
	}
	at := w.ch.Cell.Position(p)
	return fmt.Sprintf("//line cell %d:%d:%d\n", at.Cell, at.Line, max(1, at.Col-skipped))
}

// declare writes a declaration behind a keyword.
func (w *writer) declare(keyword string, n ast.Node) {
	w.f.decls.WriteString(w.line(n.Pos(), len(keyword)) + keyword + w.source(n.Pos(), n.End()) + "\n")
}

// function writes a function, with the directives above it.
func (w *writer) function(d *ast.FuncDecl) {
	if d.Doc != nil {
		for _, c := range d.Doc.List {
			if w.b.plain || strings.HasPrefix(c.Text, "//go:") || strings.HasPrefix(c.Text, "//export ") {
				w.f.decls.WriteString(c.Text + "\n")
			}
		}
	}
	w.declare("", d)
}

// stale writes _ for names that a later cell declared anew.
func (w *writer) stale(n ast.Node, b *builder) {
	is := func(id *ast.Ident) {
		bind := w.ch.Uses[id]
		if bind == nil {
			return
		}
		if now := b.latest(id.Name); now == nil || now.Node != bind.Node {
			w.replace(id.Pos(), id.End(), "_")
		} else {
			b.names[id.Name] = true
		}
	}
	switch n := n.(type) {
	case *ast.GenDecl:
		for _, s := range n.Specs {
			for _, id := range s.(*ast.ValueSpec).Names {
				is(id)
			}
		}
	case *ast.ValueSpec:
		for _, id := range n.Names {
			is(id)
		}
	case *ast.AssignStmt:
		for _, id := range identsOf(n.Lhs) {
			is(id)
		}
	}
}

// text is the file.
func (f *file) text(b *builder) string {
	decls, body := f.decls.String(), f.body.String()
	var out strings.Builder
	out.WriteString("package main\n\n")
	if f.c != nil {
		out.WriteString("//" + strings.ReplaceAll(strings.TrimSuffix(f.c.Preamble, "\n"), "\n", "\n//") + "\nimport \"C\"\n")
	}
	used := map[string]bool{}
	for _, path := range slices.Sorted(maps.Keys(f.imports)) {
		name := f.imports[path]
		for used[name] || b.names[name] { // a cell that does not import it may have declared the name
			name += "Ꞌ"
		}
		used[name] = true
		mark := packageMark + path + packageMark
		decls, body = strings.ReplaceAll(decls, mark, name), strings.ReplaceAll(body, mark, name)
		if b.plain && name == gopath.Base(path) {
			name = ""
		}
		fmt.Fprintf(&out, "import %s %q\n", name, path)
		f.paths[path] = true
	}
	for path := range f.dots {
		fmt.Fprintf(&out, "import . %q\n", path)
		f.paths[path] = true
	}
	for path := range f.blank {
		if f.imports[path] != "" {
			continue
		}
		fmt.Fprintf(&out, "import _ %q\n", path)
		f.paths[path] = true
	}
	out.WriteString("\n" + decls)
	if name := "main"; body != "" || f.inInit {
		switch {
		case f.inInit:
			name = "init"
		case f.entry != "":
			name = f.entry
		}
		begin, end := "//line interleave:1\n", "//line interleave:2\n"
		if b.plain {
			begin, end = "\n", ""
		}
		out.WriteString(begin + "func " + name + "() {\n" + body + end + "}\n")
	}
	return out.String()
}
