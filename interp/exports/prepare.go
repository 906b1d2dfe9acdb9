package exports

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
)

// Prepare makes the table of this toolchain in dir ("": the user's cache) and
// returns its path; a good one that is there already stays. progress, which may
// be nil, is told in a few words what takes long. Several processes may prepare
// at once: the file appears whole.
func Prepare(ctx context.Context, dir string, progress func(string)) (path string, err error) {
	path, err = file(dir)
	if err != nil {
		return "", err
	}
	if t, err := open(path); err == nil {
		return path, t.Close()
	}
	if progress == nil {
		progress = func(string) {}
	}
	progress("reading the standard library")
	packages, err := list(ctx)
	if err != nil {
		return "", err
	}
	progress(fmt.Sprintf("packing %d packages", len(packages)))
	if err := write(path, packages); err != nil {
		return "", fmt.Errorf("export data: %w", err)
	}
	if err := try(path); err != nil {
		os.Remove(path)
		return "", fmt.Errorf("export data: %w: this binary was built with %s: build it with the go command on PATH", err, runtime.Version())
	}
	return path, nil
}

// An archive is a package and the file that the go command compiled it to.
type archive struct{ path, file string }

// list has the go command compile the standard library, which it does once: the
// first time takes a minute, later ones half a second.
func list(ctx context.Context) ([]archive, error) {
	command, err := exec.LookPath("go")
	if err != nil {
		return nil, errors.New("go command: not found on PATH: install Go 1.26 or later, https://go.dev/dl")
	}
	args := append([]string{"list", "-export", "-deps"}, builtWith()...)
	cmd := exec.CommandContext(ctx, command, append(args, "-f", "{{.ImportPath}}\t{{.Export}}", "std")...)
	cmd.Dir = os.TempDir() // no module of the user's
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN=local", "GOFLAGS=", "GO111MODULE=on", "GOWORK=off", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list -export std: %w: %s", err, strings.TrimSpace(stderr.String()))
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

// builtWith gives the flags of the compiler that this program was built with. With
// them the go command finds the library that it compiled for it; types are the same
// with any.
func builtWith() []string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	for _, s := range info.Settings {
		if s.Key == "-gcflags" && s.Value != "" {
			return []string{"-gcflags=" + s.Value}
		}
	}
	return nil
}

// write packs the export data of packages into a file, by way of another one.
func write(path string, packages []archive) error {
	var index strings.Builder
	var data bytes.Buffer
	fmt.Fprintln(&index, magic)
	for _, p := range packages {
		n, err := definition(&data, p.file)
		if err != nil {
			return fmt.Errorf("package %s: %w", p.path, err)
		}
		fmt.Fprintf(&index, "%s %d\n", p.path, n)
	}
	index.WriteByte('\n')
	return writeWhole(path, append([]byte(index.String()), data.Bytes()...))
}

// Layout of an archive: arMagic, then for each file a header of 60 bytes, with
// the name in the first 16 and the size in decimal at 48. The first file is the
// export data. Source: internal/exportdata, cmd/internal/archive.
const (
	arMagic   = "!<arch>\n"
	arHeader  = 60
	arSizeAt  = 48
	arSizeEnd = 58
	arName    = "__.PKGDEF"
)

// definition copies the start of an archive, up to the end of the export data,
// which is an archive again. It returns how many bytes that is.
func definition(w io.Writer, file string) (int64, error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	in := bufio.NewReader(f)
	head := make([]byte, len(arMagic)+arHeader)
	if _, err := io.ReadFull(in, head); err != nil {
		return 0, err
	}
	header := string(head[len(arMagic):])
	size, err := strconv.ParseInt(strings.TrimSpace(header[arSizeAt:arSizeEnd]), 10, 64)
	if !bytes.HasPrefix(head, []byte(arMagic)) || !strings.HasPrefix(header, arName) || err != nil || size <= 0 || size > maxSize {
		return 0, fmt.Errorf("%s: no export data", file)
	}
	if _, err := w.Write(head); err != nil {
		return 0, err
	}
	n, err := io.CopyN(w, in, size)
	return int64(len(head)) + n, err
}

// try imports a package from a table: a go command of another version than this
// binary's writes what it may not read.
func try(path string) error {
	t, err := open(path)
	if err != nil {
		return err
	}
	defer t.Close()
	_, err = importer.ForCompiler(token.NewFileSet(), "gc", t.Lookup).Import("fmt")
	return err
}
