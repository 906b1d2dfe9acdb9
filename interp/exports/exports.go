// Package exports keeps the export data of the standard library: what
// go/importer reads instead of sources. The go command builds it into its build
// cache, which it trims; so the part that type checking needs is packed into
// one file of the user's own cache.
package exports

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"

	"interleave/interp/cachedir"
)

// ErrMissing is the error of Open where there is no table for this toolchain:
// Prepare makes one.
var ErrMissing = errors.New("export data of the standard library: missing: run interleave prepare")

// GoRoot gives the directory of the Go toolchain: $GOROOT, or where the go
// command of $PATH lies, or "" where there is none. It does not run anything.
var GoRoot = sync.OnceValue(func() string {
	if root := os.Getenv("GOROOT"); root != "" {
		return root
	}
	path, err := exec.LookPath("go")
	if err != nil {
		return ""
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	root := filepath.Dir(filepath.Dir(path))
	if _, err := os.Stat(filepath.Join(root, "VERSION")); err != nil {
		return "" // a wrapper: the go command has to say itself
	}
	return root
})

// file gives the path of the table for this binary and toolchain. The name
// holds a hash of what the export data depends on.
func file(dir string) (string, error) {
	if dir == "" {
		var err error
		if dir, err = cachedir.Dir(); err != nil {
			return "", err
		}
	}
	h := sha256.New()
	fmt.Fprintln(h, magic, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if root := GoRoot(); root != "" {
		version, _ := os.ReadFile(filepath.Join(root, "VERSION")) // tells a toolchain from the next
		h.Write(version)
	}
	return filepath.Join(dir, fmt.Sprintf("exports-%s-%x.bin", safe(runtime.Version()), h.Sum(nil)[:6])), nil
}

// safe replaces what has no place in a file name: development versions of Go
// have spaces in their names.
func safe(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c == ' ' || c == '/' || c == ':' || c == '*' || c == '[' || c == '?' {
			b[i] = '_'
		}
	}
	return string(b)
}
