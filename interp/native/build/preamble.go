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

// A Preamble is the C of a unit, before the unit is written.
type Preamble struct {
	Text string // the C, as in the comment above import "C", with its #line directives
	Stub string // a Go file that imports "C" with that comment and mentions every C.name
}

// PreambleInfo tells what the Go compiler and a unit need to know of a Preamble.
type PreambleInfo struct {
	GoTypes string   // what cgo wrote for the names in the stub: its _cgo_gotypes.go
	Funcs   []string // functions that the text defines, static ones too
	Vars    []string // variables that it defines, static ones too
	Static  []string // those of both that are static
}

// Preamble asks the C compiler and cgo about p. The same p again starts neither.
// The error is a *CompileError where the C is wrong.
func (t *Toolchain) Preamble(ctx context.Context, p Preamble) (*PreambleInfo, error) {
	what := []string{"preamble", p.Text, p.Stub}
	file, _, err := t.cached(ctx, "preamble.json", what, func(ctx context.Context, work string) error {
		info, err := t.preamble(ctx, p, work)
		if err != nil {
			return err
		}
		data, err := json.Marshal(info)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(work, "preamble.json"), data, 0o644)
	})
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	info := &PreambleInfo{}
	return info, json.Unmarshal(data, info)
}

// preambleFile holds the text alone. Names that begin so are left alone by package go/build.
const preambleFile = "_preamble.c"

func (t *Toolchain) preamble(ctx context.Context, p Preamble, work string) (*PreambleInfo, error) {
	if _, err := writeFiles(work, map[string]string{"stub.go": p.Stub, preambleFile: withoutDirectives(p.Text)}); err != nil {
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
	info, err := definedIn(filepath.Join(work, object))
	if err != nil {
		return nil, fmt.Errorf("symbols of the C code: %w", err)
	}
	if err := c.translate(ctx); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(work, cgoDir, goTypes))
	info.GoTypes = string(text)
	return info, err
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
func definedIn(object string) (*PreambleInfo, error) {
	f, err := elf.Open(object)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	symbols, err := f.Symbols()
	if err != nil {
		return nil, err
	}
	info := &PreambleInfo{}
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
