package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"interleave/interp/cell"
)

// A unit is one cell on its way through go/types. It gives go/types what the
// cell means as a file: top-level := and var become package variables, other
// statements bodies of functions without a name.
type unit struct {
	s *Session
	c *cell.Cell
	r *redeclaration // by which c is extended, or nil

	decls    []*declaration            // in source order
	vars     map[string][]*declaration // variables, by name
	hoisted  map[string]bool           // functions, types and constants: visible in the whole cell
	mentions map[string][]mention      // identifiers, by name
	own      map[string]bool           // local names of the cell's imports
	main     *ast.FuncDecl
	inits    []*ast.FuncDecl
	methods  []*ast.FuncDecl
	body     []ast.Decl // the file without its imports
	refused  []cell.Diagnostic

	odd     []string // names with more than one meaning in this cell: see names.go
	apart   bool     // their variables go under hidden names
	ahead   bool     // variables may be used above their declarations, as in a package
	forward bool     // one is
	undo    []func() // puts nodes back as they were

	ctypes *checkedC // what cgo declared for the cell; nil where it uses no C

	scopes bool // record scopes, for completion
	file   *ast.File
	pkg    *types.Package
	info   *types.Info
	errs   []types.Error
}

// A declaration is a name that the cell declares at its top level.
type declaration struct {
	name   string
	id     *ast.Ident
	kind   Kind
	node   ast.Node
	item   int
	from   token.Pos // statements from here on see it
	hidden string    // its name for go/types while a cell has several of one name

	adopted *Binding // the variable of an earlier cell that it stands for, or nil
}

// A mention is an identifier in the cell, whatever it means.
type mention struct {
	id     *ast.Ident
	inFunc bool // in a function declaration, whose body sees all of the cell
}

// newUnit makes a unit of c, which r extends where it is not nil.
func (s *Session) newUnit(c *cell.Cell, r *redeclaration) *unit {
	u := &unit{
		s: s, c: c, r: r, vars: map[string][]*declaration{}, hoisted: map[string]bool{},
		mentions: map[string][]mention{}, own: map[string]bool{},
	}
	for i, it := range c.Items {
		u.add(i, it.Node)
		_, inFunc := it.Node.(*ast.FuncDecl)
		ast.Inspect(it.Node, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				u.mentions[id.Name] = append(u.mentions[id.Name], mention{id, inFunc})
			}
			return true
		})
	}
	u.addMethods()
	u.ownImports()
	u.findOdd()
	return u
}

// addMethods takes methods into the file. A receiver that an earlier cell declared, or
// got by a dot import, and this one does not declare again, is no type, which go/types is
// not made to find.
func (u *unit) addMethods() {
	for _, fn := range u.methods {
		id := receiver(fn)
		if b := u.s.names[id.Name]; b != nil && !u.hoisted[id.Name] {
			msg := id.Name + " is not a type"
			if b.Kind == Type {
				msg = fmt.Sprintf("type %s of cell %d does not compile any more, so it cannot have a new method", id.Name, b.Cell)
			}
			u.refused = append(u.refused, u.c.Diagnostic(id.Pos(), msg))
			continue
		}
		if obj := u.s.dotted(u.s.dots, id.Name); obj != nil && !u.hoisted[id.Name] && u.s.dotted(u.ownDots(), id.Name) == nil {
			u.refused = append(u.refused, u.c.Diagnostic(id.Pos(), "cannot define new methods on non-local type "+id.Name))
			continue
		}
		u.body = append(u.body, fn)
	}
}

// receiver gives the name of a method's type, or one that names nothing.
func receiver(fn *ast.FuncDecl) *ast.Ident {
	if len(fn.Recv.List) == 0 {
		return &ast.Ident{}
	}
	t := fn.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x
		default:
			return &ast.Ident{}
		}
	}
}

// ownImports finds the local names of the cell's imports. A package that cannot
// be imported is an error later on.
func (u *unit) ownImports() {
	for _, is := range u.c.Imports {
		if importPath(is) == "C" {
			u.own["C"] = true
		} else if is.Name != nil {
			u.own[is.Name.Name] = true
		} else if pkg, err := u.s.importer.ImportDirect(importPath(is)); err == nil {
			u.own[pkg.Name()] = true
		}
	}
}

