package modules

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"interleave/interp/native/build"
)

// An Error is why a package cannot be imported, as a sentence.
type Error struct {
	Import string // its import path; "" where it is not about one
	Text   string
}

func (e *Error) Error() string {
	if e.Import == "" {
		return e.Text
	}
	return fmt.Sprintf("package %s: %s", e.Import, e.Text)
}

// Need makes packages that a cell imports known: those of modules are fetched and
// compiled, in the versions that go.mod names, the newest where it names none.
// Others are left to the caller. say is told what takes long. The error is an
// *Error, or ctx's; the session is then as it was.
func (s *Session) Need(ctx context.Context, importPaths []string, say func(string)) error {
	ctx, end := s.begin(ctx)
	defer end()
	var unknown []string
	for _, path := range importPaths {
		if _, known := s.Path(path); !known && !slices.Contains(unknown, path) {
			unknown = append(unknown, path)
		}
	}
	todo, err := s.modulesAmong(ctx, unknown)
	if err != nil || len(todo) == 0 {
		return err
	}
	s.tellNote(say)
	before, err := s.save()
	if err != nil {
		return &Error{"", err.Error()}
	}
	if err := s.need(ctx, todo, newProgress(say)); err != nil {
		before.restore()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	s.roots = append(s.roots, todo...)
	return nil
}

// tellNote tells what is to be known about the pins, once. s.work is held.
func (s *Session) tellNote(say func(string)) {
	if s.note != "" {
		say(s.note)
		s.note = ""
	}
}

// mayBeModule tells whether a package is for the go command to find.
func (s *Session) mayBeModule(ctx context.Context, path string) (bool, error) {
	if path == "C" || path == "unsafe" || path == "" || s.o.Sources[path] != nil || s.o.Std(path) {
		return false, nil
	}
	first, _, _ := strings.Cut(path, "/")
	dotted := strings.Contains(first, ".")
	if err := s.setUp(ctx); err != nil {
		if !dotted {
			err = nil // a name that is in no library: that is said elsewhere
		}
		return false, err
	}
	return dotted || s.env.holds(path), nil
}

// need finds, checks and compiles packages.
func (s *Session) need(ctx context.Context, todo []string, p *progress) error {
	defer p.end()
	r := build.ModuleRequest{Dir: s.dir, Paths: append(slices.Clone(s.roots), todo...), Progress: p.fetched}
	list, err := s.list(ctx, r, todo)
	if err != nil {
		return err
	}
	stamps := map[string]string{}
	for i := range list {
		if list[i].Local {
			stamps[list[i].Path] = stampOf(&list[i])
		}
	}
	p.say("compiling " + strings.Join(todo, " "))
	if err := s.tools.CompileModules(ctx, r, list); err != nil {
		return &Error{"", explain(err.Error())}
	}
	reached := closure(list, todo)
	for i := range list {
		m := &list[i]
		if !reached[m.ImportPath] {
			continue
		}
		if strings.Contains(m.Err, syscall.ENOSPC.Error()) {
			return &Error{m.ImportPath, explain(m.Err)}
		}
		if m.Err != "" {
			return &Error{m.ImportPath, "does not compile:\n" + positions(s.dir, m.Err)}
		}
	}
	return s.keep(list, reached, stamps)
}

// list lists packages, with the proxies that the user has, and from what was
// fetched before where those do not help.
func (s *Session) list(ctx context.Context, r build.ModuleRequest, todo []string) ([]build.Module, error) {
	list, err := s.tools.ListModules(ctx, r)
	problem := s.problem(list, err, todo)
	if problem == nil || ctx.Err() != nil || s.env.modCache == "" {
		return list, problem
	}
	r.Env = offline(s.env.modCache)
	again, err := s.tools.ListModules(ctx, r)
	if s.problem(again, err, todo) != nil {
		return nil, problem
	}
	return again, nil
}

// offline makes the go command look in its own cache only, whose files it checked when it
// fetched them. Source: go help goproxy.
func offline(modCache string) []string {
	return []string{"GOPROXY=file://" + filepath.ToSlash(filepath.Join(modCache, "cache", "download")), "GONOSUMDB=*", "GOSUMDB=off"}
}

// problem is why the packages todo, or what they import, cannot be used.
func (s *Session) problem(list []build.Module, err error, todo []string) error {
	if err != nil {
		return &Error{todo[0], explain(err.Error())}
	}
	reached := closure(list, todo)
	for _, m := range list {
		switch {
		case !reached[m.ImportPath]:
		case m.Err != "" && slices.Contains(todo, m.ImportPath):
			return &Error{m.ImportPath, explain(m.Err)}
		case m.Err != "":
			return &Error{todo[0], "imports " + m.ImportPath + ": " + explain(m.Err)}
		case m.Name == "main" && slices.Contains(todo, m.ImportPath):
			return &Error{m.ImportPath, "is a program, not an importable package: run it with !go run " + m.ImportPath}
		}
	}
	return nil
}

// closure has the import paths of roots and of what they import.
func closure(list []build.Module, roots []string) map[string]bool {
	byPath := map[string]*build.Module{}
	for i := range list {
		byPath[list[i].Path] = &list[i]
	}
	out := map[string]bool{}
	var add func(m *build.Module)
	add = func(m *build.Module) {
		if m == nil || out[m.ImportPath] {
			return
		}
		out[m.ImportPath] = true
		for _, imported := range m.Imports {
			add(byPath[imported])
		}
	}
	for i := range list {
		if slices.Contains(roots, list[i].ImportPath) {
			add(&list[i])
		}
	}
	return out
}

// keep takes over what was compiled, unless it differs from what the session has.
func (s *Session) keep(list []build.Module, reached map[string]bool, stamps map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range list {
		m := &list[i]
		have := s.packages[m.Path]
		if have == nil {
			continue
		}
		if err := differs(have, m, reached[m.ImportPath]); err != nil {
			return err
		}
	}
	for i := range list {
		m := &list[i]
		if s.packages[m.Path] == nil && reached[m.ImportPath] {
			s.packages[m.Path], s.paths[m.ImportPath] = m, m.Path
			if stamp := stamps[m.Path]; stamp != "" {
				s.stamps[m.Path] = stamp
			}
		}
	}
	return nil
}

// differs tells how a package differs from what the session has of it.
func differs(have, now *build.Module, needed bool) error {
	switch {
	case have.Version != now.Version:
		return loadedError(have.From, have.Version, now.Version)
	case needed && have.Archive != now.Archive && now.Local:
		return &Error{now.ImportPath, "was edited after it was loaded: restart the kernel (or %reset) to use it as it is now"}
	case needed && have.Archive != now.Archive:
		return &Error{now.ImportPath, "is not as it was when it was loaded: restart the kernel (or %reset)"}
	}
	return nil
}

// A saved is what go.mod and go.sum held.
type saved map[string][]byte

// save notes go.mod and go.sum.
func (s *Session) save() (saved, error) {
	out := saved{}
	for _, name := range []string{"go.mod", "go.sum"} {
		file := filepath.Join(s.dir, name)
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("folder for modules: %w", err)
		}
		out[file] = text
	}
	return out, nil
}

// restore puts them back; where that fails the next command of the go command says so.
func (f saved) restore() {
	for file, text := range f {
		os.WriteFile(file, text, 0o644)
	}
}
