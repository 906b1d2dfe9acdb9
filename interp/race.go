package interp

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"interleave/display"
	"interleave/interp/cell"
	"interleave/interp/process"
	programs "interleave/interp/program"
)

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
	d, err := e.detect(ctx, c, req, out, detectOptions{})
	if err != nil {
		return nil, err
	}
	res, races := d.res, d.races
	if ended := res.Status == 0 && res.Signal == 0 && !res.Interrupted; ended || len(races) > 0 {
		e.showRaces(races, out)
	}
	const found = 66 // the exit status that GORACE asks for
	if len(races) > 0 && (res.Status == found || res.Status == 0) && res.Signal == 0 && !res.Interrupted {
		value := countRaces(races)
		return nil, &Error{Name: "DataRace", Value: value, Traceback: []string{red("DataRace: ") + value}}
	}
	return nil, e.ended(res)
}

// detectOptions say how a cell is run under the race detector.
type detectOptions struct {
	limit time.Duration // after which it is interrupted; 0: none
	quiet bool          // what it prints is dropped
	env   string        // one variable more; "": none
}

// detected is what came of a cell under the race detector.
type detected struct {
	program *programs.Program
	res     *process.Result
	races   []process.Race
	late    bool // it was interrupted at the limit
}

// detect builds a program of a cell and what it uses of the session, and runs it under
// the race detector.
func (e *Evaluator) detect(ctx context.Context, c *cell.Cell, req Request, out Output, o detectOptions) (*detected, error) {
	p, embedded, err := e.asProgram(ctx, c, req, out, programs.Raced)
	if err != nil {
		return nil, err
	}
	if cc := ccompiler(); cc != "" {
		return nil, &Error{Name: "NoCompiler", Value: "%%race: " + cc}
	}
	slow := time.AfterFunc(noteAfter, func() { e.o.Note("%%race: the first time, the library is compiled for the race detector") })
	exe, done, err := e.goCommand(embedded).Build(ctx, p.Files, "-race")
	slow.Stop()
	if err != nil {
		return nil, e.programError(err, c, req)
	}
	defer done()
	var to process.Output = silence{}
	if !o.quiet {
		startsAnew(p, out)
		to = out
	}
	dir, err := os.MkdirTemp("", "interleave-race-")
	if err != nil {
		return nil, &Error{Name: "BuildError", Value: err.Error()}
	}
	defer os.RemoveAll(dir)
	cmd := e.command(exe)
	cmd.Env = append(os.Environ(), "GORACE=halt_on_error=0 exitcode=66 log_path="+filepath.Join(dir, "race"))
	if o.env != "" {
		cmd.Env = append(cmd.Env, o.env)
	}
	limited := ctx
	if o.limit > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, o.limit)
		defer cancel()
	}
	res, err := process.Run(limited, cmd, to, !o.quiet)
	if err != nil {
		return nil, &Error{Name: "BuildError", Value: err.Error()}
	}
	return &detected{p, res, process.Races(dir), limited.Err() != nil}, nil
}

// countRaces is "1 data race" or "2 data races".
func countRaces(races []process.Race) string {
	if len(races) == 1 {
		return "1 data race"
	}
	return fmt.Sprintf("%d data races", len(races))
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
