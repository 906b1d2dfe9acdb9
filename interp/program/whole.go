package program

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"
	"strings"

	"interleave/interp/check"
)

// Notebook makes a program that does what the cells do, one after the other, and
// prints the values that they show. Each cell is a function; what cells declare is at
// package level. The text is for people. The error is embed's, or a *Refusal: a name may mean one thing only, as in
// any package, but that a variable or a function may be declared again with its type.
func Notebook(cells []*check.Checked, embed Embed) (*Program, error) {
	last := map[string]*check.Binding{}
	b := newBuilder(nil, func(name string) *check.Binding { return last[name] }, embed)
	b.plain = true
	n := &notebook{builder: b, declared: map[string]bool{}, again: map[string]bool{}}
	for _, ch := range cells {
		for _, bind := range ch.Declared {
			n.once(ch, last[bind.Name], bind)
			last[bind.Name] = bind
			b.names[bind.Name] = true
		}
	}
	for _, ch := range cells {
		n.cell(ch)
	}
	n.end()
	p, err := b.program()
	if err != nil {
		return nil, err
	}
	for name, text := range n.own {
		p.Files[name] = text
	}
	for name, text := range p.Files {
		formatted, err := format.Source([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("%s of the program: %w", name, err)
		}
		p.Files[name] = string(formatted)
	}
	return p, nil
}

// once refuses a name that cells give two meanings. A variable keeps its place where
// its type is the same, and a function, which the calls of earlier cells reach too.
func (n *notebook) once(ch *check.Checked, old, now *check.Binding) {
	if old == nil {
		return
	}
	same := old.Kind == now.Kind && types.Identical(old.Object.Type(), now.Object.Type())
	if same && now.Kind == check.Var {
		return
	}
	if sig, ok := now.Object.Type().(*types.Signature); ok && same && sig.TypeParams().Len() == 0 {
		n.again[now.Name] = true
		return
	}
	n.refuse(ch, now.Node, "%s is declared in cell %d too, as something else: a program has one of that name: rename one", now.Name, old.Cell)
}

// A notebook is a program that is being made of cells.
type notebook struct {
	*builder
	declared map[string]bool // variables that are at package level
	again    map[string]bool // functions that a later cell declares again
	calls    strings.Builder // of the functions that cells are
	shows    bool            // a cell shows a value
	rich     bool            // it may have a form for front-ends, which has a text of its own
	own      map[string]string
}

// cell writes one cell. Functions that end by a return have it end the cell only.
func (n *notebook) cell(ch *check.Checked) {
	b := n.builder
	b.ch, b.home = ch, fmt.Sprintf("cell%06d.go", ch.Cell.N)
	if ch.C != nil {
		b.home = b.homeOfC(ch)
	}
	f := b.file(b.home)
	for _, it := range ch.Cell.Items {
		if fn, ok := it.Node.(*ast.FuncDecl); ok && n.isAgain(fn) {
			n.assigned(fn)
		}
	}
	for i, it := range ch.Cell.Items {
		if i == ch.InitsAt() {
			b.inits()
		}
		if ch.Leads(i) {
			b.inOrder(i, n.variables)
			continue
		}
		n.item(it.Node)
	}
	if ch.InitsAt() == len(ch.Cell.Items) {
		b.inits()
	}
	if f.body.Len() > 0 {
		f.entry = fmt.Sprintf("cell%d", ch.Cell.N)
		for b.names[f.entry] {
			f.entry += "_"
		}
		fmt.Fprintf(&n.calls, "\t%s()\n", f.entry)
	}
	if ch.Main != nil {
		b.refuse(ch, ch.Main, "the cell declares func main, which a program has for all cells: rename it, and call it")
	}
}

func (n *notebook) item(node ast.Node) {
	b := n.builder
	switch node := node.(type) {
	case *ast.GenDecl:
		if node.Tok != token.VAR {
			b.writer(b.ch, node).declare("", node)
			return
		}
		for _, s := range node.Specs {
			spec := s.(*ast.ValueSpec)
			n.variables(spec, spec.Names, spec.Values)
		}
	case *ast.AssignStmt:
		if node.Tok == token.DEFINE && len(identsOf(node.Lhs)) == len(node.Lhs) {
			n.variables(node, identsOf(node.Lhs), node.Rhs)
			return
		}
		n.statement(node)
	case *ast.FuncDecl:
		if !n.isAgain(node) {
			b.funcDecl(node)
		}
	case ast.Stmt:
		n.statement(node)
	}
}

func (n *notebook) isAgain(fn *ast.FuncDecl) bool { return fn.Recv == nil && n.again[fn.Name.Name] }

// assigned writes a function that is declared more than once: a variable that each of
// its cells gives a value, before anything else of the cell.
func (n *notebook) assigned(fn *ast.FuncDecl) {
	w, name := n.writer(n.ch, fn), fn.Name.Name
	if text, ok := w.typeText(n.ch.Uses[fn.Name].Object.Type()); !ok {
		n.refuse(n.ch, fn, "%s is declared again, and its type cannot be written: rename one", name)
	} else if !n.declared[name] {
		n.declared[name] = true
		fmt.Fprintf(&w.f.decls, "// %s has a value from each cell that declares it.\nvar %[1]s %s\n", name, text)
	}
	fmt.Fprintf(&w.f.body, "%s = func%s\n", name, w.source(fn.Type.Params.Pos(), fn.End()))
}

// statement writes a statement; the last expression is shown as the kernel shows it.
func (n *notebook) statement(s ast.Stmt) {
	w := n.writer(n.ch, s)
	text := w.source(s.Pos(), s.End())
	if x, ok := s.(*ast.ExprStmt); ok && x.X == n.ch.Result {
		n.shows = true
		n.rich = n.rich || mayBeRich(n.ch.ResultType)
		text = n.function("show") + "(" + text + ")"
		if n.ch.ResultType != nil && n.ch.ResultType.String() == "error" {
			text = n.function("showError") + "(" + w.source(s.Pos(), s.End()) + ")"
		}
	}
	w.f.body.WriteString(w.line(s.Pos(), 0) + text + "\n")
}

// function is the name of a function of the program's own.
func (n *notebook) function(name string) string {
	for n.names[name] {
		name += "_"
	}
	return name
}

// variables writes variables that a cell declares: at package level, with their
// values in turn among the statements.
func (n *notebook) variables(node ast.Node, names []*ast.Ident, values []ast.Expr) {
	w := n.writer(n.ch, node)
	var left []string
	for _, id := range names {
		bind := n.ch.Uses[id]
		if bind == nil || id.Name == "_" {
			left = append(left, "_")
			continue
		}
		left = append(left, id.Name)
		text, ok := w.typeText(bind.Object.Type())
		if !ok {
			n.refuse(n.ch, id, "the type of %s cannot be written at package level: give it a name", id.Name)
			return
		}
		if !n.declared[id.Name] {
			n.declared[id.Name] = true
			w.variable(node, id.Name, text)
		} else if n.ch.EmbedOf(node) != nil {
			n.refuse(n.ch, id, "%s is declared again, and has its value from files: rename one", id.Name)
		} else if len(values) == 0 {
			fmt.Fprintf(&w.f.body, "%s = *new(%s)\n", id.Name, text)
		}
	}
	if len(values) == 0 {
		return
	}
	text := w.source(values[0].Pos(), values[len(values)-1].End())
	w.f.body.WriteString(w.line(values[0].Pos(), len(strings.Join(left, ", "))+len(" = ")) + strings.Join(left, ", ") + " = " + text + "\n")
}

// mayBeRich tells whether display.Of may know a form of a value of type t.
func mayBeRich(t types.Type) bool {
	switch t := t.(type) {
	case *types.Basic, *types.Map, *types.Chan, *types.Signature, *types.Tuple, nil:
		return false
	case *types.Slice:
		b, ok := t.Elem().Underlying().(*types.Basic)
		return ok && b.Kind() == types.Uint8
	}
	return t.String() != "error"
}

const richSource = `	if len(values) == 1 {
		if rich, ok := display.Of(values[0]); ok {
			fmt.Println(rich.Data["text/plain"])
			return
		}
	}
`

const showSource = `
// %[1]s prints the values of a cell's last expression.
func %[1]s(values ...any) {
%[3]s	for i, v := range values {
		if i > 0 {
			fmt.Print(", ")
		}
		if err, ok := v.(error); ok && err != nil {
			fmt.Print("error: ")
		}
		fmt.Print(v)
	}
	fmt.Println()
}

// %[2]s prints an error that is one.
func %[2]s(err error) {
	if err != nil {
		%[1]s(err)
	}
}
`

// end writes func main, and what it needs besides the cells.
func (n *notebook) end() {
	n.own = map[string]string{"main.go": "package main\n\nfunc main() {\n" + n.calls.String() + "}\n"}
	if n.shows {
		imports, rich := "import \"fmt\"\n", ""
		if n.rich {
			imports, rich = "import (\n\"fmt\"\n\n\"interleave/display\"\n)\n", richSource
		}
		n.own["show.go"] = "package main\n\n" + imports + fmt.Sprintf(showSource, n.function("show"), n.function("showError"), rich)
	}
}
