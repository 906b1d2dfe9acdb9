package eval

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"github.com/traefik/yaegi/interp"

	"interleave/demos/host"
	"interleave/demos/worker"
	"interleave/interp/child"
	"interleave/interp/eval/symbols"
	"interleave/interp/native/load"
)

// environment is what package demos runs in.
type environment struct{ s *Session }

var _ host.Environment = environment{}

// Go starts f as a goroutine of the calling one's cell. A panic in it is an error of
// its cell.
func (e environment) Go(w host.Watch, f func()) {
	c := e.s.current()
	if c == nil {
		c = e.s.orphans
	}
	g := e.s.enter(c, "a demo")
	g.watch = w
	go e.s.task(g, f) // ends with f, or when the cell is stopped
}

// task is guard for tasks of demos, of which there may be a hundred thousand: it
// forgets g at its end, and with it whose the goroutines are that code of the
// library started there and that go on.
func (s *Session) task(g *goroutine, f func()) {
	defer s.leave(g)
	if g.watch != nil { // else the labels that it has inherited tell its cell
		defer s.labels.CompareAndDelete(s.label(g), g)
	}
	defer func() {
		if r := recover(); r != nil {
			s.report(g.cell, s.panicked(g.cell, r, "panic in goroutine started at "+g.place()+": "))
		}
	}()
	f()
}

func (e environment) Stop() <-chan struct{} {
	if c := e.s.current(); c != nil {
		return c.stop
	}
	return nil
}

func (e environment) Leave() { e.s.current().leaveIfStopped() }

func (e environment) Attention(on bool) {
	e.s.stopFlag.change(func() {
		if on {
			e.s.stopFlag.alerts++
		} else {
			e.s.stopFlag.alerts--
		}
	})
}

func (e environment) Worker() []string { return []string{executable(), "worker"} }
func (e environment) Server() []string { return []string{executable(), "demo-server"} }

// executable is this program, also where its file was replaced since it started.
func executable() string { return "/proc/self/exe" }

// check is what code of cells calls at loops and calls while the stop flag is set.
func (s *Session) check() {
	g := s.self()
	if g == nil {
		return
	}
	g.cell.leaveIfStopped()
	if g.watch != nil {
		g.watch.Check()
	}
}

// known are the functions that cells declared, and their literals.
type known struct {
	mu    sync.Mutex
	funcs map[string]*function // by key
	lits  []literals
	loads int
}

// A function is one that is in its slot.
type function struct {
	child.Func
	closure unsafe.Pointer
	units   []string // none: it is interpreted
	load    int      // counts programs
}

type literals struct {
	file string // "cell 3"
	list []child.Literal
}

// closure is what tells function values apart.
func closure(f reflect.Value) unsafe.Pointer {
	p := reflect.New(f.Type())
	p.Elem().Set(f)
	return *(*unsafe.Pointer)(p.UnsafePointer())
}

func (k *known) declare(fn child.Func, v reflect.Value, units []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.loads++
	k.funcs[fn.Key] = &function{fn, closure(v), units, k.loads}
}

func (k *known) literals(p *child.Program) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(p.Literals) > 0 {
		k.lits = append(k.lits, literals{fmt.Sprintf("cell %d", p.Cell), p.Literals})
	}
}

// Function tells what is known of fn.
func (e environment) Function(fn any) host.Function {
	v := reflect.ValueOf(fn)
	if v.Kind() != reflect.Func || v.IsNil() {
		return host.Function{Why: "no function"}
	}
	k := &e.s.known
	k.mu.Lock()
	defer k.mu.Unlock()
	at := closure(v)
	for _, f := range k.funcs {
		if f.closure == at {
			return k.declared(f)
		}
	}
	return k.other(v)
}

// declared tells of a function that a cell declared.
func (k *known) declared(f *function) host.Function {
	out := host.Function{Name: f.Name, Compiled: f.units != nil}
	all := k.reach(f)
	slices.SortFunc(all, func(a, b *function) int { return a.load - b.load })
	var imports []string
	for _, g := range all {
		out.Source += "\n" + g.Text
		for name, path := range g.Imports {
			imports = append(imports, fmt.Sprintf("import %s %q\n", name, path))
		}
		for _, so := range g.units {
			if !slices.Contains(out.Units, so) {
				out.Units = append(out.Units, so)
			}
		}
		for _, use := range g.Uses {
			if name := use[:strings.LastIndexByte(use, '.')]; k.funcs[use] == nil && !slices.Contains(out.Captures, name) {
				out.Captures = append(out.Captures, name)
			}
		}
		if g.units == nil && out.Why == "" {
			out.Why = g.Name + " is interpreted only: worker processes load compiled cells: install Go 1.26 and gcc, or begin its cell with %%native"
		}
	}
	slices.Sort(imports)
	out.Source = strings.Join(slices.Compact(imports), "") + out.Source
	if out.Why == "" {
		out.Symbol = f.Key
	}
	return out
}

// reach are f and all functions that it calls, directly or not.
func (k *known) reach(f *function) []*function {
	all := []*function{f}
	for i := 0; i < len(all); i++ {
		for _, use := range all[i].Uses {
			if g := k.funcs[use]; g != nil && !slices.Contains(all, g) {
				all = append(all, g)
			}
		}
	}
	return all
}

