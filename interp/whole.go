package interp

import (
	"context"
	"fmt"
	"go/ast"
	"regexp"
	"slices"
	"strings"

	"interleave/interp/cell"
	"interleave/interp/process"
)

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
	text, embedded, err := e.withFiles(c)
	if err != nil {
		return e.compileError(err, req)
	}
	src := fmt.Sprintf("//line cell %d:1:1\n%s", c.N, strings.TrimPrefix(text, "\ufeff"))
	exe, done, err := e.goCommand(embedded).Build(ctx, map[string]string{"main.go": src})
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
