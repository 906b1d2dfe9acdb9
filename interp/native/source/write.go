package source

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"

	"interleave/interp/check"
)

// generated is the file that positions of what no user wrote are in.
const generated = "\n//line interleave:1\n"

// write writes the unit.
func (r *rewriter) write() {
	decls := r.declarations()
	extra := r.exports()
	body := r.body()
	var b strings.Builder
	b.WriteString(generated)
	b.WriteString(extra)
	for _, name := range slices.Sorted(maps.Keys(r.local)) {
		b.WriteString(r.local[name] + "\n")
	}
	b.WriteString(strings.Join(r.pointers, "") + strings.Join(r.embeds, "") + generated)
	b.WriteString(r.table())
	if r.ch.C != nil {
		// cgo keeps names of its own to itself: the rest is in a file that it does not see.
		pointers := r.pointersC()
		r.file("rest.go", b.String(), "")
		r.file("cell.go", decls+body+generated+pointers, r.importC())
		r.linksC()
		r.u.cell = r.ch.C.Cell
	} else {
		r.file("cell.go", decls+body+b.String(), "")
	}
	r.u.Shape = strings.Join(r.u.Imports, " ") + "\n" + r.u.Shape
}

// file adds a file to the unit.
func (r *rewriter) file(name, text, more string) {
	text = "package " + PackageName + "\n" + r.imports(text) + more + text
	r.u.Shape += text
	r.u.Files[name] = strings.ReplaceAll(text, noCell, strconv.Itoa(r.ch.Cell.N))
}

// imports writes the imports that text uses.
func (r *rewriter) imports(text string) string {
	var b strings.Builder
	for _, path := range slices.Sorted(maps.Keys(r.aliases)) {
		if !strings.Contains(text, r.aliases[path]+".") {
			continue
		}
		fmt.Fprintf(&b, "import %s %q\n", r.aliases[path], path)
		if (strings.HasPrefix(path, r.s.Prefix) || path == Runtime || strings.HasPrefix(path, Runtime+"/")) && !slices.Contains(r.u.Imports, path) {
			r.u.Imports = append(r.u.Imports, path)
		}
	}
	if strings.Contains(text, "\n//go:embed ") {
		b.WriteString("import _ \"embed\"\n")
	}
	for _, is := range r.ch.Cell.Imports {
		if is.Name != nil && is.Name.Name == "_" {
			fmt.Fprintf(&b, "import _ %q\n", r.blank(is))
		}
	}
	return b.String()
}

// blank gives the path of a package that is imported for its effects.
func (r *rewriter) blank(is *ast.ImportSpec) string {
	if p, ok := r.ch.Info.Defs[is.Name].(*types.PkgName); ok {
		return p.Imported().Path()
	}
	path, _ := strconv.Unquote(is.Path.Value) // the parser has checked it
	return path
}

// body writes the cell's statements as a function.
func (r *rewriter) body() string {
	var b strings.Builder
	led := false
	for i, item := range r.ch.Cell.Items[:r.ch.Cell.Own] {
		if i == r.ch.InitsAt() {
			b.WriteString(r.inits())
		}
		r.item = i
		text := ""
		if !r.ch.Leads(i) {
			text = r.statement(item.Node)
		} else if !led {
			text, led = r.inOrder(), true
		}
		if text != "" {
			fmt.Fprintf(&b, "%sꞋꞋat(%d)%s\n", r.line(item.Node.Pos()), i, text)
		}
	}
	if r.ch.Cell.Own == r.ch.InitsAt() {
		b.WriteString(r.inits())
	}
	if r.ch.RunMain {
		b.WriteString("ꞋꞋmain()\n")
	}
	fmt.Fprintf(&b, "ꞋꞋat(%d)\n}\n", len(r.ch.Cell.Items))
	return generated + "func ꞋꞋRun(ꞋꞋat func(" + r.universe("int") + "), ꞋꞋresult func(..." + r.universe("any") + ")) {" + r.prologue(false) + "\n" + b.String()
}

// inits calls the cell's func inits.
func (r *rewriter) inits() string {
	var b strings.Builder
	for i := range r.ch.Inits {
		fmt.Fprintf(&b, "ꞋꞋinit%d()\n", i)
	}
	return b.String()
}

// statement writes one top-level item; "" for one that does nothing at run time.
func (r *rewriter) statement(n ast.Node) string {
	switch n := n.(type) {
	case *ast.FuncDecl:
		return ""
	case *ast.GenDecl:
		return r.variables(n)
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE {
			lhs := make([]string, len(n.Lhs))
			for i, e := range n.Lhs {
				lhs[i] = r.target(e.(*ast.Ident))
			}
			return r.line(n.Pos()) + strings.Join(lhs, ", ") + " = " + r.exprs(n.Rhs)
		}
	case *ast.ExprStmt:
		if r.ch.Result != nil && n.X == r.ch.Result {
			return r.result(n.X)
		}
	}
	return r.line(n.Pos()) + r.text(n)
}

