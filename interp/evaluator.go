package interp

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"

	"interleave/demos/worker"
	"interleave/display"
	"interleave/interp/cell"
	"interleave/interp/check"
	"interleave/interp/child"
	"interleave/interp/eval"
	"interleave/interp/exports"
	"interleave/interp/native/build"
)

// Options tell how an Evaluator works. The zero value works.
type Options struct {
	Binary  string               // program started again as the child; empty: this one
	Dir     string               // working directory of the child; empty: this process's
	Memory  int64                // limit of the child's data in bytes; 0: none
	Cache   string               // folder of the prepared export data; empty: the user's
	Sources map[string]fs.FS     // packages to be checked from source, by import path
	Tier    Tier                 // how cells run
	Pins    func() (Pins, error) // versions of modules that the notebook names; nil: none
	Note    func(string)         // takes a line when something slow is done; nil: nowhere

	trial bool // cells are linked against this program though that was not verified
}

// An Evaluator runs cells. All its methods may be called at the same time; cells
// that are run at the same time share the session.
type Evaluator struct {
	o   Options
	own bool // the child is this program

	// preparing is held while a cell is checked and compiled, and when what it
	// declared becomes known. It is taken before mu.
	preparing   sync.Mutex
	compiler    *compiler
	warmed      bool               // compiler was told to get ready
	earlier     map[string]earlier // compiled cells by what makes them do the same again
	earlierKeys []string           // those of earlier, the oldest first
	told        bool               // that there is none
	locating    bool               // cells have what tells where it is called

	mu      sync.Mutex     // guards what follows; held for moments only
	session *check.Session // replaced with both held
	choice  choice         // of the last cell
	state   state
	child   *child.Child
	gen     int // of the child
	runs    map[int]*run
	lastRun int
	front   *run // has, or had last, the foreground
	closed  bool
}

// New makes an Evaluator and starts its child in the background.
func New(o Options) (*Evaluator, error) {
	own := o.Binary == ""
	if own {
		exe, err := os.Executable()
		if err != nil {
			return nil, err
		}
		o.Binary = exe
	}
	if o.Note == nil {
		o.Note = func(string) {}
	}
	e := &Evaluator{o: o, own: own, runs: map[int]*run{}, state: newState(), earlier: map[string]earlier{}}
	e.newSession()
	e.mu.Lock()
	defer e.mu.Unlock()
	return e, e.start()
}

// newSession begins a session without names and modules.
func (e *Evaluator) newSession() {
	e.locating = false
	e.compiler = newCompiler(e.o, e.isStd)
	e.session = check.NewSession(check.Options{Exports: e.exports, Sources: e.o.Sources, Modules: e.compiler.modules, Magics: magicNames()})
}

// exports opens the export data of the standard library, prepared where it is
// missing or damaged.
func (e *Evaluator) exports() (*exports.Table, error) {
	shipped := exports.Beside(e.o.Binary)
	t, err := exports.OpenShipped(e.o.Cache, shipped)
	if err == nil {
		return t, nil
	}
	if _, cannot := exports.Prepare(context.Background(), e.o.Cache, e.o.Note); cannot != nil {
		if !errors.Is(err, exports.ErrMissing) {
			return nil, err // it says what is there, and damaged
		}
		return nil, cannot
	}
	return exports.OpenShipped(e.o.Cache, shipped)
}

// Prepare makes what cells need of the standard library, once a toolchain: export
// data, and archives for compiled cells where there is a compiler.
func Prepare(ctx context.Context, sources map[string]fs.FS, progress func(string)) error {
	table, err := exports.Prepare(ctx, "", progress)
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err == nil {
		err = exports.Ship(table, exports.Beside(program))
	}
	if err != nil {
		progress("only where Go is installed will this program run cells: " + err.Error())
	}
	c := newCompiler(Options{Sources: sources, Note: progress}, nil)
	if err := c.ready(ctx); err != nil {
		progress("cells will be interpreted only: " + err.Error())
		return nil
	}
	if err := c.verify(ctx); err != nil {
		progress("compiled cells get a copy of the library, which takes longer: " + err.Error())
	}
	return ctx.Err()
}

// Child is the evaluator child's whole life.
func Child() error { return child.Serve(eval.New) }

// ToolexecRole is the first argument with which the go command starts this program
// to be a compiler of modules; Toolexec, with the others, is that.
const ToolexecRole = build.ToolexecRole

// Toolexec returns only with an error.
func Toolexec(args []string) error { return build.Toolexec(args) }

// Worker is the whole life of a worker process of package demos.
func Worker() error { return worker.Serve(eval.NewWorker()) }

// Eval runs a cell. The bundle is nil where there is no value to show. Cancelling
// ctx interrupts the cell and the goroutines that it started; what does not stop
// within two seconds is killed, and a new child started.
//
// A panic of what checks, rewrites or compiles cells is a fault of ours, and an error
// of the cell.
func (e *Evaluator) Eval(ctx context.Context, req Request, out Output) (b *display.Bundle, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			b, err = nil, e.fault(fault, req)
		}
	}()
	c, err := cell.Parse(req.Count, req.Code)
	tier := e.o.Tier
	if err == nil {
		c, tier, err = e.forced(c)
	}
	if err != nil {
		return nil, e.compileError(err, req)
	}
	if what := neverInterpreted(c); tier == exactly && what != "" {
		return nil, notInterpreted(what)
	}
	if isProgram(c) {
		return nil, e.runWhole(ctx, c, req, out)
	}
	var shown *display.Bundle
	for _, m := range c.Magics {
		b, err := e.magic(ctx, m, out)
		if err != nil {
			return nil, err
		}
		if b != nil {
			shown = b
		}
	}
	if len(c.Items) == 0 && len(c.Imports) == 0 {
		return shown, nil
	}
	return e.evalCell(ctx, c, tier, req, out)
}

// EvalExpr gives the value of an expression, for user_expressions.
func (e *Evaluator) EvalExpr(ctx context.Context, expr string, out Output) (*display.Bundle, error) {
	b, err := e.Eval(ctx, Request{Code: expr}, out)
	if err == nil && b == nil {
		err = &Error{Name: "ValueError", Value: "no value: " + expr}
	}
	return b, err
}

// Complete offers what may stand at offset, a byte offset in code. It never
// waits for a running cell.
func (e *Evaluator) Complete(code string, offset int) check.Completion {
	return e.theSession().Complete(goBody(code, offset), offset)
}

// Inspect tells about the name at offset.
func (e *Evaluator) Inspect(code string, offset, detail int) (markdown, text string, found bool) {
	return e.theSession().Inspect(goBody(code, offset), offset, detail)
}

func (e *Evaluator) theSession() *check.Session {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.session
}

// IsComplete tells whether code is "complete", "incomplete" (with the indent of
// the next line) or "invalid".
func (e *Evaluator) IsComplete(code string) (status, indent string) {
	return cell.Complete(goBody(code, len(code)))
}

// Kill ends the child at once. Running cells fail; values are lost.
func (e *Evaluator) Kill() {
	e.mu.Lock()
	c := e.child
	e.mu.Unlock()
	if c != nil {
		c.Kill()
	}
}

// Close ends the child and all that it started.
func (e *Evaluator) Close() {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return
	}
	e.closed = true
	c, modules := e.child, e.compiler.modules
	e.mu.Unlock()
	defer modules.Close()
	if c == nil {
		return
	}
	c.Kill()
	select {
	case <-c.Dead():
	case <-time.After(time.Second): // a process that cannot be reaped is not waited for
	}
}
