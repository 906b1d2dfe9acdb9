package build

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"interleave/interp/cachedir"
)

// Prepare makes what compiled cells need of the standard library where it is not
// there yet: once a toolchain, in about a minute. It compiles the packages of
// Options.Sources too. progress, which may be nil, is told in a few words what
// takes long. Several processes may prepare at once.
func (t *Toolchain) Prepare(ctx context.Context, progress func(string)) error {
	if progress == nil {
		progress = func(string) {}
	}
	if _, err := t.library(); err != nil {
		progress("compiling the standard library for compiled cells, about a minute")
		if err := t.prepare(ctx); err != nil {
			return fmt.Errorf("library for compiled cells: %w", err)
		}
	}
	_, err := t.ownPackages(ctx)
	return err
}

// stdIndex is a table of packages in a folder with their archives: lines
// of import path, file, size, and stdEnd.
const (
	stdIndex = "index"
	stdEnd   = "end\n"
)

// prepare has the go command compile the library, and keeps the archives.
func (t *Toolchain) prepare(ctx context.Context) error {
	packages, err := t.list(ctx)
	if err != nil {
		return err
	}
	if err := cachedir.MkdirAll(t.cache, t.dir); err != nil {
		return err
	}
	work, err := os.MkdirTemp(t.dir, "work-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	var index strings.Builder
	for i, p := range packages {
		name := fmt.Sprintf("%d.a", i)
		size, err := take(p.file, filepath.Join(work, name))
		if err != nil {
			return err
		}
		fmt.Fprintln(&index, p.path, name, size)
	}
	index.WriteString(stdEnd)
	if err := os.WriteFile(filepath.Join(work, stdIndex), []byte(index.String()), 0o644); err != nil {
		return err
	}
	if err := t.shareFiles(work); err != nil {
		return err
	}
	std := filepath.Join(t.dir, "std")
	for range 3 { // another process may be faster, and what is there damaged
		if err = os.Rename(work, std); err == nil {
			break
		}
		if _, err := t.library(); err == nil {
			break
		}
		os.RemoveAll(std)
	}
	_, err = t.library()
	return err
}

// shareFiles shares a folder that was just made, and the files in it.
func (t *Toolchain) shareFiles(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return err
	}
	return cachedir.Share(t.cache, append(files, dir)...)
}

type archive struct{ path, file string }

// list compiles the library. Without DWARF a third of the size is saved; export
// data is the same, so that it fits a program that was built with it.
func (t *Toolchain) list(ctx context.Context) ([]archive, error) {
	args := append([]string{"list", "-export", "-deps", "-buildmode=plugin", "-gcflags=all=" + t.flavour.gcflags(libraryFlags)}, t.flavour.flags...)
	cmd := t.exec(ctx, t.command, append(args, "-f", "{{.ImportPath}}\t{{.Export}}", "std")...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list -export std: %w: %s", errors.Join(ctx.Err(), err), strings.TrimSpace(stderr.String()))
	}
	var all []archive
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if file != "" { // unsafe has none
			all = append(all, archive{path, file})
		}
	}
	return all, nil
}

// take makes to a file like from, which the go command will not change but may
// remove. It gives the size.
func take(from, to string) (int64, error) {
	if os.Link(from, to) == nil {
		st, err := os.Stat(to)
		if err != nil {
			return 0, err
		}
		return st.Size(), nil
	}
	in, err := os.Open(from)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(out, in)
	return n, errors.Join(err, out.Close())
}

// library gives the archives of the standard library by import path. The error
// is ErrMissing, or tells what is damaged.
func (t *Toolchain) library() (map[string]string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.std != nil {
		return t.std, nil
	}
	dir := filepath.Join(t.dir, "std")
	index, err := os.ReadFile(filepath.Join(dir, stdIndex))
	if err != nil {
		return nil, ErrMissing
	}
	std, err := readIndex(dir, string(index))
	if err != nil {
		return nil, fmt.Errorf("%w: delete the folder %s and run interleave prepare", err, dir)
	}
	t.std = std
	return std, nil
}

func readIndex(dir, index string) (map[string]string, error) {
	index, ok := strings.CutSuffix(index, stdEnd)
	if !ok {
		return nil, errors.New("table of archives: is cut off")
	}
	std := map[string]string{}
	for line := range strings.Lines(index) {
		var path, name string
		var size int64
		if _, err := fmt.Sscan(line, &path, &name, &size); err != nil {
			return nil, fmt.Errorf("table of archives: bad line %q", line)
		}
		file := filepath.Join(dir, name)
		if st, err := os.Stat(file); err != nil || st.Size() != size {
			return nil, fmt.Errorf("archive %s of %s: is damaged", name, path)
		}
		std[path] = file
	}
	return std, nil
}
