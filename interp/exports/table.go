package exports

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// magic is the first line of a table. The rest: one line "path size" for each
// package, an empty line, and the data of each package in that order.
const magic = "interleave exports 1"

// maxSize bounds what an index may claim for one package, in bytes.
const maxSize = 1 << 28

// A Table holds the export data of packages. It is safe for concurrent use.
type Table struct {
	f     *os.File
	at    map[string]span
	paths []string
}

type span struct{ off, size int64 }

// Open opens the table in dir ("": the user's cache) that Prepare made. It reads
// the index only. Where there is no go command any table of the same version of
// Go will do. The error is ErrMissing when there is no table.
func Open(dir string) (*Table, error) {
	path, err := file(dir)
	if err != nil {
		return nil, err
	}
	t, err := open(path)
	if errors.Is(err, fs.ErrNotExist) && GoRoot() == "" {
		same, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "exports-"+safe(runtime.Version())+"-*.bin"))
		if len(same) > 0 {
			return open(same[len(same)-1])
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrMissing
	}
	return t, err
}

func open(path string) (*Table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	t := &Table{f: f, at: map[string]span{}}
	if err := t.readIndex(); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w: delete it and run interleave prepare", path, err)
	}
	return t, nil
}

func (t *Table) readIndex() error {
	in := bufio.NewReader(t.f)
	off := int64(0)
	line := func() (string, error) {
		s, err := in.ReadString('\n')
		off += int64(len(s))
		return strings.TrimSuffix(s, "\n"), err
	}
	if first, err := line(); err != nil || first != magic {
		return errors.New("not a table of export data")
	}
	var sizes []int64
	for {
		s, err := line()
		if err != nil {
			return errors.New("index is cut off")
		}
		if s == "" {
			break
		}
		path, digits, _ := strings.Cut(s, " ")
		size, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || size < 0 || size > maxSize {
			return fmt.Errorf("bad line %q in index", s)
		}
		t.paths, sizes = append(t.paths, path), append(sizes, size)
	}
	for i, path := range t.paths {
		t.at[path] = span{off, sizes[i]}
		off += sizes[i]
	}
	if st, err := t.f.Stat(); err != nil || st.Size() != off {
		return errors.New("data is cut off")
	}
	slices.Sort(t.paths)
	return nil
}

// Lookup gives the export data of a package, as go/importer.ForCompiler wants
// it. The error wraps fs.ErrNotExist when the table does not hold the package.
func (t *Table) Lookup(path string) (io.ReadCloser, error) {
	s, ok := t.at[path]
	if !ok {
		return nil, fmt.Errorf("package %q: %w in the standard library", path, fs.ErrNotExist)
	}
	return io.NopCloser(io.NewSectionReader(t.f, s.off, s.size)), nil
}

// Has tells whether the table holds a package.
func (t *Table) Has(path string) bool {
	_, ok := t.at[path]
	return ok
}

// Paths gives the import paths of all packages, sorted, internal ones included.
// The caller does not change it.
func (t *Table) Paths() []string { return t.paths }

// Close closes the file; Lookup fails afterwards.
func (t *Table) Close() error { return t.f.Close() }
