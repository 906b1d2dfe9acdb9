package eval

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/traefik/yaegi/interp"

	"interleave/demos"
	"interleave/demos/grade"
	"interleave/demos/host"
	"interleave/display"
	"interleave/interp/child"
	"interleave/interp/native/load"
)

// A Session is what lives between cells: storage, goroutines, and the cell in
// the foreground.
type Session struct {
	link     *child.Link
	stopFlag *flag
	waitSeq  atomic.Uint64
	asking   atomic.Int32 // questions to the user that are open
	timers   timers
	labels   sync.Map // address of profiler labels to *goroutine
	active   sync.Map // *cell that has goroutines
	gathered sync.Map // *cell that has late output to be sent
	orphans  *cell    // what no cell can be found for
	stdin    stdin
	shims    map[string]map[string]reflect.Value
	ops      map[string]reflect.Value
	hooked   bool                     // the runtime units have their hooks
	spare    chan *interp.Interpreter // made ahead, between two cells
	numbers  numbers                  // of cells that run again
	spans    spans

	foreMu sync.RWMutex
	fore   *cell // its output goes to descriptors 1 and 2

	mu      sync.Mutex // guards what follows
	storage map[string]reflect.Value
	types   map[string][]reflect.Type // that cells declared, by name
	running map[int]*cell

	known    known           // functions of cells, for package demos
	imported map[string]bool // shared objects that a worker process has
}

// New makes the session that a child serves.
func New(l *child.Link) child.Session {
	s := newSession(l)
	s.spare = make(chan *interp.Interpreter, 1)
	s.spare <- s.interpreter()
	display.Output = sink{s}
	grade.Host, grade.Detector = s.try, s.raced
	demos.Runner = host.New(environment{s})
	return s
}

// newSession makes one that can load compiled cells.
func newSession(l *child.Link) *Session {
	s := &Session{link: l, stopFlag: new(flag), storage: map[string]reflect.Value{}, types: map[string][]reflect.Type{}, running: map[int]*cell{}, imported: map[string]bool{}}
	s.known.funcs, s.known.places = map[string]*function{}, map[unsafe.Pointer]place{}
	s.orphans = newCell(0, 0)
	s.stdin.s = s
	s.shims, s.ops = s.makeShims(), s.operations()
	return s
}

// Run declares and runs p, and waits for its end.
func (s *Session) Run(p *child.Program) *child.Result {
	c := newCell(p.Cell, p.ID)
	c.numbers = &s.numbers
	if c.compiled = p.Compiled; p.Compiled != 0 {
		s.numbers.ran(p.Compiled, p.Cell)
	}
	c.raced = p.Raced
	s.begin(c, p)
	ended := make(chan struct{})
	res := &child.Result{}
	go s.runMain(c, p, res, ended) // ends with the cell, or when it is stopped
	if !p.Declare {
		go s.watch(c, ended)
	}
	<-ended
	s.end(c)
	return res
}

// begin makes c stoppable, and puts it into the foreground where p says so.
func (s *Session) begin(c *cell, p *child.Program) {
	s.rest()
	s.mu.Lock()
	s.running[c.run] = c
	s.mu.Unlock()
	if p.Front {
		s.foreMu.Lock()
		s.fore = c
		s.foreMu.Unlock()
	}
	c.running = true
	if p.Stdin || strings.Contains(p.Source, ".Stdin") {
		s.stdin.once.Do(func() { go s.stdin.feed() }) // lives as long as the process
	}
}

// rest clears the stop flag where every goroutine that was to stop has ended.
func (s *Session) rest() {
	if !s.stopFlag.on {
		return
	}
	still := false
	s.eachActive(func(c *cell) bool {
		still = still || c.stopped
		return !still
	})
	if !still {
		s.stopFlag.clear()
	}
}

func (s *Session) end(c *cell) {
	load.FlushC()
	s.foreMu.Lock()
	if s.fore == c {
		s.fore = nil
	}
	s.foreMu.Unlock()
	s.flushAllLate() // what was printed before the end of a cell is published before it
	s.mu.Lock()
	delete(s.running, c.run)
	s.mu.Unlock()
}

// runMain is the goroutine of the cell's own statements.
func (s *Session) runMain(c *cell, p *child.Program, res *child.Result, ended chan struct{}) {
	defer close(ended)
	g := s.enter(c, "")
	g.main = true
	s.adopt(g)
	defer s.leave(g)
	c.leaving = func() { s.noteInterrupted(g) }
	m := &module{s: s, c: c, res: res}
	returned := false
	defer func() {
		r := recover()
		c.mu.Lock()
		c.running = false
		failure := c.failure
		c.mu.Unlock()
		switch {
		case failure != nil:
			res.Err = failure
		case r != nil:
			res.Err = s.panicked(c, r, "")
		case !returned && res.Err == nil: // runtime.Goexit: the statements end, as they do in a program
		}
		if res.Err != nil {
			res.Data, res.Metadata = nil, nil
		}
	}()
	res.Err = s.load(m, p)
	res.Loaded = res.Err == nil
	if res.Err == nil && !p.Declare {
		m.run()
	}
	returned = true
}

