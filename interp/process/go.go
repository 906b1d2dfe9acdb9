// Package process builds programs with the go command and runs them, each as a
// process group of its own that nothing survives.
package process

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"interleave/interp/cachedir"
)

// A Go builds programs. The zero value works: with the go command on PATH, and
// without modules but the standard library.
type Go struct {
	Cache   string           // folder for what is built; empty: one that is removed
	Sources map[string]fs.FS // packages that programs may import besides, by path: "module/package"
	Include string           // folder of headers for C; "": none
	// Embedded are files that lie beside the sources, for //go:embed: name, which may
	// have folders, to content.
	Embedded map[string]string
	// Module writes go.mod, and go.sum, for a program of these files in dir; nil: a
	// go.mod without requirements.
	Module func(dir string, files map[string]string) error
}

// A BuildError is what the go command found wrong in the sources.
type BuildError struct{ Text string }

func (e *BuildError) Error() string { return e.Text }

const install = "install Go 1.26 or later, https://go.dev/dl"

// Command makes a command of the go command in dir. It has a process group of its
// own, which the end of ctx kills. The error says what to install.
func (g Go) Command(ctx context.Context, dir string, args ...string) (*exec.Cmd, error) {
	command, err := exec.LookPath("go")
	if err != nil {
		return nil, errors.New("go command: not found on PATH: " + install)
	}
	cmd := exec.CommandContext(ctx, command, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN=local", "GOFLAGS=-mod=mod", "GO111MODULE=on", "GOWORK=off", "LC_ALL=C")
	if g.Include != "" {
		flags := os.Getenv("CGO_CPPFLAGS") + " \"-I" + g.Include + "\""
		cmd.Env = append(cmd.Env, "CGO_CPPFLAGS="+strings.TrimSpace(flags))
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	return cmd, nil
}

// Write writes the sources of a program to dir, with a module around them.
func (g Go) Write(dir string, files map[string]string) error {
	module := g.Module
	if module == nil {
		module = plainModule
	}
	if err := module(dir, files); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := g.writeSources(dir, files); err != nil {
		return err
	}
	return g.writeEmbedded(dir)
}

func plainModule(dir string, _ map[string]string) error {
	return os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module session\n\ngo 1.26\n"), 0o644)
}

// writeSources writes the packages of Sources that files mention, or whose module
// go.mod requires, as modules that replace others.
func (g Go) writeSources(dir string, files map[string]string) error {
	text := strings.Join(slices.Collect(maps.Values(files)), "\n")
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return err
	}
	modules, required := map[string]bool{}, map[string]bool{}
	for path := range g.Sources {
		module, _, _ := strings.Cut(path, "/")
		required[module] = regexp.MustCompile(`(?m)^(require |\t)` + regexp.QuoteMeta(module) + ` v`).Match(mod)
		if required[module] || strings.Contains(text, `"`+module+"/") {
			modules[module] = true
		}
	}
	if len(modules) == 0 {
		return nil
	}
	for path, src := range g.Sources {
		module, below, _ := strings.Cut(path, "/")
		if !modules[module] {
			continue
		}
		if err := copyGo(filepath.Join(dir, "modules", module, filepath.FromSlash(below)), src); err != nil {
			return err
		}
	}
	var b strings.Builder
	for _, module := range slices.Sorted(maps.Keys(modules)) {
		if !required[module] {
			fmt.Fprintf(&b, "\nrequire %s v0.0.0\n", module)
		}
		fmt.Fprintf(&b, "replace %s => ./modules/%[1]s\n", module)
		mod := "module " + module + "\n\ngo 1.26\n"
		if err := os.WriteFile(filepath.Join(dir, "modules", module, "go.mod"), []byte(mod), 0o644); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(filepath.Join(dir, "go.mod"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteString(b.String())
	return err
}

// copyGo copies the Go files of one package, tests aside.
func copyGo(dir string, src fs.FS) error {
	names, err := fs.Glob(src, "*.go")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, name := range names {
		text, err := fs.ReadFile(src, name)
		if err != nil {
			return err
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Build builds a program, and gives its file; the same program again is not built
// again, where there is a Cache. done removes what is not cached. The error is a
// *BuildError where the sources are wrong.
func (g Go) Build(ctx context.Context, files map[string]string, flags ...string) (program string, done func(), err error) {
	dir, err := os.MkdirTemp("", "interleave-program-")
	if err != nil {
		return "", nil, fmt.Errorf("build the program: %w", err)
	}
	done = func() { os.RemoveAll(dir) }
	if program, err = g.build(ctx, dir, files, flags); err != nil {
		done()
		return "", nil, err
	}
	return program, done, nil
}

// build is Build in a folder.
func (g Go) build(ctx context.Context, dir string, files map[string]string, flags []string) (string, error) {
	if err := g.Write(dir, files); err != nil {
		return "", fmt.Errorf("build the program: %w", err)
	}
	kept := g.kept(dir, files, flags)
	if kept != "" {
		if st, err := os.Stat(kept); err == nil && st.Mode().IsRegular() {
			cachedir.Touch(kept) // it is still used: see trim
			return kept, nil
		}
	}
	program := filepath.Join(dir, ".interleave-program")
	args := slices.Concat([]string{"build", "-trimpath", "-o", program}, flags, []string{"."})
	if err := g.run(ctx, dir, args); err != nil {
		return "", err
	}
	if kept != "" && g.keep(program, kept) == nil {
		g.trim()
		return kept, nil
	}
	return program, nil
}

// keep moves a program to the cache.
func (g Go) keep(program, kept string) error {
	cache := filepath.Dir(g.Cache)
	if err := cachedir.MkdirAll(cache, g.Cache); err != nil {
		return err
	}
	if err := cachedir.Share(cache, program); err != nil {
		return err
	}
	return os.Rename(program, kept)
}

// run runs the go command; the error is a *BuildError where that found one.
func (g Go) run(ctx context.Context, dir string, args []string) error {
	cmd, err := g.Command(ctx, dir, args...)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return &BuildError{strings.ReplaceAll(out.String(), dir+string(filepath.Separator), "")}
	}
	return nil
}

// kept is the file of a program in the cache: its name tells all that it is made
// of; "" without a cache.
func (g Go) kept(dir string, files map[string]string, flags []string) string {
	if g.Cache == "" {
		return ""
	}
	h := sha256.New()
	fmt.Fprintf(h, "%q %q\n", flags, g.Include)
	headers, _ := filepath.Glob(filepath.Join(g.Include, "*.h*"))
	for _, name := range headers {
		text, _ := os.ReadFile(name)
		fmt.Fprintf(h, "%q %q\n", name, text)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(h, "%q %q\n", name, files[name])
	}
	for _, name := range slices.Sorted(maps.Keys(g.Embedded)) {
		fmt.Fprintf(h, "embedded %q %q\n", name, g.Embedded[name])
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, _ := os.ReadFile(filepath.Join(dir, name))
		fmt.Fprintf(h, "%q %q\n", name, text)
	}
	for _, name := range []string{"go", "gcc"} { // a toolchain that was exchanged
		path, _ := exec.LookPath(name)
		path, _ = filepath.EvalSymlinks(path)
		if st, err := os.Stat(path); err == nil {
			fmt.Fprintf(h, "%s %d %d\n", path, st.Size(), st.ModTime().UnixNano())
		}
	}
	filepath.WalkDir(filepath.Join(dir, "modules"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			text, _ := os.ReadFile(path)
			fmt.Fprintf(h, "%q\n", text)
		}
		return nil
	})
	return filepath.Join(g.Cache, fmt.Sprintf("%x", h.Sum(nil))[:40])
}

// most is how many programs the cache holds.
const most = 30

// trim removes the programs that were not used for longest.
func (g Go) trim() {
	type program struct {
		path string
		used time.Time
	}
	var all []program
	entries, _ := os.ReadDir(g.Cache)
	for _, e := range entries {
		if st, err := e.Info(); err == nil {
			all = append(all, program{filepath.Join(g.Cache, e.Name()), st.ModTime()})
		}
	}
	slices.SortFunc(all, func(a, b program) int { return b.used.Compare(a.used) })
	for _, p := range all[min(most, len(all)):] {
		os.Remove(p.path)
	}
}
