package modules

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// surroundings are the modules that cells run in: that of the notebook's folder,
// or those of its workspace.
type surroundings struct {
	local    []localModule
	required map[string]bool // modules whose versions their go.mod says
	lines    string          // of go.mod: that they are required, and by what they are replaced
	sums     string          // their go.sum
	here     string          // import path that a package in the notebook's folder would have; "" outside of modules
	modCache string          // GOMODCACHE
}

type localModule struct{ path, dir string }

// has tells whether a module is one of them.
func (e *surroundings) has(module string) bool {
	for _, m := range e.local {
		if m.path == module {
			return true
		}
	}
	return false
}

// holds tells whether a package may be in one of them.
func (e *surroundings) holds(importPath string) bool {
	for _, m := range e.local {
		if importPath == m.path || strings.HasPrefix(importPath, m.path+"/") {
			return true
		}
	}
	return false
}

// goModFile is what go mod edit and go work edit print. Source: go help mod edit.
type goModFile struct {
	Module  struct{ Path string }
	Use     []struct{ DiskPath string }
	Replace []struct {
		Old, New struct{ Path, Version string }
	}
	Exclude []struct{ Path, Version string }
	Require []struct{ Path, Version string }
}

// surroundings reads what is around the folder that cells run in.
func (s *Session) surroundings(ctx context.Context) (surroundings, error) {
	e := surroundings{required: map[string]bool{}}
	dir, err := filepath.Abs(s.o.Dir)
	if err != nil {
		return e, err
	}
	cmd := s.tools.Go(ctx, dir, "env", "-json", "GOMOD", "GOWORK", "GOMODCACHE")
	cmd.Env = append(cmd.Env, "GOWORK="+os.Getenv("GOWORK"), "GOFLAGS=")
	out, err := s.tools.Run(ctx, cmd, nil)
	if err != nil {
		return e, err
	}
	var is struct{ GOMOD, GOWORK, GOMODCACHE string }
	if err := json.Unmarshal([]byte(out), &is); err != nil {
		return e, fmt.Errorf("go env: %w", err)
	}
	e.modCache = is.GOMODCACHE
	files := []string{is.GOMOD}
	if is.GOWORK != "" && is.GOWORK != "off" {
		work, err := s.edit(ctx, "work", is.GOWORK)
		if err != nil {
			return e, err
		}
		for _, use := range work.Use {
			files = append(files, filepath.Join(absolute(filepath.Dir(is.GOWORK), use.DiskPath), "go.mod"))
		}
		e.add(filepath.Dir(is.GOWORK), work, "go.work.sum")
	}
	for _, file := range files {
		if file == "" || file == os.DevNull {
			continue
		}
		mod, err := s.edit(ctx, "mod", file)
		if err != nil {
			return e, err
		}
		if mod.Module.Path != ownModule() && !e.has(mod.Module.Path) {
			e.require(mod.Module.Path, filepath.Dir(file), dir)
			e.add(filepath.Dir(file), mod, "go.sum")
		}
	}
	return e, nil
}

// ownModule is the module of this program: what cells may have of it they have
// without any go.mod.
func ownModule() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Path
	}
	return ""
}

// edit reads a go.mod or go.work.
func (s *Session) edit(ctx context.Context, what, file string) (*goModFile, error) {
	out, err := s.tools.Run(ctx, s.tools.Go(ctx, filepath.Dir(file), what, "edit", "-json", file), nil)
	if err != nil {
		return nil, err
	}
	f := new(goModFile)
	if err := json.Unmarshal([]byte(out), f); err != nil {
		return nil, fmt.Errorf("go %s edit: %w", what, err)
	}
	return f, nil
}

// require adds a module in dir. from is where cells run.
func (e *surroundings) require(module, dir, from string) {
	e.local = append(e.local, localModule{module, dir})
	e.lines += fmt.Sprintf("require %s %s\nreplace %[1]s => %[3]q\n", module, noVersion, dir)
	if rel, err := filepath.Rel(dir, from); err == nil && filepath.IsLocal(rel) {
		e.here = path.Join(module, filepath.ToSlash(rel))
	}
}

// noVersion is what the go command itself calls the version of a module in a folder.
const noVersion = "v0.0.0-00010101000000-000000000000"

// add takes over what a module or workspace in dir says of others, which counts only in
// the main module: there that is the session's.
func (e *surroundings) add(dir string, f *goModFile, sum string) {
	for _, r := range f.Replace {
		old := strings.TrimSpace(r.Old.Path + " " + r.Old.Version)
		if strings.Contains(e.lines, "\nreplace "+old+" => ") {
			continue // a workspace's own comes first
		}
		if r.New.Version == "" {
			e.lines += fmt.Sprintf("\nreplace %s => %q\n", old, absolute(dir, r.New.Path))
			continue
		}
		e.lines += fmt.Sprintf("\nreplace %s => %s %s\n", old, r.New.Path, r.New.Version)
	}
	for _, r := range f.Require {
		e.required[r.Path] = true
	}
	for _, x := range f.Exclude {
		e.lines += fmt.Sprintf("exclude %s %s\n", x.Path, x.Version)
	}
	if text, err := os.ReadFile(filepath.Join(dir, sum)); err == nil { // where it is missing the go command makes one
		e.sums += strings.TrimRight(string(text), "\n") + "\n"
	}
}

func absolute(dir, file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(dir, file)
}

// Allowed tells whether a cell may import a path with an internal element: as any
// package in the notebook's folder might. Source: go help packages, "Internal packages".
func (s *Session) Allowed(importPath string) bool {
	s.mu.RLock()
	here := s.here
	s.mu.RUnlock()
	at := strings.LastIndex("/"+importPath+"/", "/internal/")
	if at < 1 || here == "" {
		return false
	}
	parent := importPath[:at-1]
	return here == parent || strings.HasPrefix(here, parent+"/")
}
