package build

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"interleave/interp/exports"
)

// A Module is a package of a module, as the go command lists it.
type Module struct {
	ImportPath string   // as sources name it
	Name       string   // of its package clause
	Dir        string   // where its sources lie
	GoFiles    []string // in Dir, as all that follow
	CgoFiles   []string
	OtherFiles []string // C, assembler, headers, embedded files
	Imports    []string // import paths as the compiler has them: see Path
	From       string   // path of its module
	Version    string   // of its module; "" for one in a folder of the user's
	Local      bool     // it lies in a folder of the user's, where it may be edited
	Path       string   // import path that it is compiled by: ImportPath, or that below exports.Held
	Archive    string   // once it is compiled
	Err        string   // why it cannot be used, in the go command's words
}

// Go makes a go command that works in dir, on the module there: it may change
// go.mod and go.sum.
func (t *Toolchain) Go(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := t.exec(ctx, t.command, args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Env, "GOFLAGS=-mod=mod", "PWD="+dir)
	return cmd
}

// Run runs a command that Go made, and gives what it printed. progress, which may
// be nil, gets the lines of what it says meanwhile. The error is the go command's
// own text, or ctx's.
func (t *Toolchain) Run(ctx context.Context, cmd *exec.Cmd, progress func(line string)) (string, error) {
	var out bytes.Buffer
	stderr := lines{progress: progress}
	cmd.Stdout, cmd.Stderr = &out, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return out.String(), nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	case t.same() != nil:
		return "", t.same()
	case errors.As(err, &exit) && stderr.text.Len() > 0:
		return "", errors.New(strings.TrimSpace(stderr.text.String()))
	}
	return "", fmt.Errorf("go %s: %w", cmd.Args[1], err)
}

// lines keeps what is written, and hands it on by the line.
type lines struct {
	text     strings.Builder
	rest     string
	progress func(string)
}

func (l *lines) Write(b []byte) (int, error) {
	l.text.Write(b)
	l.rest += string(b)
	for {
		line, rest, whole := strings.Cut(l.rest, "\n")
		if !whole {
			return len(b), nil
		}
		l.rest = rest
		if l.progress != nil {
			l.progress(line)
		}
	}
}

// listed is what the go command is asked for. Source: go help list.
type listed struct {
	ImportPath, Name, Dir, Export     string
	Standard                          bool
	GoFiles, CgoFiles, Imports        []string
	CFiles, CXXFiles, HFiles, SFiles  []string
	EmbedFiles, SysoFiles, CompiledGo []string
	Module                            *listedModule
	Error                             *struct{ Pos, Err string }
	DepsErrors                        []*struct{ Pos, Err string }
}

type listedModule struct {
	Path, Version, Dir string
	Main               bool
	Replace            *listedModule
}

// fields are those of listed.
const fields = "ImportPath,Name,Dir,Export,Standard,GoFiles,CgoFiles,Imports,CFiles,CXXFiles,HFiles,SFiles,EmbedFiles,SysoFiles,Module,Error,DepsErrors"

// A ModuleRequest says which packages of modules are meant.
type ModuleRequest struct {
	Dir      string            // of the go.mod that chooses versions; it gets what is missing
	Paths    []string          // import paths
	Env      []string          // added to the go command's
	Progress func(line string) // gets what the go command says while it works; nil: nobody
}

// listPackages runs go list.
func (t *Toolchain) listPackages(ctx context.Context, r ModuleRequest, env []string, args ...string) ([]listed, error) {
	args = append([]string{"list", "-e", "-deps", "-json=" + fields}, append(args, "--")...)
	cmd := t.Go(ctx, r.Dir, append(args, r.Paths...)...)
	cmd.Env = slices.Concat(cmd.Env, r.Env, env)
	out, err := t.Run(ctx, cmd, r.Progress)
	if err != nil {
		return nil, err
	}
	var all []listed
	d := json.NewDecoder(strings.NewReader(out))
	for {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		all = append(all, p)
	}
}

