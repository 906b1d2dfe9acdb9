package interp

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"interleave/display"
	"interleave/interp/cell"
	"interleave/interp/check"
	"interleave/interp/child"
	"interleave/interp/native/build"
	"interleave/interp/native/source"
	"interleave/interp/rewrite"
)

// A Tier says how cells run.
type Tier int

// The tiers. A cell that the interpreter does not do as Go does is compiled in
// any tier.
const (
	// Auto answers a constant, and interprets what the interpreter does exactly, unless
	// it declares functions or may loop often, which may be hot: those are compiled
	// where a compiler is ready.
	Auto Tier = iota
	// Interpreted interprets all that the interpreter does exactly.
	Interpreted
	// Native compiles every cell.
	Native
	// exactly interprets a cell, or is an error: what %%interpreted asks for.
	exactly
)

// choice is how a cell was run, and why.
type choice struct {
	native  bool
	foreign bool // and only for its types, which the interpreter would have made
	checked bool // not run at all
	why     string
	what    string        // of a cell that the interpreter does not do: a construct, and where it is
	linked  *build.Plugin // of a compiled cell, where it is known
}

func (c choice) String() string {
	switch {
	case c.checked:
		return "checked: " + c.why
	case c.native:
		return "compiled: " + c.why + c.link()
	}
	return "interpreted: " + c.why
}

// link tells how a compiled cell was linked, as a line more.
func (c choice) link() string {
	if c.linked == nil {
		return ""
	}
	return "\n" + c.linked.How()
}

// A made program is ready to run. The unit is nil where it is interpreted; where
// there is a value, there is nothing to run.
type made struct {
	program *child.Program
	unit    *source.Unit
	value   *display.Bundle

	again  int    // the number that the cell had when it was compiled, where it runs again as it is; else 0
	key    string // see againKey
	choice choice
}

// program makes a program of a checked cell: for the interpreter or by the
// compiler. e.preparing is held.
func (e *Evaluator) program(ctx context.Context, c *check.Checked, tier Tier, out Output) (made, error) {
	if c.Constant != nil && tier == Auto {
		e.chosen(choice{checked: true, why: "a constant is known without running"})
		return made{value: &display.Bundle{Data: map[string]any{"text/plain": display.Plain(c.Constant)}}}, nil
	}
	p, err := rewrite.Program(c)
	ch := e.choose(c, tier, err)
	if ch.native && tier == exactly && e.compiler.lack() == nil {
		return made{}, notInterpreted(ch.what)
	}
	e.chosen(ch)
	if !ch.native {
		return made{program: told(c, p)}, nil
	}
	if err := e.compiler.ready(ctx); err != nil {
		if ch.foreign && ctx.Err() == nil {
			e.chosen(choice{why: "there is no compiler"})
			return made{program: told(c, p)}, nil
		}
		return made{}, noCompiler(err, ch.why)
	}
	embed, err := e.embedded(c)
	if err != nil {
		return made{}, e.compileError(err, Request{})
	}
	p, unit, plugin, err := e.compiler.program(ctx, c, embed)
	if err != nil && c.C != nil {
		return made{}, err // cError words it
	}
	if err != nil {
		return made{}, buildError(err)
	}
	ch.linked = plugin
	e.chosen(ch)
	for _, note := range append(c.Notes, unit.Notes...) {
		out.Stream("stdout", "note: "+note+"\n")
	}
	return made{program: told(c, p), unit: unit, choice: ch}, nil
}

// notInterpreted words that a cell begins with %%interpreted and cannot be. what is
// the construct, after its place.
func notInterpreted(what string) error {
	text := what + ": the interpreter does not do this exactly as Go does: begin the cell with %%native, or take the line %%interpreted away"
	return &Error{Name: "TierError", Value: text, Traceback: []string{red("TierError: ") + text}}
}

// neverInterpreted names what makes a cell one that the interpreter has no part in; ""
// for nothing.
func neverInterpreted(c *cell.Cell) string {
	for _, m := range c.Magics {
		if m.Cell {
			return fmt.Sprintf("cell %d:%d: %%%%%s", c.N, m.Line, m.Name)
		}
	}
	if isProgram(c) {
		return fmt.Sprintf("cell %d: a program", c.N)
	}
	return ""
}

// chosen notes how the cell is run, for %tier.
func (e *Evaluator) chosen(c choice) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.choice = c
}

// tiers are the cell magics that choose a tier.
var tiers = map[string]Tier{"native": Native, "interpreted": exactly}

// forced takes off the line of a magic that chooses a tier; the lines below
// keep their numbers.
func (e *Evaluator) forced(c *cell.Cell) (*cell.Cell, Tier, error) {
	for _, m := range c.Magics {
		if tier, ok := tiers[m.Name]; ok && m.Cell {
			c, err := cell.Parse(c.N, strings.Repeat("\n", m.Line)+m.Body)
			return c, tier, err
		}
	}
	return c, e.o.Tier, nil
}

// warm gets the compiler ready after the first cell, where that takes no more
// than reading what was prepared. e.preparing is held.
func (e *Evaluator) warm() {
	if e.warmed || e.o.Tier == Interpreted {
		return
	}
	e.warmed = true
	c := e.compiler
	go c.warm() // ends within a second or so
}

// tellLack tells once that there is no compiler. e.preparing is held.
func (e *Evaluator) tellLack(out Output) {
	if e.told || e.o.Tier == Interpreted {
		return
	}
	if err := e.compiler.lack(); err != nil {
		e.told = true
		progress(out)("note: cells are interpreted only, and what needs the compiler cannot run: " + err.Error())
	}
}

// choose chooses the tier of a cell. refused is the rewriter's error.
func (e *Evaluator) choose(c *check.Checked, tier Tier, refused error) choice {
	var r *rewrite.Refusal
	where := fmt.Sprintf("cell %d: ", c.Cell.N)
	switch {
	case c.C != nil:
		return choice{native: true, why: "it uses C", what: where + "C"}
	case errors.As(refused, &r):
		e.locating = e.locating || showsPlaces(c)
		return choice{native: true, why: r.Where + ": " + r.What, what: r.Where + ": " + r.What}
	case refused != nil:
		return choice{native: true, why: refused.Error(), what: where + refused.Error()}
	case tier == Native:
		return choice{native: true, why: "as asked"}
	}
	// Where nothing is compiled, nothing brings types.
	if t := rewrite.Foreign(c); t != "" && e.compiler.lack() == nil {
		return choice{native: true, foreign: true, why: "its type " + t + " is none that this program holds", what: where + "the type " + t}
	}
	if e.locating = e.locating || showsPlaces(c); e.locating && mayBePlaced(c) && e.compiler.lack() == nil {
		return choice{native: true, foreign: true, why: "what it calls may tell from where", what: where + "a call of what may tell from where"}
	}
	if tier == Interpreted || tier == exactly {
		return choice{why: "as asked, and exact"}
	}
	demos := e.session.HasImport("interleave/demos") || slices.Contains(slices.Collect(maps.Values(c.Imports)), "interleave/demos")
	hot := mayBeHot(c)
	if hot == "" && demos && hasLiteral(c.Cell) {
		hot = "it has a function literal, and demos need compiled ones"
	}
	switch {
	case hot == "":
		return choice{why: "statements, and no loop of many turns"}
	case demos && e.compiler.isPrepared(): // worth waiting for
		return choice{native: true, why: hot}
	case !e.compiler.isReady():
		return choice{why: "no compiler is ready"}
	}
	return choice{native: true, why: hot}
}
