//go:build !race

package interp

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/doc"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// An example is one of the standard library's that has an output.
type example struct {
	*doc.Example
	importPath, dir string   // of its package
	cells           []string // imports and declarations; the body
}

// name is that of its function after its package's.
func (ex *example) name() string { return ex.importPath + ".Example" + ex.Name }

// stdExamples reads the examples of all packages that a cell can import.
func stdExamples(t *testing.T) []*example {
	t.Helper()
	var all []*example
	root := filepath.Join(build.Default.GOROOT, "src")
	err := filepath.WalkDir(root, func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if name := d.Name(); slices.Contains([]string{"cmd", "vendor", "internal", "testdata"}, name) || strings.HasPrefix(name, "_") {
			return fs.SkipDir
		}
		pkg, err := build.ImportDir(dir, 0)
		if _, empty := errors.AsType[*build.NoGoError](err); empty {
			return nil
		} else if err != nil {
			return err
		}
		for _, names := range [][]string{pkg.TestGoFiles, pkg.XTestGoFiles} {
			of, err := examplesOf(dir, names)
			if err != nil {
				return err
			}
			for _, ex := range of {
				ex.importPath = importPath(dir)
				all = append(all, ex)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// examplesOf reads those of the files of a package that have an output.
func examplesOf(dir string, names []string) ([]*example, error) {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		f, err := parser.ParseFile(fset, filepath.Join(dir, name), nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	var all []*example
	for _, x := range doc.Examples(files...) {
		if x.Output == "" && !x.EmptyOutput {
			continue
		}
		ex := &example{Example: x, dir: dir}
		var err error
		if x.Play != nil {
			ex.cells, err = playCells(fset, x.Play)
		} else {
			ex.cells, err = neededCells(dir, fset, files, x)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: Example%s: %w", dir, x.Name, err)
		}
		all = append(all, ex)
	}
	return all, nil
}

// playCells makes cells of a program: all but main, and what main does.
func playCells(fset *token.FileSet, play *ast.File) ([]string, error) {
	var b bytes.Buffer
	if err := format.Node(&b, fset, play); err != nil {
		return nil, err
	}
	text := b.String()
	fset = token.NewFileSet()
	f, err := parser.ParseFile(fset, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	at := func(p token.Pos) int { return fset.Position(p).Offset }
	for _, d := range f.Decls {
		if fd, ok := d.(*ast.FuncDecl); ok && fd.Name.Name == "main" && fd.Recv == nil {
			head := text[at(f.Name.End()):at(fd.Pos())] + text[at(fd.End()):]
			return []string{strings.TrimSpace(head), strings.Trim(text[at(fd.Body.Lbrace)+1:at(fd.Body.Rbrace)], "\n")}, nil
		}
	}
	return nil, errors.New("a program without main")
}

// neededCells makes cells of an example that is no program: of the declarations of its
// package's tests those that it needs, with the imports that those need; and its body.
func neededCells(dir string, fset *token.FileSet, files []*ast.File, x *doc.Example) ([]string, error) {
	n := &needed{fset: fset, decls: map[string][]ast.Node{}, fileOf: map[ast.Node]*ast.File{}, done: map[ast.Node]bool{}}
	for _, f := range files {
		n.index(f)
		if !strings.HasSuffix(f.Name.Name, "_test") { // it is in the package
			n.head = []string{fmt.Sprintf("import . %q", importPath(dir))}
		}
	}
	own := n.decls["Example"+x.Name][0].(*ast.FuncDecl)
	n.done[own] = true
	n.need(n.fileOf[own], own.Body)
	body := n.source(own.Body)
	return []string{strings.Join(n.head, "\n"), strings.Trim(body[1:len(body)-1], "\n")}, n.err
}

// importPath is that of the package of the standard library in dir.
func importPath(dir string) string {
	rel, _ := filepath.Rel(filepath.Join(build.Default.GOROOT, "src"), dir)
	return filepath.ToSlash(rel)
}

// needed gathers declarations that others need.
type needed struct {
	fset   *token.FileSet
	decls  map[string][]ast.Node // by name; a type's with its methods
	fileOf map[ast.Node]*ast.File
	done   map[ast.Node]bool
	head   []string // the first cell
	err    error    // of reading a file
}

func (n *needed) index(f *ast.File) {
	for _, d := range f.Decls {
		n.fileOf[d] = f
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil {
				name = receiverName(d)
			}
			n.decls[name] = append(n.decls[name], d)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					n.decls[s.Name.Name] = append(n.decls[s.Name.Name], d)
				case *ast.ValueSpec:
					for _, id := range s.Names {
						n.decls[id.Name] = append(n.decls[id.Name], d)
					}
				}
			}
		}
	}
}

// need adds what a node of file f mentions.
func (n *needed) need(f *ast.File, node ast.Node) {
	ast.Inspect(node, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.SelectorExpr:
			n.need(f, m.X)
			return false
		case *ast.Ident:
			for _, d := range n.decls[m.Name] {
				n.add(d)
			}
			n.imported(f, m.Name)
		}
		return true
	})
}

func (n *needed) add(d ast.Node) {
	if !n.done[d] {
		n.done[d] = true
		n.need(n.fileOf[d], d)
		n.head = append(n.head, n.source(d))
	}
}

// imported adds the imports of file f that give name, or may.
func (n *needed) imported(f *ast.File, name string) {
	for _, is := range f.Imports {
		as := path.Base(strings.Trim(is.Path.Value, `"`))
		if is.Name != nil {
			as = is.Name.Name
		}
		if text := "import " + n.source(is); (as == name || as == ".") && !slices.Contains(n.head, text) {
			n.head = append(n.head, text)
		}
	}
}

// source is the text of a node in its file.
func (n *needed) source(node ast.Node) string {
	from, to := n.fset.Position(node.Pos()), n.fset.Position(node.End())
	b, err := os.ReadFile(from.Filename)
	if err != nil {
		n.err = err
		return ""
	}
	return string(b[from.Offset:to.Offset])
}
