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
	p, embedded, err := e.asProgram(ctx, c, req, out, programs.Main)
	if err != nil {
		return nil, err
	}
	if cc := ccompiler(); cc != "" {
		return nil, &Error{Name: "NoCompiler", Value: "%%race: " + cc}
	}
	slow := time.AfterFunc(noteAfter, func() { e.o.Note("%%race: the first time, the library is compiled for the race detector") })
	defer slow.Stop()
	exe, done, err := e.goCommand(embedded).Build(ctx, p.Files, "-race")
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
	if ended := res.Status == 0 && res.Signal == 0 && !res.Interrupted; ended || len(races) > 0 {
		e.showRaces(races, out)
	}
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
