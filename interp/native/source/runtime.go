package source

import (
	"embed"
	"path"
	"strings"
)

// Runtime is the import path of the runtime unit; others lie below it.
const Runtime = "interleave/cells/rt"

//go:embed rt
var runtimeFiles embed.FS

// A Package is a unit whose source is the same in every session.
type Package struct {
	Path  string
	Files map[string]string // name -> source
}

// RuntimePackages are the units that units of cells import, each before those
// that import it. Each exports ꞋꞋUnit, a map[string]any with "ops", a
// map[string]any: name -> pointer to a variable that the host may fill in once,
// before any unit of a cell runs. What each does is said where it is declared.
// Without a host they do what the library does.
func RuntimePackages() []Package {
	var out []Package
	for _, name := range []string{"", "context", "fmt", "io", "log", "os", "os_signal", "runtime", "sync", "time"} {
		file := strings.TrimSuffix("rt_"+name, "_") + ".go"
		text, err := runtimeFiles.ReadFile("rt/" + file + ".txt")
		if err != nil {
			panic(err) // it is embedded
		}
		p := path.Join(Runtime, strings.ReplaceAll(name, "_", "/"))
		out = append(out, Package{Path: p, Files: map[string]string{file: string(text)}})
	}
	return out
}
