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
	data  io.ReaderAt
	close func() error
	at    map[string]span
	paths []string
}

type span struct{ off, size int64 }

// Open opens the table in dir ("": the user's cache) that Prepare made. It reads
// the index only. Where there is none for the toolchain that is installed, one of
// the same version of Go does. The error is ErrMissing when there is no table.
func Open(dir string) (*Table, error) { return OpenShipped(dir, "") }

// OpenShipped is Open, but that the last resort is shipped, a file that Ship made.
func OpenShipped(dir, shipped string) (*Table, error) {
	path, err := file(dir)
	if err != nil && shipped == "" {
		return nil, err
	}
	t, err := open(path)
	if err == nil {
		return t, nil
	}
	same, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "exports-"+safe(runtime.Version())+"-*.bin"))
	for _, other := range same {
		if t, err := open(other); err == nil {
			return t, nil
		}
	}
	if t, err := unpack(shipped, path); shipped != "" && !errors.Is(err, fs.ErrNotExist) {
		return t, err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrMissing
	}
	return nil, err
}

func open(path string) (*Table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	size := int64(-1)
	if st, err := f.Stat(); err == nil {
		size = st.Size()
	}
	t, err := newTable(f, size, f.Close)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w: delete it and run interleave prepare", path, err)
	}
	return t, nil
}

// newTable reads the index of a table of size bytes.
func newTable(data io.ReaderAt, size int64, close func() error) (*Table, error) {
	t := &Table{data: data, close: close, at: map[string]span{}}
	return t, t.readIndex(size)
}

func (t *Table) readIndex(size int64) error {
	in := bufio.NewReader(io.NewSectionReader(t.data, 0, max(size, 0)))
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
	if size != off {
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
	return io.NopCloser(io.NewSectionReader(t.data, s.off, s.size)), nil
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
func (t *Table) Close() error { return t.close() }
