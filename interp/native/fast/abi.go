package fast

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// In a program a function that has one ABI has its plain name, whichever it is.
// But where the linker has seen the function with Go's own ABI, any other
// has a suffix: so the plain name means Go's own if any archive defines it so,
// used or not. Where archives know it with the assembler's only, it means that;
// and one that they do not know is never promised to a cell.
// Source: mangleABIName in cmd/link/internal/ld/symtab.go.

// decide gives the ABI of those functions of the program for which it is known.
// archives are those that it was linked from, or more.
func decide(p *Program, archives []string) (map[string]uint16, error) {
	functions, err := p.functions()
	if err != nil {
		return nil, err
	}
	const isABI0, isInternal = 1, 2
	seen := map[string]int{}
	for _, name := range functions {
		seen[name] = 0
	}
	for _, archive := range archives {
		data, err := os.ReadFile(archive)
		if err != nil {
			return nil, err
		}
		o, err := readArchive(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", archive, err)
		}
		for s, function := range o.defs {
			name := mangled(s.name)
			if _, exported := seen[name]; !exported {
				continue
			}
			switch {
			case function && s.abi == abiInternal:
				seen[name] |= isInternal
			default: // that of another kind means that something is not understood
				seen[name] |= isABI0
			}
		}
	}
	out := map[string]uint16{}
	for name, abis := range seen {
		switch {
		case abis&isInternal != 0:
			out[name] = abiInternal
		case abis == isABI0:
			out[name] = abi0
		}
	}
	return out, nil
}

const tableHead = "interleave functions 1"

// writeTable writes a table of functions to file: a line with what it is of, a word,
// and a checksum, then a line for each, its ABI and its name.
func writeTable(file, of string, abis map[string]uint16) error {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(abis)) {
		fmt.Fprintf(&b, "%d%s\n", abis[name], name)
	}
	head := fmt.Sprintf("%s %s %x\n", tableHead, of, sha256.Sum256([]byte(b.String())))
	return os.WriteFile(file, []byte(head+b.String()), 0o644)
}

// readTable reads a table of functions.
func readTable(file, of string) (map[string]uint16, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	head, body, _ := strings.Cut(string(data), "\n")
	if head != fmt.Sprintf("%s %s %x", tableHead, of, sha256.Sum256([]byte(body))) {
		return nil, errors.New("table of functions: is damaged, or of another program: run interleave prepare")
	}
	abis := make(map[string]uint16, strings.Count(body, "\n"))
	for line := range strings.Lines(body) {
		if len(line) < 2 {
			return nil, errors.New("table of functions: has a bad line: run interleave prepare")
		}
		abis[line[1:len(line)-1]] = uint16(line[0] - '0')
	}
	return abis, nil
}