// add takes one item into the file.
func (u *unit) add(i int, n ast.Node) {
	switch n := n.(type) {
	case *ast.FuncDecl:
		u.addFunc(i, n)
	case *ast.GenDecl:
		for _, spec := range n.Specs {
			u.addSpec(i, n.Tok, spec)
		}
		u.body = append(u.body, n)
	case *ast.AssignStmt:
		if isDefine(n) {
			u.body = append(u.body, u.define(i, n))
			return
		}
		u.body = append(u.body, inFunc(n))
	case ast.Stmt:
		u.body = append(u.body, inFunc(n))
	}
}

func (u *unit) addFunc(i int, fn *ast.FuncDecl) {
	if fn.Recv != nil {
		u.methods = append(u.methods, fn) // body has it once its type is known to be here: addMethods
		return
	}
	u.body = append(u.body, fn)
	switch {
	case fn.Name.Name == "init":
		u.inits = append(u.inits, fn)
	case fn.Name.Name == "main":
		u.main = fn
		u.hoisted["main"] = true
	default:
		u.declare(&declaration{id: fn.Name, kind: Func, node: fn, item: i})
	}
}

func (u *unit) addSpec(i int, tok token.Token, spec ast.Spec) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		u.declare(&declaration{id: spec.Name, kind: Type, node: spec, item: i})
		// go/types looks a bare name up among the declarations of the package
		// that it is checking; that it is of another cell it does not expect.
		if id, ok := spec.Type.(*ast.Ident); ok {
			spec.Type = &ast.ParenExpr{Lparen: id.Pos(), X: id, Rparen: id.End()}
			u.undo = append(u.undo, func() { spec.Type = id })
		}
	case *ast.ValueSpec:
		kind := Var
		if tok == token.CONST {
			kind = Const
		}
		for _, id := range spec.Names {
			u.declare(&declaration{id: id, kind: kind, node: spec, item: i, from: spec.End()})
		}
	}
}

// isDefine tells a := that declares variables of the session. What Go refuses
// about the left side is left to go/types.
func isDefine(n *ast.AssignStmt) bool {
	if n.Tok != token.DEFINE {
		return false
	}
	seen := map[string]bool{}
	for _, e := range n.Lhs {
		id, ok := e.(*ast.Ident)
		if !ok || seen[id.Name] && id.Name != "_" {
			return false
		}
		seen[id.Name] = true
	}
	return len(seen) > 1 || !seen["_"]
}

func (u *unit) define(i int, n *ast.AssignStmt) ast.Decl {
	spec := &ast.ValueSpec{Values: n.Rhs}
	for _, e := range n.Lhs {
		id := e.(*ast.Ident)
		spec.Names = append(spec.Names, id)
		u.declare(&declaration{id: id, kind: Var, node: n, item: i, from: n.End()})
	}
	return &ast.GenDecl{TokPos: n.Pos(), Tok: token.VAR, Specs: []ast.Spec{spec}}
}

func (u *unit) declare(d *declaration) {
	d.name = d.id.Name
	if d.name == "_" {
		return
	}
	if b, ok := u.older(d.item).(*Binding); ok && b.Kind == Var {
		d.adopted, d.from = b, token.NoPos
	}
	u.decls = append(u.decls, d)
	if d.kind == Var {
		u.vars[d.name] = append(u.vars[d.name], d)
	} else {
		u.hoisted[d.name] = true
	}
}

// older gives what an item stands for that extends the cell: a *Binding, a *method
// or nil.
func (u *unit) older(item int) any {
	if i := item - u.c.Own; u.r != nil && i >= 0 && i < len(u.r.items) {
		return u.r.items[i]
	}
	return nil
}

// inFunc makes a function of a statement. Each has its own, so that goto and
// labels do not reach from one to another.
func inFunc(s ast.Stmt) ast.Decl {
	return &ast.FuncDecl{
		Name: &ast.Ident{NamePos: s.Pos(), Name: "_"},
		Type: &ast.FuncType{Func: s.Pos(), Params: &ast.FieldList{Opening: s.Pos(), Closing: s.Pos()}},
		Body: &ast.BlockStmt{Lbrace: s.Pos(), List: []ast.Stmt{s}, Rbrace: s.End()},
	}
}

// restore puts the nodes of the cell back as the user wrote them.
func (u *unit) restore() {
	for i := len(u.undo) - 1; i >= 0; i-- {
		u.undo[i]()
	}
	u.undo = nil
}
