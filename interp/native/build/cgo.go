package build

import (
	"cmp"
	"context"
	"fmt"
	"go/build"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// cgoDir is the folder of what cgo makes, below that of the sources.
const cgoDir = "cgo"

// A cgoUnit is a unit with C on its way to an archive.
type cgoUnit struct {
	t     *Toolchain
	p     Package
	work  string
	pkg   *build.Package // what lies in work, and its #cgo lines
	flags []string       // of the C and C++ compilers
	libs  []string       // flags of the linker
}

// compileCgo is like compile for a unit that imports "C": cgo makes Go
// and C of it, and the archive gets the objects of the C compiler too. C in the
// unit is C of that unit alone: its names are hidden from the dynamic linker,
// since that would give C functions of one name their first definition for ever.
// Source: go build -x; cmd/go/internal/work.
func (t *Toolchain) compileCgo(ctx context.Context, p Package, own map[string]string, work string) error {
	c, err := t.newCgoUnit(p, work)
	if err != nil {
		return err
	}
	if err := c.findFlags(ctx); err != nil {
		return err
	}
	if err := c.translate(ctx); err != nil {
		return err
	}
	if err := c.share(); err != nil {
		return fmt.Errorf("compile %s: %w", p.Path, err)
	}
	objects, err := c.objects(ctx)
	if err != nil {
		return err
	}
	sources := append([]string{filepath.Join(cgoDir, goTypes)}, c.pkg.GoFiles...)
	for _, file := range c.pkg.CgoFiles {
		sources = append(sources, filepath.Join(cgoDir, strings.TrimSuffix(file, ".go")+".cgo1.go"))
	}
	if err := c.rename(ctx, p.C.Rename, objects...); err != nil {
		return err
	}
	if err := t.compileFiles(ctx, p, own, work, "", sources); err != nil {
		return err
	}
	return addObjects(filepath.Join(work, "unit.a"), work, objects)
}

// newCgoUnit reads the sources in work.
func (t *Toolchain) newCgoUnit(p Package, work string) (*cgoUnit, error) {
	c := &cgoUnit{t: t, p: p, work: work}
	if err := os.Mkdir(filepath.Join(work, cgoDir), 0o755); err != nil {
		return nil, err
	}
	config := build.Default
	config.CgoEnabled = true
	pkg, err := config.ImportDir(work, 0)
	if err != nil {
		return nil, c.wrong(err.Error())
	}
	c.pkg = pkg
	return c, nil
}

// wrong makes an error of what a tool wrote about the sources.
func (c *cgoUnit) wrong(text string) error {
	return &CompileError{c.p.Path, strings.ReplaceAll(text, c.work+string(filepath.Separator), "")}
}

// findFlags finds the flags of the C compiler and of the linker.
func (c *cgoUnit) findFlags(ctx context.Context) error {
	c.libs = slices.Clone(c.pkg.CgoLDFLAGS)
	c.flags = slices.Concat([]string{"-I", ".", "-I", cgoDir}, c.pkg.CgoCPPFLAGS)
	if len(c.pkg.CgoPkgConfig) > 0 {
		flags, err := c.pkgConfig(ctx, "--cflags")
		if err != nil {
			return err
		}
		found, err := c.pkgConfig(ctx, "--libs")
		if err != nil {
			return err
		}
		c.flags, c.libs = append(c.flags, flags...), append(c.libs, found...)
	}
	if len(c.pkg.CXXFiles) > 0 {
		c.libs = append(c.libs, "-lstdc++")
	}
	return nil
}

// translate runs cgo.
func (c *cgoUnit) translate(ctx context.Context) error {
	args := []string{"-objdir", cgoDir, "-importpath", c.p.Path, "-trimpath", c.work + "=>", "--"}
	cmd := c.t.exec(ctx, c.t.tool("cgo"), slices.Concat(args, c.flags, c.pkg.CgoCFLAGS, c.pkg.CgoFiles)...)
	cmd.Dir = c.work
	// These end up in the archive, for the linker.
	cmd.Env = append(cmd.Env, "CGO_LDFLAGS="+quoted(c.libs), "CC="+quoted(c.t.cc))
	out, err := run(ctx, cmd)
	if err != nil && ctx.Err() == nil {
		return c.wrong(out)
	}
	return err
}

func (c *cgoUnit) pkgConfig(ctx context.Context, what string) ([]string, error) {
	name := os.Getenv("PKG_CONFIG")
	if name == "" {
		name = "pkg-config"
	}
	if _, err := exec.LookPath(name); err != nil {
		return nil, c.wrong("#cgo pkg-config: " + name + " not found on PATH: install it")
	}
	out, err := run(ctx, c.t.exec(ctx, name, append([]string{what, "--"}, c.pkg.CgoPkgConfig...)...))
	if err != nil {
		return nil, c.wrong("#cgo pkg-config: " + out)
	}
	return split(out)
}

// objects compiles what cgo wrote and the user's own files, and gives the objects.
func (c *cgoUnit) objects(ctx context.Context) ([]string, error) {
	files := []string{filepath.Join(cgoDir, "_cgo_export.c")}
	for _, file := range c.pkg.CgoFiles {
		files = append(files, filepath.Join(cgoDir, strings.TrimSuffix(file, ".go")+".cgo2.c"))
	}
	files = slices.Concat(files, c.pkg.CFiles, c.pkg.CXXFiles)
	var objects []string
	for i, file := range files {
		compiler, flags := c.t.cc, c.pkg.CgoCFLAGS
		if slices.Contains(c.pkg.CXXFiles, file) {
			compiler, flags = cxx(), c.pkg.CgoCXXFLAGS
			if _, err := exec.LookPath(compiler[0]); err != nil {
				return nil, fmt.Errorf("C++ compiler: %s not found on PATH: install g++", compiler[0])
			}
		}
		object, err := c.compile(ctx, compiler, file, fmt.Sprintf("_x%03d.o", i), append([]string{"-O2", "-g1"}, flags...))
		if err != nil {
			return nil, err
		}
		objects = append(objects, object)
	}
	return objects, nil
}

// compile compiles one file, and gives the object.
func (c *cgoUnit) compile(ctx context.Context, compiler []string, file, name string, flags []string) (string, error) {
	object := filepath.Join(cgoDir, name)
	args := slices.Concat(compiler[1:], c.flags, []string{"-fPIC", "-pthread", "-fvisibility=hidden", "-fmessage-length=0"}, flags, []string{"-c", file, "-o", object})
	cmd := c.t.exec(ctx, compiler[0], args...)
	cmd.Dir = c.work
	out, err := run(ctx, cmd)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return "", c.wrong(cmp.Or(out, err.Error()))
	}
	return object, nil
}

// cxx gives the C++ compiler.
func cxx() []string {
	if words := strings.Fields(os.Getenv("CXX")); len(words) > 0 {
		return words
	}
	return []string{"g++"}
}

// quoted joins words as the go tools split them. Source: cmd/internal/quoted.
func quoted(words []string) string {
	var out []string
	for _, w := range words {
		if strings.ContainsAny(w, " \t\n\"'") || w == "" {
			if strings.Contains(w, "'") {
				w = `"` + w + `"`
			} else {
				w = "'" + w + "'"
			}
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}
