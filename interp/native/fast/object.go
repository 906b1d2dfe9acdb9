package fast

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// A MissingError names symbols that a cell needs and that the program does not
// have, or not for sure.
type MissingError struct{ Symbols []string }

func (e *MissingError) Error() string {
	text := e.Symbols[0]
	if n := len(e.Symbols) - 1; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return "the program has no symbol " + text
}

// hashSymbol takes the place of the string that a shared library would have for
// the runtime to compare the stub's hash with: this one the program has, and its
// value is the fingerprint of its runtime. Source: moduledataverify1 in
// runtime/symtab.go, addpkghash in cmd/link/internal/ld/symtab.go.
const hashSymbol = "go:link.pkghash.runtime"

// mend changes the object that cmd/link made for ld, in place: undefined symbols
// get the names that they have in the program. Each must be one of promises: the
// relocations of the object are against these and nothing else. The error is a
// *MissingError where one is not.
func mend(file string, promises []promise) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		return fmt.Errorf("object of cmd/link: %w", err)
	}
	syms := f.SectionByType(elf.SHT_SYMTAB)
	if syms == nil || int(syms.Link) >= len(f.Sections) || syms.FileSize > uint64(len(b))-syms.Offset {
		return errors.New("object of cmd/link: has no symbols")
	}
	names := f.Sections[syms.Link]
	if names.FileSize > uint64(len(b))-names.Offset {
		return errors.New("object of cmd/link: is cut off")
	}
	real := map[string]string{}
	for _, p := range promises {
		real[p.shown] = p.real
	}
	real["go:link.abihash."+stubName] = hashSymbol
	missing, err := rename(b[syms.Offset:syms.Offset+syms.FileSize], b[names.Offset:names.Offset+names.FileSize], real)
	switch {
	case err != nil:
		return err
	case missing != nil:
		slices.Sort(missing)
		return &MissingError{slices.Compact(missing)}
	}
	return os.WriteFile(file, b, 0o644)
}

// rename gives undefined symbols their real names, which are not longer. It gives
// those that have none.
func rename(syms, text []byte, real map[string]string) (missing []string, err error) {
	done := map[uint32]bool{} // offset in text -> it was renamed
	for i := elf.Sym64Size; i+elf.Sym64Size <= len(syms); i += elf.Sym64Size {
		at := binary.LittleEndian.Uint32(syms[i:])
		if at >= uint32(len(text)) {
			return nil, errors.New("object of cmd/link: a name lies outside")
		}
		if undefined := elf.SectionIndex(binary.LittleEndian.Uint16(syms[i+6:])) == elf.SHN_UNDEF; !undefined || at == 0 || done[at] {
			continue
		}
		name, _, _ := bytes.Cut(text[at:], []byte{0})
		to, ok := real[string(name)]
		switch {
		case !ok && string(name) == "_GLOBAL_OFFSET_TABLE_":
		case !ok:
			missing = append(missing, strings.TrimSuffix(string(name), internalSuffix))
		case len(to) > len(name):
			return nil, fmt.Errorf("object of cmd/link: name %s: has no room for %s", name, to)
		default:
			copy(text[at:], to+"\x00"[:min(1, len(name)-len(to))])
			done[at] = true
		}
	}
	return missing, nil
}
