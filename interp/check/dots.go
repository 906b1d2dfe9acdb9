package check

import (
	"go/token"
	"go/types"
	"slices"
)

// A dot import lasts for the session, as other imports do. What it gives is not
// imported into the file of a later cell, where it would clash with all other names:
// the cell has those that it mentions, where they do not mean something later.

// addDot puts a path behind those of dot imports: the latest that has a name gives it.
func addDot(dots []string, path string) []string {
	dots = slices.DeleteFunc(slices.Clone(dots), func(p string) bool { return p == path })
	return append(dots, path)
}

// dotted gives what a name means by dot imports, the latest first; nil for nothing.
func (s *Session) dotted(dots []string, name string) types.Object {
	if !token.IsExported(name) {
		return nil
	}
	for _, path := range slices.Backward(dots) {
		if pkg, err := s.importer.ImportDirect(path); err == nil {
			if obj := pkg.Scope().Lookup(name); obj != nil {
				return obj
			}
		}
	}
	return nil
}

// ownDots are the paths of the cell's own dot imports.
func (u *unit) ownDots() []string {
	var dots []string
	for _, is := range u.c.Imports {
		if is.Name != nil && is.Name.Name == "." {
			dots = append(dots, importPath(is))
		}
	}
	return dots
}

// hideBehind takes names out of the session that a dot import gives another meaning.
func (s *Session) hideBehind(path string) {
	for name := range s.names {
		if s.dotted([]string{path}, name) != nil {
			delete(s.names, name)
		}
	}
	for name := range s.lost {
		if s.dotted([]string{path}, name) != nil {
			delete(s.lost, name)
		}
	}
}
