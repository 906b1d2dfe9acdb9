package interp

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"interleave/display"
	"interleave/interp/cell"
	"interleave/interp/child"
)

// A magic is a line that starts with % or !.
type magic struct {
	help string
	run  func(e *Evaluator, ctx context.Context, m cell.Magic, out Output) (*display.Bundle, error)
}

// magics is the one table of all magics.
func magics() map[string]magic {
	return map[string]magic{
		"config":      {"shows the settings of the session; %config stop_checks=off changes one", (*Evaluator).config},
		"cpp":         {"%%cpp as the first line: the cell is C++; Go calls its extern \"C\" functions by way of import \"C\"", (*Evaluator).cpp},
		"goroutines":  {"lists the goroutines that cells started and that still run", (*Evaluator).goroutines},
		"help":        {"lists the magics; %help NAME, or %NAME?, tells of one", (*Evaluator).help},
		"require":     {"PATH@VERSION: pins modules; alone it lists those of the session", (*Evaluator).require},
		"race":        {"%%race as the first line: the cell runs as a program under the race detector", (*Evaluator).race},
		"test":        {"%%test ARGUMENTS as the first line: go test runs the Test, Benchmark, Fuzz and Example functions of the cell", (*Evaluator).test},
		"reset":       {"starts a new session: all names and values are gone", (*Evaluator).reset},
		"tier":        {"tells how the last cell ran, and why", (*Evaluator).tier},
		"native":      {"%%native as the first line: the cell is compiled", misplaced},
		"interpreted": {"%%interpreted as the first line: the cell is interpreted, or refused where that is not exact", misplaced},
		"who":         {"lists the variables of the session", (*Evaluator).who},
		"!":           {"runs the rest of the line in a shell", (*Evaluator).shell},
		"?":           {"NAME? or ?NAME tells what NAME is", (*Evaluator).question},
		"??":          {"NAME?? or ??NAME tells all that is known of NAME", (*Evaluator).question},
	}
}

// magicHelp is the help of the magics that may stand after %, by their names.
func magicHelp() map[string]string {
	out := map[string]string{}
	for name, m := range magics() {
		if !isSign(name) {
			out[name] = m.help
		}
	}
	return out
}

// isSign tells a magic that is a sign of its own from one whose name stands after %.
func isSign(name string) bool { return strings.Trim(name, "!?") == "" }

// question shows the documentation of a name.
func (e *Evaluator) question(_ context.Context, m cell.Magic, out Output) (*display.Bundle, error) {
	markdown, text, found := e.Inspect(m.Args, len(m.Args), len(m.Name)-1)
	if !found {
		return nil, &Error{Name: "MagicError", Value: fmt.Sprintf("line %d: %s: nothing is known of that name; import its package or run its cell first", m.Line, m.Args)}
	}
	b := display.Bundle{Data: map[string]any{"text/plain": text, "text/markdown": markdown}}
	if p, ok := out.(Pager); ok {
		p.Page(b)
	} else {
		out.Display(b, "", false)
	}
	return nil, nil
}

// magic runs one of them. %NAME? asks for its help.
func (e *Evaluator) magic(ctx context.Context, m cell.Magic, out Output) (*display.Bundle, error) {
	if name := strings.TrimRight(m.Name, "?"); name != "" && name != m.Name {
		m.Name, m.Args = "help", name
	}
	known, ok := magics()[m.Name]
	if !ok {
		return nil, noMagic(m, m.Name)
	}
	return known.run(e, ctx, m, out)
}

func noMagic(m cell.Magic, name string) error {
	return &Error{Name: "MagicError", Value: fmt.Sprintf("line %d: no magic %%%s; %%help lists them", m.Line, name)}
}

// pages says where more is told. The clone may have gone: there is no other address.
const pages = `More of them, with examples, in docs/magics.md of the clone that the kernel was built from. Beside it:
docs/display.md on showing things, docs/demos.md on doing more at once, docs/teaching.md, docs/deploying.md.
In a shell, "interleave doctor" tells what is missing on this machine, "interleave help" what else there is.
`

