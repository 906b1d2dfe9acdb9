package host

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"interleave/demos/work"
	"interleave/interp/cachedir"
)

// tools are programs beside this one. What they are is asked once.
type tools struct {
	mu       sync.Mutex
	versions map[string]string
}

// version is the first line of what a tool says of itself.
func (t *tools) version(ctx context.Context, path string, args ...string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if v, ok := t.versions[path]; ok {
		return v
	}
	out, err := exec.CommandContext(ctx, path, args...).Output()
	if err != nil {
		return filepath.Base(path)
	}
	line, _, _ := strings.Cut(string(out), "\n")
	if t.versions == nil {
		t.versions = map[string]string{}
	}
	t.versions[path] = line
	return line
}

// compileC compiles the tasks of a job to a program, which is kept for the next
// time. The error is the compiler's first one, or says what is missing.
func (t *tools) compileC(ctx context.Context, task string, cpp bool) (program, version string, err error) {
	compiler, suffix := "gcc", ".c"
	if cpp {
		compiler, suffix = "g++", ".cc"
	}
	path, err := exec.LookPath(compiler)
	if err != nil {
		return "", "", missing(compiler, "c")
	}
	version = t.version(ctx, path, "--version")
	source := work.CProgram(task)
	sum := sha256.Sum256([]byte(version + source))
	dir, err := cacheDir("demos-c")
	if err != nil {
		return "", "", fmt.Errorf("c: %w", err)
	}
	program = filepath.Join(dir, hex.EncodeToString(sum[:12]))
	if _, err := os.Stat(program); err == nil {
		return program, version, nil
	}
	work, err := os.MkdirTemp(dir, "work-")
	if err != nil {
		return "", "", fmt.Errorf("c: %w", err)
	}
	defer os.RemoveAll(work)
	file, made := filepath.Join(work, "task"+suffix), filepath.Join(work, "task")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		return "", "", fmt.Errorf("c: %w", err)
	}
	cmd := exec.CommandContext(ctx, path, "-O2", "-pthread", "-o", made, file, "-lm")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", "", errInterrupted
		}
		return "", "", fmt.Errorf("c: %s: %s", compiler, firstError(said.String()))
	}
	return program, version, keep(made, program)
}

// firstError is the first line of a compiler that tells of an error.
func firstError(said string) string {
	lines := strings.Split(strings.TrimSpace(said), "\n")
	for _, line := range lines {
		if strings.Contains(line, "error") || strings.Contains(line, "undefined") {
			return line
		}
	}
	return lines[0]
}

// cacheDir is a folder below the kernel's cache.
func cacheDir(name string) (string, error) {
	root, err := cachedir.Dir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, name)
	return dir, cachedir.MkdirAll(root, dir)
}

// keep moves what was made to a file of such a folder.
func keep(made, file string) error {
	if err := cachedir.Share(filepath.Dir(file), made); err != nil {
		return err
	}
	return os.Rename(made, file)
}

// keepText is keep for a text, which appears whole.
func keepText(text []byte, file string) error {
	f, err := os.CreateTemp(filepath.Dir(file), "work-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // where it was not kept
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return keep(f.Name(), file)
}
