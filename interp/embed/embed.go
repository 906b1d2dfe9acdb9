// Package embed finds the files that the patterns of //go:embed directives mean, by
// the rules of the go command. Source: go doc embed, "Directives".
package embed

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"
)

// Files gives the names of the files in dir that a pattern means, sorted. The error is
// in the go command's words, without the pattern.
func Files(dir fs.FS, pattern string) ([]string, error) {
	glob, hidden := strings.CutPrefix(pattern, "all:")
	if _, err := path.Match(glob, ""); err != nil || glob == "." || !fs.ValidPath(glob) {
		return nil, errors.New("invalid pattern syntax")
	}
	matches, err := fs.Glob(dir, glob)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, name := range matches {
		files, err := below(dir, name, hidden)
		if err != nil {
			return nil, err
		}
		out = append(out, files...)
	}
	if len(out) == 0 {
		return nil, errors.New("no matching files found")
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// below gives the file of that name, or the files in the folder of that name.
func below(dir fs.FS, name string, hidden bool) ([]string, error) {
	info, err := fs.Lstat(dir, name)
	if err != nil {
		return nil, err
	}
	what := "file"
	if info.IsDir() {
		what = "directory"
	}
	if err := way(dir, name); err != nil {
		return nil, fmt.Errorf("cannot embed %s %s: %w", what, name, err)
	}
	switch {
	case info.IsDir():
		files, err := inFolder(dir, name, hidden)
		if err == nil && len(files) == 0 {
			err = fmt.Errorf("cannot embed directory %s: contains no embeddable files", name)
		}
		return files, err
	case info.Mode().IsRegular():
		return []string{name}, nil
	}
	return nil, fmt.Errorf("cannot embed irregular file %s", name)
}

// way is an error where a file that is named cannot be in the module of dir.
func way(dir fs.FS, name string) error {
	for at := name; at != "."; at = path.Dir(at) {
		if startsModule(dir, at) {
			return errors.New("in different module")
		}
		if info, err := fs.Lstat(dir, at); at != name && err == nil && !info.IsDir() {
			return fmt.Errorf("in non-directory %s", at)
		}
		switch elem := path.Base(at); {
		case !isBad(elem):
		case at == name:
			return fmt.Errorf("invalid name %s", elem)
		default:
			return fmt.Errorf("in invalid directory %s", elem)
		}
	}
	return nil
}

// inFolder lists the files in a folder that would be packed into a module: those that
// begin with . or _ only where hidden says so.
func inFolder(dir fs.FS, folder string, hidden bool) ([]string, error) {
	var out []string
	err := fs.WalkDir(dir, folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		elem := d.Name()
		isHidden := elem[0] == '.' || elem[0] == '_'
		switch {
		case name == folder:
		case isHidden && !hidden || isBad(elem):
			if d.IsDir() {
				return fs.SkipDir
			}
			if !isHidden {
				return fmt.Errorf("cannot embed file %s: invalid name %s", name, elem)
			}
			return nil
		case d.IsDir() && startsModule(dir, name):
			return fs.SkipDir
		}
		if d.Type().IsRegular() {
			out = append(out, name)
		}
		return nil
	})
	return out, err
}

func startsModule(dir fs.FS, folder string) bool {
	_, err := fs.Stat(dir, path.Join(folder, "go.mod"))
	return err == nil
}

// reserved are names that Windows keeps to itself.
var reserved = strings.Fields("CON com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9 NUL PRN AUX")

// isBad tells names that no module has a file of.
// Source: go doc golang.org/x/mod/module, CheckFilePath; cmd/go/internal/load.
func isBad(elem string) bool {
	if slices.Contains([]string{".git", ".hg", ".bzr", ".svn"}, elem) || strings.HasSuffix(elem, ".") {
		return true
	}
	short, _, _ := strings.Cut(elem, ".")
	if slices.ContainsFunc(reserved, func(r string) bool { return strings.EqualFold(r, short) }) {
		return true
	}
	return strings.ContainsFunc(elem, func(r rune) bool {
		if r < unicode.MaxASCII {
			return r < ' ' || strings.ContainsRune("\"'*<>?`|/\\:;", r)
		}
		return !unicode.IsLetter(r)
	})
}
