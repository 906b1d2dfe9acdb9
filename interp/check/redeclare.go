package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"interleave/interp/cell"
)

// A cell that declares a type of an earlier cell again, or a method of one, makes
// a new type of that name. What means the type is then declared again with it: its
// methods, the types, functions and constants that use it, and what uses those.
// Variables are adopted: they keep their storage, under the new type, where that
// has the layout of the earlier one; the others are dropped. All this is done to
// the source: the cell is extended by those declarations, each at its own place
// in the cell that it is from.

// A method is the latest of its name of a type.
type method struct {
	decl *ast.FuncDecl
	in   *cell.Cell
	cell int // that the user wrote it in
	uses map[string]bool
}

// A redeclaration is what has to be declared again together with a cell.
type redeclaration struct {
	s        *Session
	c        *cell.Cell
	again    map[string]bool // names whose meaning changes; to begin with those of the cell
	own      map[string]bool // names that the cell declares
	declares []*Binding      // types, functions and constants
	methods  []*method
	vars     []*Binding // variables to adopt

	left    map[any]bool // *Binding or *method: cannot be declared again
	dropped []*Binding   // variables whose layout is another
	items   []any        // by item beyond the cell's own: *Binding or *method
}

// redeclare finds what has to be declared again with c; nil where that is nothing.
func (s *Session) redeclare(c *cell.Cell) *redeclaration {
	r := &redeclaration{s: s, c: c, again: map[string]bool{}, own: map[string]bool{}, left: map[any]bool{}}
	ownTypes, ownMethods := map[string]bool{}, map[string]bool{}
	for _, it := range c.Items {
		switch n := it.Node.(type) {
		case *ast.GenDecl:
			r.noteSpecs(n, ownTypes)
		case *ast.FuncDecl:
			if n.Recv == nil {
				r.own[n.Name.Name] = true
				continue
			}
			name := receiver(n).Name
			ownMethods[name+"."+n.Name.Name] = true
			ownTypes[name] = true
		case *ast.AssignStmt:
			if isDefine(n) {
				for _, e := range n.Lhs {
					r.own[e.(*ast.Ident).Name] = true
				}
			}
		}
	}
	for name := range ownTypes {
		if b := s.names[name]; b != nil && b.Kind == Type {
			r.again[name] = true
		}
	}
	if len(r.again) == 0 {
		return nil
	}
	r.close(ownMethods)
	return r
}

// noteSpecs notes what a declaration of the cell declares.
func (r *redeclaration) noteSpecs(n *ast.GenDecl, types map[string]bool) {
	for _, spec := range n.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			r.own[spec.Name.Name], types[spec.Name.Name] = true, true
		case *ast.ValueSpec:
			for _, id := range spec.Names {
				r.own[id.Name] = true
			}
		}
	}
}

// close adds what uses what is there, until nothing does.
func (r *redeclaration) close(ownMethods map[string]bool) {
	names := slices.Sorted(maps.Keys(r.s.names))
	for more := true; more; {
		more = false
		for _, name := range names {
			if b := r.s.names[name]; !r.again[name] && r.affected(b) {
				r.again[name], more = true, true
			}
			for _, m := range r.s.methods[name] {
				if !r.again[name] && r.usesAgain(m.uses) {
					r.again[name], more = true, true
				}
			}
		}
	}
	for _, name := range names {
		b := r.s.names[name]
		if !r.again[name] {
			continue
		}
		r.addMethods(b, ownMethods)
		switch {
		case r.own[name]:
		case b.Kind == Var:
			r.vars = append(r.vars, b)
		default:
			r.declares = append(r.declares, b)
		}
	}
	order := func(c *cell.Cell, p token.Pos) int { at := c.Position(p); return at.Cell<<32 | at.Line<<12 | at.Col }
	slices.SortStableFunc(r.declares, func(a, b *Binding) int { return order(a.Decl, a.Node.Pos()) - order(b.Decl, b.Node.Pos()) })
	slices.SortStableFunc(r.methods, func(a, b *method) int { return order(a.in, a.decl.Pos()) - order(b.in, b.decl.Pos()) })
}

// addMethods takes the methods of a type along: those of the cell that declared
// the type do not survive where the type is declared again without them.
func (r *redeclaration) addMethods(b *Binding, ownMethods map[string]bool) {
	if b.Kind != Type {
		return
	}
	for name, m := range r.s.methods[b.Name] {
		if ownMethods[b.Name+"."+name] || r.own[b.Name] && m.cell == b.Cell {
			continue
		}
		r.methods = append(r.methods, m)
	}
}

// affected tells whether b means something else now.
func (r *redeclaration) affected(b *Binding) bool {
	if b.Kind == Var {
		return r.mentions(b.Object.Type(), map[types.Type]bool{})
	}
	return r.usesAgain(b.uses)
}

func (r *redeclaration) usesAgain(uses map[string]bool) bool {
	for name := range uses {
		if r.again[name] {
			return true
		}
	}
	return false
}

// mentions tells whether a type is made of one that is declared again.
func (r *redeclaration) mentions(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	return mentions(t, func(o *types.TypeName) bool {
		b := r.s.names[o.Name()]
		return o.Pkg() != nil && o.Pkg().Path() == "main" && r.again[o.Name()] && b != nil && b.Object == o
	}, seen)
}

// extend gives the cell with the declarations that are made again.
func (r *redeclaration) extend(c *cell.Cell) (*cell.Cell, error) {
	imports := map[string]string{}
	return c.Extend(r.pieces(imports), imports)
}

