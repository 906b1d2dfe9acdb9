package build

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
)

// A Package is a unit to compile: a package that is not main, whose init runs no
// statement of the user's, since a panic there cannot be told from one here.
type Package struct {
	Path    string            // import path, unique in the session, e.g. "interleave/cells/c3x1"; symbols begin with it
	Files   map[string]string // file name -> source, package clause inside
	Imports map[string]string // import path -> archive, of all units that it imports and that those import; the library and Options.Sources are known
	// Entry is the exported variable that Build's plugin is entered by, a
	// map[string]any; "": Unit. See package load.
	Entry string
	// ShowAsMain has the names of its types printed with the package name main,
	// as in main.point, whatever the package clauses say; and so those of units beside
	// it, whose paths differ in numbers at the end, where they are type arguments.
	ShowAsMain bool
	// Cgo says that files import "C"; there may be files of C, C++ and headers
	// too. Positions in C are as #line directives in it tell them. Its names are
	// of this unit alone.
	Cgo bool
	C   C // what its C shares; the zero value: nothing
	// Embed has the files that //go:embed directives mean.
	Embed Embed
	// Whole has all of Imports kept that is linked with it, where it is linked against
	// this program, for units that have it among their Libraries.
	Whole     bool
	Libraries []Library // which are loaded before it: their packages are not linked again
}

// A Library is a plugin of a Package with Whole.
type Library struct {
	SharedObject string
	Packages     map[string]string // import path -> archive, of what it keeps
}

// A Plugin is a unit that can be loaded.
type Plugin struct {
	Path         string // its import path
	Archive      string // for units that import it
	SharedObject string // for load.Open
	Cached       bool   // nothing had to be compiled or linked
	Apart        error  // why it was linked with a copy of the library; nil: it was linked against this program
	Copied       error  // why it was linked with a copy of packages of modules; nil: it was not, as far as Package said
	Whole        bool   // as Package says, and it could be done
}

// A CompileError is what the compiler found wrong in the sources.
type CompileError struct {
	Path string // of the package
	Text string // the compiler's lines, positions as //line directives tell them
}

func (e *CompileError) Error() string { return e.Text }

// Build compiles p and links it into a plugin. The same p again compiles
// nothing. The error is a *CompileError where the sources are wrong.
func (t *Toolchain) Build(ctx context.Context, p Package) (*Plugin, error) {
	p.Entry = cmp.Or(p.Entry, defaultEntry)
	archive, compiled, err := t.compileCached(ctx, p)
	if err != nil {
		return nil, err
	}
	l, err := t.linkCached(ctx, p, archive)
	if err != nil {
		return nil, err
	}
	return &Plugin{Path: p.Path, Archive: archive, SharedObject: l.so, Cached: compiled && l.hit, Apart: l.apart, Copied: l.copied, Whole: l.whole}, nil
}

// Compile compiles p, for units that import it, and gives its archive. The same
// p again compiles nothing. The error is a *CompileError where the sources are
// wrong.
func (t *Toolchain) Compile(ctx context.Context, p Package) (archive string, err error) {
	p.Entry = cmp.Or(p.Entry, defaultEntry)
	archive, _, err = t.compileCached(ctx, p)
	return archive, err
}

func (t *Toolchain) compileCached(ctx context.Context, p Package) (archive string, hit bool, err error) {
	own, err := t.ownPackages(ctx)
	if err != nil {
		return "", false, err
	}
	what, err := t.inputs("compile 2", p, own)
	if err != nil {
		return "", false, err
	}
	return t.cached(ctx, "unit.a", what, func(ctx context.Context, work string) error {
		return t.compile(ctx, p, own, work, "")
	})
}

// inputs lists all that a step with p depends on.
func (t *Toolchain) inputs(step string, p Package, own map[string]string) ([]string, error) {
	what := []string{step, p.Path, p.Entry, fmt.Sprint(p.ShowAsMain, p.Cgo, p.C, len(p.Files), len(p.Imports), len(own))}
	for _, name := range slices.Sorted(maps.Keys(p.Files)) {
		what = append(what, name, p.Files[name])
	}
	what = append(what, p.Embed.inputs()...)
	for _, imports := range []map[string]string{p.Imports, own} {
		for _, path := range slices.Sorted(maps.Keys(imports)) {
			id, err := t.identity(imports[path])
			if err != nil {
				return nil, fmt.Errorf("package %s: archive of import %s: %w", p.Path, path, err)
			}
			what = append(what, path, id)
		}
	}
	return what, nil
}

