package source

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"interleave/interp/check"
)

// A C says what the C of a unit shares with that of other units: see package build.
type C struct {
	Prefix        string
	Export        []string          // names that the unit's preamble defines, where it is the cell's own
	Funcs, Vars   []string          // names that another unit's preamble defines
	Types         map[string]string // types of C -> units that export them
	first         home              // unit of the cell that has the preamble
	firstPointers map[string]string // C names whose address that unit exports, by which name
}

// isC tells the pseudo-package C.
func isC(p *types.Package) bool { return p != nil && p.Path() == "C" }

// registerC notes the types of C that the cell declares, and the C that it uses.
func (r *rewriter) registerC() {
	c := r.ch.C
	if c == nil {
		return
	}
	r.u.Cgo = true
	r.u.C.Types = map[string]string{}
	for _, t := range r.ch.CTypes {
		name := Mark + t.Name()
		r.u.homes[t] = home{r.u.Path, name}
		if st, ok := t.Type().Underlying().(*types.Struct); ok {
			for f := range st.Fields() {
				r.u.fields[f] = owner{home{r.u.Path, name}, t}
			}
		}
	}
	for _, t := range r.ch.COld {
		if h, ok := r.s.homes[t]; ok {
			r.u.C.Types[t.Name()] = h.path
		}
	}
	first, known := r.s.c[c.Cell]
	if c.Own || !known {
		r.u.C.Prefix = "interleave_" + strings.ReplaceAll(strings.TrimPrefix(r.u.Path, r.s.Prefix), "/", "_") + "_"
		r.u.C.Export = slices.Concat(c.Funcs, c.Vars)
		r.u.C.first.path = r.u.Path
	} else {
		r.u.C.Prefix, r.u.C.first, r.u.C.firstPointers = first.Prefix, first.first, first.firstPointers
		r.u.C.Funcs, r.u.C.Vars = c.Funcs, c.Vars
	}
	r.cCalls = map[ast.Expr]bool{}
	for _, it := range r.ch.Cell.Items {
		ast.Inspect(it.Node, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				r.cCalls[ast.Unparen(call.Fun)] = true
			}
			return true
		})
	}
}

// cName writes C.name. A variable of C, and a function whose address is taken, are
// those of the unit that has them first.
func (r *rewriter) cName(e *ast.SelectorExpr) string {
	if r.ch != r.own {
		return r.refuse(e, "C.%s in a function of cell %d that is to be compiled again: run that cell again", e.Sel.Name, r.ch.Cell.N)
	}
	pointer, ok := r.u.C.firstPointers[e.Sel.Name]
	if !ok || slices.Contains(r.ch.C.Funcs, e.Sel.Name) && r.cCalls[e] {
		return r.gap(e.Pos(), e.End())
	}
	text := r.alias(r.u.C.first.path) + "." + pointer
	if slices.Contains(r.ch.C.Vars, e.Sel.Name) {
		text = "(*" + text + ")"
	}
	return text + r.at(e.End())
}

// pointersC writes, in the unit that has them first, the addresses of variables
// and functions of C, for units of later cells.
func (r *rewriter) pointersC() string {
	c := r.ch.C
	if c == nil || r.u.C.first.path != r.u.Path {
		return ""
	}
	r.u.C.firstPointers = map[string]string{}
	var b strings.Builder
	for _, name := range c.Vars {
		if !slices.Contains(c.Static, name) {
			fmt.Fprintf(&b, "var ꞋꞋCvar_%[1]s = &C.%[1]s\n", name)
			r.u.C.firstPointers[name] = "ꞋꞋCvar_" + name
		}
	}
	for _, name := range c.Funcs {
		if !slices.Contains(c.Static, name) {
			fmt.Fprintf(&b, "var ꞋꞋCfp_%[1]s = C.%[1]s\n", name)
			r.u.C.firstPointers[name] = "ꞋꞋCfp_" + name
		}
	}
	return b.String()
}

// exportedToC tells a function with a comment //export.
func (r *rewriter) exportedToC(d *ast.FuncDecl, b *check.Binding) bool {
	return r.ch.C != nil && b != nil && d.Recv == nil && d.Type.TypeParams == nil && check.IsExportedToC(d)
}

// exportToC writes what C calls for such a function: one that calls its slot, so that
// C reaches a later declaration, too.
func (r *rewriter) exportToC(d *ast.FuncDecl, b *check.Binding) string {
	var params, args []string
	for _, f := range d.Type.Params.List {
		for range max(1, len(f.Names)) {
			args = append(args, fmt.Sprintf("ꞋꞋp%d", len(args)))
			params = append(params, args[len(args)-1]+" "+r.at(f.Type.Pos())+r.text(f.Type))
		}
	}
	result, give := "", ""
	if d.Type.Results != nil {
		result, give = r.text(d.Type.Results), "return "
	}
	comment := ""
	for _, c := range d.Doc.List {
		if strings.HasPrefix(c.Text, "//export ") {
			comment = "\n" + c.Text
		}
	}
	return comment + r.line(d.Pos()) + "func " + d.Name.Name + "(" + strings.Join(params, ", ") + ") " + result +
		" { " + give + "(*" + r.pointer(d, b) + ")(" + strings.Join(args, ", ") + ") }\n"
}

// exportC writes the types of C for other units.
func (r *rewriter) exportC(b *strings.Builder) {
	for _, t := range r.ch.CTypes {
		name := Mark + t.Name()
		fmt.Fprintf(b, "type %s = %s\n", name, t.Name())
		st, ok := t.Type().Underlying().(*types.Struct)
		if !ok || !hasHidden(st) || r.u.fields[st.Field(0)].named != t {
			continue
		}
		for f := range st.Fields() {
			r.accessors(b, &ast.Ident{}, name, "", "", f)
		}
	}
}

// importC is the import of C, with its preamble.
func (r *rewriter) importC() string {
	text := strings.TrimSuffix(r.ch.C.Preamble, "\n")
	return "//" + strings.ReplaceAll(text, "\n", "\n//") + "\nimport \"C\"\n"
}

// linksC adds the units that the unit's C needs.
func (r *rewriter) linksC() {
	add := func(path string) {
		if path != "" && path != r.u.Path && !slices.Contains(r.u.Imports, path) {
			r.u.Imports = append(r.u.Imports, path)
		}
	}
	add(r.u.C.first.path)
	for _, path := range r.u.C.Types {
		add(path)
	}
	slices.Sort(r.u.Imports)
}
