// Package spec writes and removes the kernelspec: the folder by which Jupyter
// finds a kernel, with kernel.json and the logos in it.
// Source: jupyter_client's kernels.rst, jupyter_core's paths.py.
package spec

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// The names that a kernelspec has where Options does not say otherwise.
const (
	DefaultName        = "interleave"
	DefaultDisplayName = "Go (interleave)"
)

// Options says where a kernelspec lives and what it starts. At most one of
// User, SysPrefix and Prefix is set; none means User.
type Options struct {
	User        bool     // the user's own data directory
	SysPrefix   bool     // the active Python environment
	Prefix      string   // share/jupyter below this directory
	Name        string   // folder and kernel name, [a-z0-9._-]+; default DefaultName
	DisplayName string   // what a launcher shows; default DefaultDisplayName
	Binary      string   // the program to start; default the running one
	KernelArgs  []string // more arguments of its subcommand kernel
}

// kernelJSON is the content of kernel.json, in the order it is written.
type kernelJSON struct {
	Argv          []string       `json:"argv"`
	DisplayName   string         `json:"display_name"`
	Language      string         `json:"language"`
	InterruptMode string         `json:"interrupt_mode"`
	Metadata      map[string]any `json:"metadata"`
}

//go:embed logo-32x32.png logo-64x64.png logo-svg.svg
var logos embed.FS

var validName = regexp.MustCompile(`^[a-z0-9._-]*[a-z0-9_-][a-z0-9._-]*$`)

const connectionFile = "{connection_file}"

// Install writes the kernelspec and returns its folder. A kernelspec of this
// program that is there already is replaced in one step; one of another kernel
// is an error.
func Install(o Options) (dir string, err error) {
	dir, err = o.dir()
	if err != nil {
		return "", err
	}
	content, err := o.kernelJSON()
	if err != nil {
		return "", err
	}
	if err := mayReplace(dir); err != nil {
		return "", err
	}
	data := filepath.Dir(filepath.Dir(dir))
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", fmt.Errorf("kernelspec: %w: choose another place with --user, --sys-prefix or --prefix", err)
	}
	// Beside kernels, not in it: a half-written folder is never listed.
	tmp, err := os.MkdirTemp(data, ".kernelspec-")
	if err != nil {
		return "", fmt.Errorf("kernelspec: %w", err)
	}
	defer os.RemoveAll(tmp)
	fresh := filepath.Join(tmp, "new")
	if err := write(fresh, content); err != nil {
		return "", fmt.Errorf("kernelspec: %w", err)
	}
	return dir, replace(fresh, dir, filepath.Join(tmp, "old"))
}

// Uninstall removes the kernelspec and returns the folders that it removed:
// none where there was none. A kernelspec of another kernel is an error.
func Uninstall(o Options) (removed []string, err error) {
	dir, err := o.dir()
	if err != nil {
		return nil, err
	}
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err := mayReplace(dir); err != nil {
		return nil, err
	}
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("kernelspec: %w", err)
	}
	return []string{dir}, nil
}

// dir is the kernelspec's folder.
func (o Options) dir() (string, error) {
	name := o.Name
	if name == "" {
		name = DefaultName
	}
	if !validName.MatchString(name) {
		return "", fmt.Errorf("kernel name %q: only a-z, 0-9, dot, minus and underscore can be in it: choose another with --name", name)
	}
	data, err := o.dataDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(data, "kernels", name), nil
}

// kernelJSON is the content of kernel.json, indented, with a line feed at its end.
func (o Options) kernelJSON() ([]byte, error) {
	binary, err := o.binary()
	if err != nil {
		return nil, err
	}
	display := o.DisplayName
	if display == "" {
		display = DefaultDisplayName
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	err = enc.Encode(kernelJSON{
		Argv:          slices.Concat([]string{binary, "kernel"}, o.KernelArgs, []string{connectionFile}),
		DisplayName:   display,
		Language:      "go",
		InterruptMode: "message",
		Metadata:      map[string]any{"debugger": false},
	})
	return b.Bytes(), err
}

// binary is the absolute path of the program that the kernelspec starts.
func (o Options) binary() (string, error) {
	path := o.Binary
	if path == "" {
		self, err := os.Executable()
		if err != nil {
			return "", fmt.Errorf("kernelspec: this program's own path: %w", err)
		}
		path = self
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("kernelspec: %w", err)
	}
	if info, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("kernelspec: program to start: %w", err)
	} else if info.IsDir() || info.Mode()&0o111 == 0 {
		return "", fmt.Errorf("kernelspec: program to start: %s cannot be executed", path)
	}
	return path, nil
}

// mayReplace tells whether dir is free, broken, or a kernelspec of this program.
func mayReplace(dir string) error {
	file := filepath.Join(dir, "kernel.json")
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("kernelspec: %w", err)
	}
	var k kernelJSON
	if json.Unmarshal(b, &k) != nil {
		return nil
	}
	n := len(k.Argv)
	if k.Language == "go" && n >= 3 && k.Argv[1] == "kernel" && k.Argv[n-1] == connectionFile {
		return nil
	}
	return fmt.Errorf("%s: kernelspec of another kernel (%s): choose another --name", dir, k.DisplayName)
}

// write makes dir with kernel.json and the logos.
func write(dir string, kernel []byte) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	if err := os.CopyFS(dir, logos); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "kernel.json"), kernel, 0o644)
}

// replace moves fresh to dir; what was there goes to old, and comes back where
// the second step fails.
func replace(fresh, dir, old string) error {
	err := os.Rename(dir, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("kernelspec: %w", err)
	}
	had := err == nil
	if err := os.Rename(fresh, dir); err != nil {
		if had {
			err = errors.Join(err, os.Rename(old, dir))
		}
		return fmt.Errorf("kernelspec: %w", err)
	}
	return nil
}
