package interp

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"interleave/display"
	"interleave/interp/cell"
	"interleave/interp/check"
	"interleave/interp/exports"
	"interleave/interp/modules"
	"interleave/interp/process"
	programs "interleave/interp/program"
)

// goCommand is the go command for programs that are processes of their own.
func (e *Evaluator) goCommand() process.Go {
	g := process.Go{Sources: e.o.Sources, Module: e.programModule, Include: e.folder()}
	base := e.o.Cache
	if base == "" {
		base, _ = exports.Dir() // without one, nothing is kept
	}
	if base != "" {
		g.Cache = filepath.Join(base, "programs")
	}
	return g
}

// isProgram tells a cell that is a whole program.
func isProgram(c *cell.Cell) bool { return c.Package == "main" && len(c.Magics) == 0 }

// isMain tells the declaration of func main.
func isMain(n ast.Node) bool {
	fn, ok := n.(*ast.FuncDecl)
	return ok && fn.Recv == nil && fn.Name.Name == "main"
}

// runWhole builds a cell that is a program, and runs it. It sees nothing of the
// session, and declares nothing.
func (e *Evaluator) runWhole(ctx context.Context, c *cell.Cell, req Request, out Output) error {
	e.note(req)
	main := false
	for _, it := range c.Items {
		main = main || isMain(it.Node)
	}
	if !main {
		return e.compileError(cell.NewErrors(c.Src, []cell.Diagnostic{c.DiagnosticAt(1, 1, "function main is undeclared in the main package")}), req)
	}
	src := fmt.Sprintf("//line cell %d:1:1\n%s", c.N, c.Src)
	exe, done, err := e.goCommand().Build(ctx, map[string]string{"main.go": src})
	if err != nil {
		return e.programError(err, c, req)
	}
	defer done()
	res, err := process.Run(ctx, e.command(exe), out, true)
	if err != nil {
		return &Error{Name: "BuildError", Value: err.Error()}
	}
	return e.ended(res)
}

// note keeps the source of a cell, for messages.
func (e *Evaluator) note(req Request) {
	e.mu.Lock()
	e.state.sources[req.Count] = req.Code
	e.mu.Unlock()
}

// command makes a command that runs where cells run.
func (e *Evaluator) command(exe string) *exec.Cmd {
	cmd := exec.Command(exe)
	cmd.Dir = e.o.Dir
	return cmd
}

// programError words why a program could not be built.
func (e *Evaluator) programError(err error, c *cell.Cell, req Request) error {
	var wrong *process.BuildError
	var refusal *programs.Refusal
	var module *modules.Error
	switch {
	case errors.Is(err, context.Canceled):
		return interruptedBuild()
	case errors.As(err, &module) && len(c.Imports) > 0:
		return e.compileError(importError(c, module), req)
	case errors.As(err, &refusal):
		text := refusal.Error()
		return &Error{Name: "CompileError", Value: text, Traceback: []string{red(text)}}
	case errors.As(err, &wrong):
		if list := diagnosticsIn(wrong.Text, c); len(list) > 0 {
			return e.compileError(cell.NewErrors(c.Src, list), req)
		}
		text := strings.TrimSpace(process.InCells(withoutHeads(wrong.Text)))
		return &Error{Name: "CompileError", Value: text, Traceback: []string{red(text)}}
	}
	return &Error{Name: "BuildError", Value: err.Error(), Traceback: []string{red("BuildError: ") + err.Error()}}
}

// withoutHeads takes out the lines that name packages.
func withoutHeads(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "# ") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// dyingWords is what a Go runtime writes first when it dies.
var dyingWords = regexp.MustCompile(`(?m)^(panic|fatal error): (.*)$`)

