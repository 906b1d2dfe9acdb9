package eval

import (
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"interleave/demos/host"
	"interleave/demos/worker"
	"interleave/interp/child"
	"interleave/interp/eval/symbols"
)

// known are the functions that cells declared, and their literals.
type known struct {
	mu    sync.Mutex
	funcs map[string]*function // by key
	lits  []literals
	loads int
	free  []string // keys of function literals that are functions, the oldest first

	places map[unsafe.Pointer]place // of functions that were asked for: to find one takes 0.1 ms
}

// mostFree is how many function literals of interpreted cells are known. Each keeps
// the interpreter of its cell.
const mostFree = 200

// A function is one that is in its slot.
type function struct {
	child.Func
	closure unsafe.Pointer
	from    *child.Program
	load    int // counts programs
}

func (f *function) compiled() bool { return len(f.from.Units) > 0 }

type literals struct {
	file string // "cell 3"
	from *child.Program
}

// closure is what tells function values apart.
func closure(f reflect.Value) unsafe.Pointer {
	p := reflect.New(f.Type())
	p.Elem().Set(f)
	return *(*unsafe.Pointer)(p.UnsafePointer())
}

func (k *known) declare(fn child.Func, v reflect.Value, p *child.Program) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.loads++
	k.funcs[fn.Key] = &function{fn, closure(v), p, k.loads}
}

// declareFree is declare for a function literal. It gives the key of one that is
// forgotten instead; "" where there is room.
func (k *known) declareFree(fn child.Func, v reflect.Value, p *child.Program) (forgotten string) {
	k.declare(fn, v, p)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.free = append(k.free, fn.Key); len(k.free) > mostFree {
		forgotten, k.free = k.free[0], slices.Delete(k.free, 0, 1)
		delete(k.funcs, forgotten)
	}
	return forgotten
}

func (k *known) noteLiterals(p *child.Program) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(p.Literals) > 0 {
		k.lits = append(k.lits, literals{fmt.Sprintf("cell %d", p.Cell), p})
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
	out := host.Function{Name: f.Name, Compiled: f.compiled(), Symbol: f.Key}
	k.needs(&out, k.reach(f.Key), nil)
	if strings.HasPrefix(f.Name, child.LiteralPrefix) {
		out.Name, out.Source = "", "" // the user gave it no name by which it could be called
	}
	return out
}

// needs notes what workers load for functions, and for a literal of the program last,
// and the variables of the session that they use.
func (k *known) needs(out *host.Function, all []*function, last *child.Program) {
	slices.SortFunc(all, func(a, b *function) int { return a.load - b.load })
	var imports, constants []string
	var programs []*child.Program
	for _, g := range all {
		out.Source += "\n" + g.Text
		for name, path := range g.Imports {
			imports = append(imports, fmt.Sprintf("import %s %q\n", name, path))
		}
		for name, value := range g.Constants {
			constants = append(constants, fmt.Sprintf("\nconst %s %s", name, value))
		}
		for _, use := range g.Uses {
			if name := use[:strings.LastIndexByte(use, '.')]; k.funcs[use] == nil && !slices.Contains(out.Captures, name) {
				out.Captures = append(out.Captures, name)
			}
		}
		programs = append(slices.DeleteFunc(programs, func(p *child.Program) bool { return p == g.from }), g.from)
	}
	slices.Sort(imports)
	slices.Sort(constants)
	out.Source = strings.Join(slices.Compact(imports), "") + out.Source + strings.Join(slices.Compact(constants), "")
	if last != nil {
		programs = append(programs, last)
	}
	for _, p := range programs {
		out.Load = append(out.Load, piece(p))
	}
}

// piece is a program as workers get it, to declare its functions.
func piece(p *child.Program) worker.Piece {
	if len(p.Units) > 0 {
		return worker.Piece{Units: p.Units}
	}
	only := *p
	only.Declare, only.Literals = true, nil
	text, err := json.Marshal(only)
	if err != nil {
		panic(err) // of a value that came as JSON
	}
	return worker.Piece{Program: string(text)}
}

// reach are the functions of those keys and all that they call, directly or not.
func (k *known) reach(keys ...string) (all []*function) {
	for i := 0; i < len(keys); i++ {
		g := k.funcs[keys[i]]
		if g == nil || slices.Contains(all, g) {
			continue
		}
		all = append(all, g)
		keys = append(keys, g.Uses...)
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
		return k.literal(v, k.lits[i].from, line)
	}
	if _, ok := library(pc.Name()); ok {
		return host.Function{Name: pc.Name(), Symbol: pc.Name(), Compiled: true}
	}
	return host.Function{Why: "the function has no name by which a worker process could find it: declare it, func f(n int) int, in a cell of its own"}
}

// literal tells of a function literal of a compiled cell, at a line. A worker finds
// one that captures nothing by where it lies in the file of its cell.
func (k *known) literal(v reflect.Value, p *child.Program, line int) host.Function {
	out := host.Function{Compiled: true}
	var uses []string
	for _, l := range p.Literals {
		if l.Line == line {
			out.Captures = append(out.Captures, l.Captures...)
			uses = append(uses, l.Uses...)
		}
	}
	if len(out.Captures) > 0 {
		return out
	}
	k.needs(&out, k.reach(uses...), p)
	out.Source = "" // it has no name by which it could be called
	at := closure(v)
	place, ok := k.places[at]
	if !ok {
		place, ok = placeOf(v)
	}
	if !ok {
		return host.Function{Compiled: true, Why: "a worker process cannot find this function literal: declare it, func f(n int) int, in a cell"}
	}
	k.places[at] = place // files stay where they are
	out.Symbol = place.symbol()
	return out
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
