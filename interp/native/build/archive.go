package build

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// addObjects adds objects, files in dir, to the end of an archive, as the go
// command does it: the linker hands them on to the system's.
// Source: packInternal in cmd/go/internal/work/gc.go; cmd/internal/archive.
func addObjects(archive, dir string, objects []string) error {
	data, err := os.ReadFile(archive)
	if err != nil {
		return err
	}
	b := bytes.NewBuffer(data)
	for _, name := range objects {
		object, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "%-16s%-12d%-6d%-6d%-8o%-10d`\n", filepath.Base(name), 0, 0, 0, 0o644, len(object))
		b.Write(object)
		if len(object)%2 == 1 {
			b.WriteByte(0) // files begin at even offsets
		}
	}
	return os.WriteFile(archive, b.Bytes(), 0o644)
}
