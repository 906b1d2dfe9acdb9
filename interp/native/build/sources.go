package build

import (
	"context"
	"fmt"
	"go/build"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// ownPackages gives the archives of Options.Sources, which the first call
// compiles.
//
// This program holds these packages too, and the runtime compares their export
// data, in which positions stand: so they are compiled with the positions that
// they had when this program was built.
func (t *Toolchain) ownPackages(ctx context.Context) (map[string]string, error) {
	t.mu.Lock()
	done := t.shared
	t.mu.Unlock()
	if done != nil {
		return done, nil
	}
	done = map[string]string{}
	for _, path := range slices.Sorted(maps.Keys(t.sources)) {
		if err := t.ownPackage(ctx, path, done); err != nil {
			return nil, err
		}
	}
	t.mu.Lock()
	t.shared = done
	t.mu.Unlock()
	return done, nil
}

// ownPackage adds the package of that path to done, after those it imports.
func (t *Toolchain) ownPackage(ctx context.Context, path string, done map[string]string) error {
	if done[path] != "" {
		return nil
	}
	files, imports, err := goFiles(t.sources[path])
	if err != nil {
		return fmt.Errorf("package %s: %w", path, err)
	}
	p := Package{Path: path, Files: files, Imports: map[string]string{}}
	for _, imported := range imports {
		if t.sources[imported] == nil {
			continue
		}
		if err := t.ownPackage(ctx, imported, done); err != nil {
			return err
		}
		p.Imports[imported] = done[imported]
	}
	positions := t.positions(path)
	what, err := t.inputs("own "+positions, p, nil)
	if err != nil {
		return err
	}
	done[path], _, err = t.cached(ctx, "unit.a", what, func(ctx context.Context, work string) error {
		return t.compile(ctx, p, nil, work, positions)
	})
	return err
}

// positions gives the folder that the files of a package of this module lay in.
func (t *Toolchain) positions(pkg string) string {
	_, below, _ := strings.Cut(pkg, "/")
	return path.Join(t.flavour.moduleRoot, below)
}

// goFiles gives the files of a package that are compiled on this system, and
// what they import.
func goFiles(f fs.FS) (files map[string]string, imports []string, err error) {
	names, err := fs.Glob(f, "*.go")
	if err != nil {
		return nil, nil, err
	}
	files = map[string]string{}
	ctx := build.Default
	ctx.OpenFile = func(name string) (io.ReadCloser, error) { return f.Open(name) }
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if ok, err := ctx.MatchFile("", name); err != nil || !ok {
			continue // for another system
		}
		src, err := fs.ReadFile(f, name)
		if err != nil {
			return nil, nil, err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
		if err != nil {
			return nil, nil, err
		}
		files[name] = string(src)
		for _, is := range parsed.Imports {
			imported, _ := strconv.Unquote(is.Path.Value) // the parser has checked it
			imports = append(imports, imported)
		}
	}
	return files, imports, nil
}
