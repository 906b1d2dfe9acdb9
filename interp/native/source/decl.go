package source

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"interleave/interp/check"
)

// declarations writes the cell's functions, methods, types and constants.
func (r *rewriter) declarations() string {
	var b strings.Builder
	slotted := map[*ast.FuncDecl]*check.Binding{}
	for _, f := range r.declared(check.Func) {
		slotted[f.Node.(*ast.FuncDecl)] = f
	}
	for _, it := range r.ch.Cell.Items {
		switch d := it.Node.(type) {
		case *ast.FuncDecl:
			b.WriteString(r.funcDecl(d, slotted[d]))
		case *ast.GenDecl:
			if d.Tok == token.TYPE || d.Tok == token.CONST {
				b.WriteString(r.line(d.Pos()) + r.plain(d) + "\n")
			}
		}
	}
	return b.String() + r.callers()
}

// funcDecl writes a function or a method; b is its Binding, or nil.
func (r *rewriter) funcDecl(d *ast.FuncDecl, b *check.Binding) string {
	name := d.Name.Name
	switch {
	case d.Body == nil:
		return r.refuse(d, "func %s has no body", name)
	case d.Recv == nil && name == "init":
		return r.function(d, fmt.Sprintf("ꞋꞋinit%d", slices.Index(r.ch.Inits, d)), "")
	case d == r.ch.Main:
		return r.function(d, "ꞋꞋmain", "")
	case d.Recv == nil && b == nil: // func _
		return ""
	}
	if r.exportedToC(d, b) {
		return r.tracked(d, b, Mark+name) + r.exportToC(d, b)
	}
	return r.tracked(d, b, name)
}

// function writes a declaration. head is what stands between func and the
// parameters, name how the function calls itself where it has a slot.
func (r *rewriter) function(d *ast.FuncDecl, head, name string) string {
	r.fn, r.fnName = d, name
	defer func() { r.fn = nil }()
	from := d.Type.Params.Pos()
	if d.Type.TypeParams != nil {
		from = d.Type.TypeParams.Pos()
	}
	return r.directives(d) + r.line(d.Pos()) + "func " + head + r.between(d.Type, from, d.Type.End()) +
		r.gap(d.Type.End(), d.Body.Pos()) + r.funcBody(d.Body) + "\n"
}

// compilerWords are those that the compiler takes before a function of any package.
var compilerWords = []string{"//go:noinline", "//go:nosplit", "//go:norace", "//go:nocheckptr", "//go:uintptrescapes"}

// directives are the words to the compiler before a function.
func (r *rewriter) directives(d *ast.FuncDecl) string {
	if d.Doc == nil {
		return ""
	}
	s := ""
	for _, c := range d.Doc.List {
		if strings.HasPrefix(c.Text, "//export ") && r.ch.C != nil && d.Recv != nil || slices.Contains(compilerWords, c.Text) {
			s += "\n" + c.Text
		}
	}
	return s
}

// exports writes what other units need: aliases, and the accessors of fields.
func (r *rewriter) exports() string {
	var b strings.Builder
	for _, t := range r.declared(check.Type) {
		r.exportType(&b, t)
	}
	r.exportC(&b)
	for i := 0; i < len(r.anonOut); i++ {
		a := r.anonOut[i]
		w := typeWriter{r: r}
		fmt.Fprintf(&b, "type %s = %s\n", a.name, w.fields(a.typ))
		for f := range a.typ.Fields() {
			r.accessors(&b, &ast.Ident{}, a.name, "", "", f)
		}
	}
	return b.String()
}

func (r *rewriter) exportType(b *strings.Builder, t *check.Binding) {
	var l *types.TypeParamList
	switch typ := t.Object.Type().(type) {
	case *types.Named:
		l = typ.TypeParams()
	case *types.Alias:
		l = typ.TypeParams()
	}
	params, args := r.typeParams(t.Node, l)
	name := Mark + t.Name
	fmt.Fprintf(b, "type %s%s = %s%s\n", name, params, t.Name, args)
	st, ok := t.Object.Type().Underlying().(*types.Struct)
	if !ok || !hasHidden(st) || r.u.fields[st.Field(0)].named != t.Object {
		return
	}
	for f := range st.Fields() {
		r.accessors(b, t.Node, name, params, args, f)
	}
}

// accessors writes the address of a field, its value, and a copy with another value.
func (r *rewriter) accessors(b *strings.Builder, n ast.Node, name, params, args string, f *types.Var) {
	if f.Name() == "_" {
		return
	}
	t := r.typeText(n, f.Type())
	fn := "func " + name + Mark + f.Name()
	self := name + args
	fmt.Fprintf(b, "%s%s(p *%s) *%s { return &p.%s }\n", fn, params, self, t, f.Name())
	fmt.Fprintf(b, "%sꞋv%s(p %s) %s { return p.%s }\n", fn, params, self, t, f.Name())
	fmt.Fprintf(b, "%sꞋs%s(p %s, v %s) %s { p.%s = v; return p }\n", fn, params, self, t, self, f.Name())
}