// A module is a program that was compiled, and what it tells while it runs.
type module struct {
	s   *Session
	c   *cell
	res *child.Result
	run func()

	hideNil bool // the last expression is an error, which is shown only where it is one
}

// interpreter makes one that knows nothing.
func (s *Session) interpreter() *interp.Interpreter {
	return interp.New(interp.Options{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: s, Unrestricted: true, SourcecodeFilesystem: nowhere{}})
}

// takeInterpreter takes the one made ahead; Idle makes the next.
func (s *Session) takeInterpreter() *interp.Interpreter {
	select {
	case i := <-s.spare:
		return i
	default:
		return s.interpreter()
	}
}

// Idle makes what the next cell needs.
func (s *Session) Idle() {
	if len(s.spare) > 0 {
		return
	}
	select {
	case s.spare <- s.interpreter():
	default:
	}
}

// load compiles p, or loads what is compiled, and puts its functions into their
// slots.
func (s *Session) load(m *module, p *child.Program) (f *child.Failure) {
	defer func() {
		if r := recover(); r != nil {
			f = internal(fmt.Sprint(r))
		}
	}()
	s.known.noteLiterals(p)
	s.spans.note(p)
	if len(p.Units) > 0 {
		return s.loadUnits(m, p)
	}
	i := s.takeInterpreter()
	exports, err := s.exports(m, p)
	if err != nil {
		return internal(err.Error())
	}
	if err := i.Use(exports); err != nil {
		return internal(err.Error())
	}
	if _, err := i.Eval(p.Source); err != nil {
		return internal(err.Error())
	}
	for _, fn := range p.Funcs {
		v, err := i.Eval("main." + fn.Name)
		if err != nil {
			return internal(err.Error())
		}
		if err := s.fill(fn, v, p); err != nil {
			return internal(err.Error())
		}
	}
	if m.run == nil {
		return internal("the cell has no entry")
	}
	return nil
}

// internal is a failure of the interpreter to take what the check let pass.
func internal(msg string) *child.Failure {
	return &child.Failure{Name: child.NotTaken, Value: "the interpreter does not take this cell, which is legal Go: " + strings.TrimSpace(msg)}
}

// exports are the symbols that p uses: packages, storage, and this package's operations.
func (s *Session) exports(m *module, p *child.Program) (interp.Exports, error) {
	out := interp.Exports{}
	for _, path := range p.Imports {
		key, table, err := s.packageTable(path)
		if err != nil {
			return nil, err
		}
		out[key] = table
	}
	own := m.operations()
	for name := range mentioned(p.Source) { // all of them would cost the interpreter more than the rest of a small cell
		if op, ok := s.ops[name]; ok {
			own[name] = op
		}
	}
	for _, v := range p.Vars {
		ptr, err := s.variable(v, p.Imports)
		if err != nil {
			return nil, err
		}
		own[v.Name] = ptr
	}
	for _, in := range p.Instances {
		f, err := s.instance(in, p.Imports)
		if err != nil {
			return nil, err
		}
		own[in.Name] = f
	}
	out["interleave/ꞋꞋ/ꞋꞋ"] = own
	return out, nil
}

// variable gives the storage of v, made where it is new.
func (s *Session) variable(v child.Var, imports []string) (reflect.Value, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ptr, ok := s.storage[v.Key]; ok {
		return ptr, nil
	}
	t, err := typeOf(v.Type, imports)
	if err != nil {
		return reflect.Value{}, err
	}
	ptr := reflect.New(t)
	s.storage[v.Key] = ptr
	return ptr, nil
}

// fill puts a function into its slot, which reaches its callers everywhere.
func (s *Session) fill(fn child.Func, v reflect.Value, p *child.Program) error {
	slot, err := s.variable(child.Var{Key: fn.Key, Type: fn.Type}, p.Imports)
	if err != nil {
		return err
	}
	v = asType(v, slot.Type().Elem())
	if !v.Type().AssignableTo(slot.Type().Elem()) {
		return fmt.Errorf("func %s is a %s, not a %s", fn.Name, v.Type(), slot.Type().Elem())
	}
	slot.Elem().Set(v)
	if !strings.HasPrefix(fn.Name, child.LiteralPrefix) {
		s.known.declare(fn, slot.Elem(), p)
		return nil
	}
	forgotten := s.known.declareFree(fn, slot.Elem(), p)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.storage, forgotten)
	return nil
}

// Stop interrupts a cell and the goroutines that it started.
func (s *Session) Stop(id int) {
	s.mu.Lock()
	c := s.running[id]
	s.mu.Unlock()
	if c != nil {
		s.halt(c, &child.Failure{Name: interrupt, Value: "interrupted", Frames: c.waiting()})
		s.stdin.wake()
	}
}

// Goroutines lists those that user code started and that have not ended.
func (s *Session) Goroutines() []child.Goroutine {
	var out []child.Goroutine
	s.eachActive(func(c *cell) bool {
		for g := range c.live {
			if !g.main {
				out = append(out, child.Goroutine{Cell: c.n, Where: g.place(), State: g.state()})
			}
		}
		return true
	})
	return out
}

// state tells what g does, in a few words. g.cell is locked.
func (g *goroutine) state() string {
	for w := range g.cell.waits {
		if w.g == g {
			return w.state() + " at " + w.place()
		}
	}
	return "running"
}
