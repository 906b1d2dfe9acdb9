package interp

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"interleave/interp/cachedir"
	"interleave/interp/cell"
	"interleave/interp/check"
	"interleave/interp/modules"
	"interleave/interp/process"
	programs "interleave/interp/program"
)

// goCommand is the go command for programs that are processes of their own, with the
// files that they embed.
func (e *Evaluator) goCommand(embedded map[string]string) process.Go {
	g := process.Go{Embedded: embedded, Sources: e.o.Sources, Module: e.programModule, Include: e.folder()}
	base := e.o.Cache
	if base == "" {
		base, _ = cachedir.Dir() // without one, nothing is kept
	}
	if base != "" {
		g.Cache = filepath.Join(base, "programs")
	}
	return g
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
	var faulty *cell.Errors
	switch {
	case errors.As(err, &faulty):
		return e.compileError(err, req)
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
		text := linkError(wrong.Text, c.N, e.isCPlusPlus)
		if text == "" {
			text = strings.TrimSpace(process.InCells(withoutHeads(wrong.Text)))
		}
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

// A maker makes a program of a checked cell.
type maker func(*check.Checked, programs.Lookup, programs.Embed) (*programs.Program, error)

// asProgram checks a cell against the session, and makes a program of it and what it
// uses of the session, and gives the files that it embeds.
func (e *Evaluator) asProgram(ctx context.Context, c *cell.Cell, req Request, out Output, make maker) (*programs.Program, map[string]string, error) {
	e.preparing.Lock()
	defer e.preparing.Unlock()
	if err := e.need(ctx, c, out); err != nil {
		return nil, nil, e.compileError(err, req)
	}
	checked, err := e.check(ctx, c, req)
	if err != nil {
		return nil, nil, err
	}
	files := e.embedder()
	p, err := make(checked, e.session.Lookup, files.variable)
	if err != nil {
		return nil, nil, e.programError(err, c, req)
	}
	for name, c := range p.C {
		p.Files[name] = e.compiler.cpp.link(p.Files[name], slices.Concat(c.Funcs, c.Vars))
	}
	return p, files.out.Files, nil
}

// startsAnew tells which variables do not have the values of the session.
func startsAnew(p *programs.Program, out Output) {
	if len(p.Vars) > 0 {
		out.Stream("stdout", "note: this is a process of its own: variables start as their cells declare them, not with their values in the session: "+strings.Join(p.Vars, ", ")+"\n")
	}
}