// ended words how a process ended; nil where that was well.
func (e *Evaluator) ended(res *process.Result) error {
	var out *Error
	m := dyingWords.FindStringSubmatch(res.Stderr)
	switch {
	case res.Killed:
		out = &Error{Name: "Interrupt", Value: fmt.Sprintf("interrupted; the program did not end within %v and was killed", process.Patience)}
	case res.Interrupted:
		out = &Error{Name: "Interrupt", Value: "interrupted"}
	case res.Signal != 0:
		out = &Error{Name: "Killed", Value: "the program was killed by " + res.SignalName()}
	case res.Status == 2 && inC(res.Stderr) != "":
		out = &Error{Name: "Killed", Value: "the program was " + inC(res.Stderr)}
	case res.Status == 2 && m != nil:
		out = &Error{Name: m[1], Value: m[2]}
	case res.Status != 0:
		out = &Error{Name: "exit", Value: fmt.Sprintf("exit status %d", res.Status)}
	default:
		return nil
	}
	out.Traceback = append([]string{red(out.Name+": ") + out.Value}, e.programFrames(res.Stderr, m)...)
	return out
}

var (
	signalWords = regexp.MustCompile(`(?m)^(SIG[A-Z]+): .*$`)
	calledC     = regexp.MustCompile(`\._C2?func_(\w+)\(`)
	cellLine    = regexp.MustCompile(`cell \d+:\d+`)
)

// inC tells from a trace that a signal came while C ran, and what called it: "killed
// by SIGSEGV in C code below C.f, called from cell 3:5"; "" where none did.
func inC(stderr string) string {
	m := signalWords.FindStringSubmatchIndex(stderr)
	if m == nil || !strings.Contains(stderr[m[0]:], "signal arrived during cgo execution") {
		return ""
	}
	text := "killed by " + stderr[m[2]:m[3]] + " in C code"
	_, trace, _ := strings.Cut(stderr[m[0]:], "\n\ngoroutine ")
	trace, _, _ = strings.Cut(trace, "\n\n")
	if f := calledC.FindStringSubmatch(trace); f != nil {
		text += " below C." + f[1]
	}
	if at := cellLine.FindString(trace); at != "" {
		text += ", called from " + at
	}
	return text
}

var traceLine = regexp.MustCompile(`(?m)^\t(cell \d+:\d+)(?: |$)`)

