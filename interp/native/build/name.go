package build

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"interleave/interp/exports"
	"interleave/interp/native/fast"
)

// The compiler writes the package name before the names of types, and users
// know their types as main.point. But it treats a package called main, compiled
// for plugins, as a plugin's own: it would write a table of exported symbols
// into every unit. So units are compiled by another name of four bytes, which
// is replaced in the archive: there it stands in the strings that %T and panics
// print, and in the export data, from where importing units take it.

// renamed gives files with a package clause of a name that occurs nowhere else.
func renamed(files map[string]string) (map[string]string, string, error) {
	name, err := unusedName(files)
	if err != nil {
		return nil, "", err
	}
	out := maps.Clone(files)
	for file, src := range files {
		if filepath.Ext(file) != ".go" {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, src, parser.PackageClauseOnly)
		if err != nil {
			return nil, "", err
		}
		at := int(f.Name.Pos()) - 1 // positions of a file set's first file begin at 1
		out[file] = src[:at] + name + src[at+len(f.Name.Name):]
	}
	return out, name, nil
}

// unusedName gives a name of four bytes that files do not hold.
func unusedName(files map[string]string) (string, error) {
	for c := 'a'; c <= 'z'; c++ {
		for d := '0'; d <= '9'; d++ {
			name := fmt.Sprintf("Zq%c%c", d, c)
			used := false
			for file, src := range files {
				used = used || strings.Contains(src, name) || strings.Contains(file, name)
			}
			if !used {
				return name, nil
			}
		}
	}
	return "", fmt.Errorf("package name: all of Zq0a to Zq9z are used in the cell")
}

// showAsMain replaces name, of four bytes, in an archive, and in the names of types
// the import paths of units and of modules that are compiled by another path: type
// arguments stand there by those, as in main.list[interleave/cells/c3.point].
func showAsMain(archive, name string, paths *regexp.Regexp) error {
	data, err := os.ReadFile(archive)
	if err != nil {
		return err
	}
	data = bytes.ReplaceAll(data, []byte(name), []byte("main"))
	fast.RenameTypes(data, func(name string) string {
		return inName.ReplaceAllString(paths.ReplaceAllString(name, "${1}main."), "$1")
	})
	fast.HideMethods(data, methodMark)
	return os.WriteFile(archive, data, 0o644)
}

// methodMark begins the names of lower-case methods in units.
const methodMark = "Ꞌ"

// inName matches what the import path of a module that this program holds, too, begins
// with in the name of a type.
var inName = regexp.MustCompile(`(^|[^\w./-])` + regexp.QuoteMeta(exports.Held))

// pathsBeside matches the import path of p, and of units beside it, in a name: they
// are numbered, as in c3 and c3x1.
func (p Package) pathsBeside() *regexp.Regexp {
	dir, last := path.Split(p.Path)
	kind := regexp.QuoteMeta(strings.TrimRight(last, "0123456789x"))
	return regexp.MustCompile(`(^|[^\w./-])` + regexp.QuoteMeta(dir) + kind + `[0-9]+(?:x[0-9]+)?\.`)
}

// packageName gives the name in the package clauses of files.
func packageName(files map[string]string) (string, error) {
	for file, src := range files {
		if filepath.Ext(file) != ".go" {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, src, parser.PackageClauseOnly)
		if err != nil {
			return "", err
		}
		return f.Name.Name, nil
	}
	return "", fmt.Errorf("package: has no files")
}
