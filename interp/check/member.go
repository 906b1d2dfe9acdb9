package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"interleave/interp/cell"
)

// docOf gives the comment of a declaration: above it, behind it, or above its group.
func docOf(item, node ast.Node) string {
	for _, n := range []ast.Node{node, item} {
		switch n := n.(type) {
		case *ast.FuncDecl:
			return n.Doc.Text()
		case *ast.Field:
			return eitherOf(n.Doc, n.Comment)
		case *ast.TypeSpec:
			if doc := eitherOf(n.Doc, n.Comment); doc != "" {
				return doc
			}
		case *ast.ValueSpec:
			if doc := eitherOf(n.Doc, n.Comment); doc != "" {
				return doc
			}
		case *ast.GenDecl:
			return n.Doc.Text()
		}
	}
	return ""
}

func eitherOf(above, behind *ast.CommentGroup) string {
	if doc := above.Text(); doc != "" {
		return doc
	}
	return behind.Text()
}

// sourceOf is the source of a function or a type that c declares; "" of what its
// declaration tells already, or where it is very long.
func sourceOf(c *cell.Cell, node ast.Node) string {
	text := ""
	switch node.(type) {
	case *ast.FuncDecl:
		text = c.Text(node)
	case *ast.TypeSpec:
		text = "type " + c.Text(node)
	}
	if len(text) > maxSource {
		return ""
	}
	if at := strings.Index(text, "func "); at > 0 && strings.HasPrefix(text, "//") {
		text = text[at:] // without the comment above it
	}
	return text
}

// methodsOf are the methods of a type that a cell declared, a line each.
func (u *unit) methodsOf(obj types.Object) (lines string) {
	t, ok := obj.(*types.TypeName)
	if !ok || t.IsAlias() || types.IsInterface(t.Type()) {
		return ""
	}
	for m := range types.NewMethodSet(types.NewPointer(t.Type())).Methods() {
		if len(m.Index()) == 1 { // others are promoted
			lines += "\n" + u.declaration(m.Obj())
		}
	}
	return lines
}

// memberPage tells of a method or a field of a type that a cell declared.
func (u *unit) memberPage(obj types.Object, p *page) {
	for _, c := range u.cells() {
		if !c.Has(obj.Pos()) {
			continue
		}
		node := memberAt(c, obj.Pos())
		if node == nil {
			return
		}
		p.origin = "declared in this cell"
		if n := c.Position(obj.Pos()).Cell; n != u.c.N {
			p.origin = fmt.Sprintf("declared in cell %d", n)
		}
		p.doc, p.source = docOf(nil, node), sourceOf(c, node)
		return
	}
}

// cells are this one, and those whose declarations it can see.
func (u *unit) cells() []*cell.Cell {
	out := []*cell.Cell{u.c}
	for _, b := range u.s.names {
		out = append(out, b.Decl)
	}
	for _, methods := range u.s.methods {
		for _, m := range methods {
			out = append(out, m.in)
		}
	}
	return out
}

// memberAt finds the declaration of the method or field whose name stands at p.
func memberAt(c *cell.Cell, p token.Pos) (found ast.Node) {
	for _, it := range c.Items {
		ast.Inspect(it.Node, func(n ast.Node) bool {
			if n == nil || found != nil || p < n.Pos() || n.End() < p {
				return false
			}
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Name.Pos() == p && n.Recv != nil {
					found = n
				}
			case *ast.StructType:
				found = fieldAt(n.Fields, p)
			case *ast.InterfaceType:
				found = fieldAt(n.Methods, p)
			}
			return found == nil
		})
	}
	return found
}

// fieldAt finds the field of a list whose name, or whose embedded type, stands at p.
func fieldAt(list *ast.FieldList, p token.Pos) ast.Node {
	for _, f := range list.List {
		for _, name := range f.Names {
			if name.Pos() == p {
				return f
			}
		}
		if len(f.Names) == 0 && f.Type.Pos() <= p && p < f.Type.End() {
			return f
		}
	}
	return nil
}

// ownerOf tells whether obj is a field, or a method that an interface wants, and gives the
// name of the type of its package that has it; "" where that has none.
func ownerOf(obj types.Object) (owner string, member bool) {
	var has func(t types.Type) bool
	switch obj := obj.(type) {
	case *types.Var:
		if !obj.IsField() {
			return "", false
		}
		has = func(t types.Type) bool {
			s, ok := t.(*types.Struct)
			for i := 0; ok && i < s.NumFields(); i++ {
				if s.Field(i) == obj.Origin() {
					return true
				}
			}
			return false
		}
	case *types.Func:
		recv := obj.Signature().Recv()
		if recv == nil || !types.IsInterface(recv.Type()) {
			return "", false
		}
		has = func(t types.Type) bool {
			i, ok := t.(*types.Interface)
			for m := 0; ok && m < i.NumExplicitMethods(); m++ {
				if i.ExplicitMethod(m) == obj.Origin() {
					return true
				}
			}
			return false
		}
	default:
		return "", false
	}
	scope := obj.Pkg().Scope()
	for _, name := range scope.Names() {
		if t, ok := scope.Lookup(name).(*types.TypeName); ok && !t.IsAlias() && has(t.Type().Underlying()) {
			return name, true
		}
	}
	return "", true
}

// documentMember gives the comment of a field of a struct, or of a method of an
// interface, of a package.
func (s *Session) documentMember(path, owner, name string) string {
	d := s.documentation(path)
	if d == nil {
		return ""
	}
	for _, t := range d.Types {
		if t.Name != owner {
			continue
		}
		for _, spec := range t.Decl.Specs {
			var list *ast.FieldList
			switch t := spec.(*ast.TypeSpec).Type.(type) {
			case *ast.StructType:
				list = t.Fields
			case *ast.InterfaceType:
				list = t.Methods
			default:
				continue
			}
			for _, f := range list.List {
				for _, id := range f.Names {
					if id.Name == name {
						return docOf(nil, f)
					}
				}
			}
		}
	}
	return ""
}
