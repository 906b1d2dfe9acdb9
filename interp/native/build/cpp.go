package build

import (
	"context"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A CPlusPlus is C++ that units with C can call.
type CPlusPlus struct {
	Text   string // with #line directives, and #cgo lines in comments or bare
	Prefix string // of the names that the functions have for the dynamic linker; unique in the session
}

// CPlusPlus compiles p to a shared object, and gives the functions and variables
// in it that have C linkage: name to the name for the dynamic linker, as is wanted
// in C.Rename. The same p again compiles nothing. The error is a *CompileError
// where the C++ is wrong.
func (t *Toolchain) CPlusPlus(ctx context.Context, p CPlusPlus) (so string, names map[string]string, err error) {
	so, _, err = t.cached(ctx, "cpp.so", []string{"c++", p.Text, p.Prefix, strings.Join(cxx(), " ")}, func(ctx context.Context, work string) error {
		return t.cplusplus(ctx, p, work)
	})
	if err != nil {
		return "", nil, err
	}
	names = map[string]string{}
	err = eachExport(so, func(name string) {
		if plain, ok := strings.CutPrefix(name, p.Prefix); ok {
			names[plain] = name
		}
	})
	return so, names, err
}

func (t *Toolchain) cplusplus(ctx context.Context, p CPlusPlus, work string) error {
	const file, object = "_cell.cpp", "_cell.o"
	stub := "package p\n\n" + directivesOf(p.Text) + "import \"C\"\n"
	if _, err := writeFiles(work, map[string]string{"stub.go": stub, file: withoutDirectives(p.Text)}); err != nil {
		return err
	}
	c, err := t.newCgoUnit(Package{Path: "interleave/cpp"}, work)
	if err != nil {
		return err
	}
	if err := c.findFlags(ctx); err != nil {
		return err
	}
	compiler := cxx()
	if _, err := exec.LookPath(compiler[0]); err != nil {
		return fmt.Errorf("C++ compiler: %s not found on PATH: install g++", compiler[0])
	}
	flags := slices.Concat([]string{"-O2", "-g1", "-fvisibility=default", "-fno-gnu-unique"}, c.pkg.CgoCXXFLAGS)
	compiled, err := c.compile(ctx, compiler, file, object, flags)
	if err != nil {
		return err
	}
	rename := map[string]string{}
	err = eachDefined(filepath.Join(work, compiled), func(name string) { rename[name] = p.Prefix + name })
	if err != nil {
		return err
	}
	if len(rename) == 0 {
		return c.wrong("no function with C linkage, so that Go can call none: write extern \"C\" before those that it is to call")
	}
	if err := c.rename(ctx, rename, compiled); err != nil {
		return err
	}
	// Names in here are bound to what is in here: a class of an earlier cell may have the same ones.
	args := slices.Concat(compiler[1:], []string{"-shared", "-pthread", "-Wl,-Bsymbolic", "-o", "cpp.so", compiled}, c.libs)
	cmd := t.exec(ctx, compiler[0], args...)
	cmd.Dir = work
	out, err := run(ctx, cmd)
	if err != nil && ctx.Err() == nil {
		return c.wrong(out)
	}
	return err
}

// Sources gives p as files of a Go package with C, whose names begin with base.
func (p CPlusPlus) Sources(base string) map[string]string {
	return map[string]string{
		base + ".cpp":    withoutDirectives(p.Text),
		base + "_cpp.go": "package main\n\n" + directivesOf(p.Text) + "import \"C\"\n",
	}
}

// directivesOf gives the #cgo lines of a text as a Go comment.
func directivesOf(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "//"))
		if strings.HasPrefix(line, "#cgo ") {
			b.WriteString("// " + line + "\n")
		}
	}
	return b.String()
}

// rename gives symbols in objects other names.
func (c *cgoUnit) rename(ctx context.Context, names map[string]string, objects ...string) error {
	if len(names) == 0 {
		return nil
	}
	const tool = "objcopy"
	if _, err := exec.LookPath(tool); err != nil {
		return fmt.Errorf("C++ in cells: %s not found on PATH: install binutils", tool)
	}
	var b strings.Builder
	for from, to := range names {
		fmt.Fprintf(&b, "%s %s\n", from, to)
	}
	const file = "_renamed"
	if err := os.WriteFile(filepath.Join(c.work, file), []byte(b.String()), 0o644); err != nil {
		return err
	}
	for _, object := range objects {
		cmd := c.t.exec(ctx, tool, "--redefine-syms="+file, object)
		cmd.Dir = c.work
		if out, err := run(ctx, cmd); err != nil {
			return fmt.Errorf("%s: %w: %s", tool, err, out)
		}
	}
	return nil
}

// eachDefined calls f with each global name of C linkage that an object defines.
func eachDefined(object string, f func(string)) error {
	file, err := elf.Open(object)
	if err != nil {
		return err
	}
	defer file.Close()
	symbols, err := file.Symbols()
	eachC(symbols, f)
	return err
}

// eachExport is the same for the dynamic symbols of a shared object.
func eachExport(so string, f func(string)) error {
	file, err := elf.Open(so)
	if err != nil {
		return err
	}
	defer file.Close()
	symbols, err := file.DynamicSymbols()
	eachC(symbols, f)
	return err
}

func eachC(symbols []elf.Symbol, f func(string)) {
	for _, s := range symbols {
		kind := elf.ST_TYPE(s.Info)
		if s.Section == elf.SHN_UNDEF || elf.ST_BIND(s.Info) != elf.STB_GLOBAL || kind != elf.STT_FUNC && kind != elf.STT_OBJECT {
			continue
		}
		if cName.MatchString(s.Name) && !strings.HasPrefix(s.Name, "_Z") {
			f(s.Name)
		}
	}
}
