package check

import (
	"go/ast"
	"go/types"
	"maps"
	"path"
	"slices"
	"strings"

	"interleave/interp/exports"
)

// members gives what can follow "x.": members of a package, or fields and
// methods of a type.
func (u *unit) members(x ast.Expr) []Match {
	if id, ok := x.(*ast.Ident); ok {
		if pkg := u.packageOf(id); pkg != nil && pkg.Path() == "C" {
			return u.membersOfC()
		} else if pkg != nil {
			return exported(pkg)
		}
	}
	tv, ok := u.info.Types[x]
	if !ok || tv.Type == nil {
		return nil
	}
	v := visible{seen: map[string]bool{}}
	if !tv.IsType() {
		v.fields(tv.Type)
	}
	v.methods(tv.Type, !tv.IsType())
	slices.SortStableFunc(v.list, func(a, b Match) int { return strings.Compare(a.Text, b.Text) })
	return v.list
}

// packageOf gives the package that an identifier names, whether the cell has
// imported it or not.
func (u *unit) packageOf(id *ast.Ident) *types.Package {
	switch obj := u.info.Uses[id].(type) {
	case *types.PkgName:
		return obj.Imported()
	case nil:
		return u.s.importer.named(id.Name)
	}
	return nil
}

// preferred are the packages that most programs mean by names of several.
var preferred = map[string]string{"rand": "math/rand/v2", "template": "text/template"}

// named finds a package of the standard library, or one of the kernel's own, by its
// name, or nil. The shortest path wins, and then the newest version.
func (p *packages) named(name string) *types.Package {
	if p.load() != nil {
		return nil
	}
	best := preferred[name]
	for _, candidate := range p.known() {
		if base(candidate) != name || internal(candidate) {
			continue
		}
		if best == "" || depth(candidate) < depth(best) || depth(candidate) == depth(best) && strings.HasPrefix(candidate, best) {
			best = candidate
		}
	}
	if best == "" {
		return nil
	}
	pkg, err := p.Import(best)
	if err != nil {
		return nil
	}
	return pkg
}

// known gives the paths of the standard library and of the kernel's own packages, these
// last.
func (p *packages) known() []string {
	return slices.Concat(p.table.Paths(), slices.Sorted(maps.Keys(p.options.Sources)))
}

// base gives the name that a package most likely has: versions do not count.
func base(p string) string {
	if b := path.Base(p); b != "v2" {
		return b
	}
	return path.Base(path.Dir(p))
}

// depth counts the parts of a path, versions left out.
func depth(p string) int { return strings.Count(strings.TrimSuffix(p, "/v2"), "/") }

func exported(pkg *types.Package) []Match {
	var out []Match
	for _, name := range pkg.Scope().Names() {
		if obj := pkg.Scope().Lookup(name); obj.Exported() {
			out = append(out, describe(obj))
		}
	}
	return out
}

// reachable tells whether a cell may name a field or method: all cells are one package.
func reachable(obj types.Object) bool {
	return obj.Exported() || obj.Pkg() != nil && obj.Pkg().Path() == "main"
}

// fields adds the fields of a struct, and what it embeds: the shallow first.
func (v *visible) fields(t types.Type) {
	level, seen := []types.Type{t}, map[types.Type]bool{}
	for len(level) > 0 {
		var next []types.Type
		for _, t := range level {
			if p, ok := t.Underlying().(*types.Pointer); ok {
				t = p.Elem()
			}
			s, ok := t.Underlying().(*types.Struct)
			if !ok || seen[t] {
				continue
			}
			seen[t] = true
			for f := range s.Fields() {
				if reachable(f) {
					v.add(f)
				}
				if f.Embedded() {
					next = append(next, f.Type())
				}
			}
		}
		level = next
	}
}

// methods adds the methods of t; of a variable, those of its pointer too.
func (v *visible) methods(t types.Type, variable bool) {
	_, pointer := t.Underlying().(*types.Pointer)
	if variable && !pointer && !types.IsInterface(t) {
		t = types.NewPointer(t)
	}
	for m := range types.NewMethodSet(t).Methods() {
		if reachable(m.Obj()) {
			v.add(m.Obj())
		}
	}
}

// describe gives the match for an object.
func describe(obj types.Object) Match {
	m := Match{Text: obj.Name()}
	switch obj := obj.(type) {
	case *types.Func:
		m.Type = "function"
		if obj.Signature().Recv() != nil {
			m.Type = "method"
		}
	case *types.Builtin:
		m.Type = "function"
		return m
	case *types.PkgName:
		return Match{obj.Name(), "module", exports.Plain(obj.Imported().Path())}
	case *types.TypeName:
		m.Type, m.Detail = "type", kindOf(obj.Type())
		return m
	case *types.Const:
		m.Type = "const"
	case *types.Nil:
		m.Type = "const"
		return m
	case *types.Var:
		m.Type = "variable"
		if obj.IsField() {
			m.Type = "field"
		}
	}
	m.Detail = types.TypeString(obj.Type(), qualifier)
	return m
}

// kindOf tells in a word what a type is.
func kindOf(t types.Type) string {
	switch t := t.Underlying().(type) {
	case *types.Struct:
		return "struct"
	case *types.Interface:
		return "interface"
	default:
		return types.TypeString(t, qualifier)
	}
}

// qualifier writes types as a cell would.
func qualifier(p *types.Package) string {
	if p.Path() == "main" {
		return ""
	}
	return p.Name()
}
