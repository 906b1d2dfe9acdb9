package build

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"interleave/interp/exports"
	"interleave/interp/modules/proxytest"
)

// moduleAt makes a module that requires what proxytest serves.
func moduleAt(t *testing.T, archive string) ModuleRequest {
	t.Helper()
	proxytest.Serve(t, archive)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module test\n\ngo 1.26\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return ModuleRequest{Dir: dir, Paths: []string{"example.com/a"}}
}

// One of them is a module that this test holds too.
const twoModules = `
-- example.com/a@v1.2.3/go.mod --
module example.com/a

go 1.26

require github.com/rogpeppe/go-internal v0.0.1
-- example.com/a@v1.2.3/a.go --
package a

import ("fmt"; "github.com/rogpeppe/go-internal/txtar")

var A = fmt.Sprint(txtar.File(1))
-- github.com/rogpeppe/go-internal@v0.0.1/txtar/txtar.go --
package txtar

type File int

func (File) String() string { return "mine" }
`

// Packages that this program holds are compiled by another path, and those that
// import them find them there; all fit the library that cells are linked with.
func TestCompileModules(t *testing.T) {
	r := moduleAt(t, twoModules)
	list, err := tools.ListModules(t.Context(), r)
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	if err := tools.CompileModules(t.Context(), r, list); err != nil {
		t.Fatal(err)
	}
	held, a := list[0], list[1]
	if held.Path != exports.Held+"github.com/rogpeppe/go-internal/txtar" || held.Version != "v0.0.1" || held.From != "github.com/rogpeppe/go-internal" {
		t.Errorf("held: %+v", held)
	}
	if a.Path != "example.com/a" || !slices.Contains(a.Imports, held.Path) || a.Local || a.Err != "" {
		t.Errorf("a: %+v", a)
	}
	p := unit("modules", "package cell\n\nimport \"example.com/a\"\n\nvar Unit = map[string]any{\"a\": &a.A}")
	p.Imports = map[string]string{held.Path: held.Archive, a.Path: a.Archive}
	if got := *open(t, p)["a"].(*string); got != "mine" {
		t.Errorf("the program's own package is called: %s", got)
	}
	again, err := tools.ListModules(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if err := tools.CompileModules(t.Context(), r, again); err != nil || again[0].Archive != held.Archive || again[1].Archive != a.Archive {
		t.Errorf("compiled again: %+v, %v", again, err)
	}
}

func TestModuleErrors(t *testing.T) {
	r := moduleAt(t, "-- example.com/a@v1.0.0/a.go --\npackage a\n\nvar A int = \"x\"\n")
	list, err := tools.ListModules(t.Context(), r)
	if err != nil || len(list) != 1 || list[0].Err != "" {
		t.Fatalf("%+v, %v", list, err)
	}
	if err := tools.CompileModules(t.Context(), r, list); err != nil || !strings.Contains(list[0].Err, "a.go:3:13: cannot use \"x\"") {
		t.Errorf("%+v, %v", list, err)
	}
	r.Paths = []string{"example.com/none"}
	if list, err = tools.ListModules(t.Context(), r); err != nil || len(list) != 1 || list[0].Err == "" {
		t.Errorf("%+v, %v", list, err)
	}
	r.Dir = filepath.Join(r.Dir, "none")
	if _, err = tools.ListModules(t.Context(), r); err == nil {
		t.Error("a folder that is not there: no error")
	}
}

func TestToolexec(t *testing.T) {
	table := filepath.Join(t.TempDir(), "importcfg")
	for _, tt := range []struct{ text, want string }{
		{"# import config\npackagefile fmt=/f\n", "# import config\npackagefile fmt=/f\n"},
		{"packagefile x/y=/f\npackagefile fmt=/g", "packagefile x/y=/f\npackagefile fmt=/g\nimportmap x/y=" + exports.Held + "x/y\npackagefile " + exports.Held + "x/y=/f\n"},
	} {
		if err := os.WriteFile(table, []byte(tt.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := mapHeld(table, []string{"x/y", "z"}); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(table); string(got) != tt.want {
			t.Errorf("%q: got %q", tt.text, got)
		}
	}
	if err := Toolexec(nil); err == nil {
		t.Error("by hand: no error")
	}
	cmd := exec.Command(tools.program, ToolexecRole, "/nowhere/compile")
	cmd.Env = append(os.Environ(), heldVariable+"=x/y")
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "toolexec: /nowhere/compile: no such file") {
		t.Errorf("%s, %v", out, err)
	}
}
