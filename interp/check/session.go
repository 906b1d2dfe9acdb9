// Package check type-checks cells against what earlier cells declared, as if
// all cells were one package, and answers completion and inspection from the
// same types. It runs nothing.
//
// Each cell is a types.Package of its own, all with the path main, so that
// lower-case fields and methods resolve across cells. The objects of earlier
// cells that a cell mentions are inserted in its scope: a check costs what the
// cell is long, however many cells came before.
package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"interleave/interp/cell"
	"interleave/interp/exports"
)

// Errors is why a cell does not compile.
type Errors = cell.Errors

// Options is what a session needs of its surroundings.
type Options struct {
	// Exports gives the export data of the standard library. It is called when
	// the first import comes, until it succeeds once.
	Exports func() (*exports.Table, error)
	// Sources are packages that are checked from source, by import path.
	Sources map[string]fs.FS
	// Modules are the packages of third parties; nil: none.
	Modules Modules
	// Magics are the names that complete after % at the start of a line, and their help.
	Magics map[string]string
}

// Modules are packages of modules that were fetched and compiled. A package is
// imported by one path and compiled by another where the program holds one of the
// same path; types and positions have the latter.
type Modules interface {
	Path(importPath string) (path string, ok bool) // what a package is compiled by
	Open(path string) (io.ReadCloser, error)       // its export data, by that path
	Folder(path string) string                     // where its sources lie; "": nowhere
	Allowed(importPath string) bool                // whether cells may import a path with an internal element
	ImportPaths() []string                         // of all packages, sorted
}

// none are the Modules of a session without any.
type none struct{}

func (none) Path(string) (string, bool)              { return "", false }
func (none) Open(path string) (io.ReadCloser, error) { return nil, fs.ErrNotExist }
func (none) Folder(string) string                    { return "" }
func (none) Allowed(string) bool                     { return false }
func (none) ImportPaths() []string                   { return nil }

// A Session knows what the cells that ran declared. It is safe for concurrent
// use; one check, completion or inspection runs at a time.
type Session struct {
	mu       sync.Mutex
	options  Options
	importer *packages
	docs     docs

	names   map[string]*Binding           // the latest meaning of each name
	imports map[string]string             // local name -> path; no name is in names too
	dots    []string                      // paths of dot imports, the latest last
	embed   bool                          // a cell has imported package embed
	lost    map[string]string             // name -> why it has no value and what to do
	keys    map[string]bool               // every Key that was given out
	c       *C                            // of the last cell that imported "C"; nil where none did
	ctypes  map[string]*ctype             // types of C, by the name that cgo gave them
	lastC   *checkedC                     // of the last cell that used C, for completion
	methods map[string]map[string]*method // type name -> method name
	retyped map[string][]int              // type name -> the cells that declared it, where they are more than one
}

// NewSession makes a session that knows no names.
func NewSession(o Options) *Session {
	if o.Modules == nil {
		o.Modules = none{}
	}
	return &Session{
		options: o, importer: newPackages(o),
		names: map[string]*Binding{}, imports: map[string]string{}, lost: map[string]string{},
		keys: map[string]bool{}, ctypes: map[string]*ctype{}, retyped: map[string][]int{}, methods: map[string]map[string]*method{},
	}
}

// Kind tells what a Binding binds its name to.
type Kind int

// The kinds of Binding.
const (
	Var Kind = iota
	Func
	Const
	Type
)

func (k Kind) String() string { return [...]string{"variable", "function", "const", "type"}[k] }

// A Binding is the meaning that a cell gave to a name at its top level.
type Binding struct {
	Name   string
	Kind   Kind
	Cell   int          // where it was declared last
	Key    string       // identity of its storage, such as "x.3": the same for the same name, kind and type
	Object types.Object // named Name
	Node   ast.Node     // *ast.FuncDecl, *ast.ValueSpec, *ast.TypeSpec or *ast.AssignStmt
	Decl   *cell.Cell   // the cell that holds Node
	Item   int          // index of its Item in Decl
	Of     *Checked     // what is known of that cell
	// Adopted is of a variable of an earlier cell whose type this cell declares
	// again: it keeps its storage, and its declaration does nothing.
	Adopted bool

	again bool            // declared again, by a cell that does not hold the user's text of it
	uses  map[string]bool // top-level names in its declaration
}

