package fast

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

// A Program is the file of a program that loads cells: its dynamic symbols, and
// the data of its types. It stays open, so that a file put in its place later
// changes nothing. It is safe for concurrent use.
type Program struct {
	ID string // hash of its build ID, as text

	f      *os.File
	loads  []elf.ProgHeader
	hash   []byte // section .gnu.hash
	dynsym *elf.Section
	dynstr *elf.Section
}

// A dynamic is a symbol that a program exports.
type dynamic struct {
	value, size uint64
	function    bool
}

// Open opens a program. The error tells why nothing can be linked against it.
func Open(path string) (*Program, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	p := &Program{f: f}
	if err := p.read(); err != nil {
		f.Close()
		return nil, fmt.Errorf("program %s: %w", path, err)
	}
	return p, nil
}

// Close closes the file.
func (p *Program) Close() error { return p.f.Close() }

func (p *Program) read() error {
	f, err := elf.NewFile(p.f)
	switch {
	case err != nil:
		return err
	case f.Machine != elf.EM_X86_64 || f.Class != elf.ELFCLASS64:
		return fmt.Errorf("is for %v: only x86-64 is known", f.Machine)
	case f.Type != elf.ET_EXEC: // of others, data of types is made at run time
		return errors.New("is position-independent")
	}
	for _, h := range f.Progs {
		if h.Type == elf.PT_LOAD {
			p.loads = append(p.loads, h.ProgHeader)
		}
	}
	hash := f.Section(".gnu.hash")
	if p.dynsym, p.dynstr = f.Section(".dynsym"), f.Section(".dynstr"); hash == nil || p.dynsym == nil || p.dynstr == nil {
		return errors.New("has no table of dynamic symbols that is known")
	}
	if p.hash, err = hash.Data(); err != nil {
		return err
	}
	id := f.Section(".note.go.buildid")
	if id == nil {
		return errors.New("has no build ID")
	}
	note, err := id.Data()
	if err != nil || len(note) < 32 {
		return errors.New("has no build ID")
	}
	sum := sha256.Sum256(note)
	p.ID = hex.EncodeToString(sum[:10])
	return nil
}

// lookup finds an exported symbol by the hash table that the dynamic linker uses
// too. Source: DT_GNU_HASH, as in glibc's elf/dl-lookup.c.
func (p *Program) lookup(name string) (dynamic, bool) {
	le := binary.LittleEndian
	h := uint32(5381)
	for i := range len(name) {
		h = h*33 + uint32(name[i])
	}
	if len(p.hash) < 16 {
		return dynamic{}, false
	}
	buckets, first, bloom := le.Uint32(p.hash), le.Uint32(p.hash[4:]), le.Uint32(p.hash[8:])
	table := 16 + 8*int(bloom)
	chain := table + 4*int(buckets)
	if buckets == 0 || chain > len(p.hash) {
		return dynamic{}, false
	}
	i := le.Uint32(p.hash[table+4*int(h%buckets):])
	for ; i >= first; i++ {
		at := chain + 4*int(i-first)
		if at+4 > len(p.hash) {
			break
		}
		have := le.Uint32(p.hash[at:])
		if have|1 == h|1 {
			if d, ok := p.symbol(i, name); ok {
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
func (p *Program) symbol(i uint32, name string) (dynamic, bool) {
	var s elf.Sym64
	b := make([]byte, elf.Sym64Size)
	if _, err := p.dynsym.ReadAt(b, int64(i)*elf.Sym64Size); err != nil {
		return dynamic{}, false
	}
	binary.Read(bytes.NewReader(b), binary.LittleEndian, &s) // it has the size
	text := make([]byte, len(name)+1)
	if _, err := p.dynstr.ReadAt(text, int64(s.Name)); err != nil || string(text) != name+"\x00" {
		return dynamic{}, false
	}
	return dynamic{s.Value, s.Size, elf.ST_TYPE(s.Info) == elf.STT_FUNC}, elf.SectionIndex(s.Shndx) != elf.SHN_UNDEF
}

// names gives all exported functions.
func (p *Program) functions() ([]string, error) {
	syms, err := p.dynsym.Data()
	if err != nil {
		return nil, err
	}
	text, err := p.dynstr.Data()
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

// data reads n bytes at address, as they are before the program starts.
func (p *Program) data(address, n uint64) ([]byte, error) {
	for _, h := range p.loads {
		if h.Vaddr <= address && n <= h.Filesz && address-h.Vaddr <= h.Filesz-n {
			b := make([]byte, n)
			_, err := p.f.ReadAt(b, int64(h.Off+address-h.Vaddr))
			return b, err
		}
	}
	return nil, fmt.Errorf("address %#x: %w", address, io.ErrUnexpectedEOF)
}

func (p *Program) word(address uint64) (uint64, error) {
	b, err := p.data(address, 8)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(b), nil
}
