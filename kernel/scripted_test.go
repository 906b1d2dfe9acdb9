package kernel

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"interleave/display"
	"interleave/interp"
	"interleave/interp/check"
)

// scripted is an evaluator whose cells say what it does, one command to a line;
// see commands.
type scripted struct {
	mu     sync.Mutex
	gates  map[string]chan struct{}
	killed chan struct{} // closed by Kill
	kills  int
	closed int
	counts []int // of the cells, in order
}

func newScripted() *scripted {
	return &scripted{gates: map[string]chan struct{}{}, killed: make(chan struct{})}
}

// gate gives a channel that the script waits for until the test closes it.
func (s *scripted) gate(name string) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gates[name] == nil {
		s.gates[name] = make(chan struct{})
	}
	return s.gates[name]
}

// saw gives how often cells were run, and Kill and Close called, so far.
func (s *scripted) saw() (cells, kills, closed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.counts), s.kills, s.closed
}

// call is one command that runs.
type call struct {
	*scripted
	ctx   context.Context
	out   interp.Output
	arg   string
	value *display.Bundle
}

var commands = map[string]func(*call) error{
	"":      func(*call) error { return nil },
	"value": func(c *call) error { b := display.Text(c.arg); c.value = &b; return nil },
	"print": func(c *call) error { c.out.Stream("stdout", c.arg+"\n"); return nil },
	"warn":  func(c *call) error { c.out.Stream("stderr", c.arg+"\n"); return nil },
	"fail": func(c *call) error {
		return fmt.Errorf("cell: %w", &interp.Error{Name: c.arg, Value: "it failed", Traceback: []string{"cell 1:1", "it failed"}})
	},
	"err":   func(c *call) error { return errors.New(c.arg) },
	"panic": func(c *call) error { panic(c.arg) },
	"wait": func(c *call) error { // for an interrupt
		<-c.ctx.Done()
		return &interp.Error{Name: "Interrupt", Value: "interrupted"}
	},
	"stuck": func(c *call) error { // until it is killed
		<-c.ctx.Done()
		c.out.Stream("stdout", "ignoring the interrupt\n")
		<-c.killed
		return &interp.Error{Name: "Killed", Value: "killed"}
	},
	"gate": func(c *call) error {
		select {
		case <-c.gate(c.arg):
			return nil
		case <-c.ctx.Done():
			return c.ctx.Err()
		}
	},
	"late": func(c *call) error { // prints and asks when the gate opens
		gate, out := c.gate(c.arg), c.out
		go func() {
			<-gate
			out.Stream("stdout", "LATE\n")
			_, err := out.Input("? ", false)
			out.Stream("stdout", err.Error()+"\n")
		}()
		return nil
	},
	"input":    func(c *call) error { return c.ask(false) },
	"password": func(c *call) error { return c.ask(true) },
	"show":     func(c *call) error { c.out.Display(display.Text("shown"), c.arg, false); return nil },
	"update":   func(c *call) error { c.out.Display(display.Text("updated"), c.arg, true); return nil },
	"clear":    func(c *call) error { c.out.Clear(c.arg == "wait"); return nil },
}

func (c *call) ask(password bool) error {
	line, err := c.out.Input(c.arg, password)
	if err == nil {
		c.out.Stream("stdout", "GOT"+line+"\n")
	}
	return err
}

func (s *scripted) run(ctx context.Context, code string, out interp.Output) (*display.Bundle, error) {
	c := &call{scripted: s, ctx: ctx, out: out}
	for line := range strings.Lines(code) {
		name, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
		command, ok := commands[name]
		if !ok {
			return nil, &interp.Error{Name: "CompileError", Value: "undefined: " + name}
		}
		c.arg = arg
		if err := command(c); err != nil {
			return nil, err
		}
	}
	return c.value, nil
}

func (s *scripted) Eval(ctx context.Context, r interp.Request, out interp.Output) (*display.Bundle, error) {
	s.mu.Lock()
	s.counts = append(s.counts, r.Count)
	s.mu.Unlock()
	return s.run(ctx, r.Code, out)
}

func (s *scripted) EvalExpr(ctx context.Context, expr string, out interp.Output) (*display.Bundle, error) {
	return s.run(ctx, expr, out)
}

// Complete completes the word before offset by two others.
func (s *scripted) Complete(code string, offset int) check.Completion {
	start := strings.LastIndexAny(code[:offset], " \n") + 1
	word := code[start:offset]
	return check.Completion{Start: start, End: offset, Matches: []check.Match{
		{Text: word + "Prefix", Type: "function", Detail: "func()"}, {Text: word + "Suffix", Type: "variable"}}}
}

// Inspect knows only the word at the very start.
func (s *scripted) Inspect(code string, offset, detail int) (markdown, text string, found bool) {
	if !strings.HasPrefix(code, "known") {
		return "", "", false
	}
	return fmt.Sprintf("`known` %d", offset), fmt.Sprintf("known, detail %d", detail), true
}

func (s *scripted) IsComplete(code string) (status, indent string) {
	return code, "\t" // so the code is the answer
}

func (s *scripted) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kills++; s.kills == 1 {
		close(s.killed)
	}
}

func (s *scripted) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed++
}
