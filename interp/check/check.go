package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"

	"interleave/interp/cell"
)

// Checked is a cell that compiles.
type Checked struct {
	Cell *cell.Cell
	Pkg  *types.Package
	Info *types.Info // Types, Defs, Uses, Selections, Implicits, Instances

	// Uses has every identifier that refers to, or declares, a top-level name of
	// this or an earlier cell; not imports.
	Uses map[*ast.Ident]*Binding
	// Declared is what the cell declares, in source order; of a name that is
	// declared twice the last one wins.
	Declared []*Binding
	// Imports are those that the cell's code uses, of this or earlier cells:
	// local name -> path.
	Imports    map[string]string
	DotImports []string // paths; of this and earlier cells, the latest last

	// Order is how the variables above the first statement are initialised; nil where the
	// order of the source does.
	Order []Initial

	Main    *ast.FuncDecl   // func main, or nil; no Binding
	RunMain bool            // it runs at the end of the cell: no statement of that calls it
	Inits   []*ast.FuncDecl // func init; no Bindings
	Methods []*ast.FuncDecl // functions with a receiver

	// Result is the last item when it is an expression whose value is shown.
	// ResultType is its type, untyped constants defaulted; a *types.Tuple for a
	// call with several values.
	Result     ast.Expr
	ResultType types.Type

	// Constant is the value of Result, where the cell is that alone and it is a
	// constant of a predeclared type; else nil.
	Constant any

	// C is the C that the cell uses; nil where it uses none. CTypes are the types of C
	// that it declares, under the names that cgo gave them, and COld those that it
	// has from earlier cells.
	C            *C
	CTypes, COld []*types.TypeName

	// Dropped are variables of earlier cells that are gone, since the cell declares
	// their type again with another layout; Notes tell of them, and of what keeps
	// an earlier type, as sentences.
	Dropped []string
	Notes   []string
	// Retyped are the types of earlier cells that are declared again over the same
	// storage, those that the cell does not itself declare included.
	Retyped []string

	Embeds []cell.Embed // its variables that have their values from files

	pkgNames  map[*ast.ImportSpec]*types.PkgName
	ctypes    *checkedC
	mentioned []*Binding // see mentions; nil until the cell is settled
}

// Check checks a cell against the session, which it does not change. The error
// is an *Errors.
func (s *Session) Check(c *cell.Cell) (ch *Checked, err error) { return s.CheckC(c, nil) }

// CheckC is Check for a cell that uses C: t is what cgo made of what Session.C
// gave for it.
func (s *Session) CheckC(c *cell.Cell, t *CTypes) (ch *Checked, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { // go/types is not proof against everything
		if r := recover(); r != nil {
			ch, err = nil, cell.NewErrors(c.Src, []cell.Diagnostic{c.Diagnostic(c.Pos(0), fmt.Sprintf("internal error: type checker: %v", r))})
		}
	}()
	r := s.redeclare(c)
	if r == nil {
		ch, list := s.checkUnit(c, t, nil, nil)
		if len(list) > 0 {
			return nil, cell.NewErrors(c.Src, list)
		}
		return ch, nil
	}
	for {
		extended, err := r.extend(c)
		if err != nil {
			return nil, err
		}
		var again bool
		ch, list := s.checkUnit(extended, t, r, &again)
		switch {
		case again:
		case len(list) > 0:
			return nil, cell.NewErrors(c.Src, list)
		default:
			ch.Notes = r.notes()
			for _, b := range r.dropped {
				ch.Dropped = append(ch.Dropped, b.Name)
			}
			return ch, nil
		}
	}
}

// checkUnit checks c, which r extends where it is not nil; again tells then whether
// to do so once more.
func (s *Session) checkUnit(c *cell.Cell, t *CTypes, r *redeclaration, again *bool) (*Checked, []cell.Diagnostic) {
	u := s.newUnit(c, r)
	defer u.restore()
	if t != nil {
		var err error
		if u.ctypes, err = s.checkC(t); err != nil {
			return nil, []cell.Diagnostic{c.Diagnostic(c.Pos(0), err.Error())}
		}
	}
	u.run()
	ch := u.checked()
	u.embeds(ch)
	list := u.diagnostics(ch)
	if r != nil {
		*again = r.settle(u, list)
	}
	return ch, list
}

// check runs go/types over the cell once.
func (u *unit) check() {
	u.errs = nil
	u.pkg = types.NewPackage("main", "main")
	u.info = &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Implicits: map[ast.Node]types.Object{}, Instances: map[*ast.Ident]types.Instance{},
	}
	if u.scopes {
		u.info.Scopes = map[ast.Node]*types.Scope{}
	}
	at := u.c.Pos(0)
	u.file = &ast.File{
		Package: at, FileStart: at, FileEnd: u.c.Pos(len(u.c.Src)),
		Name:  &ast.Ident{NamePos: at, Name: "main"},
		Decls: append(u.importDecls(), u.body...),
	}
	conf := types.Config{
		Importer: direct{u.s.importer}, Sizes: sizes, DisableUnusedImportCheck: true,
		Error: func(err error) {
			if e, ok := err.(types.Error); ok {
				u.errs = append(u.errs, e)
			}
		},
	}
	u.useC(&conf)
	types.NewChecker(&conf, u.c.Fset, u.pkg, u.info).Files([]*ast.File{u.file}) // errors are in u.errs
}

