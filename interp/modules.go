package interp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"

	"interleave/display"
	"interleave/interp/cell"
	"interleave/interp/exports"
	"interleave/interp/modules"
	"interleave/interp/native/build"
	"interleave/interp/native/source"
)

// Pins are the versions of modules that a notebook was run with.
type Pins = modules.Pins

// Pins gives the modules that the session uses; the zero value where there are none.
func (e *Evaluator) Pins(ctx context.Context) (Pins, error) {
	e.preparing.Lock()
	defer e.preparing.Unlock()
	return e.compiler.modules.Used(ctx)
}

// isStd tells whether a path is of the standard library.
func (e *Evaluator) isStd(path string) bool { return e.theSession().HasStd(path) }

// need fetches and compiles the packages of modules that a cell imports. The error
// is that of a cell that does not compile. e.preparing is held.
func (e *Evaluator) need(ctx context.Context, c *cell.Cell, out Output) error {
	m := e.compiler.modules
	for _, path := range m.Edited() {
		out.Stream("stdout", "note: package "+path+" was edited after it was loaded: restart the kernel (or %reset) to use it as it is now\n")
	}
	var paths []string
	for _, is := range c.Imports {
		path, _ := strconv.Unquote(is.Path.Value) // the parser has checked it
		paths = append(paths, path)
	}
	if len(paths) == 0 {
		return nil
	}
	err := m.Need(ctx, paths, progress(out))
	var wrong *modules.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &wrong):
		return interruptedBuild()
	}
	return importError(c, wrong)
}

// importError is the error of a cell whose import is wrong.
func importError(c *cell.Cell, wrong *modules.Error) error {
	at := c.Imports[0].Path
	for _, is := range c.Imports {
		if is.Path.Value == strconv.Quote(wrong.Import) {
			at = is.Path
		}
	}
	return cell.NewErrors(c.Src, []cell.Diagnostic{c.Diagnostic(at.Pos(), exports.Plain(wrong.Error()))})
}

// progress gives what takes lines about work under way.
func progress(out Output) func(line string) {
	if p, ok := out.(Progress); ok {
		return p.Progress
	}
	return func(line string) { out.Stream("stdout", line+"\n") }
}

// require is %require.
func (e *Evaluator) require(ctx context.Context, m cell.Magic, out Output) (*display.Bundle, error) {
	e.preparing.Lock()
	defer e.preparing.Unlock()
	if wanted := strings.Fields(m.Args); len(wanted) > 0 {
		return nil, requireError(e.compiler.modules.Require(ctx, wanted, progress(out)))
	}
	say := func(text string) { out.Stream("stdout", text+"\n") }
	all, err := e.compiler.modules.Requirements(ctx)
	if err != nil {
		return nil, requireError(err)
	}
	for _, r := range all {
		if r.Local {
			say("// " + r.Path + " is in a folder of yours")
			continue
		}
		say("%require " + r.Path + "@" + r.Version)
	}
	return nil, nil
}

func requireError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return interruptedBuild()
	}
	text := exports.Plain(err.Error())
	return &Error{Name: "ModuleError", Value: text, Traceback: []string{red("ModuleError: ") + text}}
}

// programModule writes the module of a program that is a process of its own: it has the
// versions that cells have.
func (e *Evaluator) programModule(dir string, files map[string]string) error {
	paths, err := importsOf(files)
	if err != nil {
		paths = nil // the compiler tells more
	}
	e.mu.Lock()
	m := e.compiler.modules
	e.mu.Unlock()
	return m.WriteTo(context.Background(), dir, paths)
}

// An initUnit is a unit that does nothing but import packages of modules, so that
// their initialisers run when it is loaded, once: one that panics does so whichever
// cell is the first, and the next one is told the same.
type initUnit struct {
	packages map[string]string // path -> archive
	object   string
	copied   error // why cells get a copy of packages each; nil: they are linked against object
}

// addModules adds to imports the packages of modules that u needs, and gives the
// units that load them, in order.
func (c *compiler) addModules(ctx context.Context, u *source.Unit, imports map[string]string) ([]initUnit, error) {
	direct, err := importsOf(u.Files)
	if err != nil {
		return nil, err
	}
	c.direct[u.Path] = direct
	var all []string
	for _, unit := range append(c.below(u.Imports), u.Path) {
		all = append(all, c.direct[unit]...)
	}
	needed := c.modules.Closure(all)
	if len(needed) == 0 {
		return nil, nil
	}
	maps.Copy(imports, needed)
	var units []initUnit
	fresh := maps.Clone(needed)
	for _, in := range c.inits {
		used := false
		for path := range in.packages {
			used = used || needed[path] != ""
			delete(fresh, path)
		}
		if used {
			units = append(units, in)
		}
	}
	if len(fresh) == 0 {
		return units, nil
	}
	in, err := c.initUnit(ctx, fresh, units)
	if err != nil {
		return nil, err
	}
	c.inits = append(c.inits, in)
	return append(units, in), nil
}

// initUnit makes the unit that loads packages, and of others what they import:
// those are in earlier units.
func (c *compiler) initUnit(ctx context.Context, packages map[string]string, earlier []initUnit) (initUnit, error) {
	var src strings.Builder
	src.WriteString("package modules\n")
	for _, path := range slices.Sorted(maps.Keys(packages)) {
		fmt.Fprintf(&src, "import _ %q\n", path)
	}
	src.WriteString("var ꞋꞋUnit = map[string]any{}\n")
	p := build.Package{
		Path: fmt.Sprintf("interleave/modules/m%d", len(c.inits)), Entry: "ꞋꞋUnit",
		Files: map[string]string{"modules.go": src.String()}, Imports: c.modules.Closure(slices.Collect(maps.Keys(packages))),
	}
	in := initUnit{packages: packages}
	if p.Libraries, in.copied = libraries(earlier); in.copied == nil {
		p.Whole = true
	}
	plugin, err := c.tools.Build(ctx, p)
	if err != nil {
		return initUnit{}, fmt.Errorf("modules: %w", err)
	}
	in.object = plugin.SharedObject
	if !plugin.Whole {
		in.copied = cmp.Or(in.copied, plugin.Copied, plugin.Apart)
	}
	return in, nil
}

// libraries gives what units that need inits are linked against; or why each gets a
// copy of their packages.
func libraries(inits []initUnit) ([]build.Library, error) {
	var out []build.Library
	for _, in := range inits {
		if in.copied != nil {
			return nil, in.copied
		}
		out = append(out, build.Library{SharedObject: in.object, Packages: in.packages})
	}
	return out, nil
}

// importsOf gives the import paths of files.
func importsOf(files map[string]string) ([]string, error) {
	var out []string
	for name, src := range files {
		if !strings.HasSuffix(name, ".go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
		if err != nil {
			return nil, err
		}
		for _, is := range f.Imports {
			path, _ := strconv.Unquote(is.Path.Value) // the parser has checked it
			out = append(out, path)
		}
	}
	return out, nil
}
