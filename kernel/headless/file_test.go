package headless

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestPermissionsKept(t *testing.T) {
	path := write(t, "stdout x")
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, context.Background(), Options{}, nil, path); err != nil {
		t.Fatal(err)
	}
	fresh := filepath.Join(t.TempDir(), "out.ipynb")
	if _, err := run(t, context.Background(), Options{Output: fresh}, nil, path); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, fresh} {
		if info, _ := os.Stat(p); info.Mode().Perm() != 0o640 {
			t.Errorf("%s: mode %v", p, info.Mode())
		}
		if left, _ := os.ReadDir(filepath.Dir(p)); len(left) != 1 {
			t.Errorf("left beside it: %v", left)
		}
	}
}

func TestLinkKept(t *testing.T) {
	path := write(t, "stdout x")
	link := filepath.Join(t.TempDir(), "link.ipynb")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, context.Background(), Options{}, nil, link); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Lstat(link); info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	if got := outputTypes(t, path); got != "stream" {
		t.Errorf("outputs %q", got)
	}
}

// With -o the notebook itself is left alone.
func TestOutputElsewhere(t *testing.T) {
	path := write(t, "stdout x")
	before := readFile(t, path)
	out := filepath.Join(t.TempDir(), "out.ipynb")
	if _, err := run(t, context.Background(), Options{Output: out}, nil, path); err != nil {
		t.Fatal(err)
	}
	if readFile(t, path) != before {
		t.Error("the input was changed")
	}
	if got := outputTypes(t, out); got != "stream" {
		t.Errorf("outputs %q", got)
	}
}

// The file is the old one, whole, until the run is over.
func TestWrittenOnce(t *testing.T) {
	path := write(t, "stdout x\ncall", "call")
	before := readFile(t, path)
	call := func() {
		if readFile(t, path) != before {
			t.Error("changed while it ran")
		}
	}
	if _, err := run(t, context.Background(), Options{}, call, path); err != nil {
		t.Fatal(err)
	}
	if readFile(t, path) == before {
		t.Error("not written")
	}
}

// fifo makes a pipe that nobody writes into, and gives its path.
func fifo(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe.ipynb")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// What cannot be written is known before a cell runs.
func TestPlaces(t *testing.T) {
	dir := t.TempDir()
	tests := []struct{ name, path, out, want string }{
		{"no file", filepath.Join(dir, "none.ipynb"), "", "none.ipynb: no such file or directory"},
		{"a folder", dir, "", "is a directory"},
		{"a pipe", fifo(t), "", "not a regular file: give the name of a notebook"},
		{"no folder", write(t, "call"), filepath.Join(dir, "none", "x.ipynb"), "none: no such folder: make it first"},
		{"a device", write(t, "call"), os.DevNull, "/dev/null: not a regular file: give the name of a notebook"},
		{"onto a folder", write(t, "call"), dir, "not a regular file: give the name of a notebook"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := run(t, context.Background(), Options{Output: test.out}, func() { t.Error("a cell ran") }, test.path)
			if err == nil || !strings.HasSuffix(err.Error(), test.want) {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}
