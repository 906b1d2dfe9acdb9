//go:build !race

package interp

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"interleave/interp/check"
)

// A program is a Go package made of the cells of a session: top-level variables
// are package variables, the statements of each cell a function, and := at top
// level assigns.
type programText struct {
	name    string
	imports map[string]string // local name to path
	dots    map[string]bool   // paths of dot imports
	blanks  map[string]bool   // paths of imports for their effect
	aliases map[string]string // path to the name by which types of variables mention it
	vars    map[string]string // name to type
	decls   strings.Builder
	run     strings.Builder
	inits   int
}

func newProgramOf(name string) *programText {
	return &programText{
		name: name, imports: map[string]string{}, dots: map[string]bool{}, blanks: map[string]bool{},
		aliases: map[string]string{}, vars: map[string]string{},
	}
}

func (p *programText) add(ch *check.Checked) {
	maps.Copy(p.imports, ch.Imports)
	for _, path := range ch.DotImports {
		p.dots[path] = true
	}
	for _, is := range ch.Cell.Imports {
		if is.Name != nil && is.Name.Name == "_" {
			p.blanks[strings.Trim(is.Path.Value, `"`)] = true
		}
	}
	for _, b := range ch.Declared {
		if b.Kind == check.Var && !b.Adopted {
			p.vars[b.Name] = p.typeText(b.Object.Type())
		}
	}
	p.run.WriteString("func() {\n")
	from, ordered := p.inits, false
	for i := 0; i <= ch.Cell.Own; i++ {
		for k := range ch.Inits {
			if i == ch.InitsAt() {
				fmt.Fprintf(&p.run, "init%d()\n", from+k)
			}
		}
		switch {
		case i < ch.Cell.Own && !ch.Leads(i):
			p.item(ch, ch.Cell.Items[i].Node)
		case i == ch.Cell.Own || ordered:
		default:
			ordered = true
			for _, init := range ch.Order {
				p.initial(ch, init)
			}
		}
	}
	if ch.Main != nil {
		p.run.WriteString("main()\n")
	}
	p.run.WriteString("}()\n")
}

func (p *programText) typeText(t types.Type) string {
	return types.TypeString(t, func(pkg *types.Package) string {
		if pkg.Path() == "main" {
			return ""
		}
		for name, path := range p.imports {
			if path == pkg.Path() {
				return name
			}
		}
		if p.aliases[pkg.Path()] == "" {
			p.aliases[pkg.Path()] = fmt.Sprintf("types%d", len(p.aliases))
		}
		return p.aliases[pkg.Path()]
	})
}

func (p *programText) item(ch *check.Checked, n ast.Node) {
	c := ch.Cell
	text := c.Text(n)
	switch n := n.(type) {
	case *ast.FuncDecl:
		if n.Recv == nil && n.Name.Name == "init" { // each would run in every script
			text = strings.Replace(text, "init", fmt.Sprintf("init%d", p.inits), 1)
			p.inits++
		}
		p.decls.WriteString(text + "\n")
		return
	case *ast.GenDecl:
		p.genDecl(ch, n)
		return
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE {
			at := c.Offset(n.TokPos) - c.Offset(n.Pos())
			text = text[:at] + text[at+1:]
		}
	case *ast.ExprStmt:
		if n.X == ch.Result {
			blanks := 1
			if tuple, ok := ch.ResultType.(*types.Tuple); ok {
				blanks = tuple.Len()
			}
			text = strings.Repeat(", _", blanks)[2:] + " = " + text
		}
	}
	p.run.WriteString(text + "\n")
}

func (p *programText) genDecl(ch *check.Checked, d *ast.GenDecl) {
	if d.Tok != token.VAR {
		p.decls.WriteString(ch.Cell.Text(d) + "\n")
		return
	}
	for _, s := range d.Specs {
		v := s.(*ast.ValueSpec)
		var names, values []string
		for _, n := range v.Names {
			names = append(names, n.Name)
			if len(v.Values) == 0 && n.Name != "_" {
				values = append(values, "*new("+p.vars[n.Name]+")")
			}
		}
		for _, e := range v.Values {
			values = append(values, ch.Cell.Text(e))
		}
		switch {
		case len(v.Values) > 0 && len(names) == 1 && names[0] == "_":
			p.run.WriteString("var " + ch.Cell.Text(v) + "\n")
		case len(values) > 0:
			fmt.Fprintf(&p.run, "%s = %s\n", strings.Join(names, ", "), strings.Join(values, ", "))
		}
	}
}

// initial writes the initialisation of some variables.
func (p *programText) initial(ch *check.Checked, init check.Initial) {
	var names []string
	for _, n := range init.Names {
		names = append(names, n.Name)
		if init.Value == nil && n.Name != "_" {
			fmt.Fprintf(&p.run, "%s = *new(%s)\n", n.Name, p.vars[n.Name])
		}
	}
	if init.Value != nil {
		p.run.WriteString(strings.Join(names, ", ") + " = " + ch.Cell.Text(init.Value) + "\n")
	}
}

func (p *programText) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "package %s\n", p.name)
	for _, name := range slices.Sorted(maps.Keys(p.imports)) {
		fmt.Fprintf(&b, "import %s %q\n", name, p.imports[name])
	}
	for _, path := range slices.Sorted(maps.Keys(p.dots)) {
		fmt.Fprintf(&b, "import . %q\n", path)
	}
	for _, path := range slices.Sorted(maps.Keys(p.blanks)) {
		fmt.Fprintf(&b, "import _ %q\n", path)
	}
	for _, path := range slices.Sorted(maps.Keys(p.aliases)) {
		fmt.Fprintf(&b, "import %s %q\n", p.aliases[path], path)
	}
	for _, name := range slices.Sorted(maps.Keys(p.vars)) {
		fmt.Fprintf(&b, "var %s %s\n", name, p.vars[name])
	}
	b.WriteString(p.decls.String())
	b.WriteString("func Run() {\n" + p.run.String() + "}\n")
	return b.String()
}