// help tells of all magics, or of one.
func (e *Evaluator) help(_ context.Context, asked cell.Magic, out Output) (*display.Bundle, error) {
	line := func(name, help string) string {
		if !isSign(name) {
			name = "%" + name
		}
		return fmt.Sprintf("%-12s %s", name, help)
	}
	if name := strings.TrimLeft(asked.Args, "%"); name != "" {
		m, ok := magics()[name]
		if !ok {
			return nil, noMagic(asked, name)
		}
		out.Stream("stdout", line(name, m.help)+"\n")
		return nil, nil
	}
	var lines []string
	for name, m := range magics() {
		lines = append(lines, line(name, m.help))
	}
	slices.Sort(lines)
	out.Stream("stdout", strings.Join(lines, "\n")+"\n\n"+pages)
	return nil, nil
}

func (e *Evaluator) who(_ context.Context, _ cell.Magic, out Output) (*display.Bundle, error) {
	e.mu.Lock()
	names := e.state.varNames()
	e.mu.Unlock()
	if len(names) == 0 {
		names = []string{"no variables"}
	}
	out.Stream("stdout", strings.Join(names, " ")+"\n")
	return nil, nil
}

// misplaced is an error: forced takes such a line off where it has its place.
func misplaced(_ *Evaluator, _ context.Context, m cell.Magic, _ Output) (*display.Bundle, error) {
	return nil, &Error{Name: "MagicError", Value: fmt.Sprintf("line %d: %%%%%s is the first line of a cell, and the only such line", m.Line, m.Name)}
}

func (e *Evaluator) tier(_ context.Context, _ cell.Magic, out Output) (*display.Bundle, error) {
	e.mu.Lock()
	text := e.choice.String()
	e.mu.Unlock()
	out.Stream("stdout", text+"\n")
	return nil, nil
}

// listing is how long %goroutines waits for the child.
const listing = 2 * time.Second

func (e *Evaluator) goroutines(ctx context.Context, _ cell.Magic, out Output) (*display.Bundle, error) {
	ch := make(chan []child.Goroutine, 1)
	e.mu.Lock()
	e.state.listing = ch
	e.child.Send(child.Request{Kind: child.List})
	e.mu.Unlock()
	select {
	case list := <-ch:
		out.Stream("stdout", goroutineLines(list))
		return nil, nil
	case <-time.After(listing):
		return nil, &Error{Name: "EvaluatorError", Value: "the evaluator process does not answer"}
	}
}

func goroutineLines(list []child.Goroutine) string {
	var b strings.Builder
	switch len(list) {
	case 0:
		b.WriteString("no goroutines are running\n")
	case 1:
		b.WriteString("1 goroutine still running\n")
	default:
		fmt.Fprintf(&b, "%d goroutines still running\n", len(list))
	}
	slices.SortFunc(list, func(a, b child.Goroutine) int { return a.Cell - b.Cell })
	for _, g := range list {
		fmt.Fprintf(&b, "  started at %s: %s\n", g.Where, g.State)
	}
	return b.String()
}

// listed takes the child's answer to %goroutines.
func (e *Evaluator) listed(list []child.Goroutine) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state.listing != nil {
		e.state.listing <- list
		e.state.listing = nil
	}
}

func (e *Evaluator) reset(context.Context, cell.Magic, Output) (*display.Bundle, error) {
	e.mu.Lock()
	c, gen := e.child, e.gen
	e.mu.Unlock()
	c.Kill()
	<-c.Dead()
	e.preparing.Lock()
	defer e.preparing.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.crashed(c, gen, c.Crash())
	e.state = newState()
	e.earlier, e.earlierKeys = map[string]earlier{}, nil
	defer e.compiler.modules.Close()
	e.newSession()
	e.warmed = false
	return nil, nil
}

// shell runs a command; what it prints is the cell's output.
func (e *Evaluator) shell(ctx context.Context, m cell.Magic, out Output) (*display.Bundle, error) {
	cmd := exec.CommandContext(ctx, "sh", "-c", m.Args)
	cmd.Dir = e.o.Dir
	cmd.Stdout = streamWriter{out, "stdout"}
	cmd.Stderr = streamWriter{out, "stderr"}
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		return nil, &Error{Name: "ShellError", Value: fmt.Sprintf("line %d: %s: %v", m.Line, m.Args, err)}
	}
	return nil, nil
}

type streamWriter struct {
	out  Output
	name string
}

func (w streamWriter) Write(b []byte) (int, error) {
	w.out.Stream(w.name, strings.ToValidUTF8(string(b), "\ufffd"))
	return len(b), nil
}
