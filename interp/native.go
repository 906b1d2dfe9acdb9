package interp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"sync"

	"interleave/interp/check"
	"interleave/interp/child"
	"interleave/interp/modules"
	"interleave/interp/native/build"
	"interleave/interp/native/source"
)

// A compiler makes programs of cells that the interpreter does not take.
type compiler struct {
	sources map[string]fs.FS
	note    func(string)
	cache   string
	binary  string           // to be started as build.ToolexecRole
	modules *modules.Session // the module of the session

	mu       sync.Mutex       // guards tools and hooks
	tools    *build.Toolchain // nil until it is needed
	session  *source.Session
	archives map[string]string   // unit path -> archive
	objects  map[string]string   // unit path -> shared object
	imports  map[string][]string // unit path -> units that it imports
	inC      map[string][]string // shared objects that hold C -> those of C++ that they call
	cpp      cplusplus
	cppCells int                 // that were compiled
	hooks    string              // shared object of the runtime units
	trial    bool                // as Options has it
	missing  error               // why cells are interpreted only, where warm found so
	direct   map[string][]string // unit path -> packages of modules that it imports
	inits    []initUnit          // of modules
}

// std tells what paths are of the standard library.
func newCompiler(o Options, std func(path string) bool) *compiler {
	if o.Note == nil {
		o.Note = func(string) {}
	}
	c := &compiler{
		sources: o.Sources, note: o.Note, cache: o.Cache, binary: o.Binary, trial: o.trial,
		session: source.New(), archives: map[string]string{}, objects: map[string]string{}, imports: map[string][]string{}, inC: map[string][]string{},
		cpp:    cplusplus{map[string]string{}, map[string]string{}},
		direct: map[string][]string{},
	}
	c.modules = modules.New(modules.Options{Dir: o.Dir, Sources: o.Sources, Std: std, Tools: c.toolchain, Pins: o.Pins})
	return c
}

// isReady tells whether a cell can be compiled without waiting for more than it.
func (c *compiler) isReady() bool {
	if !c.mu.TryLock() {
		return false
	}
	defer c.mu.Unlock()
	return c.hooks != ""
}

// isPrepared tells whether the compiler is ready, or soon would be.
func (c *compiler) isPrepared() bool {
	if c.isReady() {
		return true
	}
	tools, err := build.Find(c.options())
	return err == nil && tools.Prepared()
}

// warm makes the compiler ready where all that it needs was prepared.
func (c *compiler) warm() {
	tools, err := build.Find(c.options())
	if err == nil && tools.Prepared() {
		c.ready(context.Background()) // an error comes again where it matters
	}
	c.mu.Lock()
	c.missing = err
	c.mu.Unlock()
}

func (c *compiler) options() build.Options {
	return build.Options{Dir: c.cache, Sources: c.sources, Program: c.binary, Trial: c.trial}
}

// toolchain is the toolchain, made ready.
func (c *compiler) toolchain(ctx context.Context) (*build.Toolchain, error) {
	err := c.ready(ctx)
	return c.tools, err
}

// lack tells why there is no compiler, as far as that is known without starting one.
func (c *compiler) lack() error {
	if _, err := exec.LookPath("go"); err != nil {
		_, err = build.Find(c.options())
		return err
	}
	if !c.mu.TryLock() {
		return nil
	}
	defer c.mu.Unlock()
	return c.missing
}

// ready finds the toolchain, and compiles the runtime units.
func (c *compiler) ready(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hooks != "" {
		return nil
	}
	tools, err := build.Find(c.options())
	if err != nil {
		return err
	}
	if err := tools.Prepare(ctx, c.note); err != nil {
		return err
	}
	c.tools = tools
	for _, p := range source.RuntimePackages() {
		if c.archives[p.Path], err = tools.Compile(ctx, build.Package{Path: p.Path, Files: p.Files, Imports: maps.Clone(c.archives)}); err != nil {
			return fmt.Errorf("runtime of compiled cells: %w", err)
		}
	}
	plugin, err := tools.Build(ctx, build.Package{
		Path: source.Runtime + "/hooks", Entry: "ꞋꞋUnit", Imports: maps.Clone(c.archives),
		Files: map[string]string{"hooks.go": hooksSource()},
	})
	if err != nil {
		return fmt.Errorf("runtime of compiled cells: %w", err)
	}
	c.hooks = plugin.SharedObject
	return nil
}

// hooksSource is a unit that imports all runtime units and has their hooks by package.
func hooksSource() string {
	var imports, rows strings.Builder
	for i, p := range source.RuntimePackages() {
		fmt.Fprintf(&imports, "import p%d %q\n", i, p.Path)
		name := strings.TrimPrefix(strings.TrimPrefix(p.Path, source.Runtime), "/")
		fmt.Fprintf(&rows, "%q: p%d.ꞋꞋUnit[\"ops\"].(map[string]any),\n", name, i)
	}
	return "package hooks\n" + imports.String() + "var ꞋꞋUnit = map[string]any{\"" + child.HooksUnit + "\": map[string]map[string]any{\n" + rows.String() + "}}\n"
}

