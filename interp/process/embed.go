package process

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// sourceKinds are the ends of the names of files that the go command compiles.
// Source: go help filetype; go/build.
var sourceKinds = strings.Fields(".go .c .cc .cpp .cxx .m .f .F .for .f90 .s .S .sx .swig .swigcxx .syso")

// writeEmbedded writes the embedded files to dir, where the sources are.
func (g Go) writeEmbedded(dir string) error {
	for _, name := range slices.Sorted(maps.Keys(g.Embedded)) {
		const what = "//go:embed: file %s cannot lie beside the sources of a program, %s: put it into a folder"
		if path.Dir(name) == "." && slices.Contains(sourceKinds, path.Ext(name)) && name[0] != '.' && name[0] != '_' {
			return fmt.Errorf(what, name, "which it would be one of")
		}
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf(what, name, "which have one of that name")
		}
		if err != nil {
			return err
		}
		_, err = f.WriteString(g.Embedded[name])
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}
