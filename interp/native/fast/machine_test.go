package fast

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// forMachine calls a test for each machine. The toolchain compiles for all of them.
func forMachine(t *testing.T, test func(t *testing.T, arch string, m machine)) {
	for arch, m := range machines {
		t.Run(arch, func(t *testing.T) {
			t.Setenv("GOOS", "linux")
			t.Setenv("GOARCH", arch)
			t.Setenv("CGO_ENABLED", "0")
			test(t, arch, m)
		})
	}
}

// Archives of another architecture are read as those of this one are, and what is
// added to keep all is of that architecture too.
func TestArchivesOfMachines(t *testing.T) {
	forMachine(t, func(t *testing.T, arch string, m machine) {
		archive := compile(t, unitSource, "-dynlink", "-linkshared")
		whole := filepath.Join(t.TempDir(), "whole.a")
		if err := keepAll(archive, whole, []symbol{{"test/y.H", abiInternal}}); err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{archive, whole} {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			o, err := readArchive(data)
			if err != nil {
				t.Fatal(err)
			}
			for s, want := range map[symbol]bool{{"test/x.F", abiInternal}: true, {"test/x.G", abiInternal}: true, {"test/x.V", abi0}: false, {"type:test/x.T", abi0}: false} {
				if function, ok := o.defs[s]; !ok || function != want {
					t.Errorf("%v: %v, %v", s, function, ok)
				}
			}
			for _, want := range []symbol{{"runtime.concatstring2", abiInternal}, {"runtime.morestack_noctxt", abi0}} {
				if !slices.Contains(o.refs, want) {
					t.Errorf("no reference to %v in %v", want, o.refs)
				}
			}
			if file == whole && !slices.Contains(o.refs, symbol{"test/y.H", abiInternal}) {
				t.Errorf("it refers to %v", o.refs)
			}
		}
		// The toolchain itself reads what was added.
		if out, err := exec.Command("go", "tool", "nm", whole).CombinedOutput(); err != nil || !strings.Contains(string(out), exportsSymbol) {
			t.Errorf("go tool nm: %v: %s", err, out)
		}
	})
}

// A stub is an ELF file of the machine, with what is promised.
func TestStubsOfMachines(t *testing.T) {
	forMachine(t, func(t *testing.T, arch string, m machine) {
		file := filepath.Join(t.TempDir(), stubName)
		in := scope{program: &Program{image: &image{}, machine: m}}
		promises := []promise{{"fmt.Fprintln.abiinternal", "fmt.Fprintln", dynamic{function: true, size: 100}}, {"os.Stdout", "os.Stdout", dynamic{size: 8}}}
		if err := in.writeStub(file, promises, []byte("12345678")); err != nil {
			t.Fatal(err)
		}
		f, err := elf.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if got, ok := machineOf(f); !ok || got.elf != m.elf || f.Type != elf.ET_DYN {
			t.Errorf("it is for %v, a %v", f.Machine, f.Type)
		}
		syms, err := f.DynamicSymbols()
		if err != nil || len(syms) != 2 {
			t.Fatalf("%v, %v", syms, err)
		}
		for i, s := range syms {
			if s.Name != promises[i].shown || s.Size != promises[i].size || elf.ST_TYPE(s.Info) == elf.STT_FUNC != promises[i].function {
				t.Errorf("%+v is not %+v", s, promises[i])
			}
		}
	})
}

// What a plugin brings of package runtime is assembled, with both conventions.
func TestRuntimeOfMachines(t *testing.T) {
	forMachine(t, func(t *testing.T, arch string, m machine) {
		dir := t.TempDir()
		source, file := filepath.Join(dir, "runtime.s"), filepath.Join(dir, runtimeFile)
		if err := os.WriteFile(source, fmt.Appendf(nil, m.runtime, 584), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("go", "tool", "asm", "-p", "runtime", "-dynlink", "-o", file, source).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		o := &object{defs: map[symbol]bool{}}
		if err := o.read(data); err != nil {
			t.Fatal(err)
		}
		for _, s := range []symbol{{"runtime.addmoduledata", abi0}, {"runtime.mapinitnoop", abiInternal}} {
			if !o.defs[s] {
				t.Errorf("no function %v in %v", s, o.defs)
			}
		}
		if !slices.Contains(o.refs, symbol{"runtime.lastmoduledatap", abi0}) {
			t.Errorf("it refers to %v", o.refs)
		}
	})
}

// Relocations of a program that the linker made for the machine are read: a pointer
// in its data is the address of what it points to.
func TestRelocationsOfMachines(t *testing.T) {
	forMachine(t, func(t *testing.T, arch string, m machine) {
		dir := t.TempDir()
		const text = "package main\n\nvar Y = [2]int{5, 6}\nvar X = &Y[1]\n\nfunc main() { println(*X) }\n"
		for name, text := range map[string]string{"main.go": text, "go.mod": "module program\n\ngo 1.26\n"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command("go", "build", "-buildmode=pie", "-ldflags=-linkmode=internal", "-o", "program")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		f, err := os.Open(filepath.Join(dir, "program"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		e, err := elf.NewFile(f)
		if err != nil {
			t.Fatal(err)
		}
		i := &image{base: apartBy, f: f}
		i.read(e) // there is no table of hashes in such a file, but addresses
		if err := i.readRelocations(e); err != nil || len(i.relocs) == 0 {
			t.Fatalf("%d relocations, %v", len(i.relocs), err)
		}
		syms, err := e.Symbols()
		if err != nil {
			t.Fatal(err)
		}
		at := map[string]uint64{}
		for _, s := range syms {
			at[s.Name] = i.base + s.Value
		}
		if got, err := (space{i}).word(at["main.X"]); err != nil || got != at["main.Y"]+8 || at["main.Y"] == 0 {
			t.Errorf("X is %#x, %v, want %#x", got, err, at["main.Y"]+8)
		}
	})
}

func TestKindsOfRelocations(t *testing.T) {
	for _, tt := range []struct {
		arch         string
		kind, symbol uint32
		want         bool
	}{
		{"amd64", uint32(elf.R_X86_64_RELATIVE), 0, true}, {"amd64", uint32(elf.R_X86_64_RELATIVE), 1, false}, {"amd64", uint32(elf.R_X86_64_64), 1, true},
		{"amd64", uint32(elf.R_X86_64_64), 0, false}, {"amd64", uint32(elf.R_X86_64_GLOB_DAT), 1, false}, {"amd64", uint32(elf.R_AARCH64_ABS64), 1, false},
		{"arm64", uint32(elf.R_AARCH64_RELATIVE), 0, true}, {"arm64", uint32(elf.R_AARCH64_ABS64), 1, true}, {"arm64", uint32(elf.R_AARCH64_GLOB_DAT), 1, false},
		{"arm64", uint32(elf.R_X86_64_64), 1, false}, {"arm64", uint32(elf.R_AARCH64_TLS_TPREL64), 0, false},
	} {
		if got := machines[tt.arch].known(tt.kind, tt.symbol); got != tt.want {
			t.Errorf("%s: kind %d, symbol %d: %v", tt.arch, tt.kind, tt.symbol, got)
		}
	}
}
