package modules

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"interleave/interp/exports"
	"interleave/interp/native/build"
)

// WriteTo writes go.mod and go.sum for a program in dir that imports importPaths: with
// the versions that cells have, and will have. The module of this program is
// required where a module needs it; its packages are left to the caller. The error is an *Error, or ctx's.
func (s *Session) WriteTo(ctx context.Context, dir string, importPaths []string) error {
	ctx, end := s.begin(ctx)
	defer end()
	mod, sum := programModule+"\n\ngo 1.26\n", ""
	todo, err := s.modulesAmong(ctx, importPaths)
	if err == nil && len(todo) > 0 {
		mod, sum, err = s.with(ctx, todo)
	}
	if err != nil {
		return err
	}
	for name, text := range map[string]string{"go.mod": mod, "go.sum": sum} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// programModule names the module of a program; go test prints it.
const programModule = "module session"

// modulesAmong gives the import paths that are for the go command to find. s.work is held.
func (s *Session) modulesAmong(ctx context.Context, importPaths []string) ([]string, error) {
	var out []string
	for _, path := range importPaths {
		ok, err := s.mayBeModule(ctx, path)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			return nil, &Error{path, err.Error()}
		case ok:
			out = append(out, path)
		}
	}
	return out, nil
}

// with fetches what paths need, and gives go.mod and go.sum. s.work is held.
func (s *Session) with(ctx context.Context, paths []string) (mod, sum string, err error) {
	before, err := s.save()
	if err != nil {
		return "", "", &Error{"", err.Error()}
	}
	r := build.ModuleRequest{Dir: s.dir, Paths: append(paths, s.roots...)}
	list, err := s.list(ctx, r, paths)
	if err == nil {
		err = s.sameVersions(list)
	}
	if err != nil {
		before.restore()
		return "", "", err
	}
	now, err := s.save()
	if err != nil {
		return "", "", &Error{"", err.Error()}
	}
	for line := range strings.Lines(string(now[filepath.Join(s.dir, "go.mod")])) {
		if strings.TrimSpace(line) == "module "+moduleName {
			line = programModule + "\n"
		}
		text := strings.TrimPrefix(strings.TrimSpace(line), "require ")
		if strings.HasPrefix(text, "replace interleave ") || strings.HasPrefix(text, "interleave ") && !s.importsOwn(list) {
			continue
		}
		mod += line
	}
	return mod, string(now[filepath.Join(s.dir, "go.sum")]), nil
}

// importsOwn tells whether a package of a module imports one of this program, such as
// display.
func (s *Session) importsOwn(list []build.Module) bool {
	return slices.ContainsFunc(list, func(m build.Module) bool {
		return slices.ContainsFunc(m.Imports, func(path string) bool { return s.o.Sources[exports.Plain(path)] != nil })
	})
}

// sameVersions is an error where a package that cells have would change its version.
func (s *Session) sameVersions(list []build.Module) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for i := range list {
		if have := s.packages[list[i].Path]; have != nil && have.Version != list[i].Version {
			return loadedError(have.From, have.Version, list[i].Version)
		}
	}
	return nil
}

func loadedError(module, have, now string) error {
	return &Error{"", fmt.Sprintf("module %s is loaded at %s, and %s is asked for: restart the kernel (or %%reset), and put %%require %[1]s@%[3]s before the first import", module, have, now)}
}