// importDecls gives the imports of the file, those of earlier cells as the cell
// mentions them, and inserts the objects of earlier cells that it mentions.
func (u *unit) importDecls() []ast.Decl {
	d := &ast.GenDecl{TokPos: u.c.Pos(0), Tok: token.IMPORT}
	for _, is := range u.c.Imports {
		d.Specs = append(d.Specs, is)
	}
	dots := u.ownDots()
	for name := range u.mentions {
		if u.hoisted[name] || u.own[name] || len(u.vars[name]) > 0 && !u.olderVisible(name) || u.s.dotted(dots, name) != nil {
			continue
		}
		if b := u.s.names[name]; b != nil {
			u.pkg.Scope().Insert(b.Object)
		} else if path, ok := u.s.imports[name]; ok {
			d.Specs = append(d.Specs, u.importSpec(name, path))
		} else if obj := u.s.dotted(u.s.dots, name); obj != nil {
			u.pkg.Scope().Insert(obj)
		}
	}
	if len(d.Specs) == 0 {
		return nil
	}
	return []ast.Decl{d}
}

// olderVisible tells whether the cell's own variables of a name have made way
// for what the name meant before.
func (u *unit) olderVisible(name string) bool {
	return u.apart && slices.Contains(u.odd, name)
}

func (u *unit) importSpec(name, path string) *ast.ImportSpec {
	is := &ast.ImportSpec{Path: &ast.BasicLit{ValuePos: u.c.Pos(0), Kind: token.STRING, Value: strconv.Quote(path)}}
	if path != "C" { // which cannot have another name
		is.Name = &ast.Ident{NamePos: u.c.Pos(0), Name: name}
	}
	return is
}

// callsMain tells whether a statement of the cell mentions func main.
func (u *unit) callsMain() bool {
	return slices.ContainsFunc(u.mentions["main"], func(m mention) bool { return !m.inFunc })
}

// checked gathers what is known of the cell after run.
func (u *unit) checked() *Checked {
	ch := &Checked{
		Cell: u.c, Pkg: u.pkg, Info: u.info, Uses: map[*ast.Ident]*Binding{}, Imports: map[string]string{},
		DotImports: slices.Clone(u.s.dots), Main: u.main, RunMain: u.main != nil && !u.callsMain(), Inits: u.inits, Methods: u.methods,
		Order: u.order(), pkgNames: map[*ast.ImportSpec]*types.PkgName{},
	}
	byObject := u.bindings(ch)
	for _, uses := range []map[*ast.Ident]types.Object{u.info.Defs, u.info.Uses} {
		for id, obj := range uses {
			if b := byObject[obj]; b != nil {
				ch.Uses[id] = b
				uses[id] = b.Object
			} else if p, ok := obj.(*types.PkgName); ok && id.Name == p.Name() && p.Name() != "." {
				ch.Imports[p.Name()] = p.Imported().Path()
			}
		}
	}
	for _, is := range u.c.Imports {
		obj := u.info.Implicits[is]
		if is.Name != nil {
			obj = u.info.Defs[is.Name]
			if is.Name.Name == "." {
				ch.DotImports = addDot(ch.DotImports, importPath(is))
			}
		}
		if p, ok := obj.(*types.PkgName); ok {
			ch.pkgNames[is] = p
		}
	}
	if u.ctypes != nil {
		ch.C, ch.CTypes, ch.COld, ch.ctypes = u.ctypes.of, u.ctypes.fresh, u.ctypes.old, u.ctypes
	}
	u.result(ch)
	return ch
}

// bindings makes the Bindings of what the cell declares. The map also has those
// of earlier cells that it mentions, by object.
func (u *unit) bindings(ch *Checked) map[types.Object]*Binding {
	byObject, latest := map[types.Object]*Binding{}, map[string]*Binding{}
	for name := range u.mentions {
		if b := u.s.names[name]; b != nil {
			byObject[b.Object], latest[name] = b, b
		}
	}
	given := map[string]bool{}
	for _, d := range u.decls {
		obj := u.info.Defs[d.id]
		if obj == nil || obj.Type() == nil {
			continue // go/types said why
		}
		b := &Binding{Name: d.name, Kind: d.kind, Cell: u.c.Position(d.id.Pos()).Cell, Object: obj, Node: d.node, Decl: u.c, Item: d.item, Of: ch}
		if obj.Name() != d.name {
			b.Object = types.NewVar(obj.Pos(), obj.Pkg(), d.name, obj.Type())
		}
		b.Key = u.key(b, latest[d.name], given)
		b.again = d.item >= u.c.Own
		if d.adopted != nil {
			b.adopt(d.adopted)
		}
		if before := latest[d.name]; b.Kind == Type && before != nil && before.Kind == Type {
			ch.Retyped = append(ch.Retyped, b.Name)
		}
		given[b.Key] = true
		byObject[obj], latest[d.name] = b, b
		ch.Declared = append(ch.Declared, b)
	}
	return byObject
}

// adopt makes b the variable that old was, of another type: all else that is known
// of it is of its own cell.
func (b *Binding) adopt(old *Binding) {
	b.Adopted = true
	b.Key, b.Cell, b.Node, b.Decl, b.Item, b.Of, b.uses = old.Key, old.Cell, old.Node, old.Decl, old.Item, old.Of, old.uses
}

// key gives the identity of b's storage: that of before, where that is a binding
// of the same kind and type, else a new one.
func (u *unit) key(b, before *Binding, given map[string]bool) string {
	if before != nil && before.Kind == b.Kind && types.Identical(before.Object.Type(), b.Object.Type()) {
		return before.Key
	}
	key := b.Name + "." + strconv.Itoa(u.c.N)
	for i := 1; u.s.keys[key] || given[key]; i++ {
		key = fmt.Sprintf("%s.%d.%d", b.Name, u.c.N, i)
	}
	return key
}