// compile writes p.Files to work and compiles them to unit.a there. positions is
// the folder that the files are said to lie in; "": none.
func (t *Toolchain) compile(ctx context.Context, p Package, own map[string]string, work, positions string) error {
	if t.flavour.shared && declaresEntry(p) && !p.Cgo {
		var err error
		if p.Files, err = anchored(p); err != nil {
			return &CompileError{p.Path, err.Error()}
		}
	}
	files, name := p.Files, ""
	if p.ShowAsMain {
		var err error
		if files, name, err = renamed(p.Files); err != nil {
			return &CompileError{p.Path, err.Error()}
		}
	}
	sources, err := writeFiles(work, files)
	if err != nil {
		return fmt.Errorf("sources of %s: %w", p.Path, err)
	}
	if p.Cgo {
		err = t.compileCgo(ctx, p, own, work)
	} else {
		err = t.compileFiles(ctx, p, own, work, positions, sources, "-complete")
	}
	if err != nil || name == "" {
		return err
	}
	return showAsMain(filepath.Join(work, "unit.a"), name, p.pathsBeside())
}

// writeFiles gives the names in dir that it wrote files to, sorted.
func writeFiles(dir string, files map[string]string) ([]string, error) {
	names := slices.Sorted(maps.Keys(files))
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), []byte(files[name]), 0o644); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// compileFiles compiles sources in work to unit.a there.
func (t *Toolchain) compileFiles(ctx context.Context, p Package, own map[string]string, work, positions string, sources []string, flags ...string) error {
	if err := t.importcfg(work, p.Imports, own); err != nil {
		return fmt.Errorf("compile %s: %w", p.Path, err)
	}
	embed, err := p.Embed.write(work)
	if err != nil {
		return fmt.Errorf("compile %s: %w", p.Path, err)
	}
	flags = append(flags, embed...)
	trim := work + "=>" + positions
	args := append([]string{"-p", p.Path, "-o", "unit.a", "-pack", "-dynlink", "-dwarf=false", "-installsuffix", "dynlink",
		"-lang", t.lang(), "-importcfg", importcfg, "-trimpath", trim}, append(t.flavour.tool(), t.flavour.compile()...)...)
	cmd := t.exec(ctx, t.tool("compile"), append(append(args, flags...), sources...)...)
	cmd.Dir = work
	out, err := short(ctx, cmd)
	return t.sourceError(ctx, p, out, err)
}

// sourceError makes an error of err, with which the compiler ended: a
// *CompileError unless the sources have nothing to do with it.
func (t *Toolchain) sourceError(ctx context.Context, p Package, out string, err error) error {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case t.same() != nil:
		return t.same()
	case !errors.As(err, &exit) || !exit.Exited() || strings.Contains(out, syscall.ENOSPC.Error()):
		return fmt.Errorf("compile %s: %w: %s", p.Path, err, out)
	case strings.Contains(out, anchorFile):
		return noEntry(p, out)
	}
	return &CompileError{p.Path, cmp.Or(out, err.Error())}
}

var language = regexp.MustCompile(`^go1\.\d+`)

// lang gives the version of the language that cells are written in, such as go1.26.
func (t *Toolchain) lang() string {
	return cmp.Or(language.FindString(t.flavour.version), "go1.26") // a development version has no number
}

const importcfg = "importcfg"

// importcfg writes the table of archives that the compiler and the linker look
// imports up in, to the file of that name in dir.
func (t *Toolchain) importcfg(dir string, tables ...map[string]string) error {
	std, err := t.library()
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, table := range append(tables, std) {
		for path, file := range table {
			fmt.Fprintf(&b, "packagefile %s=%s\n", path, file)
		}
	}
	return os.WriteFile(filepath.Join(dir, importcfg), []byte(b.String()), 0o644)
}
