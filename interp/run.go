package interp

import (
	"context"
	"errors"
	"os"
	"time"

	"interleave/display"
	"interleave/interp/cell"
	"interleave/interp/check"
	"interleave/interp/child"
)

// patience is how long an interrupted cell may take to end before the child is killed.
const patience = 2 * time.Second

// A run is a program in the child.
type run struct {
	id   int
	out  Output
	done chan *child.Result // gets the result, once
	over bool               // has ended; guarded by Evaluator.mu
}

// evalCell checks, rewrites, runs and commits a cell.
func (e *Evaluator) evalCell(ctx context.Context, c *cell.Cell, tier Tier, req Request, out Output) (*display.Bundle, error) {
	checked, made, err := e.prepare(ctx, c, tier, req, out)
	if err != nil {
		return nil, err
	}
	if made.value != nil {
		e.commit(checked, made, len(c.Items))
		return made.value, nil
	}
	if made.races {
		if made.program.Raced, err = e.raced(ctx, c, req, out); err != nil {
			return nil, err
		}
	}
	res, err := e.runMade(ctx, made, out)
	if err == nil && tier == Auto && made.unit == nil && notTaken(res) && e.compiler.lack() == nil {
		raced := made.program.Raced
		if made, err = e.instead(ctx, c, checked, out); err != nil {
			return nil, err
		}
		made.program.Raced = raced
		res, err = e.runMade(ctx, made, out)
	}
	if err != nil {
		return nil, err
	}
	at := checked.Cell
	switch {
	case made.again > 0:
		at = c
	case res.Loaded:
		e.commit(checked, made, res.Reached)
	}
	if res.Err != nil {
		return nil, e.failure(res.Err, at, res.Reached)
	}
	if res.Data == nil {
		return nil, nil
	}
	return &display.Bundle{Data: res.Data, Metadata: res.Metadata}, nil
}

// notTaken tells that the interpreter did not take a cell: nothing of it has run.
func notTaken(res *child.Result) bool {
	return !res.Loaded && res.Err != nil && res.Err.Name == child.NotTaken
}

// instead compiles a cell that the interpreter does not take, though it should.
func (e *Evaluator) instead(ctx context.Context, c *cell.Cell, checked *check.Checked, out Output) (made, error) {
	e.preparing.Lock()
	defer e.preparing.Unlock()
	m, err := e.program(ctx, checked, Native, out)
	if err != nil {
		return made{}, err
	}
	m.key, m.races, m.choice.why = e.againKey(c, Auto), asksForRaces(checked), "the interpreter does not take it"
	e.chosen(m.choice)
	return m, nil
}

