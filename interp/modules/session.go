// Package modules keeps the Go module of a session: a folder with go.mod and
// go.sum, into which the go command fetches what cells import, and the compiled
// packages that cells are checked and linked with.
//
// A package stays what it was when a cell first used it: nothing can be unloaded
// from a process, so that another version of it, or its edited sources, are
// refused with a sentence until the session begins anew.
package modules

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"interleave/interp/exports"
	"interleave/interp/native/build"
)

// Options is what a Session needs of its surroundings.
type Options struct {
	Dir     string           // where cells run: a Go module around it gives its packages; "": this process's
	Sources map[string]fs.FS // packages of this program that cells may import
	Std     func(path string) bool
	// Tools gives the toolchain; the error is a sentence.
	Tools func(context.Context) (*build.Toolchain, error)
	// Pins gives the versions that the notebook names. It is asked once, when the
	// first module is needed; nil: none.
	Pins func() (Pins, error)
}

// A Session is the module of a session. Its methods may be called at the same time;
// those that take a context run the go command, one at a time.
type Session struct {
	o    Options
	life context.Context // ends with Close
	stop context.CancelFunc

	work   sync.Mutex // held while the go command works; guards what follows
	tools  *build.Toolchain
	dir    string // of go.mod; "" until it is needed
	unlock func() // dir
	note   string // about the pins, to be told once
	env    surroundings
	roots  []string // import paths that cells named

	mu       sync.RWMutex             // guards what follows; held for moments only
	packages map[string]*build.Module // by the path that they are compiled by
	paths    map[string]string        // import path -> that path
	stamps   map[string]string        // of sources that may be edited, by that path
	here     string                   // as surroundings have it
}

// New makes a session without modules. Nothing is started or written.
func New(o Options) *Session {
	if o.Std == nil {
		o.Std = func(string) bool { return false }
	}
	life, stop := context.WithCancel(context.Background())
	return &Session{o: o, life: life, stop: stop, packages: map[string]*build.Module{}, paths: map[string]string{}, stamps: map[string]string{}}
}

// Close ends what the go command is doing, and removes the session's folder.
func (s *Session) Close() {
	s.stop()
	s.work.Lock()
	defer s.work.Unlock()
	if s.dir != "" {
		os.RemoveAll(s.dir)
		s.unlock()
		s.dir = ""
	}
}

// begin locks the session for a run of the go command, which ends with ctx or
// Close; end unlocks it.
func (s *Session) begin(ctx context.Context) (both context.Context, end func()) {
	both, cancel := context.WithCancel(ctx)
	unwatch := context.AfterFunc(s.life, cancel)
	s.work.Lock()
	return both, func() {
		s.work.Unlock()
		unwatch()
		cancel()
	}
}

// Dir gives the folder of the session's module, made when it is first asked for:
// there the go command builds what imports the same versions as cells do.
func (s *Session) Dir(ctx context.Context) (string, error) {
	ctx, end := s.begin(ctx)
	defer end()
	err := s.setUp(ctx)
	return s.dir, err
}

// setUp makes the module's folder. s.work is held.
func (s *Session) setUp(ctx context.Context) (err error) {
	if s.dir != "" || s.life.Err() != nil {
		return s.life.Err()
	}
	if s.tools, err = s.o.Tools(ctx); err != nil {
		return fmt.Errorf("a module needs the Go compiler: %w", err)
	}
	if s.env, err = s.surroundings(ctx); err != nil {
		return errors.New("the module that this notebook is in: " + explain(err.Error()))
	}
	pins := Pins{}
	if s.o.Pins != nil {
		if pins, err = s.o.Pins(); err == nil {
			err = pins.Check()
		}
		if err != nil {
			return err
		}
	}
	dir, unlock, err := newFolder()
	if err != nil {
		return fmt.Errorf("folder for modules: %w", err)
	}
	if err = s.fill(dir, pins); err != nil {
		os.RemoveAll(dir)
		unlock()
		return fmt.Errorf("folder for modules: %w", err)
	}
	s.dir, s.unlock, s.note = dir, unlock, pins.newer()
	s.mu.Lock()
	s.here = s.env.here
	s.mu.Unlock()
	return nil
}

// fill writes the module: go.mod, go.sum, and this program's own packages.
func (s *Session) fill(dir string, pins Pins) error {
	program := filepath.Join(dir, build.SourcesDir)
	files := map[string]string{
		filepath.Join(dir, "go.mod"):     s.goMod(pins),
		filepath.Join(dir, "go.sum"):     s.env.sums + strings.Join(append(slices.Clone(pins.Sum), ""), "\n"),
		filepath.Join(program, "go.mod"): "module interleave\n\ngo 1.26\n",
	}
	for path, src := range s.o.Sources {
		_, below, _ := strings.Cut(path, "/")
		names, err := fs.Glob(src, "*.go")
		if err != nil {
			return err
		}
		for _, name := range names {
			text, err := fs.ReadFile(src, name)
			if err != nil {
				return err
			}
			files[filepath.Join(program, filepath.FromSlash(below), name)] = string(text)
		}
	}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// goMod writes go.mod as the session begins.
func (s *Session) goMod(pins Pins) string {
	var b strings.Builder
	b.WriteString("module " + moduleName + "\n\ngo 1.26\n\nreplace interleave => ./" + build.SourcesDir + "\n")
	for _, pin := range pins.Require {
		path, version, _ := strings.Cut(pin, "@")
		if !s.env.has(path) {
			fmt.Fprintf(&b, "require %s %s\n", path, version)
		}
	}
	b.WriteString(s.env.lines)
	return b.String()
}

// moduleName is the path of the session's own module.
const moduleName = "interleave.session"

// Path gives the path that a package of a module is compiled by.
func (s *Session) Path(importPath string) (path string, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	path, ok = s.paths[importPath]
	return path, ok
}

// Open gives the archive of a package, by the path that it is compiled by.
func (s *Session) Open(path string) (io.ReadCloser, error) {
	s.mu.RLock()
	p := s.packages[path]
	s.mu.RUnlock()
	if p == nil {
		return nil, fmt.Errorf("package %q: %w", exports.Plain(path), fs.ErrNotExist)
	}
	return os.Open(p.Archive)
}

// Folder gives where the sources of a package lie; "" of one that is not known.
func (s *Session) Folder(path string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if p := s.packages[path]; p != nil {
		return p.Dir
	}
	return ""
}

// ImportPaths are those of all packages that cells have, sorted.
func (s *Session) ImportPaths() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.paths))
}

// Closure gives the archives of packages of modules among paths, and of those that
// they import, by the path that they are compiled by.
func (s *Session) Closure(paths []string) map[string]string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := map[string]string{}
	var add func(path string)
	add = func(path string) {
		p := s.packages[path]
		if p == nil || out[path] != "" {
			return
		}
		out[path] = p.Archive
		for _, imported := range p.Imports {
			add(imported)
		}
	}
	for _, path := range paths {
		add(path)
	}
	return out
}
