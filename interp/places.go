package interp

import (
	"go/types"
	"slices"

	"interleave/interp/check"
)

// placing are the names of packages log and log/slog by which a logger tells where it
// is called. Of an interpreted cell that would be a line of package reflect.
var placing = []string{"Lshortfile", "Llongfile", "AddSource"}

// showsPlaces tells whether a cell mentions one of them.
func showsPlaces(c *check.Checked) bool {
	return ofLoggers(c, func(obj types.Object) bool { return slices.Contains(placing, obj.Name()) })
}

// logs tells whether a cell calls functions or methods of loggers.
func logs(c *check.Checked) bool {
	return ofLoggers(c, func(obj types.Object) bool { _, ok := obj.(*types.Func); return ok })
}

// ofLoggers tells whether a cell mentions something of package log or log/slog that is so.
func ofLoggers(c *check.Checked, is func(types.Object) bool) bool {
	for _, obj := range c.Info.Uses {
		if obj.Pkg() != nil && (obj.Pkg().Path() == "log" || obj.Pkg().Path() == "log/slog") && is(obj) {
			return true
		}
	}
	return false
}
