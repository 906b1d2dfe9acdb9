package headless

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"interleave/interp"
	source "interleave/interp/cell"
)

// declarations gives the indexes of the cells that declare each name at their top
// level, imports included, in order.
func (v *verification) declarations() map[string][]int {
	declared := map[string][]int{}
	for i, c := range v.fresh {
		parsed, err := source.Parse(i+1, c.code())
		if err != nil {
			continue
		}
		for _, name := range topNames(parsed) {
			declared[name] = append(declared[name], i)
		}
	}
	return declared
}

// topNames are the names that a cell declares.
func topNames(c *source.Cell) (names []string) {
	for _, is := range c.Imports {
		name, _ := strconv.Unquote(is.Path.Value)
		name = path.Base(name)
		if is.Name != nil {
			name = is.Name.Name
		}
		names = append(names, name)
	}
	for _, item := range c.Items {
		names = append(names, declares(item.Node)...)
	}
	return names
}

// declares are the names that one item of a cell declares.
func declares(n ast.Node) (names []string) {
	switch n := n.(type) {
	case *ast.FuncDecl:
		if n.Recv == nil {
			names = append(names, n.Name.Name)
		}
	case *ast.AssignStmt:
		for _, left := range n.Lhs {
			if id, ok := left.(*ast.Ident); ok && n.Tok == token.DEFINE {
				names = append(names, id.Name)
			}
		}
	case *ast.GenDecl:
		for _, spec := range n.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name.Name)
			case *ast.ValueSpec:
				for _, id := range spec.Names {
					names = append(names, id.Name)
				}
			}
		}
	case *ast.DeclStmt:
		return declares(n.Decl)
	}
	return names
}

var undefinedName = regexp.MustCompile(`(?m)^cell \d+:\d+:\d+: undefined: ([\pL_][\pL\pN_]*)`)

// undefined gives the names, each once, that a cell failed for want of.
func undefined(e *interp.Error) (names []string) {
	if e == nil || e.Name != "CompileError" {
		return nil
	}
	for _, m := range undefinedName.FindAllStringSubmatch(ansi.ReplaceAllString(strings.Join(e.Traceback, "\n"), ""), -1) {
		if !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
	}
	return names
}
