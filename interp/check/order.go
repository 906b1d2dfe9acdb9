package check

import (
	"go/ast"
	"go/token"
	"go/types"

	"interleave/interp/cell"
)

// Variables that a cell declares above its first statement get their values as those of
// a package do: one that another one's value needs, by way of functions too, before that.
// All else of a cell happens in the order of the source.

// An Initial is names and the value that they get; nil for the zero value, or that of files.
type Initial struct {
	Spec  *ast.ValueSpec // that has them
	Names []*ast.Ident
	Value ast.Expr
}

// InitsAt is the index of the item before which the cell's func inits run: the first
// statement, so that its variables above have their values, as they have in a package.
func (ch *Checked) InitsAt() int { return firstStatement(ch.Cell.Items[:ch.Cell.Own]) }

// Leads tells whether item i has variables in Order, which are initialised all at once
// where the first of them stands.
func (ch *Checked) Leads(i int) bool {
	d, ok := ch.Cell.Items[i].Node.(*ast.GenDecl)
	return ok && d.Tok == token.VAR && ch.Order != nil && i < ch.InitsAt()
}

// order gives the variables above the first statement in the order of their
// initialisation; nil where that of the source does as well.
func (u *unit) order() []Initial {
	if len(u.odd) > 0 { // what came before is read, in the order of the source
		return nil
	}
	var zero, source, ordered []Initial
	late := false // a variable without a value is used before it is reached
	for _, spec := range u.leading() {
		switch {
		case len(spec.Values) == 0:
			late = late || u.usedEarly(spec, source)
			zero = append(zero, Initial{spec, spec.Names, nil})
		case len(spec.Values) == len(spec.Names):
			for i, v := range spec.Values {
				source = append(source, Initial{spec, spec.Names[i : i+1], v})
			}
		default:
			source = append(source, Initial{spec, spec.Names, spec.Values[0]})
		}
	}
	of := map[types.Object]int{}
	for i, init := range source {
		of[u.info.Defs[init.Names[0]]] = i
	}
	same := true
	for _, init := range u.info.InitOrder {
		if i, ok := of[init.Lhs[0]]; ok {
			same = same && i == len(ordered)
			ordered = append(ordered, source[i])
		}
	}
	if same && !late || len(ordered) != len(source) {
		return nil
	}
	return append(zero, ordered...)
}

// leading gives the variable specs above the first statement.
func (u *unit) leading() []*ast.ValueSpec {
	var out []*ast.ValueSpec
	for _, it := range u.c.Items[:firstStatement(u.c.Items[:u.c.Own])] {
		if d, ok := it.Node.(*ast.GenDecl); ok && d.Tok == token.VAR {
			for _, s := range d.Specs {
				out = append(out, s.(*ast.ValueSpec))
			}
		}
	}
	return out
}

// firstStatement is the index of the first item that is no declaration.
func firstStatement(items []cell.Item) int {
	for i, it := range items {
		if _, ok := it.Node.(ast.Stmt); ok {
			return i
		}
	}
	return len(items)
}

// usedEarly tells whether one of the values before may use a variable of spec.
func (u *unit) usedEarly(spec *ast.ValueSpec, before []Initial) bool {
	for _, init := range before {
		calls := false
		ast.Inspect(init.Value, func(n ast.Node) bool {
			_, call := n.(*ast.CallExpr)
			calls = calls || call
			return !calls
		})
		if calls {
			return u.mentionedEarly(spec)
		}
	}
	return false
}

func (u *unit) mentionedEarly(spec *ast.ValueSpec) bool {
	for _, id := range spec.Names {
		for _, m := range u.mentions[id.Name] {
			if m.inFunc || m.id.Pos() < spec.Pos() {
				return true
			}
		}
	}
	return false
}

// isAhead tells whether what stands before the variable d, or in its own value, means it
// all the same: both are above the first statement, and nothing else has the name.
func (u *unit) isAhead(d *declaration) bool {
	if _, ok := d.node.(*ast.ValueSpec); !ok || d.item >= firstStatement(u.c.Items[:u.c.Own]) {
		return false
	}
	_, imported := u.s.imports[d.name]
	return u.s.names[d.name] == nil && !imported && types.Universe.Lookup(d.name) == nil && len(u.s.dots) == 0
}
