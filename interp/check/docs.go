package check

import (
	"bytes"
	"go/ast"
	"go/build"
	"go/doc"
	"go/doc/comment"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"interleave/interp/exports"
)

// docs keeps the documentation of packages, read from their sources when first
// asked for. A package without sources has none: nil.
type docs map[string]*documented

// documented is a package's documentation, with the fileset of its nodes.
type documented struct {
	fset *token.FileSet
	*doc.Package
}

// document gives the doc comment of a name in a package, with recv of a method
// of that type, and without a name of the package itself. Of types, and of what
// go/types cannot write, it puts the source of the declaration in p.
func (s *Session) document(path, recv, name string, p *page) string {
	d := s.documentation(path)
	if d == nil {
		return ""
	}
	if name == "" {
		return d.Doc
	}
	text, decl, whole := d.find(recv, name)
	if whole && decl != nil {
		if source := d.source(decl); source != "" {
			p.declaration = source
		}
	}
	return text
}

// documentation is that of a package; nil where it has none.
func (s *Session) documentation(path string) *documented {
	if s.docs == nil {
		s.docs = docs{}
	}
	d, known := s.docs[path]
	if !known {
		d = readDocs(path, s.options.Modules.Folder(path), s.options.Sources[path])
		s.docs[path] = d
	}
	return d
}

// find looks a name up. whole tells that the declaration says more than the
// object does: that of a type, or of a function built in.
func (d *documented) find(recv, name string) (text string, decl ast.Decl, whole bool) {
	builtin := d.ImportPath == "builtin"
	for _, t := range d.Types {
		if recv != "" && t.Name != recv {
			continue
		}
		if recv == "" && t.Name == name {
			return t.Doc, t.Decl, true
		}
		for _, f := range slices.Concat(t.Methods, t.Funcs) {
			if f.Name == name && (recv != "") == (f.Recv != "") {
				return f.Doc, f.Decl, builtin
			}
		}
		if text, ok := findValue(slices.Concat(t.Consts, t.Vars), name); ok && recv == "" {
			return text, nil, false
		}
	}
	if recv != "" {
		return "", nil, false
	}
	for _, f := range d.Funcs {
		if f.Name == name {
			return f.Doc, f.Decl, builtin
		}
	}
	text, _ = findValue(slices.Concat(d.Consts, d.Vars), name)
	return text, nil, false
}

// findValue gives the comment of a constant or variable: its own, or that of its
// group.
func findValue(values []*doc.Value, name string) (string, bool) {
	for _, v := range values {
		if !slices.Contains(v.Names, name) {
			continue
		}
		for _, spec := range v.Decl.Specs {
			vs, ok := spec.(*ast.ValueSpec)
			if ok && vs.Doc != nil && slices.ContainsFunc(vs.Names, func(id *ast.Ident) bool { return id.Name == name }) {
				return vs.Doc.Text(), true
			}
		}
		return v.Doc, true
	}
	return "", false
}

// maxSource bounds the declaration that is shown, in bytes.
const maxSource = 4096

// source writes a declaration without its body; "" where it is very long.
func (d *documented) source(decl ast.Decl) string {
	var b bytes.Buffer
	if err := format.Node(&b, d.fset, decl); err != nil || b.Len() > maxSource {
		return ""
	}
	text := b.String()
	if fn, ok := decl.(*ast.FuncDecl); ok && fn.Doc != nil {
		text = text[strings.LastIndex(text, "\nfunc ")+1:]
	}
	if g, ok := decl.(*ast.GenDecl); ok && g.Doc != nil {
		text = text[max(0, strings.Index(text, "\n"+g.Tok.String()+" ")+1):]
	}
	return text
}

// readDocs reads the sources of a package: src, those in the folder dir, or the
// toolchain's.
func readDocs(name, dir string, src fs.FS) *documented {
	var files []string
	if src != nil {
		files, _ = fs.Glob(src, "*.go")
	} else {
		root := exports.GoRoot()
		switch {
		case dir == "" && root == "":
			return nil
		case dir == "":
			dir = filepath.Join(root, "src", filepath.FromSlash(name))
		}
		src = os.DirFS(dir)
		if pkg, err := build.Default.ImportDir(dir, 0); err == nil {
			files = slices.Concat(pkg.GoFiles, pkg.CgoFiles)
		}
	}
	d := &documented{fset: token.NewFileSet()}
	var parsed []*ast.File
	for _, f := range files {
		text, err := fs.ReadFile(src, f)
		if err != nil || strings.HasSuffix(f, "_test.go") {
			continue
		}
		if file, err := parser.ParseFile(d.fset, path.Join(name, f), text, parser.ParseComments|parser.SkipObjectResolution); err == nil {
			parsed = append(parsed, file)
		}
	}
	if len(parsed) == 0 {
		return nil
	}
	mode := doc.Mode(0)
	if name == "builtin" {
		mode = doc.AllDecls // its names are lower case
	}
	pkg, err := doc.NewFromFiles(d.fset, parsed, name, mode)
	if err != nil {
		return nil
	}
	d.Package = pkg
	return d
}

// asMarkdown writes the text of a doc comment as Markdown.
func asMarkdown(text string) string {
	var p comment.Parser
	printer := comment.Printer{HeadingLevel: 4, HeadingID: func(*comment.Heading) string { return "" }}
	return string(printer.Markdown(p.Parse(text)))
}
