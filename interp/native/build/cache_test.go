package build

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"interleave/interp/native/load"
)

const small = "package cell\n\nvar Unit = map[string]any{\"n\": 1}"

// another gives a toolchain with the same library and a cache of its own.
func another(t testing.TB) *Toolchain {
	t.Helper()
	tc, err := Find(Options{})
	if err != nil {
		t.Fatal(err)
	}
	tc.cells = t.TempDir()
	return tc
}

// broken gives a copy of tc that has no tools to run.
func broken(t *testing.T, tc *Toolchain) *Toolchain {
	t.Helper()
	b, err := Find(Options{})
	if err != nil {
		t.Fatal(err)
	}
	b.cells, b.tools = tc.cells, t.TempDir()
	return b
}

func TestCacheHitRunsNothing(t *testing.T) {
	tc := another(t)
	p := unit("hit", small)
	first, err := tc.Build(t.Context(), p)
	if err != nil || first.Cached {
		t.Fatalf("%+v, %v", first, err)
	}
	again, err := broken(t, tc).Build(t.Context(), p)
	if err != nil || !again.Cached || again.SharedObject != first.SharedObject || again.Archive != first.Archive {
		t.Errorf("%+v, %v", again, err)
	}
	importer := unit("hit2", "package cell\nimport _ \"interleave/test/hit\"\n")
	importer.Imports[p.Path] = first.Archive
	for name, change := range map[string]func(*Package){
		"source": func(p *Package) { p.Files = map[string]string{"cell.go": small + "\n"} },
		"file":   func(p *Package) { p.Files = map[string]string{"x.go": small} },
		"path":   func(p *Package) { p.Path += "x" },
		"main":   func(p *Package) { p.ShowAsMain = true },
		"import": func(p *Package) { p.Imports = map[string]string{"x": first.Archive} },
	} {
		q := p
		change(&q)
		if _, err := broken(t, tc).Build(t.Context(), q); err == nil {
			t.Errorf("another %s: taken from the cache", name)
		}
	}
}

func TestCacheDamaged(t *testing.T) {
	tc := another(t)
	p := unit("damaged", small)
	good, err := tc.Build(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	damage := map[string]func(file string) error{
		"cut off": func(file string) error { return os.Truncate(file, 100) },
		"removed": os.Remove,
		"written": func(file string) error { return os.WriteFile(file, []byte("x"), 0o644) },
		"unsure":  func(file string) error { return os.Remove(filepath.Join(filepath.Dir(file), "whole")) },
	}
	for name, damage := range damage {
		for _, file := range []string{good.Archive, good.SharedObject} {
			if err := damage(file); err != nil {
				t.Fatal(err)
			}
			again, err := tc.Build(t.Context(), p)
			if err != nil || again.Cached || !whole(again.SharedObject) || !whole(again.Archive) {
				t.Errorf("%s: %+v, %v", name, again, err)
			}
		}
	}
	if _, err := load.Open(good.SharedObject); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(tc.cells, "work-*")); left != nil {
		t.Errorf("left behind: %q", left)
	}
}