// ListModules gives the packages of modules among those asked for and all that
// they import, those imported first. What is missing is fetched.
func (t *Toolchain) ListModules(ctx context.Context, r ModuleRequest) ([]Module, error) {
	all, err := t.listPackages(ctx, r, nil)
	if err != nil {
		return nil, err
	}
	held, err := t.held()
	if err != nil {
		return nil, err
	}
	named := func(path string) string {
		if held[path] {
			return exports.Held + path
		}
		return path
	}
	var out []Module
	for _, p := range all {
		if p.Standard || t.sources[p.ImportPath] != nil || p.ImportPath == "C" {
			continue
		}
		m := Module{
			ImportPath: p.ImportPath, Path: named(p.ImportPath), Name: p.Name, Dir: p.Dir, GoFiles: p.GoFiles, CgoFiles: p.CgoFiles,
			OtherFiles: slices.Concat(p.CFiles, p.CXXFiles, p.HFiles, p.SFiles, p.EmbedFiles, p.SysoFiles),
		}
		for _, imported := range p.Imports {
			m.Imports = append(m.Imports, named(imported))
		}
		if p.Error != nil {
			m.Err = at(p.Error.Pos, p.Error.Err)
		}
		if p.Module != nil {
			m.From, m.Version = p.Module.Path, p.Module.Version
			if r := p.Module.Replace; r != nil {
				m.Version, m.Local = r.Version, r.Version == ""
			}
		}
		out = append(out, m)
	}
	return out, nil
}

func at(pos, text string) string {
	text = strings.TrimSpace(text)
	if pos == "" || strings.Contains(text, pos) {
		return text
	}
	return pos + ": " + text
}

// Flags of the compiler: as for the library, which must come out as it was
// prepared; and for modules, that maps of package variables are made in the
// initialiser itself, since the linker leaves out those that a plugin does not use, and the
// next plugin, which may use them, does not run it again.
const (
	libraryFlags = "-dwarf=false"
	moduleFlags  = "-dwarf=false -d=wrapglobalmapctl=1"
)

// CompileModules compiles what ListModules gave for r, and sets Archive or Err.
// The same again compiles nothing.
func (t *Toolchain) CompileModules(ctx context.Context, r ModuleRequest, list []Module) error {
	args := []string{"-export", "-buildmode=plugin", "-gcflags=all=" + t.flavour.gcflags(moduleFlags), "-gcflags=std=" + t.flavour.gcflags(libraryFlags)}
	args = append(args, t.flavour.flags...)
	var held []string
	for _, m := range list {
		if m.Path != m.ImportPath {
			held = append(held, m.ImportPath)
			args = append(args, fmt.Sprintf("-gcflags=%s=%s -p=%s", m.ImportPath, t.flavour.gcflags(moduleFlags), m.Path), fmt.Sprintf("-asmflags=%s=-p=%s", m.ImportPath, m.Path))
		}
	}
	for path := range t.sources { // as ownPackage compiles them
		args = append(args, fmt.Sprintf("-gcflags=%s=%s %s", path, t.flavour.gcflags(libraryFlags), quoted([]string{"-trimpath=" + filepath.Join(r.Dir, SourcesDir, below(path)) + "=>" + t.positions(path)})))
	}
	var env []string
	if len(held) > 0 {
		args = append(args, "-toolexec="+quoted([]string{t.program, ToolexecRole}))
		env = []string{heldVariable + "=" + strings.Join(held, " ")}
	}
	all, err := t.listPackages(ctx, r, env, args...)
	if err != nil {
		return err
	}
	byPath := map[string]listed{}
	for _, p := range all {
		byPath[p.ImportPath] = p
	}
	for i := range list {
		m := &list[i]
		p := byPath[m.ImportPath]
		switch {
		case p.Error != nil:
			m.Err = at(p.Error.Pos, p.Error.Err)
		case p.Export == "":
			m.Err = "it was not compiled"
		default:
			if m.Archive, err = t.adopt(ctx, p.Export); err != nil {
				return err
			}
		}
	}
	return nil
}

// adopt keeps an archive of the go command's cache, which it trims. Its name there
// is a hash of its content.
func (t *Toolchain) adopt(ctx context.Context, file string) (archive string, err error) {
	archive, _, err = t.cached(ctx, "unit.a", []string{"module", filepath.Base(file)}, func(_ context.Context, work string) error {
		_, err := take(file, filepath.Join(work, "unit.a"))
		return err
	})
	return archive, err
}

// SourcesDir is the folder of a session's module that holds the module of this
// program, as far as cells may import it: Options.Sources below their paths.
const SourcesDir = "program"

// below gives the folder of a package of this program in its module.
func below(path string) string {
	_, rest, _ := strings.Cut(path, "/")
	return filepath.FromSlash(rest)
}
