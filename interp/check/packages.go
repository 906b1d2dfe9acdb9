package check

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"path"
	"runtime"
	"strconv"
	"strings"

	"interleave/interp/exports"
)

// packages imports what cells name: the standard library from export data, and
// a few packages from source. It keeps what it has read.
type packages struct {
	fset    *token.FileSet
	options Options
	table   *exports.Table
	gc      types.Importer
	source  map[string]*types.Package
}

func newPackages(o Options) *packages {
	return &packages{fset: token.NewFileSet(), options: o, source: map[string]*types.Package{}}
}

// sizes are those of the machine that cells run on: this one.
var sizes = types.SizesFor("gc", runtime.GOARCH)

// Import reads a package; the error is a sentence for the user.
func (p *packages) Import(name string) (*types.Package, error) {
	if pkg := p.source[name]; pkg != nil {
		return pkg, nil
	}
	if src := p.options.Sources[name]; src != nil {
		return p.fromSource(name, src)
	}
	if name == "unsafe" {
		return types.Unsafe, nil
	}
	if err := p.load(); err != nil {
		return nil, fmt.Errorf("package %q: %w", name, err)
	}
	if path, ok := p.options.Modules.Path(name); ok {
		return p.gc.Import(path)
	}
	if !p.table.Has(name) {
		return nil, p.unknown(name)
	}
	return p.gc.Import(name)
}

// unknown words that there is no such package.
func (p *packages) unknown(name string) error {
	if first, _, _ := strings.Cut(name, "/"); strings.Contains(first, ".") {
		return fmt.Errorf("package %q: no module with it was fetched: run a cell that imports it", name)
	}
	return p.noPackage(name)
}

// open gives the export data of a package that another one mentions.
func (p *packages) open(path string) (io.ReadCloser, error) {
	if p.table.Has(path) {
		return p.table.Lookup(path)
	}
	return p.options.Modules.Open(path)
}

// ImportDirect is Import for a package that a cell names itself: as in any
// module, internal packages are not for it.
func (p *packages) ImportDirect(name string) (*types.Package, error) {
	if internal(name) && !p.options.Modules.Allowed(name) {
		return nil, fmt.Errorf("use of internal package %s not allowed", name)
	}
	return p.Import(name)
}

func internal(name string) bool {
	return strings.HasPrefix(name, "vendor/") || name == "internal" || strings.HasPrefix(name, "internal/") ||
		strings.HasSuffix(name, "/internal") || strings.Contains(name, "/internal/")
}

// HasStd tells whether the standard library has a package.
func (s *Session) HasStd(path string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.importer.load() == nil && s.importer.table.Has(path)
}

// load opens the table of export data.
func (p *packages) load() (err error) {
	if p.table != nil {
		return nil
	}
	if p.options.Exports == nil {
		return exports.ErrMissing
	}
	if p.table, err = p.options.Exports(); err != nil {
		p.table = nil
		return err
	}
	p.gc = importer.ForCompiler(p.fset, "gc", p.open)
	return nil
}

// fromSource checks the declarations of a package whose sources we have.
func (p *packages) fromSource(name string, src fs.FS) (*types.Package, error) {
	matches, err := fs.Glob(src, "*.go")
	if err != nil || len(matches) == 0 {
		return nil, fmt.Errorf("package %q: no sources", name)
	}
	var files []*ast.File
	for _, m := range matches {
		if strings.HasSuffix(m, "_test.go") {
			continue
		}
		text, err := fs.ReadFile(src, m)
		if err != nil {
			return nil, fmt.Errorf("package %q: %w", name, err)
		}
		f, err := parser.ParseFile(p.fset, path.Join(name, m), text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("package %q: %w", name, err)
		}
		files = append(files, f)
	}
	conf := types.Config{Importer: p, IgnoreFuncBodies: true, Sizes: sizes, DisableUnusedImportCheck: true}
	pkg, err := conf.Check(name, p.fset, files, nil)
	if err != nil {
		return nil, fmt.Errorf("package %q: %w", name, err)
	}
	p.source[name] = pkg
	return pkg, nil
}

// direct is the importer that cells are checked with.
type direct struct{ *packages }

func (d direct) Import(name string) (*types.Package, error) { return d.ImportDirect(name) }

// importPath gives the path that an import names; "" where it is broken.
func importPath(is *ast.ImportSpec) string {
	s, _ := strconv.Unquote(is.Path.Value)
	return s
}
