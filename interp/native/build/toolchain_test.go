package build

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"interleave/interp/native/load"
)

func TestFindMissing(t *testing.T) {
	const goTells = "#!/bin/sh\necho '{\"GOVERSION\": \"%v\", \"GOROOT\": \"/nowhere\", \"GOTOOLDIR\": \"/nowhere/tool\", \"CC\": \"%cc\"}'\n"
	version := tools.flavour.version
	tests := []struct{ name, script, want string }{
		{"no go command", "", "go command: not found on PATH: install Go 1.26 or later, https://go.dev/dl"},
		{"another version", strings.NewReplacer("%v", "go1.26.7").Replace(goTells), "go command: go1.26.7 found, this program was built with " + version + ": run ./install.sh again"},
		{"no gcc", strings.NewReplacer("%v", version, "%cc", "gcc").Replace(goTells), "C compiler: gcc not found on PATH: install gcc"},
		{"fails", "#!/bin/sh\nexit 3", "exit status 3: install Go"},
		{"half", strings.NewReplacer("%v", version, "%cc", "/bin/sh").Replace(goTells), "go command: /nowhere is not whole"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if tt.script != "" {
				if err := os.WriteFile(filepath.Join(dir, "go"), []byte(tt.script), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("PATH", dir)
			if _, err := Find(Options{}); err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestFlavour(t *testing.T) {
	tests := []struct {
		name     string
		settings map[string]string
		flags    string
		want     string // of the error
	}{
		{"plain", nil, "", ""},
		{"flags", map[string]string{"-race": "true", "-trimpath": "true", "-ldflags": "-s -w"}, "-race -trimpath", ""},
		{"no cgo", map[string]string{"CGO_ENABLED": "0"}, "", "this program: built without cgo, so that it cannot load compiled cells: install gcc"},
		{"gcflags", map[string]string{"-gcflags": "all=-N -l"}, "", "built with -gcflags"},
	}
	for _, tt := range tests {
		f, err := flavourOf("go1.26.8", tt.settings)
		switch {
		case tt.want != "":
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: got %v", tt.name, err)
			}
		case err != nil || strings.Join(f.flags, " ") != tt.flags:
			t.Errorf("%s: %+v, %v", tt.name, f, err)
		}
	}
}

func TestLang(t *testing.T) {
	for version, want := range map[string]string{
		"go1.26.8": "go1.26", "go1.27rc1": "go1.27", "go1.26.8-custom": "go1.26", "go1.26-X:nodwarf5": "go1.26", "devel go1.27-abc": "go1.26",
	} {
		if got := (&Toolchain{flavour: &flavour{version: version}}).lang(); got != want {
			t.Errorf("%s: %s", version, got)
		}
	}
}

func TestToolchainChanged(t *testing.T) {
	tc := another(t)
	tc.stamp = "another"
	_, err := tc.Build(t.Context(), unit("changed", "package cell\nvar x = undefined"))
	if err == nil || !strings.Contains(err.Error(), "was changed while this program runs: run ./install.sh again and restart the kernel") {
		t.Errorf("got %v", err)
	}
}

// What the sources have nothing to do with is no fault of theirs.
func TestSourceError(t *testing.T) {
	ended := func(script string) error { return exec.Command("/bin/sh", "-c", script).Run() }
	tests := []struct {
		name    string
		out     string
		err     error
		sources bool
		want    string
	}{
		{"wrong source", "cell 1:2: undefined: x", ended("exit 2"), true, "cell 1:2: undefined: x"},
		{"wordless", "", ended("exit 2"), true, "exit status 2"},
		{"full disk", "write unit.a: no space left on device", ended("exit 1"), false, "compile p: exit status 1: write unit.a: no space left"},
		{"killed", "", ended("kill -9 $$"), false, "compile p: signal: killed"},
		{"not started", "", os.ErrPermission, false, "compile p: permission denied"},
	}
	for _, tt := range tests {
		var compile *CompileError
		err := tools.sourceError(t.Context(), Package{Path: "p"}, tt.out, tt.err)
		if err == nil || errors.As(err, &compile) != tt.sources || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

// Whatever the system's linker is, a cell is linked: by the C compiler in the end.
func TestLinkers(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(l *systemLinker)
	}{
		{"own", func(l *systemLinker) {}},
		{"ld", func(l *systemLinker) { l.ld = "ld" }},
		{"no linker", func(l *systemLinker) { l.ld = "" }},
		{"no true", func(l *systemLinker) { l.yes = "" }},
		{"linker fails", func(l *systemLinker) { l.ld = "false" }},
		{"compiler tells nothing", func(l *systemLinker) { l.cc = []string{"true"} }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tc := another(t)
			tt.spoil(tc.linker)
			p, err := tc.Build(t.Context(), unit(strings.ReplaceAll("linker "+tt.name, " ", "-"), strings.Replace(small, "1", `"`+tt.name+`"`, 1)))
			if err != nil {
				t.Fatal(err)
			}
			l, err := load.Open(p.SharedObject)
			if err != nil || l.Unit["n"] != tt.name {
				t.Errorf("%v, %v", l, err)
			}
		})
	}
}

func TestLinkFails(t *testing.T) {
	tc := another(t)
	p := unit("link-fails", "package cell\nimport _ \"interleave/test/share0\"\n"+"var Unit map[string]any")
	imported := unit("share0", "package cell")
	archive, err := tc.Compile(t.Context(), imported)
	if err != nil {
		t.Fatal(err)
	}
	p.Imports[imported.Path] = archive
	unitArchive, err := tc.Compile(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	delete(p.Imports, imported.Path)
	if _, err = tc.Link(t.Context(), p, unitArchive); err == nil || !strings.Contains(err.Error(), "link interleave/test/link-fails: ") {
		t.Errorf("got %v", err)
	}
}

func TestSplit(t *testing.T) {
	tests := []struct {
		in   string
		want []string
	}{
		{"", nil},
		{` "/usr/bin/ld" "-z" "now" "a b.o"`, []string{"/usr/bin/ld", "-z", "now", "a b.o"}},
		{"  /usr/lib/collect2 -shared \"a \\\"b\\\"\" -lc  ", []string{"/usr/lib/collect2", "-shared", `a "b"`, "-lc"}},
	}
	for _, tt := range tests {
		if got, err := split(tt.in); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q: %q, %v", tt.in, got, err)
		}
	}
	if _, err := split(`a "b`); err == nil {
		t.Error("a quote without end: no error")
	}
	if _, err := hostLink("HEADER\nsomething\n"); err == nil {
		t.Error("no host link: no error")
	}
}
