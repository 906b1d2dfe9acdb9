package interp

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"

	"interleave/interp/cachedir"
	"interleave/interp/modules/proxytest"
)

// ownCache makes a cache folder of the test: with what this machine has of the
// library, and without compiled cells, which come to lie in the folder that it gives.
func ownCache(t *testing.T) (cache, cells string) {
	t.Helper()
	newTier(t, Native).compiler.ready(t.Context()) // where it fails, cells will say why
	base, err := cachedir.Dir()
	if err != nil {
		t.Fatal(err)
	}
	cache, cells = t.TempDir(), t.TempDir()
	tables, _ := filepath.Glob(filepath.Join(base, "exports-*.bin"))
	for _, table := range tables {
		link(t, table, filepath.Join(cache, filepath.Base(table)))
	}
	libraries, _ := filepath.Glob(filepath.Join(base, "native-*", "std"))
	for _, std := range libraries {
		dir := filepath.Join(cache, filepath.Base(filepath.Dir(std)))
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		link(t, std, filepath.Join(dir, "std"))
		link(t, cells, filepath.Join(dir, "cells"))
	}
	return cache, cells
}

func link(t *testing.T, old, new string) {
	t.Helper()
	if err := os.Symlink(old, new); err != nil {
		t.Fatal(err)
	}
}

// entries are the files of that name in a folder of compiled cells.
func entries(t *testing.T, cells, name string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(cells, "*", "*", name))
	if err != nil || len(files) == 0 {
		t.Fatalf("no %s in %s: %v", name, cells, err)
	}
	return files
}

// A full disk is told, the session goes on, and so does compiling when there is room.
func TestDiskFull(t *testing.T) {
	cache, cells := ownCache(t)
	if err := syscall.Mount("tmpfs", cells, "tmpfs", 0, "size=64m"); err != nil {
		t.Skipf("mount tmpfs: %v: only root can", err)
	}
	t.Cleanup(func() { syscall.Unmount(cells, syscall.MNT_DETACH) })
	s := newScene(t, Options{Cache: cache})
	s.cell(`type point struct{ x int }; p := point{1}`, "")
	filler := filepath.Join(cells, "filler")
	fill(t, filler)
	for range 2 {
		s.fails(`type line struct{ from, to point }`, "BuildError: cache of compiled cells: the disk is full: make room, or delete the folder ")
	}
	s.cell(`1 + 1`, "2")
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	s.cell(`type line struct{ from, to point }; line{p, p}`, "{{1} {1}}")
}

// fill writes a file until the disk is full.
func fill(t *testing.T, file string) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
}

// So is a cache that cannot be written.
func TestCacheUnwritable(t *testing.T) {
	cache, cells := ownCache(t)
	if err := os.Remove(cells); err != nil {
		t.Fatal(err)
	}
	write(t, cells, "")
	s := newScene(t, Options{Cache: cache})
	s.cell(`x := 1`, "")
	s.fails(`type point struct{ x int }`, "cache of compiled cells: ", "see to it that ", " can be written")
	s.cell(`x`, "1")
	if err := os.Remove(cells); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(cells, 0o755); err != nil {
		t.Fatal(err)
	}
	s.cell(`type point struct{ x int }; point{x}`, "{1}")
}

