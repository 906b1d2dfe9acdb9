package interp

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// What the system's linker says of a program.
var (
	undefinedRef = regexp.MustCompile(`undefined reference to .(\w+)'`)
	multipleDefs = regexp.MustCompile(`multiple definition of .(\w+)'`)
	noLibrary    = regexp.MustCompile(`cannot find (-l\S+)`)
	fileOfC      = regexp.MustCompile(`cell0*(\d+)c?\.cgo2\.c`)
)

// linkError words why the C of a program, one made of cell n, does not link; "" where
// text is not about that. outside are names that the session has, which a program of
// its own does not see.
func linkError(text string, n int, outside func(name string) bool) string {
	where := fmt.Sprintf("cell %d", n)
	if m := fileOfC.FindStringSubmatch(text); m != nil {
		where = "cell " + m[1]
	}
	names := func(r *regexp.Regexp) (list []string) {
		for _, m := range r.FindAllStringSubmatch(text, -1) {
			list = append(list, m[1])
		}
		slices.Sort(list)
		return slices.Compact(list)
	}
	if list := names(noLibrary); list != nil {
		return fmt.Sprintf("linker: cannot find %s: install it, or mend the line #cgo LDFLAGS", strings.Join(list, ", "))
	}
	if list := names(multipleDefs); list != nil {
		return fmt.Sprintf("%s: C defines more than once in this program: %s: rename all but one, or make them static", where, strings.Join(list, ", "))
	}
	list := names(undefinedRef)
	switch {
	case list == nil:
		return ""
	case slices.ContainsFunc(list, outside):
		return fmt.Sprintf("%s: declared in C, and defined in a cell of C++ of the session, of which a program sees nothing: %s: take the line package main away, so that the cell is one of the session", where, strings.Join(list, ", "))
	}
	return fmt.Sprintf("%s: declared in C, and defined nowhere: %s: define it, or name its library in a line #cgo LDFLAGS: -lNAME", where, strings.Join(list, ", "))
}
