package fast

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"interleave/interp/native/load"
)

// What keepAll adds is an object as the linker reads it: it defines what the linker
// asks for, and refers to all symbols; what the archive had stays.
func TestKeepAll(t *testing.T) {
	archive := compile(t, unitSource, "-dynlink", "-linkshared")
	data, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	before, err := readArchive(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []symbol{{"test/x.F", abiInternal}, {"test/x.G", abiInternal}, {"test/x.V", abi0}, {"type:test/x.T", abi0}, {"type:*test/x.T", abi0}} {
		if !slices.Contains(before.keep, want) {
			t.Errorf("%v is not kept, of %v", want, before.keep)
		}
	}
	other := []symbol{{"test/y.H", abiInternal}, {"type:test/y.T", abi0}, {"test/x.F", abiInternal}}
	file := filepath.Join(t.TempDir(), "whole.a")
	if err := keepAll(archive, file, other); err != nil {
		t.Fatal(err)
	}
	if data, err = os.ReadFile(file); err != nil {
		t.Fatal(err)
	}
	o, err := readArchive(data)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := o.defs[symbol{exportsSymbol, abi0}]; !ok || len(o.defs) != len(before.defs)+1 || slices.Contains(o.keep, symbol{exportsSymbol, abi0}) {
		t.Errorf("it defines %v", o.defs)
	}
	if !slices.Contains(o.refs, other[0]) || !slices.Contains(o.refs, other[1]) || len(o.refs) != len(before.refs)+2 {
		t.Errorf("it refers to %v", o.refs)
	}
	if o.foreign != "" || o.indexed != "" {
		t.Errorf("it has %q, %q", o.foreign, o.indexed)
	}
	if err := keepAll(file+"x", file, nil); err == nil {
		t.Error("an archive that is not there: no error")
	}
}

func TestKept(t *testing.T) {
	for _, tt := range []struct {
		name string
		kind byte
		size uint32
		want bool
	}{
		{"a.F", kindText, 10, true}, {"a.F", kindText, 0, false}, {"a.V", lastKindOfData, 0, true}, {"a.V", lastKindOfData + 1, 8, false}, {"a.V", 0, 8, false},
		{"go:itab.*a.T,b.I", kindReadOnly, 32, true}, {"go:cuinfo.producer.a", kindReadOnly, 8, false}, {exportsSymbol, kindReadOnly, 0, false}, {"type:a.T", kindReadOnly, 64, true},
	} {
		if got := kept(tt.name, tt.kind, tt.size); got != tt.want {
			t.Errorf("%s, kind %d, %d bytes: %v", tt.name, tt.kind, tt.size, got)
		}
	}
}

// The words of an image are as the dynamic linker makes them: from its own base, and
// from symbols, of the first image that has one.
func TestRelocations(t *testing.T) {
	p := open(t, program(t))
	main, _ := p.lookup("main.main")
	kept, _ := p.lookup("main.Kept")
	file := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(file, bytes.Repeat([]byte{7}, 64), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	index := func(value uint64) uint32 { // of a symbol of the program, whose table the image has too
		for i := uint32(1); ; i++ {
			if s, err := p.entry(i); err != nil || s.Value == value && elf.ST_TYPE(s.Info) != elf.STT_NOTYPE {
				return i
			}
		}
	}
	const base = apartBy
	m := &image{base: base, f: f, dynsym: p.dynsym, dynstr: p.dynstr, hash: p.hash, loads: []elf.ProgHeader{{Vaddr: 0x100, Filesz: 64}}, relocs: []relocation{
		{at: base + 0x108, add: 0x120, known: true},
		{at: base + 0x110, symbol: index(main.value), known: true},
		{at: base + 0x118, symbol: index(kept.value), add: 8, known: true},
		{at: base + 0x138, symbol: 1},
	}}
	s := space{p.image, m}
	data, err := s.data(base+0x100, 0x28)
	if err != nil {
		t.Fatal(err)
	}
	const filled = 0x0707070707070707
	for i, want := range []uint64{filled, base + 0x120, main.value, kept.value + 8, filled} {
		if got := binary.LittleEndian.Uint64(data[8*i:]); got != want {
			t.Errorf("word %d is %#x, want %#x", i, got, want)
		}
	}
	for _, bad := range []struct{ address, n uint64 }{{base + 0x138, 8}, {base + 0x104, 8}, {base + 0x10c, 8}, {base + 0x13c, 8}, {2 * base, 8}, {base + 0x10c, 2}} {
		if b, err := s.data(bad.address, bad.n); err == nil {
			t.Errorf("%d bytes at %#x are %x", bad.n, bad.address, b)
		}
	}
	if own, err := s.word(kept.value); err != nil {
		t.Errorf("of the program: %#x, %v", own, err)
	}
}

// A Library is one that holds what is said of it.
func TestLibraryRefuses(t *testing.T) {
	l := &Linker{libraries: map[string]*opened{}}
	file := filepath.Join(t.TempDir(), "cell.so")
	if err := os.WriteFile(file, []byte("no shared object, and no manifest either"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, object := range []string{file, file + "x"} {
		if _, err := l.open([]Library{{Object: object}}); err == nil {
			t.Errorf("%s was opened", object)
		}
	}
	if err := load.Seal(file, load.Manifest{Whole: []string{"a", "b"}, Units: []string{"a", "1", "b", "2", "c", "3"}}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		contents map[string]string
		want     bool
	}{
		{map[string]string{"a": "1"}, true}, {map[string]string{"a": "1", "b": "2"}, true}, {map[string]string{"a": "2"}, false},
		{map[string]string{"c": "3"}, false}, {map[string]string{"d": ""}, false},
	} {
		a := Library{Object: file, Archives: tt.contents, Contents: tt.contents}
		if err := a.whole(); (err == nil) != tt.want {
			t.Errorf("%v: %v", tt.contents, err)
		}
	}
}
