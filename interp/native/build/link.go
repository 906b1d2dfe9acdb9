package build

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// defaultEntry is the variable that a plugin is entered by.
const defaultEntry = "Unit"

// Link links p, compiled to archive, into a plugin, and gives the shared object.
// The same again links nothing.
func (t *Toolchain) Link(ctx context.Context, p Package, archive string) (so string, err error) {
	l, err := t.linkCached(ctx, p, archive)
	return l.so, err
}

// A linked tells what a link gave.
type linked struct {
	so            string
	hit           bool  // it was there
	apart, copied error // as Plugin has them
	whole         bool
}

func (t *Toolchain) linkCached(ctx context.Context, p Package, archive string) (linked, error) {
	own, err := t.ownPackages(ctx)
	if err != nil {
		return linked{}, err
	}
	entry := p
	entry.Entry, entry.Imports = cmp.Or(p.Entry, defaultEntry), map[string]string{p.Path: archive}
	maps.Copy(entry.Imports, p.Imports)
	l, apart := t.linkAgainst(ctx, entry, own)
	if apart == nil || ctx.Err() != nil {
		return l, ctx.Err()
	}
	what, err := t.inputs("link", entry, own)
	if err != nil {
		return linked{}, err
	}
	so, hit, err := t.cached(ctx, "cell.so", what, func(ctx context.Context, work string) error {
		// The path tells plugins apart: one that is loaded already is refused.
		return t.link(ctx, entry, own, work, "interleave/plugin/"+digest(what)[:20])
	})
	return linked{so: so, hit: hit, apart: apart}, err
}

// link compiles the stub for p, and links both and what they import.
func (t *Toolchain) link(ctx context.Context, p Package, own map[string]string, work, plugin string) error {
	if err := t.importcfg(work, p.Imports, own); err != nil {
		return fmt.Errorf("link %s: %w", p.Path, err)
	}
	if err := t.stub(ctx, p, work, plugin); err != nil {
		return err
	}
	args := append([]string{"-importcfg", importcfg, "-buildmode", "plugin", "-pluginpath", plugin, "-installsuffix", "dynlink",
		"-w", "-buildid=", "-o", "cell.so"}, t.flavour.tool()...)
	if !p.Cgo { // whose symbols and lines tell where C crashed
		args = append(args, "-s")
	}
	// A unit's C is linked again with each unit that imports it, and so may lie beside
	// C of another cell with names of its own that are the same. Such copies are not
	// entered: the dynamic linker binds to the unit that was loaded first.
	const copies = "-Wl,-z,muldefs"
	if t.linker.usable() {
		args := append(slices.Clone(args), "-extldflags", copies)
		err := t.linkFast(ctx, args, work)
		var own *goLinkError
		switch {
		case err == nil || ctx.Err() != nil:
			return err
		case t.same() != nil:
			return t.same()
		case errors.As(err, &own):
			return fmt.Errorf("link %s: %w", p.Path, err)
		}
	}
	args = append(args, "-extld", t.cc[0], "-extldflags", strings.Join(append(slices.Clone(t.cc[1:]), copies), " "), stubArchive)
	cmd := t.exec(ctx, t.tool("link"), args...)
	cmd.Dir = work
	out, err := short(ctx, cmd)
	if wrong := linkerSays(out); err != nil && ctx.Err() == nil && p.Cgo && wrong != "" {
		return &CompileError{p.Path, wrong}
	}
	if err != nil {
		return fmt.Errorf("link %s: %w: %s", p.Path, err, out)
	}
	return nil
}

// linkerSays picks what the system's linker found wrong: a library of the user's
// that is missing, mostly.
func linkerSays(out string) string {
	var lines []string
	for line := range strings.Lines(out) {
		if m := linkerLine.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			lines = append(lines, "linker: "+m[1])
		}
	}
	return strings.Join(lines, "\n")
}

var linkerLine = regexp.MustCompile(`^(?:\S*/)?(?:ld|mold)(?:\.\w+)?: (.*)$`)

const stubArchive = "stub.a"

// stub compiles the package main of a plugin, which exports what package load
// looks up: the unit's table, and which units of which contents are linked.
func (t *Toolchain) stub(ctx context.Context, p Package, work, plugin string) error {
	var src strings.Builder
	fmt.Fprintf(&src, "package main\n\nimport unit %q\n\nvar Unit map[string]any = unit.%s\n\nvar Units = []string{\n", p.Path, p.Entry)
	for _, path := range slices.Sorted(maps.Keys(p.Imports)) {
		id, err := t.identity(p.Imports[path])
		if err != nil {
			return err
		}
		fmt.Fprintf(&src, "\t%q, %q,\n", path, id)
	}
	src.WriteString("}\n\nfunc main() {}\n")
	if err := os.WriteFile(filepath.Join(work, "stub.go"), []byte(src.String()), 0o644); err != nil {
		return err
	}
	args := append([]string{"-p", plugin, "-o", stubArchive, "-pack", "-complete", "-dynlink", "-dwarf=false", "-installsuffix", "dynlink",
		"-importcfg", importcfg, "-trimpath", work + "=>"}, append(t.flavour.tool(), t.flavour.compile()...)...)
	cmd := t.exec(ctx, t.tool("compile"), append(args, "stub.go")...)
	cmd.Dir = work
	out, err := short(ctx, cmd)
	switch {
	case err == nil || ctx.Err() != nil:
		return err
	case t.same() != nil:
		return t.same()
	case strings.Contains(out, p.Entry):
		return noEntry(p, out)
	}
	return errors.New("stub of " + p.Path + ": " + out)
}

func noEntry(p Package, out string) error {
	return fmt.Errorf("package %s: no variable %s of type map[string]any to enter it by: %s", p.Path, p.Entry, out)
}