// runMade runs what was made of a cell. The error is a crash, or one of building again
// what is gone.
func (e *Evaluator) runMade(ctx context.Context, m made, out Output) (*child.Result, error) {
	e.mu.Lock()
	needed, compiler := append(e.state.missing(m.program, e.gen), m.program), e.compiler
	e.mu.Unlock()
	if err := compiler.mend(ctx, needed); err != nil {
		return nil, buildError(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.runProgram(ctx, m.program, out)
}

// prepare checks a cell and makes a program of it. Cells of other subshells wait
// meanwhile; completion, output and running cells do not.
func (e *Evaluator) prepare(ctx context.Context, c *cell.Cell, tier Tier, req Request, out Output) (*check.Checked, made, error) {
	e.preparing.Lock()
	defer e.preparing.Unlock()
	e.mu.Lock()
	e.state.sources[req.Count] = req.Code
	e.mu.Unlock()
	if err := e.need(ctx, c, out); err != nil {
		e.tellLack(out)
		return nil, made{}, e.compileError(err, req)
	}
	if checked, m, ok := e.again(c, tier); ok {
		return checked, m, nil
	}
	checked, err := e.check(ctx, c, req)
	if err != nil || checked.Constant == nil { // to look for a compiler takes as long as a constant does
		e.tellLack(out)
	}
	if err != nil {
		return nil, made{}, err
	}
	m, err := e.program(ctx, checked, tier, out)
	m.key, m.races = e.againKey(c, tier), asksForRaces(checked)
	if err != nil && checked.C != nil {
		err = e.cError(err, c, req)
	}
	return checked, m, err
}

// check checks a cell, whose modules are there, against the session. The error is one
// of the cell. e.preparing is held.
func (e *Evaluator) check(ctx context.Context, c *cell.Cell, req Request) (*check.Checked, error) {
	ctypes, err := e.typesOfC(ctx, c, req)
	if err != nil {
		return nil, err
	}
	checked, err := e.session.CheckC(c, ctypes)
	if err != nil {
		return nil, e.compileError(err, req)
	}
	return checked, nil
}

// commit makes what the cell declared known to later cells.
func (e *Evaluator) commit(c *check.Checked, m made, reached int) {
	e.preparing.Lock()
	defer e.preparing.Unlock()
	if m.unit != nil {
		e.compiler.session.Commit(m.unit)
	}
	e.session.Commit(c, reached)
	if reached == len(c.Cell.Items) {
		e.keepEarlier(c, m)
	}
	e.session.Settle(c)
	e.warm()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.state.declared(c, m, reached)
}

// runProgram brings back the functions that p uses, and runs it. e.mu is held,
// but not while p runs. The error is a crash.
func (e *Evaluator) runProgram(ctx context.Context, p *child.Program, out Output) (*child.Result, error) {
	for _, old := range e.state.missing(p, e.gen) {
		if res, err := e.runOne(ctx, old, out); err != nil || !res.Loaded {
			return res, err
		}
	}
	return e.runOne(ctx, p, out)
}

func (e *Evaluator) runOne(ctx context.Context, p *child.Program, out Output) (*child.Result, error) {
	e.lastRun++
	p.ID = e.lastRun
	r := &run{id: p.ID, out: out, done: make(chan *child.Result, 1)}
	e.runs[p.ID] = r
	if p.Front = e.front == nil || e.front.over; p.Front {
		e.front = r
	}
	c, gen := e.child, e.gen
	if c == nil {
		return nil, &Error{Name: "EvaluatorError", Value: "the evaluator process cannot be started"}
	}
	c.Send(child.Request{Kind: child.Run, Program: p}) // a child that has died is seen below
	e.mu.Unlock()
	res, err := e.wait(ctx, c, r)
	e.mu.Lock()
	if err != nil {
		return nil, e.crashed(c, gen, err)
	}
	if res.Loaded {
		e.state.loaded(p, gen)
	}
	return res, nil
}

// wait waits for the end of r, and interrupts it when ctx is cancelled.
func (e *Evaluator) wait(ctx context.Context, c *child.Child, r *run) (*child.Result, error) {
	cancelled := ctx.Done()
	var late <-chan time.Time
	for {
		select {
		case res := <-r.done:
			e.finish(r)
			return res, nil
		case <-c.Dead():
			e.finish(r)
			select {
			case res := <-r.done: // it ended first
				return res, nil
			default:
			}
			return nil, c.Crash()
		case <-cancelled:
			cancelled = nil
			c.Send(child.Request{Kind: child.Stop, ID: r.id})
			late = time.After(patience)
		case <-late:
			c.Kill()
		}
	}
}

// finish marks r as ended. Its output is still its own.
func (e *Evaluator) finish(r *run) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r.over = true
}

// binary is the program to start as the child. Cells are linked against this very
// one; so it is this one also where another file has its name by now.
func (e *Evaluator) binary() string {
	const running = "/proc/self/exe" // where there is such a thing
	this, err := os.Stat(running)
	if !e.own || err != nil {
		return e.o.Binary
	}
	if named, err := os.Stat(e.o.Binary); err == nil && os.SameFile(this, named) {
		return e.o.Binary
	}
	return running
}

// start starts a child. e.mu is held.
func (e *Evaluator) start() error {
	e.gen++
	h := &handler{e: e, gen: e.gen}
	c, err := child.Start(child.Options{Binary: e.binary(), Dir: e.o.Dir, Memory: e.o.Memory}, h)
	if err != nil {
		e.child = nil
		return err
	}
	e.child = c
	gen := e.gen
	go e.mind(c, gen) // ends with the child
	return nil
}

// mind starts a new child when c dies with no cell running.
func (e *Evaluator) mind(c *child.Child, gen int) {
	<-c.Dead()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.crashed(c, gen, c.Crash())
}

// crashed words the crash of child generation gen, and starts the next one,
// once. e.mu is held.
func (e *Evaluator) crashed(c *child.Child, gen int, err error) error {
	var crash *child.Crash
	if !errors.As(err, &crash) {
		return err
	}
	if e.gen == gen && !e.closed {
		e.state.lose(e.session)
		if err := e.start(); err != nil {
			return &Error{Name: "EvaluatorError", Value: err.Error()}
		}
	}
	return e.crashError(crash, gen)
}

// A handler gives what the child sends to the cell that it belongs to.
type handler struct {
	e   *Evaluator
	gen int // of the child
}

func (h *handler) run(id int) *run {
	h.e.mu.Lock()
	defer h.e.mu.Unlock()
	if r := h.e.runs[id]; r != nil {
		return r
	}
	return h.e.front
}

// Output takes what was written to descriptor 1 or 2.
func (h *handler) Output(name, text string) {
	h.e.mu.Lock()
	r := h.e.front
	h.e.mu.Unlock()
	if r != nil {
		r.out.Stream(name, text)
	}
}

func (h *handler) Event(ev child.Event) {
	r := h.run(ev.Run)
	if r == nil {
		return
	}
	switch ev.Kind {
	case child.Stream:
		r.out.Stream(ev.Name, ev.Text)
	case child.Display:
		r.out.Display(display.Bundle{Data: ev.Data, Metadata: ev.Metadata}, ev.DisplayID, ev.Update)
	case child.Clear:
		r.out.Clear(ev.Wait)
	case child.Mapped:
		h.e.mu.Lock()
		h.e.state.mapped[mapping{h.gen, ev.Text}] = ev.Address
		h.e.mu.Unlock()
	case child.Done:
		r.done <- ev.Result
	case child.Listed:
		h.e.listed(ev.Goroutines)
	}
}

// Input asks the user, and answers the child.
func (h *handler) Input(c *child.Child, ev child.Event) {
	r := h.run(ev.Run)
	if r == nil {
		c.Answer(ev.Ack, "", refused(errors.New("nobody to ask")))
		return
	}
	text, err := r.out.Input(ev.Text, ev.Password)
	c.Answer(ev.Ack, text, refused(err))
}

// refused is the error of a cell that asked for input in vain; nil for none.
func refused(err error) *child.Failure {
	var named *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &named) && named.Name == "Interrupt": // it may come before the child is told to stop
		return &child.Failure{Name: "Interrupt", Value: "interrupted"}
	case named != nil:
		return &child.Failure{Name: "StdinNotImplementedError", Value: named.Value}
	}
	return &child.Failure{Name: "StdinNotImplementedError", Value: err.Error()}
}
