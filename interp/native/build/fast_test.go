package build

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"interleave/interp/native/load"
)

// againstProgram skips a test where nothing can be linked against this one.
func againstProgram(t testing.TB) {
	t.Helper()
	if !tools.flavour.shared {
		t.Skip("this test was built without -gcflags=all=-linkshared")
	}
	if err := tools.Fast(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// linkedUnit builds a unit that is linked against this program, and loads it.
func linkedUnit(t testing.TB, p Package) map[string]any {
	t.Helper()
	plugin := mustBuild(t, p)
	if plugin.Apart != nil {
		t.Fatal(plugin.Apart)
	}
	if st, err := os.Stat(plugin.SharedObject); err != nil || st.Size() > 200_000 {
		t.Errorf("%v, %v: a copy of the library is larger", st.Size(), err)
	}
	l, err := load.Open(plugin.SharedObject)
	if err != nil {
		t.Fatal(err)
	}
	return l.Unit
}

// holds makes this test hold types that cells use, as the whole program does.
var holds = []any{bytes.Buffer{}, [3]bytes.Buffer{}, [5]bytes.Buffer{}, reflect.Value{}, strings.Builder{}, time.Time{}, [2]time.Time{}, &sync.Map{}}

// Package variables of types of the library, their pointers in all places that a
// struct or an array has, survive the garbage collector.
func TestLinkedGlobals(t *testing.T) {
	againstProgram(t)
	runtime.KeepAlive(holds)
	u := linkedUnit(t, unit("globals", `package cell

import (
	"bytes"
	"reflect"
	"strings"
	"sync"
	"time"
)

type wide struct {
	n    int
	bufs [3]bytes.Buffer
	when time.Time
	v    reflect.Value
	f    func() string
	m    map[string]*wide
}

var (
	zero  wide // in bss
	set   = &wide{n: 1} // and in data
	bufs  [5]bytes.Buffer
	table sync.Map
	build strings.Builder
	times = [2]time.Time{}
	any1  = any(&bufs)
)

var Unit = map[string]any{"fill": func() {
	for i := range bufs {
		bufs[i].WriteString(strings.Repeat("x", 1000*(i+1)))
	}
	for _, w := range []*wide{&zero, set} {
		w.bufs[2].WriteString(strings.Repeat("y", 5000))
		w.when, w.v = time.Now().Local(), reflect.ValueOf(strings.Repeat("v", 700))
		s := strings.Repeat("f", 800)
		w.f = func() string { return s }
		w.m = map[string]*wide{s: {n: 5}}
	}
	table.Store("k", strings.Repeat("t", 900))
	build.WriteString(strings.Repeat("b", 600))
	times[1] = time.Now().In(time.FixedZone(strings.Repeat("z", 40), 60))
}, "check": func() string {
	for i := range bufs {
		if bufs[i].String() != strings.Repeat("x", 1000*(i+1)) {
			return "bufs"
		}
	}
	for _, w := range []*wide{&zero, set} {
		if w.bufs[2].String() != strings.Repeat("y", 5000) || w.v.String() != strings.Repeat("v", 700) || w.f() != strings.Repeat("f", 800) || w.m[w.f()].n != 5 {
			return "wide"
		}
	}
	v, _ := table.Load("k")
	if v != strings.Repeat("t", 900) || build.String() != strings.Repeat("b", 600) || any1.(*[5]bytes.Buffer) != &bufs {
		return "table"
	}
	if name, _ := times[1].Zone(); name != strings.Repeat("z", 40) {
		return "times"
	}
	return ""
}}`))
	u["fill"].(func())()
	var held [][]byte
	for i := range 30 {
		for range 2000 { // what was freed by mistake is taken again
			held = append(held, make([]byte, 64<<(i%6)))
		}
		held = held[:len(held)/2]
		runtime.GC()
	}
	if bad := u["check"].(func() string)(); bad != "" {
		t.Errorf("%s was collected", bad)
	}
}

// A large table of a cell is made though nothing in its package refers to it.
func TestLinkedEntry(t *testing.T) {
	againstProgram(t)
	src := "package cell\n\nvar Unit = map[string]any{\n"
	for c := 'a'; c <= 'z'; c++ {
		src += "\"" + string(c) + "\": 1, \"" + string(c) + "2\": \"s\",\n"
	}
	if u := linkedUnit(t, unit("entry26", src+"}")); len(u) != 52 || u["z2"] != "s" {
		t.Errorf("the table is %v", u)
	}
}

// fresh is a toolchain with the library, and nothing else that was prepared.
func fresh(t *testing.T) *Toolchain {
	t.Helper()
	tc, err := Find(Options{Sources: tools.sources})
	if err != nil {
		t.Fatal(err)
	}
	std := filepath.Join(tc.dir, "std")
	tc.dir, tc.cells = t.TempDir(), t.TempDir()
	if err := os.Symlink(std, filepath.Join(tc.dir, "std")); err != nil {
		t.Fatal(err)
	}
	return tc
}

// reopened is a toolchain that finds what tc left.
func reopened(t *testing.T, tc *Toolchain) *Toolchain {
	t.Helper()
	next := fresh(t)
	next.dir = tc.dir
	return next
}

func passes(context.Context) error { return nil }

// Nothing is linked against a program that was not verified, or failed.
func TestVerdict(t *testing.T) {
	againstProgram(t)
	tc := fresh(t)
	if err := tc.Fast(t.Context()); !errors.Is(err, errUnverified) {
		t.Errorf("before: %v", err)
	}
	failed := errors.New("self-test: cell 3 gives 4")
	if err := tc.Verify(t.Context(), func(context.Context) error { return failed }); !errors.Is(err, failed) {
		t.Errorf("a test that fails: %v", err)
	}
	for _, tc := range []*Toolchain{tc, reopened(t, tc)} {
		p, err := tc.Build(t.Context(), unit("verdict", small))
		if err != nil || p.Apart == nil || p.Apart.Error() != failed.Error() {
			t.Errorf("after: %v, %v", p, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	tc = fresh(t)
	if err := tc.Verify(ctx, func(context.Context) error { cancel(); return ctx.Err() }); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted test: %v", err)
	}
	if err := reopened(t, tc).Fast(t.Context()); !errors.Is(err, errUnverified) {
		t.Errorf("after an interrupted one: %v", err)
	}
	if err := tc.Verify(t.Context(), passes); err != nil {
		t.Fatal(err)
	}
	if err := tc.Fast(t.Context()); err != nil {
		t.Error(err)
	}
}

// What was prepared and then damaged is not used, and comes back by preparing.
func TestDamagedPreparation(t *testing.T) {
	againstProgram(t)
	tc := fresh(t)
	if err := tc.Verify(t.Context(), passes); err != nil {
		t.Fatal(err)
	}
	dirs, err := filepath.Glob(filepath.Join(tc.dir, "program-*"))
	if err != nil || len(dirs) != 1 {
		t.Fatal(dirs, err)
	}
	for _, name := range []string{"functions", "runtime.o", "verdict"} {
		file := filepath.Join(dirs[0], name)
		whole, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		changed := append([]byte{}, whole...)
		changed[len(changed)/2] ^= 1
		for _, data := range [][]byte{nil, whole[:len(whole)/2], changed} {
			if err := os.WriteFile(file, data, 0o644); err != nil {
				t.Fatal(err)
			}
			again := reopened(t, tc)
			p, err := again.Build(t.Context(), unit("damaged", small))
			if err != nil || p.Apart == nil {
				t.Errorf("%s, %d bytes: %v, %v", name, len(data), p, err)
			}
			if err := again.Verify(t.Context(), passes); err != nil {
				t.Errorf("%s is not mended: %v", name, err)
			}
			if now, err := os.ReadFile(file); err != nil || string(now) != string(whole) {
				t.Errorf("%s is not mended: %v", name, err)
			}
		}
	}
}

// On other systems cells are linked in the ordinary way, and it is told why.
func TestUnproven(t *testing.T) {
	if err := unproven("linux", "amd64"); err != nil {
		t.Error(err)
	}
	for system, arch := range map[string]string{"linux": "arm64", "darwin": "amd64", "freebsd": "amd64"} {
		if err := unproven(system, arch); err == nil || err.Error() != "on "+system+"/"+arch+" it has not been proven to work, only on linux/amd64" {
			t.Errorf("%s/%s: %v", system, arch, err)
		}
	}
	if err := tools.fastPossible(); (unproven(runtime.GOOS, runtime.GOARCH) == nil) != (err == nil || !strings.Contains(err.Error(), "proven")) {
		t.Errorf("on this system: %v", err)
	}
}

// Whatever is missing or fails, the cell is linked in the ordinary way, and it is
// told why.
func TestFallBack(t *testing.T) {
	againstProgram(t)
	script := func(name, text string) string {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		return file
	}
	tc := fresh(t)
	if err := tc.Verify(t.Context(), passes); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, why string
		change    func(tc *Toolchain)
	}{
		{"no ld", "no ld on PATH", func(tc *Toolchain) { tc.linker.ld = "" }},
		{"another ld", "not verified", func(tc *Toolchain) { tc.linker.ld = script("ld", "exec ld \"$@\"") }},
		{"another program", "another program", func(tc *Toolchain) { tc.program = script("interleave", "") }},
		{"as asked", LinkEnv, func(*Toolchain) { t.Setenv(LinkEnv, "ordinary") }},
		{"next Go", "unknown for go1.27.1", func(tc *Toolchain) { f := *tc.flavour; f.version = "go1.27.1"; tc.flavour = &f }},
		{"unreleased Go", "unknown for devel", func(tc *Toolchain) { f := *tc.flavour; f.version = "devel go1.27-abc"; tc.flavour = &f }},
		{"race", "-race", func(tc *Toolchain) { f := *tc.flavour; f.flags = []string{"-race"}; tc.flavour = &f }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			next := reopened(t, tc)
			tt.change(next)
			err := next.fastPossible()
			if err == nil {
				err = next.Fast(t.Context())
			}
			if err == nil || !strings.Contains(err.Error(), tt.why) {
				t.Errorf("got %v, want %s", err, tt.why)
			}
			os.Unsetenv(LinkEnv)
		})
	}
	tc.fast = nil
	tc.linker.ld = script("ld", "echo broken ld; exit 1")
	tc.trial = true
	p, err := tc.Build(t.Context(), unit("brokenld", small))
	if err != nil || p.Apart == nil || !strings.Contains(p.Apart.Error(), "broken ld") {
		t.Errorf("an ld that fails: %v, %v", p, err)
	}
	for name, p := range map[string]Package{
		"it has a go:linkname line": unit("named", "package cell\n\nimport _ \"unsafe\"\n\n//go:linkname x runtime.x\nvar x int\n"+small[len("package cell"):]),
		"it has C in it":            {Path: "interleave/test/inc", Cgo: true, Files: map[string]string{"cell.go": "package cell\n\n// int one;\nimport \"C\"\n\nvar Unit = map[string]any{\"n\": int(C.one)}"}, Imports: map[string]string{}},
	} {
		built, err := tools.Build(t.Context(), p)
		if err == nil && built.Apart == nil || err == nil && built.Apart.Error() != name {
			t.Errorf("%s: %v, %v", name, built, err)
		}
	}
}

// Where the ABI of a function is not known, the cell is linked with the
// function's package, or in the ordinary way, never against the program's.
func TestUnknownABI(t *testing.T) {
	againstProgram(t)
	tc := fresh(t)
	if err := tc.Verify(t.Context(), passes); err != nil {
		t.Fatal(err)
	}
	dirs, _ := filepath.Glob(filepath.Join(tc.dir, "program-*"))
	table := filepath.Join(dirs[0], "functions")
	text, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(strings.Replace(string(text), "\n1strings.Repeat\n", "\n", 1), "\n")
	if len(head)+len(body)+1 == len(text) {
		t.Fatal("strings.Repeat is not in the table")
	}
	head = head[:strings.LastIndex(head, " ")]
	if err := os.WriteFile(table, fmt.Appendf(nil, "%s %x\n%s", head, sha256.Sum256([]byte(body)), body), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := reopened(t, tc).Build(t.Context(), unit("unknownabi", "package cell\n\nimport \"strings\"\n\nvar n = 3\nvar Unit = map[string]any{\"s\": strings.Repeat(\"ab\", n)}"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := load.Open(p.SharedObject)
	if err != nil || l.Unit["s"] != "ababab" {
		t.Errorf("%v, %v", l, err)
	}
	if st, err := os.Stat(p.SharedObject); err != nil || p.Apart == nil && st.Size() < 20_000 {
		t.Errorf("%v, %v: strings.Repeat is not in it", st.Size(), err)
	}
}
