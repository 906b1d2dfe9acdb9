// Package proxytest serves modules to the go command from a folder, for tests that
// fetch some without a network.
package proxytest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// Serve makes the modules of an archive, as Write has it, the only ones that the go
// command finds until the test ends: GOPROXY is a folder with them, and the module
// cache an empty one. It returns both.
func Serve(t testing.TB, archive string) (proxy, cache string) {
	t.Helper()
	proxy, cache = t.TempDir(), t.TempDir()
	t.Cleanup(func() { writable(cache) }) // the go command makes what it fetches read-only
	if err := Write(proxy, archive); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOPROXY", "file://"+filepath.ToSlash(proxy))
	t.Setenv("GOSUMDB", "off")
	t.Setenv("GONOSUMDB", "")
	t.Setenv("GOPRIVATE", "")
	t.Setenv("GOMODCACHE", cache)
	return proxy, cache
}

// Write writes the modules of an archive, whose files are named PATH@VERSION/FILE,
// to a folder that file:// can be a GOPROXY with. A module without a go.mod gets one.
// Source: go help goproxy, "GOPROXY protocol" in the reference of Go modules.
func Write(proxy, archive string) error {
	modules := map[string][]txtar.File{}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		module, name, ok := cut(f.Name)
		if !ok {
			return fmt.Errorf("file %q: want PATH@VERSION/FILE", f.Name)
		}
		modules[module] = append(modules[module], txtar.File{Name: name, Data: f.Data})
	}
	for module, files := range modules {
		path, version, _ := strings.Cut(module, "@")
		if err := write(filepath.Join(proxy, filepath.FromSlash(path), "@v"), path, version, files); err != nil {
			return err
		}
	}
	return nil
}

// cut cuts a name after the version.
func cut(name string) (module, file string, ok bool) {
	at := strings.Index(name, "@")
	if at < 0 {
		return "", "", false
	}
	version, file, ok := strings.Cut(name[at:], "/")
	return name[:at] + version, file, ok
}

func write(dir, path, version string, files []txtar.File) error {
	mod := []byte("module " + path + "\n\ngo 1.26\n")
	var z bytes.Buffer
	w := zip.NewWriter(&z)
	for _, f := range files {
		if f.Name == "go.mod" {
			mod = f.Data
		}
		out, err := w.Create(path + "@" + version + "/" + f.Name)
		if err != nil {
			return err
		}
		if _, err := out.Write(f.Data); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	list, err := os.OpenFile(filepath.Join(dir, "list"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	fmt.Fprintln(list, version)
	if err := list.Close(); err != nil {
		return err
	}
	for name, data := range map[string][]byte{
		".info": []byte(`{"Version":"` + version + `","Time":"2026-01-01T00:00:00Z"}`), ".mod": mod, ".zip": z.Bytes(),
	} {
		if err := os.WriteFile(filepath.Join(dir, version+name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func writable(dir string) {
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			os.Chmod(path, 0o755)
		}
		return nil
	})
}
