package program

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// main writes the cell as a program: what it declares at package level, and its
// statements as func main.
func (b *builder) main() {
	for _, it := range b.items() {
		b.uses(b.ch, it)
	}
	b.needed()
	f := b.file(b.home)
	f.inInit = b.ch.Main != nil
	for i, it := range b.items() {
		if i == b.ch.InitsAt() {
			b.inits()
		}
		if b.ch.Leads(i) {
			b.inOrder(i, b.assignment)
			continue
		}
		b.item(it)
	}
	if b.ch.InitsAt() == len(b.items()) {
		b.inits()
	}
	switch {
	case f.inInit && f.body.Len() == 0:
		f.inInit = false // func main is the user's, and all there is
	case !f.inInit && f.body.Len() == 0:
		f.decls.WriteString("func main() {}\n")
	}
}

// items are those of the cell, and what it declares again of earlier cells; its
// variables of those are as they were declared.
func (b *builder) items() []ast.Node {
	var out []ast.Node
	for i, it := range b.ch.Cell.Items {
		if d, ok := it.Node.(*ast.GenDecl); i >= b.ch.Cell.Own && ok && d.Tok == token.VAR {
			continue
		}
		out = append(out, it.Node)
	}
	return out
}

// inOrder writes, where item i is the first of those variables, the ones that a package
// initialises in another order than that of the source.
func (b *builder) inOrder(i int, write func(n ast.Node, names []*ast.Ident, values []ast.Expr)) {
	for before := range i {
		if b.ch.Leads(before) {
			return
		}
	}
	for _, init := range b.ch.Order {
		if init.Value == nil {
			write(init.Spec, init.Names, nil)
			continue
		}
		write(init.Spec, init.Names, []ast.Expr{init.Value})
	}
}

// inits calls the cell's func inits, among its statements.
func (b *builder) inits() {
	for i := range b.ch.Inits {
		b.file(b.home).body.WriteString(b.initName(i) + "()\n")
	}
}

// initName is the name of func init number i of the cell: they run when the cell does.
func (b *builder) initName(i int) string {
	name := fmt.Sprintf("init%d", i+1)
	if b.plain { // all cells are in the program
		name = fmt.Sprintf("init%d_%d", b.ch.Cell.N, i+1)
	}
	for b.names[name] || b.lookup(name) != nil {
		name += "_"
	}
	return name
}

// funcDecl writes a function that the cell declares.
func (b *builder) funcDecl(fn *ast.FuncDecl) {
	w := b.writer(b.ch, fn)
	if i := slices.Index(b.ch.Inits, fn); i >= 0 {
		w.replace(fn.Name.Pos(), fn.Name.End(), b.initName(i))
	}
	w.function(fn)
}

// item writes one item of the cell.
func (b *builder) item(n ast.Node) {
	switch n := n.(type) {
	case *ast.FuncDecl:
		b.funcDecl(n)
	case *ast.GenDecl:
		if n.Tok != token.VAR {
			b.writer(b.ch, n).declare("", n)
			return
		}
		for _, s := range n.Specs {
			spec := s.(*ast.ValueSpec)
			b.assignment(spec, spec.Names, spec.Values)
		}
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE && len(identsOf(n.Lhs)) == len(n.Lhs) {
			b.assignment(n, identsOf(n.Lhs), n.Rhs)
			return
		}
		b.statement(n)
	case ast.Stmt:
		b.statement(n)
	}
}

// statement writes a statement. A last expression that is shown is evaluated only.
func (b *builder) statement(n ast.Stmt) {
	w := b.writer(b.ch, n)
	keyword := ""
	if x, ok := n.(*ast.ExprStmt); ok && x.X == b.ch.Result {
		if _, several := b.ch.ResultType.(*types.Tuple); !several {
			keyword = "_ = "
		}
	}
	w.f.body.WriteString(w.line(n.Pos(), len(keyword)) + keyword + w.source(n.Pos(), n.End()) + "\n")
}

