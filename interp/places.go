package interp

import (
	"go/types"
	"slices"

	"interleave/interp/check"
)

// placing are the names of the library by which code tells where it is called. Of an
// interpreted cell that would be a line of package reflect.
var placing = map[string][]string{
	"log": {"Lshortfile", "Llongfile"}, "log/slog": {"AddSource"},
	"runtime": {"Caller", "Callers", "Stack"}, "runtime/debug": {"Stack", "PrintStack"},
}

// showsPlaces tells whether a cell mentions one of them.
func showsPlaces(c *check.Checked) bool {
	return mentions(c, func(obj types.Object) bool { return slices.Contains(placing[obj.Pkg().Path()], obj.Name()) })
}

// mayBePlaced tells whether a cell calls what may do so then: loggers, and functions of cells.
func mayBePlaced(c *check.Checked) bool {
	for _, b := range c.Uses {
		if b.Kind == check.Func {
			return true
		}
	}
	return mentions(c, func(obj types.Object) bool {
		_, ok := obj.(*types.Func)
		return ok && (obj.Pkg().Path() == "log" || obj.Pkg().Path() == "log/slog")
	})
}

// mentions tells whether a cell mentions something of a package that is so.
func mentions(c *check.Checked, is func(types.Object) bool) bool {
	for _, obj := range c.Info.Uses {
		if obj.Pkg() != nil && is(obj) {
			return true
		}
	}
	return false
}
