package interp

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"interleave/demos/grade"
	"interleave/interp/cell"
	"interleave/interp/check"
	"interleave/interp/child"
	"interleave/interp/process"
)

// raceLimit is how long a cell may run under the race detector for grade.NoRace:
// nbgrader waits for 30 s.
const raceLimit = 20 * time.Second

// asksForRaces tells whether a cell calls grade.NoRace.
func asksForRaces(c *check.Checked) bool {
	for _, obj := range c.Info.Uses {
		if obj.Pkg() != nil && obj.Pkg().Path() == "interleave/demos/grade" && obj.Name() == "NoRace" {
			return true
		}
	}
	return false
}

// raced runs a cell under the race detector for the calls of grade.NoRace in it. What
// it prints there is dropped, since it prints it again here. The error is that the cell
// was interrupted; what else keeps it from running is found by the checks.
func (e *Evaluator) raced(ctx context.Context, c *cell.Cell, req Request, out Output) (*child.Raced, error) {
	dir, err := os.MkdirTemp("", "interleave-norace-")
	if err != nil {
		return &child.Raced{Found: "that it cannot run under the race detector: " + err.Error()}, nil
	}
	defer os.RemoveAll(dir)
	verdicts := filepath.Join(dir, "verdicts")
	d, err := e.detect(ctx, c, req, out, detectOptions{limit: raceLimit, quiet: true, env: grade.VerdictsEnv + "=" + verdicts})
	switch {
	case ctx.Err() != nil:
		const text = "interrupted while the cell ran under the race detector"
		return nil, &Error{Name: "Interrupt", Value: text, Traceback: []string{red("Interrupt: ") + text}}
	case err != nil:
		return &child.Raced{Found: "that it cannot run under the race detector: " + plain(err)}, nil
	}
	r := &child.Raced{Found: d.found(), Verdicts: readVerdicts(verdicts), End: "it ended"}
	if err := e.ended(d.res); d.late {
		r.End = fmt.Sprintf("it ran longer than %v", raceLimit)
	} else if err != nil {
		r.End = plain(err)
	}
	if r.Found != "" {
		e.showRaces(d.races, out)
		startsAnew(d.program, out)
	}
	return r, nil
}

// plain is the text of an error in one line.
func plain(err error) string {
	text := err.Error()
	var of *Error
	if errors.As(err, &of) {
		text = of.Name + ": " + of.Value
	}
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// found words the races in one line; "" for none.
func (d *detected) found() string {
	if len(d.races) == 0 {
		return ""
	}
	text := countRaces(d.races)
	for i, at := range d.races[0][:min(2, len(d.races[0]))] {
		text += []string{": ", "; "}[i] + at.String()
	}
	return text
}

// readVerdicts reads what grade.NoRace wrote, as far as it is whole.
func readVerdicts(file string) (all []child.Verdict) {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		var v child.Verdict
		if _, err := fmt.Sscanf(line, "%q %q\n", &v.What, &v.Failed); err == nil {
			all = append(all, v)
		}
	}
	return all
}

// A silence takes what a process prints, and answers nothing.
type silence struct{}

func (silence) Stream(name, text string) {}

func (silence) Input(prompt string, password bool) (string, error) {
	return "", errors.New("nobody to ask")
}

var _ process.Output = silence{}
