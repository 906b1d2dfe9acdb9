package exports

import (
	"compress/gzip"
	"errors"
	"go/importer"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// ship makes a shipped table in a directory of the test.
func ship(t *testing.T) (table, file string) {
	t.Helper()
	_, table = prepare(t)
	file = Beside(filepath.Join(t.TempDir(), "program"))
	if err := Ship(table, file); err != nil {
		t.Fatal(err)
	}
	return table, file
}

func importFmt(t *testing.T, table *Table) {
	t.Helper()
	if p, err := importer.ForCompiler(token.NewFileSet(), "gc", table.Lookup).Import("fmt"); err != nil || p.Scope().Lookup("Println") == nil {
		t.Errorf("fmt: %v", err)
	}
}

// What is shipped is read, kept in the cache, and read from there.
func TestShipped(t *testing.T) {
	whole, file := ship(t)
	a, errA := os.Stat(whole)
	b, errB := os.Stat(file)
	if errA != nil || errB != nil || b.Size()*2 > a.Size() {
		t.Errorf("compressed %v, whole %v", b, a)
	}
	dir := filepath.Join(t.TempDir(), "cache")
	table, err := OpenShipped(dir, file)
	if err != nil {
		t.Fatal(err)
	}
	importFmt(t, table)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if table, err = Open(dir); err != nil {
		t.Fatal(err)
	}
	importFmt(t, table)
	if err := table.Close(); err != nil {
		t.Error(err)
	}
}

// A folder that cannot be made does not matter.
func TestShippedWithoutCache(t *testing.T) {
	_, file := ship(t)
	inTheWay := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(inTheWay, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	table, err := OpenShipped(filepath.Join(inTheWay, "cache"), file)
	if err != nil {
		t.Fatal(err)
	}
	importFmt(t, table)
}

func TestShippedIsWrong(t *testing.T) {
	_, file := ship(t)
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	damaged := []byte(strings.Clone(string(good)))
	damaged[len(damaged)/2] ^= 0x40
	for _, tt := range []struct {
		name, want string
		data       []byte
	}{
		{"empty", "not a table of export data", nil},
		{"text", "not a table of export data", []byte("hello")},
		{"cut off", "is damaged", good[:len(good)/2]},
		{"damaged", "is damaged", damaged},
		{"of another version", "is for go1.0 here, this program for " + runtime.Version(), packed(t, "go1.0 here", "")},
		{"of something else", "not a table of export data", packed(t, built(), "hello\n")},
		{"of half a table", "index is cut off", packed(t, built(), magic+"\nfmt 5\n")},
	} {
		if err := os.WriteFile(file, tt.data, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := OpenShipped(t.TempDir(), file)
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "run interleave prepare where Go is installed") {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
	if _, err := OpenShipped(t.TempDir(), file+"x"); !errors.Is(err, ErrMissing) {
		t.Errorf("no file: %v", err)
	}
}

func packed(t *testing.T, comment, text string) []byte {
	t.Helper()
	var b strings.Builder
	z := gzip.NewWriter(&b)
	z.Comment = comment
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return []byte(b.String())
}

// A table of the same Go serves where the toolchain's own is not there.
func TestOpenOfAnotherToolchain(t *testing.T) {
	dir, path := prepare(t)
	other := filepath.Join(dir, "exports-"+safe(runtime.Version())+"-000000000000.bin")
	if err := os.Rename(path, other); err != nil {
		t.Fatal(err)
	}
	table, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	importFmt(t, table)
	if err := os.Truncate(other, 100); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); !errors.Is(err, ErrMissing) {
		t.Errorf("got %v", err)
	}
}
