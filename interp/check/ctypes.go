package check

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// CTypes are the Go declarations that cgo wrote for the names of a cell.
type CTypes struct {
	Of     *C
	Source string // _cgo_gotypes.go
}

// A ctype is a type that cgo wrote, as it stands there.
type ctype struct {
	text  string
	obj   *types.TypeName
	alias bool
	uses  []string // names of such types in text
}

// A checkedC is what cgo declared for a cell, checked.
type checkedC struct {
	of    *C
	scope *types.Scope
	all   map[string]*ctype // types that are new, and those of earlier cells
	fresh []*types.TypeName // declared by this cell; sorted by name
	old   []*types.TypeName // of earlier cells, since name and definition are theirs
}

// checkC checks the declarations that cgo wrote. A type whose name and definition
// are those of an earlier cell is the type of that cell, so that values pass.
func (s *Session) checkC(t *CTypes) (*checkedC, error) {
	f, err := parser.ParseFile(s.importer.fset, "_cgo_gotypes.go", t.Source, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("what cgo wrote: %w", err)
	}
	out := &checkedC{of: t.Of, all: s.typesOf(f, t.Source)}
	pkg := types.NewPackage("main", "main")
	s.same(out.all)
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		g.Specs = slices.DeleteFunc(g.Specs, func(sp ast.Spec) bool {
			spec := sp.(*ast.TypeSpec)
			if id, ok := spec.Type.(*ast.Ident); ok { // for the reason that addSpec tells
				spec.Type = &ast.ParenExpr{Lparen: id.Pos(), X: id, Rparen: id.End()}
			}
			old := out.all[spec.Name.Name]
			return old != nil && old.obj != nil && !old.alias
		})
	}
	f.Decls = slices.DeleteFunc(f.Decls, func(d ast.Decl) bool {
		g, ok := d.(*ast.GenDecl)
		return ok && g.Tok == token.TYPE && len(g.Specs) == 0
	})
	for _, ct := range out.all {
		if ct.obj != nil && !ct.alias {
			pkg.Scope().Insert(ct.obj)
			out.old = append(out.old, ct.obj)
		}
	}
	conf := types.Config{Importer: s.importer, IgnoreFuncBodies: true, Sizes: sizes, DisableUnusedImportCheck: true}
	if err := types.NewChecker(&conf, s.importer.fset, pkg, nil).Files([]*ast.File{f}); err != nil {
		return nil, fmt.Errorf("what cgo wrote: %w", err)
	}
	out.scope = pkg.Scope()
	for name, ct := range out.all {
		obj, _ := out.scope.Lookup(name).(*types.TypeName)
		if ct.obj == nil && !ct.alias && obj != nil {
			out.fresh = append(out.fresh, obj)
		}
		ct.obj = obj
	}
	byName := func(a, b *types.TypeName) int { return cmp.Compare(a.Name(), b.Name()) }
	slices.SortFunc(out.fresh, byName)
	slices.SortFunc(out.old, byName)
	return out, nil
}

var ctypeName = regexp.MustCompile(`\b_Ctype_\w+`)

// typesOf lists the types of C that a file declares.
func (s *Session) typesOf(f *ast.File, src string) map[string]*ctype {
	out := map[string]*ctype{}
	offset := func(p token.Pos) int { return s.importer.fset.PositionFor(p, false).Offset }
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, sp := range g.Specs {
			spec := sp.(*ast.TypeSpec)
			if !strings.HasPrefix(spec.Name.Name, "_Ctype_") {
				continue
			}
			text := src[offset(spec.Type.Pos()):offset(spec.Type.End())]
			out[spec.Name.Name] = &ctype{text: text, alias: spec.Assign.IsValid(), uses: ctypeName.FindAllString(text, -1)}
		}
	}
	return out
}

// same gives those of all that an earlier cell declared the object of that cell:
// those of one name and text, as long as all types in the text are such too.
func (s *Session) same(all map[string]*ctype) {
	is := map[string]bool{}
	for name, ct := range all {
		old := s.ctypes[name]
		is[name] = old != nil && old.text == ct.text && old.alias == ct.alias
	}
	for again := true; again; {
		again = false
		for name, ct := range all {
			if is[name] && slices.ContainsFunc(ct.uses, func(u string) bool { return !is[u] }) {
				is[name], again = false, true
			}
		}
	}
	for name, ct := range all {
		if is[name] {
			ct.obj = s.ctypes[name].obj
		}
	}
}

// commitC makes the C of a cell known to later ones.
func (s *Session) commitC(ch *Checked) {
	if ch.ctypes == nil {
		return
	}
	for name, ct := range ch.ctypes.all {
		s.ctypes[name] = ct
	}
	if ch.C.Own {
		s.c = ch.C
	}
	s.lastC = ch.ctypes
}
