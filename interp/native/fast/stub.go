package fast

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"
)

// A promise is a symbol of the program, or of a Library, that a stub shows to cmd/link.
type promise struct {
	shown string // its name in the stub, which tells its ABI
	real  string // its name there
	dynamic
}

// internalSuffix marks, in a shared library, a function of Go's own ABI.
// Source: mangleABIName in cmd/link/internal/ld/symtab.go.
const internalSuffix = ".abiinternal"

// stubName is the file name of stubs. It is in the name of a symbol whose place
// another one takes, see mended: so it may not be shorter.
const stubName = "interleave-program.so"

// promised tells how r, which goes by name, is promised from m, where functions have
// abis: whether it is what r means, and whether m has the name at all.
func promised(r symbol, name string, m *image, abis map[string]uint16) (p promise, ok, has bool) {
	if r.abi == abi0 {
		if d, ok := m.lookup(name + ".abi0"); ok && d.function {
			return promise{name + ".abi0", name + ".abi0", d}, true, true
		}
	}
	d, has := m.lookup(name)
	if !has {
		return promise{}, false, false
	}
	switch {
	case !d.function:
		return promise{name, name, d}, r.abi == abi0, true
	case strings.HasPrefix(name, "type:"): // its functions are all Go's
		return promise{name, name, d}, r.abi == abiInternal, true
	}
	abi, known := abis[name]
	if !known || abi != r.abi {
		return promise{}, false, true
	}
	if abi == abiInternal {
		return promise{name + internalSuffix, name, d}, true, true
	}
	return promise{name, name, d}, true, true
}

// numbered tells a name that the compiler counted out, such as fmt..stmp_3: another
// compilation of the package may give it to something else. No cell needs one of
// another package; dictionaries and initialisers have names of the same form that
// say what they are.
func numbered(name string) bool {
	path, _, _ := strings.Cut(name, "[")
	i := strings.Index(path, "..")
	return i > 0 && !strings.HasPrefix(name, "type:") && !strings.HasPrefix(path[i:], "..dict.") && path[i:] != "..inittask"
}

// always are what cmd/link itself refers to.
// Source: symtab.go, deadcode.go and ld.go in cmd/link/internal/ld.
var always = []symbol{{"runtime.lastmoduledatap", abi0}, {"type:runtime.moduledata", abi0}, {"runtime.unreachableMethod", abiInternal}}

// promises are the symbols that a stub for objects shows.
func (in scope) promises(objects []*object) []promise {
	defined := map[symbol]bool{}
	for _, o := range objects {
		for s := range o.defs {
			defined[s] = true
		}
	}
	out := []promise{{shown: "go:link.abihash." + stubName, dynamic: dynamic{size: 16}}}
	seen := map[symbol]bool{}
	add := func(r symbol) {
		_, here := defined[r]
		if here || seen[r] || r.name == "" {
			return
		}
		seen[r] = true
		// Of a function by both conventions, one here and one there, ld would take one name for the other.
		_, other := defined[symbol{r.name, abi0 + abiInternal - r.abi}]
		if p, ok := in.find(r); ok && !(other && p.function) {
			out = append(out, p)
		}
	}
	for _, o := range objects {
		for _, r := range o.refs {
			add(r)
		}
	}
	for _, r := range always {
		add(r)
	}
	return out
}

// Addresses in a stub mean nothing; but each symbol has one.
const (
	stubText = 0x1000
	stubData = 0x1000000
)

// A stub is written from promises.
type stub struct {
	names bytes.Buffer
	syms  bytes.Buffer
	data  []byte
	text  uint64
}

// writeStub writes a stub to file. hash is the fingerprint of runtime.
func (in scope) writeStub(file string, promises []promise, hash []byte) error {
	s := &stub{}
	s.names.WriteByte(0)
	binary.Write(&s.syms, binary.LittleEndian, elf.Sym64{})
	for _, p := range promises {
		if err := s.add(in.space(), p); err != nil {
			return fmt.Errorf("%s: %w", p.real, err)
		}
	}
	return os.WriteFile(file, s.file(hash, in.program.machine.elf), 0o644)
}

// Sections of a stub, by number.
const (
	secSyms = 1 + iota
	secNames
	secRela
	secData
	secText
	secNote
	secStrings
)

