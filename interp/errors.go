package interp

import (
	"errors"
	"fmt"
	"interleave/interp/cell"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"interleave/interp/child"
	"interleave/interp/exports"
	"interleave/interp/native/build"
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

// fault words a panic of the kernel's own, with where it came from.
func (e *Evaluator) fault(what any, req Request) error {
	text := fmt.Sprintf("cell %d: this is a fault of the kernel, not of the cell: %v: please report it with the cell; the session goes on", req.Count, what)
	stack := strings.TrimSpace(string(debug.Stack()))
	if _, after, ok := strings.Cut(stack, "panic("); ok { // what is before is how it was caught
		_, stack, _ = strings.Cut(after, "\n")
	}
	return &Error{Name: "KernelFault", Value: text, Traceback: []string{red("KernelFault: ") + text, stack}}
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

// crashInC words the death of a child in C: with the function where it was, and
// the line of Go that called it, as far as they are known.
func (e *Evaluator) crashInC(c *child.Crash, gen int) string {
	entry, from := c.CalledC()
	text := "evaluator killed by " + c.SignalName() + " in C code"
	if function := e.functionInC(c.PC(), gen); function != "" {
		text = "evaluator killed by " + c.SignalName() + " in C function " + function
		if entry != "" {
			text += ", called as C." + entry
		}
	} else if entry != "" {
		text += " below C." + entry + ", called"
	} else if from != "" {
		text += ", called"
	}
	if from != "" {
		text += " from " + from
	}
	return text
}

// hasC tells whether child generation gen has loaded C of a cell.
func (e *Evaluator) hasC(gen int) bool {
	for m := range e.state.mapped {
		if m.gen == gen {
			return true
		}
	}
	return false
}

// madePrefix is what names of C have in front that the user did not write: those of
// %%cpp, and of cgo's wrapper, into which gcc may have put the function itself.
var madePrefix = regexp.MustCompile(`^(interleave_cpp\d+_|_cgo_[0-9a-f]+_C2?func_)`)

// functionInC is "f (cell 1:3)" for the address of a machine instruction in
// child generation gen.
func (e *Evaluator) functionInC(pc uint64, gen int) string {
	best, from := "", uint64(0)
	for m, at := range e.state.mapped {
		if m.gen == gen && from < at && at <= pc {
			best, from = m.so, at
		}
	}
	function, file, line, err := build.Where(best, pc-from)
	if err != nil || best == "" {
		return ""
	}
	function = madePrefix.ReplaceAllString(function, "")
	if strings.HasPrefix(file, "cell ") {
		function += fmt.Sprintf(" (%s:%d)", file, line)
	}
	return function
}

// crashError words the death of a child. e.mu is held.
func (e *Evaluator) crashError(c *child.Crash, gen int) error {
	name := "Crash"
	if c.Signal == syscall.SIGKILL {
		name = "Killed"
	}
	value := c.Error()
	if c.InC() {
		value = e.crashInC(c, gen)
	} else if c.Signal != 0 && c.Signal != syscall.SIGKILL && c.Message == "" && e.hasC(gen) {
		value = "evaluator killed by " + c.SignalName() + " in a thread that C started" // in its own, Go would have said more
	} else if where := c.Where(); where != "" {
		value += " in " + where
	}
	if lost := e.state.lastLost; len(lost) > 0 {
		value += fmt.Sprintf("; declarations are back, values lost: %s", strings.Join(lost, ", "))
	} else {
		value += "; declarations are back"
	}
	lines := append([]string{red(name+": ") + value}, e.frameLines(e.placed(c.Frames()))...)
	return &Error{Name: name, Value: value, Traceback: lines}
}
