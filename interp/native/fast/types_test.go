package fast

import (
	"debug/elf"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Names as the linker of Go 1.26 gave them in a program that loads plugins.
func TestMangled(t *testing.T) {
	for name, want := range map[string]string{
		"fmt.Println":                 "fmt.Println",
		"type:int":                    "type:int",
		"type:*[]uint8":               "type:*[]uint8", // 14 bytes with the prefix
		"type:runtime.moduledata":     "type:runtime.moduledata",
		"go:string.\"a long string\"": "go:string.\"a long string\"",
		"slices.Sort[go.shape.int]":   "slices.Sort[go.shape.int]",
	} {
		if got := mangled(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	for name, prefix := range map[string]string{"type:map[string]interface {}": "type:", "type:.eq.net/http.Request": "type:.", "a.F[b@1.C]": "a.F["} {
		if got := mangled(name); !strings.HasPrefix(got, prefix) || got == name || mangled(got) != got {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestPackageOf(t *testing.T) {
	for name, want := range map[string]string{
		"fmt.Println": "fmt", "net/http.(*Client).Do": "net/http", "type:*iter.coro": "iter", "iter.Pull[go.shape.int]": "iter",
		"gopkg.in/yaml%2ev3.Marshal": "gopkg.in/yaml%2ev3", "x": "", "slices.Sort[net/url.Values]": "slices",
	} {
		if got := packageOf(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// source is a program that holds what tests look for.
const source = `package main

import (
	"fmt"
	_ "plugin"
)

type inner struct {
	N int
	P *int
}

type Outer struct {
	A [3]inner
	I any
	S string
	N int
}

var Kept any = Outer{}

func main() { fmt.Println(Kept) }
`

// program builds it.
func program(t testing.TB, flags ...string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "program")
	for name, text := range map[string]string{"main.go": source, "go.mod": "module program\n\ngo 1.26\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", append(append([]string{"build"}, flags...), "-o", file)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "CGO_ENABLED=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return file
}

// The masks of types of a library, whose data the dynamic linker makes, are those that
// the compiler made; also where parts are of types of the program.
func TestDescriptorOfLibrary(t *testing.T) {
	dir := t.TempDir()
	const text = `package main

import ("bytes"; "sync"; "time")

type Inner struct { N int; P *int; Buf [2]bytes.Buffer }

type Outer struct { mu sync.Mutex; A [3]Inner; at time.Time; I any; S string; F func(); M map[string]Inner; C [0]*int; N int }

var Kept, Small any = Outer{}, Inner{}

func main() {}
`
	for name, text := range map[string]string{"main.go": text, "go.mod": "module library\n\ngo 1.26\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "build", "-buildmode=plugin", "-o", "library.so")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "CGO_ENABLED=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	m, err := openLibrary(filepath.Join(dir, "library.so"), apartBy)
	if err != nil {
		t.Fatal(err)
	}
	defer m.f.Close()
	s := space{open(t, program(t)).image, m}
	for _, name := range []string{"type:library.Outer", "type:library.Inner", "type:bytes.Buffer"} {
		d, from, ok := s.lookup(mangled(name))
		if !ok || name != "type:bytes.Buffer" && from != m {
			t.Fatalf("%s: %v, %v", name, from, ok)
		}
		_, mask, err := s.descriptor(d)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := s.data(d.value, typeHeader)
		if err != nil || whole[typeFlags]&maskOnDemand != 0 {
			t.Fatal("no mask to compare with", err)
		}
		if own, err := s.data(binary.LittleEndian.Uint64(whole[typeGCData:]), uint64(len(mask))); err != nil || len(mask) == 0 || !slices.Equal(own, mask) {
			t.Errorf("%s: mask is %08b, the compiler's %08b, %v", name, mask, own, err)
		}
	}
	if _, err := openLibrary(filepath.Join(dir, "main.go"), apartBy); err == nil {
		t.Error("a source is a library")
	}
}

func open(t testing.TB, file string) *Program {
	t.Helper()
	p, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func TestProgram(t *testing.T) {
	p := open(t, program(t))
	if d, ok := p.lookup("fmt.Fprintln"); !ok || !d.function {
		t.Errorf("fmt.Fprintln: %v, %v", d, ok)
	}
	if _, ok := p.lookup("fmt.println"); ok {
		t.Error("fmt.println is there")
	}
	if d, ok := p.lookup("main.Kept"); !ok || d.function || d.size != 16 {
		t.Errorf("main.Kept: %v, %v", d, ok)
	}
	names, err := p.functions()
	if err != nil || !slices.Contains(names, "main.main") || slices.Contains(names, "main.Kept") {
		t.Errorf("%d functions, %v", len(names), err)
	}
	for _, name := range names { // the hash table finds what the list has
		if _, ok := p.lookup(name); !ok {
			t.Fatalf("%s is not found", name)
		}
	}
	if next, err := (space{p.image}).nextModule(); err != nil || next == 0 || next%8 != 0 {
		t.Errorf("next is at %d, %v", next, err)
	}
}

// The mask of a struct is that of its fields and of the elements of its arrays.
func TestDescriptor(t *testing.T) {
	p := open(t, program(t))
	d, ok := p.lookup(mangled("type:main.Outer"))
	if !ok {
		t.Fatal("no type main.Outer")
	}
	data, mask, err := space{p.image}.descriptor(d)
	if err != nil {
		t.Fatal(err)
	}
	// Words: N P N P N P, type and data of I, pointer of S; its length and N have none.
	// The type word of an interface is none for the collector.
	if want := []byte{0b10101010, 0b1}; !slices.Equal(mask, want) {
		t.Errorf("mask is %08b, want %08b", mask, want)
	}
	whole, err := p.data(d.value, typeHeader)
	if err != nil || whole[typeFlags]&maskOnDemand != 0 {
		t.Fatal("no mask to compare with", err)
	}
	if own, err := p.data(binary.LittleEndian.Uint64(whole[typeGCData:]), 2); err != nil || !slices.Equal(own, mask) {
		t.Errorf("the compiler's mask is %08b, %v", own, err)
	}
	if data[typeKind]&kindMask != kindUnsafePtr {
		t.Errorf("kind is %d", data[typeKind]&kindMask)
	}
	for _, bad := range []dynamic{{value: 8, size: 100}, {value: d.value, size: 4}} {
		if _, _, err := (space{p.image}).descriptor(bad); err == nil {
			t.Errorf("%v has a descriptor", bad)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("no program ", 100)), 0o644); err != nil {
		t.Fatal(err)
	}
	file := program(t)
	pie := filepath.Join(t.TempDir(), "pie")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	data[16] = byte(elf.ET_DYN)
	if err := os.WriteFile(pie, data, 0o644); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		text:                             "bad magic number",
		text + "x":                       "no such file",
		pie:                              "is position-independent",
		program(t, "-ldflags=-buildid="): "has no build ID",
	} {
		if _, err := Open(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", file, err, want)
		}
	}
}