// Current tells whether all that a committed cell mentions, and all that it declared,
// is what it was: the same cell would be checked with the same outcome.
func (s *Session) Current(ch *Checked) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range ch.mentions() {
		if s.names[b.Name] != b {
			return false
		}
	}
	for _, b := range ch.Declared {
		if s.names[b.Name] != b {
			return false
		}
	}
	for name, path := range ch.Imports {
		if s.imports[name] != path {
			return false
		}
	}
	return slices.Equal(ch.DotImports, s.dots)
}

// Lookup gives the latest meaning of a name, or nil.
func (s *Session) Lookup(name string) *Binding {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.names[name]
}

// Commit makes the declarations of a cell visible to later ones. reached is the
// number of its Items that completed: functions, types, constants and imports
// are declared in any case, variables only by Items[:reached].
func (s *Session) Commit(ch *Checked, reached int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, is := range ch.Cell.Imports {
		s.addImport(ch, is)
	}
	s.commitC(ch)
	s.commitMethods(ch)
	for _, name := range ch.Dropped {
		b := s.names[name]
		s.lost[name] = fmt.Sprintf("declared in cell %d with another layout of its type; run cell %[1]d again", b.Cell)
		delete(s.names, name)
	}
	for _, b := range ch.Declared {
		if !b.Adopted {
			b.uses = uses(ch, b.Decl.Items[b.Item].Node, b.Node)
		}
		if b.Kind == Var && b.Item >= reached && !b.Adopted {
			if s.names[b.Name] == nil {
				s.lost[b.Name] = fmt.Sprintf("declared in cell %d, which stopped before it; run cell %[1]d again", b.Cell)
			}
			continue
		}
		if b.Kind == Type && !b.again && s.names[b.Name] != nil && s.names[b.Name].Kind == Type {
			s.addRetyped(s.names[b.Name].Cell, b)
		}
		s.names[b.Name] = b
		s.keys[b.Key] = true
		delete(s.imports, b.Name)
		delete(s.lost, b.Name)
	}
}

// commitMethods notes the methods that a cell declares. A type that it declares
// itself has no others.
func (s *Session) commitMethods(ch *Checked) {
	for _, b := range ch.Declared {
		if b.Kind == Type {
			delete(s.methods, b.Name)
		}
	}
	for _, fn := range ch.Methods {
		name := receiver(fn).Name
		if s.methods[name] == nil {
			s.methods[name] = map[string]*method{}
		}
		s.methods[name][fn.Name.Name] = &method{fn, ch.Cell, ch.Cell.Position(fn.Pos()).Cell, uses(ch, fn, fn)}
	}
}

// uses gives the top-level names that a declaration uses: n, or the whole item
// where that is a group of constants.
func uses(ch *Checked, item, n ast.Node) map[string]bool {
	if d, ok := item.(*ast.GenDecl); ok && d.Tok == token.CONST {
		n = item
	}
	out := map[string]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if b := ch.Uses[id]; b != nil && id.Pos() != b.Object.Pos() {
				out[b.Name] = true
			}
		}
		return true
	})
	return out
}

func (s *Session) addRetyped(before int, b *Binding) {
	cells := s.retyped[b.Name]
	if len(cells) == 0 {
		cells = []int{before}
	}
	if !slices.Contains(cells, b.Cell) {
		cells = append(cells, b.Cell)
	}
	s.retyped[b.Name] = cells
}

func (s *Session) addImport(ch *Checked, is *ast.ImportSpec) {
	path, pkg := importPath(is), ch.pkgNames[is]
	s.embed = s.embed || path == embedPath
	switch {
	case is.Name != nil && (is.Name.Name == "_" || strings.HasPrefix(is.Name.Name, hiddenImport)) || pkg == nil && (is.Name == nil || is.Name.Name != "."):
	case is.Name != nil && is.Name.Name == ".":
		s.dots = addDot(s.dots, path)
		s.hideBehind(path)
	default:
		s.imports[pkg.Name()] = path
		delete(s.names, pkg.Name())
		delete(s.lost, pkg.Name())
	}
}

// Forget takes names out of the session: variables whose values were lost in a
// crash, functions that cannot be brought back. What refers to them is an error
// from now on that ends in reason, such as "declared in cell 2, lost in the
// crash; run cell 2 again".
func (s *Session) Forget(reason string, names ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		if s.names[name] != nil {
			s.lost[name] = reason
			delete(s.names, name)
		}
	}
}

// Names gives the bindings that are visible, by name.
func (s *Session) Names() []*Binding {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*Binding, 0, len(s.names))
	for _, b := range s.names {
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b *Binding) int { return strings.Compare(a.Name, b.Name) })
	return all
}