// What is damaged by hand is made again: between sessions, and under a session that
// has not loaded it, or lost it in a crash.
func TestCacheDamaged(t *testing.T) {
	proxytest.Serve(t, served)
	cache, cells := ownCache(t)
	s := newScene(t, Options{Cache: cache, Dir: t.TempDir()})
	run := func() {
		t.Helper()
		s.cell("import \"example.com/dep\"\ntype point struct{ x int }\nfunc at(x int) point { return point{x} }", "")
		s.cell(`dep.Version`, "v1.1.0")
		s.cell(`p := at(1)`, "")
	}
	run()
	for _, damage := range []struct {
		name string
		do   func(file string) error
	}{
		{"cut off", func(file string) error { return os.Truncate(file, 100) }},
		{"garbage", func(file string) error { return os.WriteFile(file, []byte("garbage"), 0o644) }},
		{"gone", os.Remove},
	} {
		s.e.Close()
		for _, name := range []string{"unit.a", "cell.so", "whole"} {
			for _, file := range entries(t, cells, name) {
				if err := damage.do(file); err != nil {
					t.Fatal(err)
				}
			}
			s = newScene(t, Options{Cache: cache, Dir: t.TempDir()})
			run()
			s.e.Close()
		}
	}
	s = newScene(t, Options{Cache: cache, Dir: t.TempDir()})
	run()
	s.fails("import \"unsafe\"\nx := (*int)(unsafe.Pointer(uintptr(0xdead0000))); *x = 1", "Crash")
	for _, name := range []string{"unit.a", "cell.so"} {
		for _, file := range entries(t, cells, name) {
			if err := os.WriteFile(file, []byte("garbage"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.cell(`at(7)`, "{7}")
	s.cell(`type line struct{ from point }; line{at(8)}.from.x`, "8")
	s.cell(`dep.Version`, "v1.1.0")
}

// Several kernels may build the same cells, with the same modules, at once.
func TestKernelsAtOnce(t *testing.T) {
	proxytest.Serve(t, served)
	cache, _ := ownCache(t)
	var wg sync.WaitGroup
	for range 3 {
		s := newScene(t, Options{Cache: cache, Dir: t.TempDir()})
		wg.Go(func() {
			for i, c := range []struct{ src, want string }{
				{"import (\"fmt\"; \"example.com/counter\")\ntype point struct{ x int }", ""},
				{`func f(p point) string { return fmt.Sprint(p.x, counter.Word("two")) }`, "counter is here\n"},
				{`f(point{1})`, "1 2"},
			} {
				r := &recorder{}
				b, err := s.e.Eval(t.Context(), Request{Code: c.src, Count: i + 1}, r)
				if err != nil {
					t.Error(err)
					return
				}
				got := withoutProgress(r.String())
				if b != nil {
					got += fmt.Sprint(b.Data["text/plain"])
				}
				if got != c.want {
					t.Errorf("cell %d: got %q, want %q", i+1, got, c.want)
				}
			}
		})
	}
	wg.Wait()
}

// fakeGo puts a go command first on PATH: the real one, but that its answers go
// through sed.
func fakeGo(t *testing.T, sed string) {
	t.Helper()
	real, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\nif [ \"$1\" = env ]; then %s \"$@\" | sed '%s'; exit; fi\nexec %[1]s \"$@\"\n", real, sed)
	write(t, filepath.Join(dir, "go"), script)
	if err := os.Chmod(filepath.Join(dir, "go"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
}

// Go was upgraded before the kernel started: cells are interpreted.
func TestAnotherGo(t *testing.T) {
	fakeGo(t, `s/"go1\.[0-9.]*"/"go1.99.1"/`)
	s := newScene(t, Options{})
	s.cell(`x := 1`, "")
	eventually(t.Fatalf, func() (bool, string) { return s.e.compiler.lack() != nil, "no lack" })
	want := "go command: go1.99.1 found, this program was built with " + runtime.Version() + ": run ./install.sh again"
	s.cell(`func f() int { return x + 1 }`, "note: cells are interpreted only, and what needs the compiler cannot run: "+want+"\n")
	s.cell(`f()`, "2")
	s.fails(`type point struct{ x int }`, "NoCompiler: cell 4:1: type declarations: this needs the Go compiler: "+want)
	s.fails(`import "example.com/dep"`, "package example.com/dep: a module needs the Go compiler: "+want)
}

// Go is upgraded while the kernel runs.
func TestGoUpgraded(t *testing.T) {
	out, err := exec.Command("go", "env", "GOTOOLDIR").Output()
	if err != nil {
		t.Fatal(err)
	}
	tools := t.TempDir()
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		link(t, file, filepath.Join(tools, filepath.Base(file)))
	}
	fakeGo(t, `s#\("GOTOOLDIR": "\).*"#\1`+tools+`"#`)
	cache, _ := ownCache(t)
	s := newScene(t, Options{Cache: cache})
	s.cell(`type point struct{ x int }; p := point{1}`, "")
	compile := filepath.Join(tools, "compile")
	if err := os.Remove(compile); err != nil {
		t.Fatal(err)
	}
	write(t, compile, "#!/bin/sh\necho 'object is [linux amd64 go1.99], expected another'\nexit 1\n")
	if err := os.Chmod(compile, 0o755); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s.fails(`type line struct{ from point }`, "BuildError: go toolchain in ", "was changed while this program runs: run ./install.sh again and restart the kernel")
	}
	s.cell(`x := 2; x`, "2")
}

// A compiled cell that does not fit the program is refused.
func TestPluginRefused(t *testing.T) {
	changed := fstest.MapFS{}
	files, err := filepath.Glob("../display/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		changed[filepath.Base(file)] = &fstest.MapFile{Data: text}
	}
	changed["more.go"] = &fstest.MapFile{Data: []byte("package display\n\nfunc More() int { return 1 }\n")}
	cache, _ := ownCache(t)
	e, err := New(Options{Cache: cache, Sources: map[string]fs.FS{"interleave/display": changed}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	s := &scene{t: t, e: e}
	s.cell(`x := 1; type point struct{ x int }`, "")
	for range 2 {
		s.fails("import \"interleave/display\"\ndisplay.Show(display.HTML(\"\")); display.More()",
			"LoadError: compiled cell: package interleave/display is not the one in this process: the Go toolchain, this program or a module was changed: run ./install.sh again and restart the kernel")
	}
	s.cell(`point{x}`, "{1}")
}