// programFrames are the lines of cells in the first goroutine of a trace.
func (e *Evaluator) programFrames(stderr string, words []string) []string {
	if words == nil {
		return nil
	}
	_, trace, _ := strings.Cut(stderr, words[0])
	_, trace, _ = strings.Cut(trace, "\n\ngoroutine ")
	trace, _, _ = strings.Cut(trace, "\n\n")
	var frames []string
	for _, m := range traceLine.FindAllStringSubmatch(trace, -1) {
		frames = append(frames, m[1])
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.frameLines(slices.Compact(frames))
}

// body parses the cell below the line of a magic; lines keep their numbers.
func (e *Evaluator) body(m cell.Magic) (*cell.Cell, Request, error) {
	req := Request{Code: m.Src, Count: m.N}
	if !m.Cell {
		return nil, req, &Error{Name: "MagicError", Value: fmt.Sprintf("line %d: %%%%%s is the first line of a cell", m.Line, m.Name)}
	}
	e.note(req)
	c, err := cell.Parse(m.N, strings.Repeat("\n", m.Line)+m.Body)
	if err != nil {
		return nil, req, e.compileError(err, req)
	}
	if len(c.Items) == 0 {
		return nil, req, &Error{Name: "MagicError", Value: fmt.Sprintf("%%%%%s: there is nothing below it to run", m.Name)}
	}
	return c, req, nil
}

// noArguments refuses what stands behind the name of a magic that takes nothing.
func noArguments(m cell.Magic) error {
	if m.Args == "" {
		return nil
	}
	return &Error{Name: "MagicError", Value: fmt.Sprintf("line %d: %%%%%s takes no arguments: %s", m.Line, m.Name, m.Args)}
}

// asProgram checks a cell against the session, and makes a program of it and what it
// uses of the session.
func (e *Evaluator) asProgram(ctx context.Context, c *cell.Cell, req Request, out Output, make func(*check.Checked, programs.Lookup) (*programs.Program, error)) (*programs.Program, error) {
	e.preparing.Lock()
	defer e.preparing.Unlock()
	if err := e.need(ctx, c, out); err != nil {
		return nil, e.compileError(err, req)
	}
	ctypes, err := e.typesOfC(ctx, c, req)
	if err != nil {
		return nil, err
	}
	checked, err := e.session.CheckC(c, ctypes)
	if err != nil {
		return nil, e.compileError(err, req)
	}
	p, err := make(checked, e.session.Lookup)
	if err != nil {
		return nil, e.programError(err, c, req)
	}
	return p, nil
}

// startsAnew tells which variables do not have the values of the session.
func startsAnew(p *programs.Program, out Output) {
	if len(p.Vars) > 0 {
		out.Stream("stdout", "note: this is a process of its own: variables start as their cells declare them, not with their values in the session: "+strings.Join(p.Vars, ", ")+"\n")
	}
}

// noteAfter is how long a build takes at least that a note is made about.
const noteAfter = 3 * time.Second

// race runs a cell under the race detector, and reports what that found.
func (e *Evaluator) race(ctx context.Context, m cell.Magic, out Output) (*display.Bundle, error) {
	c, req, err := e.body(m)
	if err == nil {
		err = noArguments(m)
	}
	if err != nil {
		return nil, err
	}
	p, err := e.asProgram(ctx, c, req, out, programs.Main)
	if err != nil {
		return nil, err
	}
	if cc := ccompiler(); cc != "" {
		return nil, &Error{Name: "NoCompiler", Value: "%%race: " + cc}
	}
	slow := time.AfterFunc(noteAfter, func() { e.o.Note("%%race: the first time, the library is compiled for the race detector") })
	defer slow.Stop()
	exe, done, err := e.goCommand().Build(ctx, p.Files, "-race")
	if err != nil {
		return nil, e.programError(err, c, req)
	}
	defer done()
	startsAnew(p, out)
	dir, err := os.MkdirTemp("", "interleave-race-")
	if err != nil {
		return nil, &Error{Name: "BuildError", Value: err.Error()}
	}
	defer os.RemoveAll(dir)
	cmd := e.command(exe)
	cmd.Env = append(os.Environ(), "GORACE=halt_on_error=0 exitcode=66 log_path="+filepath.Join(dir, "race"))
	res, err := process.Run(ctx, cmd, out, true)
	if err != nil {
		return nil, &Error{Name: "BuildError", Value: err.Error()}
	}
	races := process.Races(dir)
	e.showRaces(races, out)
	const found = 66 // the exit status that GORACE asks for
	if len(races) > 0 && (res.Status == found || res.Status == 0) && res.Signal == 0 && !res.Interrupted {
		value := fmt.Sprintf("%d data races", len(races))
		if len(races) == 1 {
			value = "1 data race"
		}
		return nil, &Error{Name: "DataRace", Value: value, Traceback: []string{red("DataRace: ") + value}}
	}
	return nil, e.ended(res)
}

// ccompiler says what to install where there is no C compiler.
func ccompiler() string {
	cc := "gcc"
	if words := strings.Fields(os.Getenv("CC")); len(words) > 0 {
		cc = words[0]
	}
	if _, err := exec.LookPath(cc); err != nil {
		return fmt.Sprintf("C compiler: %s not found on PATH: install gcc", cc)
	}
	return ""
}

// showRaces prints each race, with the lines of the cells.
func (e *Evaluator) showRaces(races []process.Race, out Output) {
	if len(races) == 0 {
		out.Stream("stdout", "no data races found\n")
		return
	}
	e.mu.Lock()
	var b strings.Builder
	for i, r := range races {
		fmt.Fprintf(&b, "data race %d of %d\n", i+1, len(races))
		for _, at := range r {
			fmt.Fprintf(&b, "  %s\n", at)
			if line := e.sourceLine(at.Where + ":"); at.Where != "" && line != "" {
				fmt.Fprintf(&b, "      %s\n", line)
			}
		}
	}
	e.mu.Unlock()
	out.Stream("stdout", b.String())
}
