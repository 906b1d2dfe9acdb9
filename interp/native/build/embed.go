package build

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// An Embed is what the //go:embed directives of a unit mean. Its zero value is none.
type Embed struct {
	Patterns map[string][]string // pattern -> names of files, sorted
	Files    map[string]string   // name -> content
}

// inputs lists it for the key of the cache.
func (e Embed) inputs() []string {
	if len(e.Patterns) == 0 {
		return nil
	}
	what := []string{fmt.Sprintf("embed %d %d", len(e.Patterns), len(e.Files))}
	for _, pattern := range slices.Sorted(maps.Keys(e.Patterns)) {
		what = append(what, pattern, fmt.Sprintf("%q", e.Patterns[pattern]))
	}
	for _, name := range slices.Sorted(maps.Keys(e.Files)) {
		what = append(what, name, e.Files[name])
	}
	return what
}

// embedDir is the folder of what is embedded, below that of the sources.
const embedDir = "embed"

// write writes the files, and the table of them that the compiler reads, to work: they
// may change meanwhile where they are. It gives the compiler's flags. The names that
// they have here do not show in the archive.
// Source: cmd/go/internal/work, "embedcfg"; cmd/compile/internal/base.
func (e Embed) write(work string) (flags []string, err error) {
	if len(e.Patterns) == 0 {
		return nil, nil
	}
	dir := filepath.Join(work, embedDir)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	table := struct {
		Patterns map[string][]string
		Files    map[string]string
	}{e.Patterns, map[string]string{}}
	for i, name := range slices.Sorted(maps.Keys(e.Files)) {
		file := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(file, []byte(e.Files[name]), 0o644); err != nil {
			return nil, err
		}
		table.Files[name] = file
	}
	text, err := json.Marshal(table)
	if err != nil {
		return nil, err
	}
	cfg := filepath.Join(dir, "embedcfg")
	return []string{"-embedcfg", cfg}, os.WriteFile(cfg, text, 0o644)
}