// program compiles a checked cell.
func (c *compiler) program(ctx context.Context, ch *check.Checked, embed build.Embed) (*child.Program, *source.Unit, *build.Plugin, error) {
	u, err := c.session.Unit(ch)
	if err != nil {
		return nil, nil, nil, err
	}
	imports := c.closure(u.Imports)
	inits, err := c.addModules(ctx, u, imports)
	if err != nil {
		return nil, nil, nil, err
	}
	shared, copied := libraries(inits)
	used := slices.Collect(maps.Values(imports))
	var loaded []string
	for _, in := range inits {
		loaded = append(loaded, in.object)
	}
	if err := c.tools.Mend(ctx, slices.Concat(used, loaded)); err != nil {
		return nil, nil, nil, err
	}
	plugin, err := c.tools.Build(ctx, build.Package{
		Libraries: shared,
		Path:      u.Path, Files: u.Files, Imports: imports, Entry: "ꞋꞋUnit", ShowAsMain: true, Embed: embed,
		Cgo: u.Cgo, C: build.C{Prefix: u.C.Prefix, Export: u.C.Export, Funcs: u.C.Funcs, Vars: u.C.Vars, Types: u.C.Types, Mark: source.Mark, Rename: c.cppNames(ch)},
	})
	if err != nil {
		return nil, nil, nil, err
	}
	plugin.Copied = cmp.Or(plugin.Copied, copied)
	p := &child.Program{Cell: ch.Cell.N, Vars: u.Vars, Funcs: u.Funcs, Units: slices.Concat([]string{c.hooks}, loaded, c.order(u.Imports))}
	p.Units = append(p.Units, plugin.SharedObject)
	if u.Cgo {
		c.inC[plugin.SharedObject] = c.cpp.libraries()
	}
	for _, so := range p.Units {
		libraries, has := c.inC[so]
		if has {
			p.InC = append(p.InC, so)
		}
		for _, l := range libraries {
			if !slices.Contains(p.Libraries, l) {
				p.Libraries = append(p.Libraries, l)
			}
		}
	}
	p.Retyped, p.Stdin = ch.Retyped, strings.Contains(u.Files["cell.go"], ".Stdin")
	p.HideNil = ch.ResultType != nil && ch.ResultType.String() == "error"
	c.archives[u.Path], c.objects[u.Path], c.imports[u.Path] = plugin.Archive, plugin.SharedObject, u.Imports
	return p, u, plugin, nil
}

// mend sees to it that the shared objects of programs are there as they were made.
func (c *compiler) mend(ctx context.Context, programs []*child.Program) error {
	var files []string
	for _, p := range programs {
		files = append(files, p.Units...)
	}
	if len(files) == 0 {
		return nil
	}
	return c.tools.Mend(ctx, files)
}

// cppNames has the names of C++ that a cell may call in C; nil where it uses no C.
func (c *compiler) cppNames(ch *check.Checked) map[string]string {
	if ch.C == nil {
		return nil
	}
	names := maps.Clone(c.cpp.names)
	for _, own := range slices.Concat(ch.C.Funcs, ch.C.Vars) {
		delete(names, own)
	}
	return names
}

// closure has the archives of units and of all that they import.
func (c *compiler) closure(units []string) map[string]string {
	out := map[string]string{}
	for p, archive := range c.archives {
		if p == source.Runtime || strings.HasPrefix(p, source.Runtime+"/") {
			out[p] = archive
		}
	}
	for _, p := range c.below(units) {
		out[p] = c.archives[p]
	}
	return out
}

// order has the shared objects of cells that units import, those imported first.
func (c *compiler) order(units []string) []string {
	var out []string
	for _, p := range c.below(units) {
		if so := c.objects[p]; so != "" {
			out = append(out, so)
		}
	}
	return out
}

// below are units and all that they import, those imported first.
func (c *compiler) below(units []string) []string {
	var out []string
	seen := map[string]bool{}
	var visit func(p string)
	visit = func(p string) {
		if seen[p] {
			return
		}
		seen[p] = true
		for _, q := range c.imports[p] {
			visit(q)
		}
		out = append(out, p)
	}
	for _, p := range slices.Sorted(slices.Values(units)) {
		visit(p)
	}
	return out
}

// noCompiler words why there is no compiler. why is what needs one.
func noCompiler(err error, why string) error {
	if errors.Is(err, context.Canceled) {
		return interruptedBuild()
	}
	text := why + ": this needs the Go compiler: " + err.Error()
	return &Error{Name: "NoCompiler", Value: text, Traceback: []string{red("cannot run this cell: ") + text}}
}

// buildError words why a cell could not be compiled.
func buildError(err error) error {
	var wrong *build.CompileError
	var refusal *source.Refusal
	var worded *Error
	switch {
	case errors.As(err, &worded):
		return worded
	case errors.Is(err, context.Canceled):
		return interruptedBuild()
	case errors.As(err, &wrong):
		text := strings.TrimSpace(wrong.Text)
		return &Error{Name: "CompileError", Value: text, Traceback: []string{red(text)}}
	case errors.As(err, &refusal):
		return &Error{Name: "CompileError", Value: refusal.Error(), Traceback: []string{red(refusal.Error())}}
	}
	return &Error{Name: "BuildError", Value: err.Error(), Traceback: []string{red("BuildError: ") + err.Error()}}
}

func interruptedBuild() error {
	const text = "interrupted while the cell was compiled"
	return &Error{Name: "Interrupt", Value: text, Traceback: []string{red("Interrupt: ") + text}}
}