func (r *rewriter) exprs(list []ast.Expr) string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = r.text(e)
	}
	return strings.Join(out, ", ")
}

// target writes a name on the left side of a top-level declaration.
func (r *rewriter) target(id *ast.Ident) string {
	if b := r.ch.Uses[id]; b != nil {
		return "*" + r.pointer(id, b)
	}
	return "_"
}

// result writes the last expression. An error that is nil is not shown.
func (r *rewriter) result(x ast.Expr) string {
	if r.ch.ResultType.String() == "error" {
		return r.line(x.Pos()) + "if ꞋꞋe := " + r.text(x) + "; ꞋꞋe != nil { ꞋꞋresult(ꞋꞋe) }"
	}
	return r.line(x.Pos()) + "ꞋꞋresult(" + r.at(x.Pos()) + r.text(x) + ")"
}

// variables writes a top-level variable declaration: assignments to storage.
func (r *rewriter) variables(d *ast.GenDecl) string {
	if d.Tok != token.VAR {
		return ""
	}
	var b strings.Builder
	for _, s := range d.Specs {
		v := s.(*ast.ValueSpec)
		b.WriteString(r.initialised(v, v.Names, v.Values))
	}
	return b.String()
}

// inOrder writes the variables above the first statement, where a package has them in
// another order than the source.
func (r *rewriter) inOrder() string {
	var b strings.Builder
	for _, init := range r.ch.Order {
		var values []ast.Expr
		if init.Value != nil {
			values = []ast.Expr{init.Value}
		}
		b.WriteString(r.initialised(init.Spec, init.Names, values))
	}
	return b.String()
}

// initialised writes the initialisation of names, which are all of v or some.
func (r *rewriter) initialised(v *ast.ValueSpec, names []*ast.Ident, values []ast.Expr) string {
	s := r.line(v.Pos())
	if e := r.ch.EmbedOf(v); e != nil {
		return s + r.embedded(e)
	}
	lhs := make([]string, len(names))
	blank := true
	for i, id := range names {
		lhs[i] = r.target(id)
		blank = blank && lhs[i] == "_"
	}
	switch {
	case blank && len(names) == len(v.Names):
		return s + "var " + r.text(v)
	case blank && v.Type != nil:
		return s + "var _ " + r.text(v.Type) + " = " + r.exprs(values)
	case len(values) > 0:
		return s + strings.Join(lhs, ", ") + " = " + r.exprs(values)
	}
	for _, l := range lhs {
		if l != "_" {
			s += r.rt("", "Clear") + "(" + l[1:] + "); "
		}
	}
	return s
}

// table writes the pointers to storage, and the table by which the host finds things.
func (r *rewriter) table() string {
	var vars, funcs, names strings.Builder
	null := "nil"
	if r.shadow[null] {
		null = r.rt("", "Nil")
	}
	for _, t := range r.declared(check.Type) {
		iface, _ := t.Object.Type().Underlying().(*types.Interface)
		if spec, ok := t.Node.(*ast.TypeSpec); ok && !spec.Assign.IsValid() && spec.TypeParams == nil && (iface == nil || iface.IsMethodSet()) {
			fmt.Fprintf(&names, "\t\t%q: (*%s)(%s),\n", t.Name, Mark+t.Name, null)
		}
	}
	for _, v := range r.u.Vars {
		fmt.Fprintf(&vars, "\t\t%q: &%s,\n", v.Key, v.Name)
	}
	for _, f := range r.u.Funcs {
		fmt.Fprintf(&funcs, "\t\t%q: %s,\n", f.Key, f.Name)
	}
	again := r.renewed()
	if again != "" {
		again = "\t\"again\": []" + r.universe("any") + "{\n" + again + "\t},\n"
	}
	anyMap := "map[" + r.universe("string") + "]" + r.universe("any")
	return fmt.Sprintf("var ꞋꞋUnit = %s{\n\t\"run\": ꞋꞋRun,\n\t\"vars\": %[1]s{\n%[2]s\t},\n\t\"funcs\": %[1]s{\n%[3]s\t},\n\t\"types\": %[1]s{\n%[4]s\t},\n%[5]s}\n", anyMap, &vars, &funcs, &names, again)
}

// declared lists what the cell declares of a kind.
func (r *rewriter) declared(k check.Kind) []*check.Binding {
	var out []*check.Binding
	for _, b := range r.ch.Declared {
		if b.Kind == k {
			out = append(out, b)
		}
	}
	return out
}
