package spec

import (
	"bytes"
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// program is an executable file below a directory of the test.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "interleave")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestInstallWritesAllFiles(t *testing.T) {
	prefix, binary := t.TempDir(), program(t)
	dir, err := Install(Options{Prefix: prefix, Binary: binary, KernelArgs: []string{"--memory", "1GB"}})
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(prefix, "share", "jupyter", "kernels", "interleave"); dir != want {
		t.Errorf("folder %s, want %s", dir, want)
	}
	var got map[string]any
	if err := json.Unmarshal(read(t, filepath.Join(dir, "kernel.json")), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"argv":           []any{binary, "kernel", "--memory", "1GB", "{connection_file}"},
		"display_name":   "Go (interleave)",
		"language":       "go",
		"interrupt_mode": "message",
		"metadata":       map[string]any{"debugger": false},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("kernel.json\n got %v\nwant %v", got, want)
	}
	for name, side := range map[string]int{"logo-32x32.png": 32, "logo-64x64.png": 64} {
		config, err := png.DecodeConfig(bytes.NewReader(read(t, filepath.Join(dir, name))))
		if err != nil || config.Width != side || config.Height != side {
			t.Errorf("%s: %dx%d, %v", name, config.Width, config.Height, err)
		}
	}
	if svg := read(t, filepath.Join(dir, "logo-svg.svg")); !bytes.HasPrefix(svg, []byte("<svg ")) {
		t.Errorf("logo-svg.svg begins with %.20q", svg)
	}
}

// Others read the folder: a kernelspec of --prefix or --sys-prefix is shared, as
// far as the umask lets it be.
func TestInstallIsReadableByAll(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.Mkdir(plain, 0o755); err != nil {
		t.Fatal(err)
	}
	dir, err := Install(Options{Prefix: t.TempDir(), Binary: program(t)})
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(plain)
	if err != nil {
		t.Fatal(err)
	}
	want := info.Mode().Perm() & 0o044
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o044 != want {
			t.Errorf("%s: mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A second install replaces the first whole and leaves nothing beside it.
func TestInstallTwice(t *testing.T) {
	prefix, binary := t.TempDir(), program(t)
	dir, err := Install(Options{Prefix: prefix, Binary: binary})
	if err != nil {
		t.Fatal(err)
	}
	stray := filepath.Join(dir, "kernel.js")
	if err := os.WriteFile(stray, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Install(Options{Prefix: prefix, Binary: binary, DisplayName: "Go & more <1>"}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(stray); err == nil {
		t.Error("a file of the first install is still there")
	}
	if text := string(read(t, filepath.Join(dir, "kernel.json"))); !strings.Contains(text, `"Go & more <1>"`) {
		t.Errorf("kernel.json is the old one, or escaped: %s", text)
	}
	for _, folder := range []string{filepath.Dir(dir), filepath.Dir(filepath.Dir(dir))} {
		if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
			t.Errorf("%s: %v, %v; want one entry", folder, entries, err)
		}
	}
}

func TestUninstall(t *testing.T) {
	o := Options{Prefix: t.TempDir(), Binary: program(t), Name: "go-test.1"}
	dir, err := Install(o)
	if err != nil {
		t.Fatal(err)
	}
	// The program may be gone by now.
	o.Binary = ""
	for i, want := range [][]string{{dir}, nil} {
		removed, err := Uninstall(o)
		if err != nil || !slices.Equal(removed, want) {
			t.Errorf("call %d: removed %v, %v; want %v", i+1, removed, err, want)
		}
	}
	if _, err := os.Lstat(dir); err == nil {
		t.Error("the folder is still there")
	}
}

// Another kernel under the wanted name is neither replaced nor removed.
func TestOtherKernelIsLeftAlone(t *testing.T) {
	o := Options{Prefix: t.TempDir(), Binary: program(t), Name: "python3"}
	dir := filepath.Join(o.Prefix, "share", "jupyter", "kernels", "python3")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "kernel.json")
	other := `{"argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "Python 3", "language": "python"}`
	if err := os.WriteFile(file, []byte(other), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Install(o); err == nil || !strings.Contains(err.Error(), "another kernel (Python 3)") {
		t.Errorf("Install: %v", err)
	}
	if _, err := Uninstall(o); err == nil || !strings.Contains(err.Error(), "another kernel (Python 3)") {
		t.Errorf("Uninstall: %v", err)
	}
	if string(read(t, file)) != other {
		t.Error("kernel.json was changed")
	}
}

// A kernel.json that nobody can use, as after a full disk, is replaced.
func TestInstallOverBroken(t *testing.T) {
	o := Options{Prefix: t.TempDir(), Binary: program(t)}
	dir, err := Install(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "kernel.json"), []byte(`{"argv": [`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Install(o); err != nil {
		t.Error(err)
	}
}

func TestInstallRefuses(t *testing.T) {
	binary := program(t)
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		o    Options
		want string
	}{
		{"upper case", Options{Name: "Go", Binary: binary}, `kernel name "Go"`},
		{"space", Options{Name: "go 1", Binary: binary}, `kernel name "go 1"`},
		{"path", Options{Name: "../go", Binary: binary}, `kernel name "../go"`},
		{"dot", Options{Name: ".", Binary: binary}, `kernel name "."`},
		{"parent", Options{Name: "..", Binary: binary}, `kernel name ".."`},
		{"line feed", Options{Name: "go\n", Binary: binary}, `kernel name "go\n"`},
		{"two places", Options{Prefix: "/p", User: true, Binary: binary}, "exclude one another"},
		{"two other places", Options{SysPrefix: true, User: true, Binary: binary}, "exclude one another"},
		{"no program", Options{Binary: plain + "-missing"}, "program to start"},
		{"not executable", Options{Binary: plain}, "cannot be executed"},
		{"a folder", Options{Binary: filepath.Dir(plain)}, "cannot be executed"},
		{"prefix is a file", Options{Prefix: plain, Binary: binary}, "not a directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := filepath.Join(t.TempDir(), "data")
			t.Setenv("JUPYTER_DATA_DIR", data)
			dir, err := Install(c.o)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
			if dir != "" {
				t.Errorf("folder %q beside an error", dir)
			}
			if _, err := os.Stat(data); err == nil {
				t.Error("something was written")
			}
		})
	}
}

// The binary of a kernelspec is found from any working directory.
func TestInstallMakesBinaryAbsolute(t *testing.T) {
	binary := program(t)
	t.Chdir(filepath.Dir(binary))
	dir, err := Install(Options{Prefix: "here", Binary: "interleave"})
	if err != nil {
		t.Fatal(err)
	}
	var k kernelJSON
	if err := json.Unmarshal(read(t, filepath.Join(dir, "kernel.json")), &k); err != nil {
		t.Fatal(err)
	}
	if !filepath.IsAbs(k.Argv[0]) || !filepath.IsAbs(dir) {
		t.Errorf("argv[0] %s, folder %s: want absolute paths", k.Argv[0], dir)
	}
}

func TestInstallDefaultsToThisProgram(t *testing.T) {
	dir, err := Install(Options{Prefix: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if text := string(read(t, filepath.Join(dir, "kernel.json"))); !strings.Contains(text, self) {
		t.Errorf("kernel.json starts something else than %s: %s", self, text)
	}
}
