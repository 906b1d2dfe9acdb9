package exports

import (
	"errors"
	"go/importer"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// prepare makes a table in a directory of the test.
func prepare(t testing.TB) (dir, path string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "below")
	path, err := Prepare(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return dir, path
}

func TestPrepareAndImport(t *testing.T) {
	dir, path := prepare(t)
	table, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	imp := importer.ForCompiler(token.NewFileSet(), "gc", table.Lookup)
	for pkg, name := range map[string]string{
		"fmt": "Println", "net/http": "Get", "math/rand/v2": "N", "slices": "Sort", "unsafe": "Pointer", "sync": "WaitGroup",
	} {
		p, err := imp.Import(pkg)
		if err != nil {
			t.Errorf("%s: %v", pkg, err)
			continue
		}
		if p.Scope().Lookup(name) == nil {
			t.Errorf("%s has no %s", pkg, name)
		}
	}
	if !table.Has("fmt") || table.Has("nowhere") || !slices.IsSorted(table.Paths()) || len(table.Paths()) < 150 {
		t.Errorf("paths: %q", table.Paths())
	}
	if _, err := table.Lookup("example.org/nowhere"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("unknown package: %v", err)
	}
	if st, err := os.Stat(path); err != nil || st.Size() > 64<<20 {
		t.Errorf("%v: %v", st, err)
	}
}

func TestPrepareKeepsWhatIsThere(t *testing.T) {
	dir, path := prepare(t)
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Prepare(t.Context(), dir, func(s string) { t.Errorf("work to do: %s", s) })
	after, _ := os.Stat(path)
	if err != nil || again != path || !os.SameFile(before, after) {
		t.Errorf("%s: %v", again, err)
	}
}

func TestPrepareAtOnce(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if _, err := Prepare(t.Context(), dir, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("left in the directory: %v, %v", left, err)
	}
	if _, err := Open(dir); err != nil {
		t.Error(err)
	}
}

func TestOpenMissing(t *testing.T) {
	for _, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), "not", "there")} {
		if _, err := Open(dir); !errors.Is(err, ErrMissing) {
			t.Errorf("got %v", err)
		}
	}
}

func TestOpenDamaged(t *testing.T) {
	dir, path := prepare(t)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, data, want string }{
		{"empty", "", "not a table"},
		{"other", "hello\n", "not a table"},
		{"other version", "interleave exports 99\n\n", "not a table"},
		{"half an index", string(good[:200]), "cut off"},
		{"half the data", string(good[:len(good)/2]), "data is cut off"},
		{"negative size", magic + "\nfmt -5\n\n", "bad line"},
		{"huge size", magic + "\nfmt 99999999999\n\n", "bad line"},
		{"no size", magic + "\nfmt\n\n", "bad line"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(tt.data), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if _, err := Prepare(t.Context(), dir, nil); err != nil {
				t.Errorf("not repaired: %v", err)
			}
			if _, err := Open(dir); err != nil {
				t.Errorf("still damaged: %v", err)
			}
		})
	}
}

func TestPrepareWithoutGo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Prepare(t.Context(), t.TempDir(), nil)
	if err == nil || !strings.Contains(err.Error(), "go command: not found on PATH") {
		t.Errorf("got %v", err)
	}
}

func TestDefinitionOfBadArchives(t *testing.T) {
	header := func(name, size string) string {
		return arMagic + name + strings.Repeat(" ", arSizeAt-len(name)) + size + strings.Repeat(" ", 10-len(size)) + "`\n"
	}
	for name, data := range map[string]string{
		"empty": "", "text": strings.Repeat("no archive ", 20), "other file": header("_go_.o", "4") + "abcd",
		"no size": header(arName, "x") + "abcd", "cut off": header(arName, "400") + "abcd",
	} {
		path := filepath.Join(t.TempDir(), "a")
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := definition(new(strings.Builder), path); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	dir, _ := prepare(b)
	for b.Loop() {
		t, err := Open(dir)
		if err != nil {
			b.Fatal(err)
		}
		t.Close()
	}
}