func TestBuildAtOnce(t *testing.T) {
	cells := t.TempDir()
	p := unit("at-once", small)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			tc, err := Find(Options{})
			if err != nil {
				t.Error(err)
				return
			}
			tc.cells = cells
			plugin, err := tc.Build(t.Context(), p)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := load.Open(plugin.SharedObject); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestCacheUnwritable(t *testing.T) {
	tc := another(t)
	tc.cells = filepath.Join(tc.cells, "file")
	if err := os.WriteFile(tc.cells, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := tc.Build(t.Context(), unit("unwritable", small)); err == nil || !strings.Contains(err.Error(), "cache of compiled cells: ") {
		t.Errorf("got %v", err)
	}
}

func TestTrim(t *testing.T) {
	tc := another(t)
	p := unit("trim", small)
	plugin, err := tc.Build(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	total := sizeOf(filepath.Dir(plugin.SharedObject)) + sizeOf(filepath.Dir(plugin.Archive))
	for _, tt := range []struct {
		name  string
		later time.Duration
		limit int64
		there bool
	}{
		{"just built", 0, 0, true},
		{"two days old", 2 * aDay, limit, true},
		{"two days old, and too much", 2 * aDay, 100, false},
		{"unused", unused + time.Hour, limit, false},
		{"two hours old, and too much", 2 * anHour, total / 2, true},
		{"two hours old, and far too much", 2 * anHour, 10, false},
	} {
		if plugin, err = tc.Build(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		tc.trim(time.Now().Add(tt.later), tt.limit)
		if whole(plugin.SharedObject) != tt.there || whole(plugin.Archive) != tt.there {
			t.Errorf("%s: should be there: %t", tt.name, tt.there)
		}
	}
}

func TestLibraryMissing(t *testing.T) {
	tc, err := Find(Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tc.Build(t.Context(), unit("missing", small)); !errors.Is(err, ErrMissing) {
		t.Errorf("got %v", err)
	}
}

func TestLibraryDamaged(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "0.a")
	if err := os.WriteFile(archive, []byte("1234"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ index, want string }{
		{"fmt 0.a 4\nend\n", ""},
		{"fmt 0.a 4\n", "cut off"},
		{"", "cut off"},
		{"fmt 0.a\nend\n", "bad line"},
		{"fmt 0.a 5\nend\n", "archive 0.a of fmt: is damaged"},
		{"fmt 1.a 5\nend\n", "archive 1.a of fmt: is damaged"},
	} {
		_, err := readIndex(dir, tt.index)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%q: got %v", tt.index, err)
		}
	}
}

// What a toolchain made that nobody uses any more goes when another one trims.
func TestTrimOthers(t *testing.T) {
	tc := another(t)
	tc.dir = filepath.Join(t.TempDir(), "native-this")
	if err := os.Mkdir(tc.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, age := range map[string]time.Duration{"native-old": abandoned + time.Hour, "native-other": unused} {
		stamp := filepath.Join(filepath.Dir(tc.dir), name, "cells", "trimmed")
		if err := os.MkdirAll(filepath.Dir(stamp), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(stamp, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-age)
		if err := os.Chtimes(stamp, then, then); err != nil {
			t.Fatal(err)
		}
	}
	tc.trimOthers(time.Now())
	for name, want := range map[string]bool{"native-old": false, "native-other": true, filepath.Base(tc.dir): true} {
		if _, err := os.Stat(filepath.Join(filepath.Dir(tc.dir), name)); (err == nil) != want {
			t.Errorf("%s is there: %t, expected %t", name, err == nil, want)
		}
	}
}

// A build under way is left alone, whatever the dates of the files in its folder:
// the linker extracts some that are dated 1970.
func TestTrimLeavesBuilds(t *testing.T) {
	tc := another(t)
	work := filepath.Join(tc.cells, "work-1")
	file := filepath.Join(work, "000000.o")
	if err := os.MkdirAll(work, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, time.Unix(0, 0), time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	tc.trim(time.Now(), 0)
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
	tc.trim(time.Now().Add(unused+time.Hour), limit)
	if _, err := os.Stat(work); err == nil {
		t.Error("a build that was broken off stays for ever")
	}
}

// What was built by this process and then damaged is made again, with what it was
// made of; what another one built, or nobody, is left alone.
func TestMend(t *testing.T) {
	tc := another(t)
	first := unit("mend1", small)
	a, err := tc.Build(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	second := unit("mend2", "package cell\n\nimport _ \"interleave/test/mend1\"\n\nvar Unit = map[string]any{}")
	second.Imports[first.Path] = a.Archive
	b, err := tc.Build(t.Context(), second)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{a.Archive, b.Archive, b.SharedObject} {
		if err := os.Truncate(file, 10); err != nil {
			t.Fatal(err)
		}
	}
	if err := tc.Mend(t.Context(), []string{a.SharedObject, "/nowhere"}); err != nil || whole(a.Archive) {
		t.Errorf("mended without need, %v", err)
	}
	if err := broken(t, tc).Mend(t.Context(), []string{b.SharedObject}); err != nil || whole(b.SharedObject) {
		t.Errorf("mended what another built, %v", err)
	}
	if err := tc.Mend(t.Context(), []string{b.SharedObject}); err != nil {
		t.Fatal(err)
	}
	if !whole(a.Archive) || !whole(b.Archive) || !whole(b.SharedObject) {
		t.Error("still damaged")
	}
	if _, err := load.Open(b.SharedObject); err != nil {
		t.Error(err)
	}
}

// A library that was damaged by hand is made again.
func TestLibraryRepaired(t *testing.T) {
	dir := t.TempDir()
	for _, damage := range []func(std string) error{
		func(string) error { return nil },
		func(std string) error { return os.WriteFile(filepath.Join(std, stdIndex), []byte("garbage"), 0o644) },
		func(std string) error { return os.Remove(filepath.Join(std, "7.a")) },
	} {
		tc, err := Find(Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if err := damage(filepath.Join(tc.dir, "std")); err != nil {
			t.Fatal(err)
		}
		if err := tc.Prepare(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if std, err := tc.library(); err != nil || len(std) < 150 {
			t.Errorf("%d packages, %v", len(std), err)
		}
	}
}

// Looking for what to trim is done once an hour, whichever kernel does it.
func TestDueToTrim(t *testing.T) {
	tc := another(t)
	if err := os.MkdirAll(tc.cells, 0o755); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for _, tt := range []struct {
		after time.Duration
		due   bool
	}{{0, true}, {time.Minute, false}, {trimEvery + time.Minute, true}} {
		if due := tc.dueToTrim(now.Add(tt.after)); due != tt.due {
			t.Errorf("after %v: due is %v", tt.after, due)
		}
	}
}
