package fast

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// compile makes an archive of a package with the compiler's flags.
func compile(t testing.TB, src string, flags ...string) string {
	t.Helper()
	dir := t.TempDir()
	file, archive := filepath.Join(dir, "x.go"), filepath.Join(dir, "x.a")
	if err := os.WriteFile(file, []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"tool", "compile", "-p", "test/x", "-pack", "-o", archive}, flags...)
	if out, err := exec.Command("go", append(args, file)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return archive
}

const unitSource = `package x

type T struct{ next *T }

var V any = &T{}

//go:noinline
func F(s string) string { return s + s }

func G(b []byte) string { return F(string(b)) }
`

func TestReadArchive(t *testing.T) {
	data, err := os.ReadFile(compile(t, unitSource, "-dynlink", "-linkshared"))
	if err != nil {
		t.Fatal(err)
	}
	o, err := readArchive(data)
	if err != nil {
		t.Fatal(err)
	}
	if function, ok := o.defs[symbol{"test/x.F", abiInternal}]; !ok || !function {
		t.Errorf("F: %v, %v", function, ok)
	}
	if function, ok := o.defs[symbol{"test/x.V", abi0}]; !ok || function {
		t.Errorf("V: %v, %v", function, ok)
	}
	for _, want := range []symbol{{"runtime.concatstring2", abiInternal}, {"runtime.morestack_noctxt", abi0}} {
		if !slices.Contains(o.refs, want) {
			t.Errorf("no reference to %v in %v", want, o.refs)
		}
	}
	if slices.Contains(o.refs, symbol{"test/x.F", abiInternal}) || o.foreign != "" || o.indexed != "" {
		t.Errorf("%v, %q, %q", o.refs, o.foreign, o.indexed)
	}
	// An archive that was cut off, or changed, is no crash.
	for i := 0; i < len(data); i += 97 {
		readArchive(data[:i])
		readArchive(append(slices.Clone(data[:i]), bytes.Repeat([]byte{0xff}, len(data)-i)...))
	}
}

func FuzzReadArchive(f *testing.F) {
	data, err := os.ReadFile(compile(f, unitSource, "-dynlink", "-linkshared"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("!<arch>\n"))
	f.Fuzz(func(t *testing.T, data []byte) { readArchive(data) })
}

// elfObject is a relocatable object with undefined symbols of these names, and one
// that is defined.
func elfObject(t *testing.T, undefined ...string) string {
	t.Helper()
	names, syms := []byte{0}, make([]byte, elf.Sym64Size)
	add := func(name string, section uint16) {
		var b bytes.Buffer
		binary.Write(&b, binary.LittleEndian, elf.Sym64{Name: uint32(len(names)), Info: elf.ST_INFO(elf.STB_GLOBAL, elf.STT_NOTYPE), Shndx: section})
		syms = append(syms, b.Bytes()...)
		names = append(append(names, name...), 0)
	}
	for _, name := range undefined {
		add(name, 0)
	}
	add("own.abiinternal", 1)
	s := &stub{}
	s.syms.Write(syms)
	s.names.Write(names)
	b := s.file(make([]byte, 8), elf.EM_X86_64)
	// A stub with its symbols for the linker, not the dynamic one.
	at := binary.LittleEndian.Uint64(b[40:]) + secSyms*64
	binary.LittleEndian.PutUint32(b[at+4:], uint32(elf.SHT_SYMTAB))
	file := filepath.Join(t.TempDir(), "go.o")
	if err := os.WriteFile(file, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestMend(t *testing.T) {
	promises := []promise{
		{"fmt.Fprintln.abiinternal", "fmt.Fprintln", dynamic{function: true}}, {"runtime.x.abi0", "runtime.x.abi0", dynamic{function: true}}, {"os.Stdout", "os.Stdout", dynamic{}},
	}
	file := elfObject(t, "fmt.Fprintln.abiinternal", "runtime.x.abi0", "os.Stdout", "_GLOBAL_OFFSET_TABLE_", "go:link.abihash."+stubName)
	if err := mend(file, promises); err != nil {
		t.Fatal(err)
	}
	f, err := elf.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	syms, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range syms {
		names = append(names, s.Name)
	}
	want := []string{"fmt.Fprintln", "runtime.x.abi0", "os.Stdout", "_GLOBAL_OFFSET_TABLE_", hashSymbol, "own.abiinternal"}
	if !slices.Equal(names, want) {
		t.Errorf("names are %q, want %q", names, want)
	}
}

// What was not promised is never bound: the plain name of a function whose ABI is
// not known included.
func TestMendMissing(t *testing.T) {
	for _, name := range []string{"fmt.Fprintln", "fmt.Sprint.abiinternal", "malloc"} {
		err := mend(elfObject(t, "os.Stdout", name), []promise{{"fmt.Fprintln.abiinternal", "fmt.Fprintln", dynamic{}}, {"os.Stdout", "os.Stdout", dynamic{}}})
		var missing *MissingError
		if !errors.As(err, &missing) || len(missing.Symbols) != 1 || missing.Symbols[0] != strings.TrimSuffix(name, internalSuffix) {
			t.Errorf("%s: %v", name, err)
		}
	}
	text := filepath.Join(t.TempDir(), "go.o")
	if err := os.WriteFile(text, bytes.Repeat([]byte("text"), 100), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{text, text + "x"} {
		if err := mend(file, nil); err == nil {
			t.Errorf("%s was mended", file)
		}
	}
}

func TestRecent(t *testing.T) {
	var r recent
	used, unused := &object{}, &object{}
	r.put("used", used)
	r.put("unused", unused)
	for i := range 10 * mostRecent {
		r.put(fmt.Sprint(i), &object{})
		if got := r.get("used"); got != used {
			t.Fatalf("after %d others: %p, want %p", i, got, used)
		}
	}
	if r.get("unused") != nil || len(r.late)+len(r.before) > 2*mostRecent {
		t.Errorf("%d objects are kept", len(r.late)+len(r.before))
	}
}
