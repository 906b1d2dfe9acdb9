package interp

import (
	"errors"
	"fmt"
	"interleave/interp/cell"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"interleave/interp/child"
	"interleave/interp/exports"
)

func red(s string) string  { return "\x1b[31m" + s + "\x1b[0m" }
func bold(s string) string { return "\x1b[1m" + s + "\x1b[0m" }

// compileError words what the parser or the check found.
func (e *Evaluator) compileError(err error, req Request) error {
	out := &Error{Name: "CompileError", Value: err.Error()}
	var t interface{ Traceback(color bool) []string }
	if errors.As(err, &t) {
		out.Traceback = t.Traceback(true)
	} else {
		out.Traceback = []string{red(err.Error())}
	}
	return out
}

// failure words a run-time error of cell c, with the lines of the cells that it
// passed. reached is the item in which it came.
func (e *Evaluator) failure(f *child.Failure, c *cell.Cell, reached int) error {
	out := &Error{Name: f.Name, Value: exports.Plain(f.Value)}
	out.Traceback = append(out.Traceback, red(f.Name+": ")+out.Value)
	e.mu.Lock()
	defer e.mu.Unlock()
	frames := f.Frames
	if own := fmt.Sprintf("cell %d:", c.N); reached < len(c.Items) && f.Name == "panic" && !slices.ContainsFunc(frames, func(s string) bool { return strings.HasPrefix(s, own) && !strings.Contains(s, ": main.") }) {
		frames = append(frames, fmt.Sprintf("%s%d", own, c.Position(c.Items[reached].Node.Pos()).Line))
	}
	out.Traceback = append(out.Traceback, e.frameLines(frames)...)
	return out
}

// frameLines are frames with the source at them. e.mu is held.
func (e *Evaluator) frameLines(frames []string) []string {
	var out []string
	for _, frame := range frames {
		out = append(out, "  "+bold(frame))
		if line := e.sourceLine(frame); line != "" {
			out = append(out, "      "+line)
		}
	}
	return out
}

// sourceLine is the source at "cell 3:5: ...", without its indent.
func (e *Evaluator) sourceLine(frame string) string {
	pos, ok := strings.CutPrefix(frame, "cell ")
	if !ok {
		return ""
	}
	parts := strings.SplitN(pos, ":", 3)
	if len(parts) < 2 {
		return ""
	}
	n, err1 := strconv.Atoi(parts[0])
	line, err2 := strconv.Atoi(parts[1])
	if err1 != nil || err2 != nil {
		return ""
	}
	lines := strings.Split(e.state.sources[n], "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	return strings.TrimSpace(lines[line-1])
}

// crashError words the death of a child. e.mu is held.
func (e *Evaluator) crashError(c *child.Crash) error {
	name := "Crash"
	if c.Signal == syscall.SIGKILL {
		name = "Killed"
	}
	value := c.Error()
	if where := c.Where(); where != "" {
		value += " in " + where
	}
	if lost := e.state.lastLost; len(lost) > 0 {
		value += fmt.Sprintf("; declarations are back, values lost: %s", strings.Join(lost, ", "))
	} else {
		value += "; declarations are back"
	}
	lines := append([]string{red(name+": ") + value}, e.frameLines(c.Frames())...)
	return &Error{Name: name, Value: value, Traceback: lines}
}