// other tells of a function literal, or a function of the library.
func (k *known) other(v reflect.Value) host.Function {
	pc := runtime.FuncForPC(v.Pointer())
	if pc == nil {
		return host.Function{Why: "the function is not known"}
	}
	file, line := pc.FileLine(pc.Entry())
	for i := len(k.lits) - 1; i >= 0; i-- {
		if k.lits[i].file != file[strings.LastIndexByte(file, '/')+1:] {
			continue
		}
		out := host.Function{Compiled: true, Why: "a function literal has no name by which a worker process could find it, as in Python a lambda: declare it, func f(n int) int, in a cell"}
		for _, l := range k.lits[i].list {
			if l.Line == line {
				out.Captures = append(out.Captures, l.Captures...)
			}
		}
		return out
	}
	if _, ok := library(pc.Name()); ok {
		return host.Function{Name: pc.Name(), Symbol: pc.Name(), Compiled: true}
	}
	return host.Function{Why: "the function has no name by which a worker process could find it: declare it, func f(n int) int, in a cell of its own"}
}

// library gives a function of the standard library, such as math.Sqrt.
func library(symbol string) (reflect.Value, bool) {
	i := strings.LastIndexByte(symbol, '.')
	if i < 0 {
		return reflect.Value{}, false
	}
	_, table, ok := symbols.Lookup(symbol[:i])
	f := table[symbol[i+1:]]
	return f, ok && f.IsValid() && f.Kind() == reflect.Func
}

// NewResolver gives what a worker process finds functions by. Its units have
// storage of their own, which is that of no other process.
func NewResolver() worker.Resolve {
	s := newSession(nil)
	return s.resolve
}

// resolve loads units and gives the function of a key.
func (s *Session) resolve(units []string, symbol string) (reflect.Value, error) {
	for _, so := range units {
		l, err := load.Open(so)
		if err != nil {
			return reflect.Value{}, err
		}
		if hooks, ok := l.Unit[child.HooksUnit].(map[string]map[string]any); ok {
			if err := s.fillHooks(hooks); err != nil {
				return reflect.Value{}, err
			}
			continue
		}
		s.point(l.Unit)
		s.fillSlots(l.Unit)
	}
	if f, ok := library(symbol); ok {
		return f, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	slot, ok := s.storage[symbol]
	if !ok {
		return reflect.Value{}, fmt.Errorf("worker process: no function %s in what it loaded", symbol)
	}
	return slot.Elem(), nil
}

// fillSlots puts all functions of a unit into their slots.
func (s *Session) fillSlots(unit map[string]any) {
	funcs, _ := unit["funcs"].(map[string]any)
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, f := range funcs {
		v := reflect.ValueOf(f)
		slot, ok := s.storage[key]
		if !ok {
			slot = reflect.New(v.Type())
			s.storage[key] = slot
		}
		slot.Elem().Set(v)
	}
}

// Interpret has an interpreter of its own run a function.
func (e environment) Interpret(ctx context.Context, source, name string, inputs reflect.Value, begin func(int), end func(int, any)) error {
	i := e.s.interpreter()
	imports, body, paths := splitImports(source)
	exports := interp.Exports{
		"interleave/demo/demo": {"Inputs": reflect.ValueOf(inputs.Interface()), "Begin": reflect.ValueOf(begin), "End": reflect.ValueOf(end)},
	}
	for _, path := range paths {
		key, table, err := e.s.packageTable(path)
		if err != nil {
			return fmt.Errorf("interpreted: %w", err)
		}
		exports[key] = table
	}
	if err := i.Use(exports); err != nil {
		return fmt.Errorf("interpreted: %w", err)
	}
	program := "package main\nimport \"interleave/demo\"\n" + imports + body + `
func ꞋꞋrun() {
	for i, x := range demo.Inputs {
		demo.Begin(i)
		v := ` + name + `(x)
		demo.End(i, v)
	}
}`
	return interpretIn(ctx, i, program)
}

// interpretIn declares program and runs it until ctx ends.
func interpretIn(ctx context.Context, i *interp.Interpreter, program string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("interpreted: panic: %v", r)
		}
	}()
	if _, err := i.Eval(program); err != nil {
		return fmt.Errorf("interpreted: the interpreter does not take this function: %w", err)
	}
	if _, err := i.EvalWithContext(ctx, "main.ꞋꞋrun()"); err != nil && ctx.Err() == nil {
		return fmt.Errorf("interpreted: %w", err)
	}
	return ctx.Err()
}

// splitImports takes the imports at the head of source off, and gives their paths.
func splitImports(source string) (imports, body string, paths []string) {
	for line := range strings.Lines(source) {
		text := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(text, "import "):
			imports += line
			if _, rest, ok := strings.Cut(text, "\""); ok {
				paths = append(paths, strings.TrimSuffix(rest, "\""))
			}
		case text != "":
			return imports, source[strings.Index(source, line):], paths
		}
	}
	return imports, "", paths
}
