package check

import (
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// visible gives the names that can be used at a position: locals, those of the
// cell and the session, imports, Go's own, keywords.
func (u *unit) visible(pos token.Pos, inFunc bool, prefix string) []Match {
	v := visible{prefix: prefix, seen: map[string]bool{}}
	for scope := u.pkg.Scope().Innermost(pos); scope != nil && scope != u.pkg.Scope(); scope = scope.Parent() {
		for _, name := range scope.Names() {
			obj := scope.Lookup(name)
			if _, imported := obj.(*types.PkgName); imported || obj.Pos() < pos && obj.Parent() == scope {
				v.add(obj)
			}
		}
	}
	for _, d := range slices.Backward(u.decls) {
		if obj := u.info.Defs[d.id]; obj != nil && obj.Type() != nil && (inFunc || d.kind != Var || d.from <= pos) {
			v.addAs(d.name, obj)
		}
	}
	for _, name := range v.some(u.s.names) {
		v.add(u.s.names[name].Object)
	}
	for _, pkg := range u.dotted() {
		for _, m := range exported(pkg) {
			if begins(m.Text, prefix) {
				v.match(m)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(u.s.imports)) {
		v.match(Match{name, "module", u.s.imports[name]})
	}
	for _, name := range types.Universe.Names() {
		v.add(types.Universe.Lookup(name))
	}
	for tok := token.BREAK; tok <= token.VAR; tok++ {
		v.match(Match{Text: tok.String(), Type: "keyword"})
	}
	return v.list
}

// dotted are the packages whose names need no selector, the latest first.
func (u *unit) dotted() (out []*types.Package) {
	for _, path := range slices.Backward(append(slices.Clone(u.s.dots), u.ownDots()...)) {
		if pkg, err := u.s.importer.ImportDirect(path); err == nil {
			out = append(out, pkg)
		}
	}
	return out
}

// visible collects matches; the first of a name hides the others.
type visible struct {
	prefix string
	seen   map[string]bool
	list   []Match
}

// begins tells whether a name begins with a prefix, in whatever case.
func begins(name, prefix string) bool {
	return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}

// some gives the names that begin with the prefix, sorted.
func (v *visible) some(names map[string]*Binding) []string {
	var out []string
	for name := range names {
		if begins(name, v.prefix) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func (v *visible) match(m Match) {
	if !v.seen[m.Text] && m.Text != "_" && !strings.HasSuffix(m.Text, mark) && !strings.Contains(m.Text, dot) {
		v.seen[m.Text] = true
		v.list = append(v.list, m)
	}
}

func (v *visible) add(obj types.Object) { v.addAs(obj.Name(), obj) }

func (v *visible) addAs(name string, obj types.Object) {
	if v.seen[name] || !begins(name, v.prefix) {
		return
	}
	m := describe(obj)
	m.Text = name
	v.match(m)
}
