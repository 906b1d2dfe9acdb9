package fast

import (
	"bytes"
	"cmp"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// An image is a file that is mapped in a process: its dynamic symbols and its data.
type image struct {
	base   uint64 // added to its addresses, so that those of images of a space differ
	f      *os.File
	loads  []elf.ProgHeader
	hash   []byte // section .gnu.hash
	dynsym *elf.Section
	dynstr *elf.Section
	relocs []relocation // of its data, by address; a program at fixed addresses has none
}

// A dynamic is a symbol that an image exports.
type dynamic struct {
	value, size uint64
	function    bool
}

// A relocation of a word: a symbol's address, by index, or the image's own for 0; plus add.
type relocation struct {
	at     uint64
	symbol uint32
	add    uint64
	known  bool // it is of such a kind
}

// read reads what is needed of f, which is m.f.
func (m *image) read(f *elf.File) (err error) {
	for _, h := range f.Progs {
		if h.Type == elf.PT_LOAD {
			m.loads = append(m.loads, h.ProgHeader)
		}
	}
	hash := f.Section(".gnu.hash")
	if m.dynsym, m.dynstr = f.Section(".dynsym"), f.Section(".dynstr"); hash == nil || m.dynsym == nil || m.dynstr == nil {
		return errors.New("has no table of dynamic symbols that is known")
	}
	m.hash, err = hash.Data()
	return err
}

// readRelocations reads those of f, which is m.f.
func (m *image) readRelocations(f *elf.File) error {
	machine, ok := machineOf(f)
	if !ok {
		return fmt.Errorf("is for %v, which is not known", f.Machine)
	}
	for _, section := range f.Sections {
		if section.Type != elf.SHT_RELA || section.Flags&elf.SHF_ALLOC == 0 {
			continue
		}
		data, err := section.Data()
		if err != nil {
			return err
		}
		le := binary.LittleEndian
		const size = 24
		for ; len(data) >= size; data = data[size:] {
			info := le.Uint64(data[8:])
			symbol := elf.R_SYM64(info)
			m.relocs = append(m.relocs, relocation{m.base + le.Uint64(data), symbol, le.Uint64(data[16:]), machine.known(elf.R_TYPE64(info), symbol)})
		}
	}
	slices.SortFunc(m.relocs, func(a, b relocation) int { return cmp.Compare(a.at, b.at) })
	return nil
}

// lookup finds an exported symbol by the hash table that the dynamic linker uses
// too. Source: DT_GNU_HASH, as in glibc's elf/dl-lookup.c.
func (m *image) lookup(name string) (dynamic, bool) {
	le := binary.LittleEndian
	h := uint32(5381)
	for i := range len(name) {
		h = h*33 + uint32(name[i])
	}
	if len(m.hash) < 16 {
		return dynamic{}, false
	}
	buckets, first, bloom := le.Uint32(m.hash), le.Uint32(m.hash[4:]), le.Uint32(m.hash[8:])
	table := 16 + 8*int(bloom)
	chain := table + 4*int(buckets)
	if buckets == 0 || chain > len(m.hash) {
		return dynamic{}, false
	}
	i := le.Uint32(m.hash[table+4*int(h%buckets):])
	for ; i >= first; i++ {
		at := chain + 4*int(i-first)
		if at+4 > len(m.hash) {
			break
		}
		have := le.Uint32(m.hash[at:])
		if have|1 == h|1 {
			if d, ok := m.symbol(i, name); ok {
				return d, true
			}
		}
		if have&1 != 0 {
			break
		}
	}
	return dynamic{}, false
}

// symbol reads the i-th dynamic symbol, if it has that name and is defined.
func (m *image) symbol(i uint32, name string) (dynamic, bool) {
	s, err := m.entry(i)
	if err != nil {
		return dynamic{}, false
	}
	text := make([]byte, len(name)+1)
	if _, err := m.dynstr.ReadAt(text, int64(s.Name)); err != nil || string(text) != name+"\x00" {
		return dynamic{}, false
	}
	return dynamic{m.base + s.Value, s.Size, elf.ST_TYPE(s.Info) == elf.STT_FUNC}, elf.SectionIndex(s.Shndx) != elf.SHN_UNDEF
}

func (m *image) entry(i uint32) (s elf.Sym64, err error) {
	b := make([]byte, elf.Sym64Size)
	if _, err := m.dynsym.ReadAt(b, int64(i)*elf.Sym64Size); err != nil {
		return s, err
	}
	return s, binary.Read(bytes.NewReader(b), binary.LittleEndian, &s)
}

// name gives the name of the i-th dynamic symbol.
func (m *image) name(i uint32) (string, error) {
	s, err := m.entry(i)
	if err != nil {
		return "", err
	}
	for n := 128; n <= mostName; n *= 8 {
		text := make([]byte, n)
		got, err := m.dynstr.ReadAt(text, int64(s.Name))
		if name, _, whole := bytes.Cut(text[:got], []byte{0}); whole {
			return string(name), nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", errors.New("name of a symbol: is too long")
}

const mostName = 1 << 16

// functions gives all exported functions.
func (m *image) functions() ([]string, error) {
	syms, err := m.dynsym.Data()
	if err != nil {
		return nil, err
	}
	text, err := m.dynstr.Data()
	if err != nil {
		return nil, err
	}
	var out []string
	for ; len(syms) >= elf.Sym64Size; syms = syms[elf.Sym64Size:] {
		at := int(binary.LittleEndian.Uint32(syms))
		if elf.ST_TYPE(syms[4]) != elf.STT_FUNC || binary.LittleEndian.Uint16(syms[6:]) == 0 || at >= len(text) {
			continue
		}
		name, _, _ := bytes.Cut(text[at:], []byte{0})
		out = append(out, string(name))
	}
	return out, nil
}

// data reads n bytes at address, as the file has them.
func (m *image) data(address, n uint64) ([]byte, error) {
	address -= m.base
	for _, h := range m.loads {
		if h.Vaddr <= address && n <= h.Filesz && address-h.Vaddr <= h.Filesz-n {
			b := make([]byte, n)
			_, err := m.f.ReadAt(b, int64(h.Off+address-h.Vaddr))
			return b, err
		}
	}
	return nil, fmt.Errorf("address %#x: %w", address, io.ErrUnexpectedEOF)
}

// A space is what a process holds before a cell is loaded, as far as the cell is
// linked against it, in the order in which the dynamic linker looks: the program comes first.
type space []*image

// apartBy is how far the bases of images are apart.
const apartBy = 1 << 40

// lookup finds a symbol as the dynamic linker does.
func (s space) lookup(name string) (dynamic, *image, bool) {
	for _, m := range s {
		if d, ok := m.lookup(name); ok {
			return d, m, true
		}
	}
	return dynamic{}, nil, false
}

// data reads n bytes at address, as they are once the dynamic linker is done.
func (s space) data(address, n uint64) ([]byte, error) {
	i := slices.IndexFunc(s, func(m *image) bool { return m.base/apartBy == address/apartBy })
	if i < 0 {
		return nil, fmt.Errorf("address %#x: is in no image", address)
	}
	m := s[i]
	b, err := m.data(address, n)
	if err != nil {
		return nil, err
	}
	first, _ := slices.BinarySearchFunc(m.relocs, address, func(r relocation, at uint64) int { return cmp.Compare(r.at+7, at) })
	for _, r := range m.relocs[first:] {
		if r.at >= address+n {
			break
		}
		if r.at < address || r.at+8 > address+n {
			if r.at+8 > address { // a part of a word that is not known: nobody asks for one
				return nil, fmt.Errorf("address %#x: a relocation lies across its end", address)
			}
			continue
		}
		word, err := s.relocated(m, r)
		if err != nil {
			return nil, err
		}
		binary.LittleEndian.PutUint64(b[r.at-address:], word)
	}
	return b, nil
}

// relocated gives the word that r makes in m.
func (s space) relocated(m *image, r relocation) (uint64, error) {
	switch {
	case !r.known:
		return 0, fmt.Errorf("address %#x: a relocation is of an unknown kind", r.at)
	case r.symbol == 0:
		return m.base + r.add, nil
	}
	name, err := m.name(r.symbol)
	if err != nil {
		return 0, err
	}
	d, _, ok := s.lookup(name)
	if !ok {
		return 0, fmt.Errorf("address %#x: symbol %s is not known", r.at, name)
	}
	return d.value + r.add, nil
}

func (s space) word(address uint64) (uint64, error) {
	b, err := s.data(address, 8)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(b), nil
}