// pieces are the declarations to extend the cell by. It adds the imports that they
// need, path to name.
func (r *redeclaration) pieces(imports map[string]string) []cell.Piece {
	r.items = nil
	var out []cell.Piece
	for _, b := range r.vars {
		if r.left[b] {
			continue
		}
		text := types.TypeString(b.Object.Type(), func(p *types.Package) string {
			if p.Path() == "main" {
				return ""
			}
			if imports[p.Path()] == "" {
				imports[p.Path()] = fmt.Sprintf("%spkg%d", hiddenImport, len(imports))
			}
			return imports[p.Path()]
		})
		out = append(out, cell.Piece{Before: "var " + b.Name + " " + text})
		r.items = append(r.items, b)
	}
	groups := map[ast.Node]bool{}
	for _, b := range r.declares {
		if r.left[b] {
			continue
		}
		p, node := b.piece()
		if groups[node] {
			continue
		}
		groups[node] = true
		out = append(out, p)
		r.items = append(r.items, b)
	}
	for _, m := range r.methods {
		if !r.left[m] {
			out = append(out, pieceOf(m.in, m.decl, m.decl.Doc, ""))
			r.items = append(r.items, m)
		}
	}
	return out
}

// hiddenImport begins the names of imports that no user wrote.
const hiddenImport = "ꞋꞋ"

// piece is the declaration of b, with the others of its group where it is a constant.
func (b *Binding) piece() (cell.Piece, ast.Node) {
	switch n := b.Node.(type) {
	case *ast.TypeSpec:
		return pieceOf(b.Decl, n, nil, b.comment(n)+"type "), n
	case *ast.FuncDecl:
		return pieceOf(b.Decl, n, n.Doc, ""), n
	}
	n := b.Decl.Items[b.Item].Node
	return pieceOf(b.Decl, n, nil, ""), n
}

// comment is what the user wrote above the type, a line each; "" for nothing.
func (b *Binding) comment(n *ast.TypeSpec) string {
	doc := n.Doc
	if d, ok := b.Decl.Items[b.Item].Node.(*ast.GenDecl); ok && doc == nil {
		doc = d.Doc
	}
	if doc == nil {
		return ""
	}
	return b.Decl.Text(doc) + "\n"
}

func pieceOf(c *cell.Cell, n ast.Node, doc *ast.CommentGroup, before string) cell.Piece {
	from := n.Pos()
	if doc != nil {
		from = doc.Pos()
	}
	return cell.Piece{Cell: c, From: c.Offset(from), To: c.Offset(n.End()), Before: before}
}

// settle looks at how the extended cell was checked: what does not compile is left
// as it is, variables of another layout are dropped. It tells whether to check again.
func (r *redeclaration) settle(u *unit, list []cell.Diagnostic) (again bool) {
	for _, d := range list {
		i := u.c.ItemAt(u.c.Pos(d.Offset)) - u.c.Own
		if i < 0 || i >= len(r.items) || r.left[r.items[i]] {
			continue
		}
		r.left[r.items[i]], again = true, true
		if b, ok := r.items[i].(*Binding); ok && b.Kind == Var {
			r.dropped = append(r.dropped, b)
		}
	}
	if again || len(list) > 0 {
		return again
	}
	for _, d := range u.decls {
		if d.adopted == nil {
			continue
		}
		obj := u.info.Defs[d.id]
		if obj != nil && r.sameLayout(u.pkg, d.adopted.Object.Type(), obj.Type()) {
			continue
		}
		r.left[d.adopted], again = true, true
		r.dropped = append(r.dropped, d.adopted)
	}
	return again
}

// notes tells what keeps the earlier meaning, and what is gone.
func (r *redeclaration) notes() []string {
	var kept, gone, closures []string
	for x := range r.left {
		switch x := x.(type) {
		case *Binding:
			if x.Kind != Var {
				kept = append(kept, fmt.Sprintf("%s (cell %d)", x.Name, x.Cell))
			}
		case *method:
			kept = append(kept, fmt.Sprintf("%s.%s (cell %d)", receiver(x.decl).Name, x.decl.Name.Name, x.cell))
		}
	}
	for _, b := range r.dropped {
		gone = append(gone, fmt.Sprintf("%s (cell %d)", b.Name, b.Cell))
	}
	for _, b := range r.s.names {
		if b.Kind == Var && !r.own[b.Name] && !slices.Contains(r.dropped, b) && holdsFunc(b.Object.Type()) && r.usesAgain(b.uses) {
			closures = append(closures, fmt.Sprintf("%s (cell %d)", b.Name, b.Cell))
		}
	}
	what := strings.Join(r.names(), ", ")
	var out []string
	for _, n := range []struct {
		text string
		list []string
	}{
		{"has another layout now; variables of the earlier one are gone", gone},
		{"is declared again; these do not compile with it and keep the earlier one", kept},
		{"is declared again; closures keep the earlier one", closures},
	} {
		if len(n.list) > 0 {
			slices.Sort(n.list)
			out = append(out, fmt.Sprintf("%s %s: %s", what, n.text, strings.Join(n.list, ", ")))
		}
	}
	return out
}

// names are the types that the cell itself declares again, or adds a method to.
func (r *redeclaration) names() []string {
	var out []string
	for name := range r.again {
		b := r.s.names[name]
		if b.Kind != Type {
			continue
		}
		if r.own[name] || slices.ContainsFunc(r.c.Items, func(it cell.Item) bool {
			fn, ok := it.Node.(*ast.FuncDecl)
			return ok && fn.Recv != nil && receiver(fn).Name == name
		}) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