// assignment writes variables that the cell declares at top level: at package level,
// and their values in turn among the statements. A variable whose type has no name
// gets its value at package level, too.
func (b *builder) assignment(n ast.Node, names []*ast.Ident, values []ast.Expr) {
	w := b.writer(b.ch, n)
	var left []string
	var decls strings.Builder
	unnamed := false
	for _, id := range names {
		bind := b.ch.Uses[id]
		if bind == nil || id.Name == "_" {
			left = append(left, "_")
			continue
		}
		if b.own[id.Name].Node != bind.Node {
			b.refuse(b.ch, id, "%s is declared more than once in this cell: give each its own name", id.Name)
			return
		}
		left = append(left, id.Name)
		text, ok := w.typeText(bind.Object.Type())
		unnamed = unnamed || !ok
		fmt.Fprintf(&decls, "var %s %s\n", id.Name, text)
	}
	if len(values) == 0 && decls.Len() > 0 {
		w.embedded(n)
	}
	if unnamed && len(values) > 0 {
		w.edits = nil
		w.names(n)
		keyword := "var "
		if s, ok := n.(*ast.AssignStmt); ok {
			w.replace(s.TokPos, s.TokPos+token.Pos(len(":=")), "=")
		}
		w.declare(keyword, n)
		return
	}
	w.f.decls.WriteString(decls.String())
	if len(values) == 0 {
		return
	}
	text := strings.Join(left, ", ") + " = " + w.source(values[0].Pos(), values[len(values)-1].End())
	skipped := len(text) - len(w.source(values[0].Pos(), values[len(values)-1].End()))
	w.f.body.WriteString(w.line(values[0].Pos(), skipped) + text + "\n")
}

// typeText writes a type, packages by the marks of their paths; false where it has
// no text at package level.
func (w *writer) typeText(t types.Type) (string, bool) {
	ok := true
	text := types.TypeString(t, func(p *types.Package) string {
		if p.Path() == "main" {
			return ""
		}
		path := pathOf(p)
		if w.f.imports[path] == "" {
			w.f.imports[path] = p.Name()
		}
		return packageMark + path + packageMark
	})
	if !named(t, map[types.Type]bool{}) || strings.Contains(text, "_Ctype_") {
		ok = false
	}
	return text, ok
}

// named tells whether a type can be written at package level.
func named(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return true
	}
	seen[t] = true
	switch t := t.(type) {
	case *types.Named:
		obj := t.Obj()
		if obj.Pkg() != nil && (obj.Parent() != obj.Pkg().Scope() && obj.Pkg().Path() != "main" || !obj.Exported() && obj.Pkg().Path() != "main") {
			return false
		}
		if obj.Pkg() != nil && obj.Parent() != nil && obj.Pkg().Path() == "main" && obj.Parent() != obj.Pkg().Scope() {
			return false // declared in a function
		}
		for a := range t.TypeArgs().Types() {
			if !named(a, seen) {
				return false
			}
		}
		return true
	case *types.Pointer:
		return named(t.Elem(), seen)
	case *types.Slice:
		return named(t.Elem(), seen)
	case *types.Array:
		return named(t.Elem(), seen)
	case *types.Chan:
		return named(t.Elem(), seen)
	case *types.Map:
		return named(t.Key(), seen) && named(t.Elem(), seen)
	case *types.Signature:
		return named(t.Params(), seen) && named(t.Results(), seen)
	case *types.Tuple:
		for v := range t.Variables() {
			if !named(v.Type(), seen) {
				return false
			}
		}
	case *types.Struct:
		for f := range t.Fields() {
			if !named(f.Type(), seen) {
				return false
			}
		}
	}
	return true
}

// test writes the cell as the file of tests of a package.
func (b *builder) test() {
	b.home = "cell_test.go"
	for _, it := range b.items() {
		b.uses(b.ch, it)
	}
	b.needed()
	if b.ch.Main == nil {
		b.file("main.go").decls.WriteString("func main() {}\n")
	}
	if b.ch.C != nil {
		what := ast.Node(b.ch.Cell.Items[0].Node)
		b.refuse(b.ch, what, "%%%%test: tests cannot use C, as in Go: call it from a function of another cell")
		return
	}
	for _, it := range b.items() {
		w := b.writer(b.ch, it)
		switch n := it.(type) {
		case *ast.FuncDecl:
			w.function(n)
		case *ast.GenDecl:
			w.group(n)
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE && len(identsOf(n.Lhs)) == len(n.Lhs) {
				w.replace(n.TokPos, n.TokPos+token.Pos(len(":=")), "=")
				w.declare("var ", n)
				continue
			}
			b.refuseStatement(n)
		case ast.Stmt:
			b.refuseStatement(n)
		}
	}
}

// group writes a declaration. Variables stand alone, for directives have their place
// above them.
func (w *writer) group(n *ast.GenDecl) {
	if n.Tok != token.VAR {
		w.declare("", n)
		return
	}
	for _, s := range n.Specs {
		w.embedded(s)
		w.declare("var ", s)
	}
}

func (b *builder) refuseStatement(n ast.Node) {
	b.refuse(b.ch, n, "%%%%test takes declarations only: put statements into a function, such as func TestIt(t *testing.T)")
}
