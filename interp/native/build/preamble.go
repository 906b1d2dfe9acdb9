package build

import (
	"cmp"
	"context"
	"debug/elf"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Defined are the functions and variables that some C defines.
type Defined struct {
	Funcs  []string // static ones too
	Vars   []string // static ones too
	Static []string // those of both that are static
}

// Defined asks the C compiler what a preamble defines: the C in the comment above
// import "C", with its #line directives. The same again does not start it. The
// error is a *CompileError where the C is wrong.
func (t *Toolchain) Defined(ctx context.Context, preamble string) (*Defined, error) {
	file, _, err := t.cached(ctx, "defined.json", []string{"defined", preamble}, func(ctx context.Context, work string) error {
		d, err := t.defined(ctx, preamble, work)
		if err != nil {
			return err
		}
		data, err := json.Marshal(d)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(work, "defined.json"), data, 0o644)
	})
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	d := &Defined{}
	return d, json.Unmarshal(data, d)
}

// preambleFile holds the C alone. Names that begin so are left alone by package go/build.
const preambleFile = "_preamble.c"

func (t *Toolchain) defined(ctx context.Context, preamble, work string) (*Defined, error) {
	stub := "package p\n\n" + Commented(preamble) + "import \"C\"\n"
	if _, err := writeFiles(work, map[string]string{"stub.go": stub, preambleFile: withoutDirectives(preamble)}); err != nil {
		return nil, err
	}
	c, err := t.newCgoUnit(Package{Path: "interleave/preamble"}, work)
	if err != nil {
		return nil, err
	}
	if err := c.findFlags(ctx); err != nil {
		return nil, err
	}
	// What nobody uses is kept, so that it is seen.
	keep := []string{"-O0", "-fkeep-static-functions", "-fkeep-inline-functions", "-fno-toplevel-reorder"}
	object, err := c.compile(ctx, t.cc, preambleFile, "_preamble.o", slices.Concat(keep, c.pkg.CgoCFLAGS))
	if err != nil {
		return nil, err
	}
	d, err := definedIn(filepath.Join(work, object))
	if err != nil {
		return nil, fmt.Errorf("symbols of the C code: %w", err)
	}
	return d, nil
}

// Commented gives a preamble as the comment above import "C".
func Commented(preamble string) string {
	return "//" + strings.ReplaceAll(strings.TrimSuffix(preamble, "\n"), "\n", "\n//") + "\n"
}

// GoTypes gives what cgo writes for the names in a Go file that imports "C", as
// _cgo_gotypes.go. The same again does not start it. The error is a *CompileError
// where the C or a name is wrong.
func (t *Toolchain) GoTypes(ctx context.Context, src string) (string, error) {
	file, _, err := t.cached(ctx, goTypes, []string{"gotypes", src}, func(ctx context.Context, work string) error {
		if _, err := writeFiles(work, map[string]string{"stub.go": src}); err != nil {
			return err
		}
		c, err := t.newCgoUnit(Package{Path: "interleave/preamble"}, work)
		if err != nil {
			return err
		}
		if err := c.findFlags(ctx); err != nil {
			return err
		}
		if err := c.translate(ctx); err != nil {
			return err
		}
		return os.Rename(filepath.Join(work, cgoDir, goTypes), filepath.Join(work, goTypes))
	})
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(file)
	return string(text), err
}

// withoutDirectives blanks the #cgo lines, which are not for the C compiler.
func withoutDirectives(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if l := strings.TrimSpace(line); strings.HasPrefix(l, "#cgo ") || strings.HasPrefix(l, "#cgo\t") {
			lines[i] = ""
		}
	}
	return strings.Join(lines, "\n")
}

var cName = regexp.MustCompile(`^[A-Za-z_]\w*$`)

// definedIn lists the functions and variables that an object defines. Names that
// begin with two underscores are the C library's.
func definedIn(object string) (*Defined, error) {
	f, err := elf.Open(object)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	symbols, err := f.Symbols()
	if err != nil {
		return nil, err
	}
	info := &Defined{}
	for _, s := range symbols {
		if s.Section == elf.SHN_UNDEF || !cName.MatchString(s.Name) || strings.HasPrefix(s.Name, "__") {
			continue
		}
		switch elf.ST_TYPE(s.Info) {
		case elf.STT_FUNC:
			info.Funcs = append(info.Funcs, s.Name)
		case elf.STT_OBJECT, elf.STT_COMMON:
			info.Vars = append(info.Vars, s.Name)
		default:
			continue
		}
		if elf.ST_BIND(s.Info) == elf.STB_LOCAL {
			info.Static = append(info.Static, s.Name)
		}
	}
	for _, list := range [][]string{info.Funcs, info.Vars, info.Static} {
		slices.SortFunc(list, cmp.Compare)
	}
	return info, nil
}
