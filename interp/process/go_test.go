package process

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

const hello = "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"hello\") }\n"

func printed(t *testing.T, program string) string {
	t.Helper()
	out, err := exec.Command(program).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestBuild(t *testing.T) {
	g := Go{Cache: t.TempDir()}
	first, done, err := g.Build(t.Context(), map[string]string{"main.go": hello})
	if err != nil {
		t.Fatal(err)
	}
	done()
	if got := printed(t, first); got != "hello\n" {
		t.Errorf("printed %q", got)
	}
	before, err := os.Stat(first)
	if err != nil {
		t.Fatal(err)
	}
	again, done, err := g.Build(t.Context(), map[string]string{"main.go": hello})
	if err != nil {
		t.Fatal(err)
	}
	done()
	if after, err := os.Stat(again); err != nil || again != first || !os.SameFile(before, after) {
		t.Errorf("the same program was built again: %s, %s", first, again)
	}
	other, done, err := g.Build(t.Context(), map[string]string{"main.go": hello}, "-race")
	if err != nil {
		t.Fatal(err)
	}
	done()
	if other == first {
		t.Error("other flags give the same program")
	}
}

func TestBuildWithoutCache(t *testing.T) {
	program, done, err := Go{}.Build(t.Context(), map[string]string{"main.go": hello})
	if err != nil {
		t.Fatal(err)
	}
	if got := printed(t, program); got != "hello\n" {
		t.Errorf("printed %q", got)
	}
	done()
	if _, err := os.Stat(filepath.Dir(program)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestBuildErrors(t *testing.T) {
	_, _, err := Go{}.Build(t.Context(), map[string]string{"main.go": "//line cell 4:1:1\npackage main\n\nfunc main() { x }\n"})
	var wrong *BuildError
	if !errors.As(err, &wrong) || !strings.Contains(wrong.Text, "cell 4:3:15: undefined: x") || strings.Contains(wrong.Text, os.TempDir()) {
		t.Errorf("error is %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, _, err := (Go{}).Build(t.Context(), map[string]string{"main.go": hello}); err == nil || err.Error() != "go command: not found on PATH: "+install {
		t.Errorf("error is %v", err)
	}
}

// Packages of this program can be imported, and the ones that they import.
func TestSources(t *testing.T) {
	g := Go{Sources: map[string]fs.FS{
		"own/a":   fstest.MapFS{"a.go": {Data: []byte("package a\n\nimport \"own/b/c\"\n\nfunc F() int { return c.F() }\n")}, "a_test.go": {Data: []byte("broken")}},
		"own/b/c": fstest.MapFS{"c.go": {Data: []byte("package c\n\nfunc F() int { return 7 }\n")}},
	}}
	program, done, err := g.Build(t.Context(), map[string]string{"main.go": "package main\n\nimport \"own/a\"\n\nfunc main() { print(a.F()) }\n"})
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	out, err := exec.Command(program).CombinedOutput()
	if err != nil || string(out) != "7" {
		t.Errorf("printed %q, %v", out, err)
	}
}

// The module of a program can be another's.
func TestModule(t *testing.T) {
	g := Go{Module: func(dir string, _ map[string]string) error { return errors.New("no module today") }}
	if _, _, err := g.Build(t.Context(), map[string]string{"main.go": hello}); err == nil || !strings.HasSuffix(err.Error(), "no module today") {
		t.Errorf("error is %v", err)
	}
}

func TestTrim(t *testing.T) {
	g := Go{Cache: t.TempDir()}
	for i := range most + 5 {
		if err := os.WriteFile(filepath.Join(g.Cache, strings.Repeat("x", i+1)), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	g.trim()
	if left, err := os.ReadDir(g.Cache); err != nil || len(left) != most {
		t.Errorf("%d programs are left, %v", len(left), err)
	}
}
