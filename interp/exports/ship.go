package exports

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"interleave/interp/cachedir"
)

// Beside gives the file beside a program that holds its export data, compressed, for
// machines without a Go toolchain.
func Beside(program string) string { return program + ".exports.gz" }

// built is what a shipped table has to fit.
func built() string { return runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH }

// Ship writes the table at path, which Prepare gave, compressed to file. The file appears
// whole.
func Ship(path, file string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("export data to ship: %w", err)
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	z.Comment = built()
	_, err = z.Write(data)
	if err = errors.Join(err, z.Close()); err == nil {
		err = writeWhole(file, b.Bytes())
	}
	if err != nil {
		return fmt.Errorf("export data to ship: %w", err)
	}
	return nil
}

// unpack opens what Ship wrote to file, and keeps it at path where that can be written.
// The error is fs.ErrNotExist where there is no file.
func unpack(file, path string) (*Table, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := inflate(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: run interleave prepare where Go is installed", file, err)
	}
	t, err := newTable(bytes.NewReader(data), int64(len(data)), func() error { return nil })
	if err != nil {
		return nil, fmt.Errorf("%s: %w: run interleave prepare where Go is installed", file, err)
	}
	if path != "" {
		keep := filepath.Join(filepath.Dir(path), "exports-"+safe(runtime.Version())+"-shipped.bin")
		writeWhole(keep, data) // without it the next start takes longer
	}
	return t, nil
}

func inflate(r io.Reader) ([]byte, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, errors.New("not a table of export data")
	}
	if z.Comment != built() {
		return nil, fmt.Errorf("is for %s, this program for %s", z.Comment, built())
	}
	data, err := io.ReadAll(io.LimitReader(z, maxSize))
	if err != nil {
		return nil, errors.New("is damaged")
	}
	return data, nil
}

// writeWhole writes a file by way of another one.
func writeWhole(file string, data []byte) error {
	dir := filepath.Dir(file)
	if err := cachedir.MkdirAll(dir, dir); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, filepath.Base(file)+".*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err := errors.Join(err, f.Chmod(fs.FileMode(0o644)), f.Close(), cachedir.Share(dir, f.Name())); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
