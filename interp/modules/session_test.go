package modules

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"interleave/interp/modules/proxytest"
	"interleave/interp/native/build"
)

const served = `
-- example.com/a@v1.0.0/go.mod --
module example.com/a

go 1.26

require example.com/b v1.0.0
-- example.com/a@v1.0.0/a.go --
package a

import "example.com/b"

const A = "a of " + b.B
-- example.com/b@v1.0.0/b.go --
package b

const B = "b1"
-- example.com/b@v1.1.0/b.go --
package b

const B = "b2"
`

// open makes a session in dir, with modules that a folder serves.
func open(t *testing.T, dir string) *Session {
	t.Helper()
	proxytest.Serve(t, served)
	tools, err := build.Find(build.Options{})
	if err == nil {
		err = tools.Prepare(t.Context(), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	s := New(Options{
		Dir: dir, Std: func(path string) bool { return path == "fmt" },
		Tools: func(context.Context) (*build.Toolchain, error) { return tools, nil },
	})
	t.Cleanup(s.Close)
	return s
}

func need(t *testing.T, s *Session, paths ...string) error {
	t.Helper()
	return s.Need(t.Context(), paths, func(string) {})
}

func TestNeed(t *testing.T) {
	s := open(t, t.TempDir())
	if err := need(t, s, "fmt", "C", "unsafe", "nodots"); err != nil || len(s.ImportPaths()) != 0 {
		t.Errorf("%q, %v", s.ImportPaths(), err)
	}
	if err := need(t, s, "fmt", "example.com/a"); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.ImportPaths(), " "); got != "example.com/a example.com/b" {
		t.Errorf("packages: %s", got)
	}
	if c := s.Closure([]string{"example.com/a", "fmt"}); len(c) != 2 || c["example.com/b"] == "" {
		t.Errorf("closure: %v", c)
	}
	if c := s.Closure([]string{"example.com/b"}); len(c) != 1 {
		t.Errorf("closure: %v", c)
	}
	r, err := s.Open("example.com/a")
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	if _, err := s.Open("example.com/none"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(s.Folder("example.com/a"), "a.go")); err != nil {
		t.Error(err)
	}
}

// After an error all is as before: go.mod, and what is known.
func TestNeedIsATransaction(t *testing.T) {
	s := open(t, t.TempDir())
	if err := s.Require(t.Context(), []string{"example.com/b@v1.1.0"}, func(string) {}); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(s.dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	var wrong *Error
	if err := need(t, s, "example.com/a", "example.com/none"); !errors.As(err, &wrong) || wrong.Import != "example.com/none" {
		t.Errorf("got %v", err)
	}
	if after, _ := os.ReadFile(filepath.Join(s.dir, "go.mod")); string(after) != string(before) {
		t.Errorf("go.mod is now\n%s", after)
	}
	if len(s.ImportPaths()) != 0 || len(s.roots) != 0 {
		t.Errorf("known: %q", s.ImportPaths())
	}
}

func TestNeedInterrupted(t *testing.T) {
	s := open(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Need(ctx, []string{"example.com/a"}, func(string) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := need(t, s, "example.com/a"); err != nil {
		t.Error(err)
	}
	s.Close()
	if _, err := s.Dir(t.Context()); err == nil {
		t.Error("closed: no error")
	}
}

// The folder is one in which the go command builds programs.
func TestDir(t *testing.T) {
	s := open(t, t.TempDir())
	if err := need(t, s, "example.com/a"); err != nil {
		t.Fatal(err)
	}
	dir, err := s.Dir(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(program, []byte("package main\n\nimport \"example.com/a\"\n\nfunc main() { print(a.A) }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := s.tools.Go(t.Context(), dir, "run", program).CombinedOutput()
	if err != nil || string(out) != "a of b1" {
		t.Errorf("%s, %v", out, err)
	}
	s.Close()
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder stays")
	}
}

func TestEdited(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module mine\n\ngo 1.26\n", "x.go": "package mine\n", "x_test.go": "package mine\n", "note.txt": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, dir)
	if err := need(t, s, "mine", "example.com/b"); err != nil {
		t.Fatal(err)
	}
	touch := func(name, text string) []string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return s.Edited()
	}
	for _, tt := range []struct {
		file   string
		edited bool
	}{{"note.txt", false}, {"x_test.go", false}, {"x.go", true}, {"note.txt", false}, {"new.go", true}} {
		if got := touch(tt.file, "package mine // edited\n"); slices.Contains(got, "mine") != tt.edited || len(got) > 1 {
			t.Errorf("%s: %q", tt.file, got)
		}
	}
}

func TestAllowed(t *testing.T) {
	s := New(Options{})
	s.here = "example.com/m/nb"
	for path, want := range map[string]bool{
		"example.com/m/internal/x": true, "example.com/m/nb/internal": true, "example.com/m/other/internal/x": false,
		"internal/abi": false, "example.com/internal": true, "example.org/internal/x": false, "example.com/m/x": false,
	} {
		if s.Allowed(path) != want {
			t.Errorf("%s: %t", path, !want)
		}
	}
	s.here = ""
	if s.Allowed("example.com/m/internal/x") {
		t.Error("outside of a module")
	}
}

func TestPinsCheck(t *testing.T) {
	good := Pins{Go: "1.26", Require: []string{"example.com/a@v1.0.0", "gopkg.in/yaml.v3@v3.0.1", "a.b/C_d@v0.0.0-20260101000000-abcdef012345", "x.y/z/v2@v2.0.0+incompatible"},
		Sum: []string{"example.com/a v1.0.0/go.mod h1:abc+/=", "example.com/a v1.0.0 h1:abc="}}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "a.b/c", "a.b/c@latest", "a.b/c@v1 // x", "a.b/c@v1.0.0\nreplace x => y", "-x@v1.0.0", "a b@v1.0.0"} {
		if err := (Pins{Require: []string{bad}}).Check(); err == nil {
			t.Errorf("require %q: no error", bad)
		}
	}
	for _, bad := range []string{"", "a.b/c v1.0.0", "a.b/c v1.0.0 h2:x", "a.b/c v1.0.0 h1:x\ny"} {
		if err := (Pins{Sum: []string{bad}}).Check(); err == nil {
			t.Errorf("sum %q: no error", bad)
		}
	}
}

// Something slow is told once; what is quick, or comes after the end, is not.
func TestProgress(t *testing.T) {
	var mu sync.Mutex
	var told []string
	p := newProgress(func(line string) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, line)
	})
	p.fetched("go: finding module for package example.com/a")
	p.fetched("go: downloading example.com/a v1.0.0")
	p.since = p.since.Add(-time.Minute)
	p.fetched("go: downloading example.com/b v1.0.0")
	p.fetched("go: downloading example.com/b v1.0.0")
	p.end()
	p.fetched("go: downloading example.com/c v1.0.0")
	mu.Lock()
	defer mu.Unlock()
	if got := fmt.Sprint(told); got != "[fetching example.com/b v1.0.0 ...]" {
		t.Errorf("told: %s", got)
	}
}