func (s *stub) add(in space, p promise) error {
	sym := elf.Sym64{Name: uint32(s.names.Len()), Size: p.size}
	s.names.WriteString(p.shown + "\x00")
	if p.function {
		sym.Info = elf.ST_INFO(elf.STB_GLOBAL, elf.STT_FUNC)
		sym.Shndx, sym.Value = secText, stubText+s.text
		s.text += 16
		binary.Write(&s.syms, binary.LittleEndian, sym)
		return nil
	}
	sym.Info = elf.ST_INFO(elf.STB_GLOBAL, elf.STT_OBJECT)
	sym.Shndx, sym.Value = secData, stubData+uint64(len(s.data))
	binary.Write(&s.syms, binary.LittleEndian, sym)
	if !isType(p.real) {
		s.data = append(s.data, make([]byte, 16)...)
		return nil
	}
	data, mask, err := in.descriptor(p.dynamic)
	if err != nil {
		return err
	}
	at := len(s.data)
	s.data = append(s.data, aligned(data)...)
	if mask != nil {
		binary.LittleEndian.PutUint64(s.data[at+typeGCData:], stubData+uint64(len(s.data)))
	}
	s.data = append(s.data, aligned(mask)...)
	return nil
}

// aligned fills b up to a multiple of 16 bytes.
func aligned(b []byte) []byte {
	return append(slices.Clone(b), make([]byte, -len(b)&15)...)
}

// file is the ELF file. hash is what the runtime compares a string of the
// program with, see mended.
// Source: ldshlibsyms and readnote in cmd/link/internal/ld.
func (s *stub) file(hash []byte, machine elf.Machine) []byte {
	const names = "\x00.dynsym\x00.dynstr\x00.rela.dyn\x00.data\x00.text\x00.note.go\x00.shstrtab\x00"
	notes := append(note(2, hash), note(3, nil)...) // ABI hash; no other libraries
	sections := []struct {
		name    string
		data    []byte
		section elf.Section64
	}{
		{},
		{".dynsym", s.syms.Bytes(), elf.Section64{Type: uint32(elf.SHT_DYNSYM), Link: secNames, Info: 1, Entsize: elf.Sym64Size}},
		{".dynstr", s.names.Bytes(), elf.Section64{Type: uint32(elf.SHT_STRTAB)}},
		{".rela.dyn", nil, elf.Section64{Type: uint32(elf.SHT_RELA), Link: secSyms, Entsize: 24}},
		{".data", s.data, elf.Section64{Type: uint32(elf.SHT_PROGBITS), Flags: uint64(elf.SHF_ALLOC | elf.SHF_WRITE), Addr: stubData}},
		{".text", nil, elf.Section64{Type: uint32(elf.SHT_NOBITS), Flags: uint64(elf.SHF_ALLOC | elf.SHF_EXECINSTR), Addr: stubText, Size: s.text}},
		{".note.go", notes, elf.Section64{Type: uint32(elf.SHT_NOTE)}},
		{".shstrtab", []byte(names), elf.Section64{Type: uint32(elf.SHT_STRTAB)}},
	}
	body := make([]byte, 64) // of the header, which comes last
	var table bytes.Buffer
	for i, sec := range sections {
		h := sec.section
		if i > 0 {
			h.Name = uint32(strings.Index(names, sec.name+"\x00"))
			h.Off, h.Addralign = uint64(len(body)), 16
			if h.Type != uint32(elf.SHT_NOBITS) {
				h.Size = uint64(len(sec.data))
			}
			body = append(body, aligned(sec.data)...)
		}
		binary.Write(&table, binary.LittleEndian, h)
	}
	header := elf.Header64{
		Ident: [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
		Type:  uint16(elf.ET_DYN), Machine: uint16(machine), Version: uint32(elf.EV_CURRENT),
		Shoff: uint64(len(body)), Ehsize: 64, Phentsize: 56, Shentsize: 64, Shnum: uint16(len(sections)), Shstrndx: secStrings,
	}
	var head bytes.Buffer
	binary.Write(&head, binary.LittleEndian, header)
	copy(body, head.Bytes())
	return append(body, table.Bytes()...)
}

// note is an ELF note of Go's with a tag.
func note(tag uint32, data []byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, 4)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	b = binary.LittleEndian.AppendUint32(b, tag)
	b = append(append(b, "Go\x00\x00"...), data...)
	return append(b, make([]byte, -len(b)&3)...)
}
