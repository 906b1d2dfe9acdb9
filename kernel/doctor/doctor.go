// Package doctor looks at all that the kernel needs from its machine, and says
// what to do where something is missing.
package doctor

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"interleave/display"
	"interleave/interp"
	"interleave/kernel/history"
)

// Options are the parts of the program itself that Run looks at.
type Options struct {
	Exports func() error                // whether the library's export data is prepared
	Link    func(context.Context) error // whether compiled cells are linked against this program, and why not; nil: not asked
	Eval    func(context.Context, interp.Request, interp.Output) (*display.Bundle, error)
	System  []string // the prefixes below which the system's kernelspecs lie, after the user's
}

// System are the prefixes that Jupyter knows on Linux.
// Source: jupyter_core, paths.py, SYSTEM_JUPYTER_PATH.
func System() []string { return []string{"/usr/local", "/usr"} }

// level says how bad a finding is.
type level string

const (
	fine   level = "ok"
	hint   level = "hint"   // something works less well, or not at all here
	broken level = "broken" // notebooks do not run
)

// finding is what a check found: one line.
type finding struct {
	level level
	text  string
}

func finef(format string, args ...any) finding { return finding{fine, fmt.Sprintf(format, args...)} }
func hintf(format string, args ...any) finding { return finding{hint, fmt.Sprintf(format, args...)} }
func brokenf(format string, args ...any) finding {
	return finding{broken, fmt.Sprintf(format, args...)}
}

// perCheck bounds a check: a command that hangs is a finding too. A cell may have
// to wait for the export data of the whole library.
const perCheck = 5 * time.Minute

// Run makes all checks and prints a line for each. It is an error if notebooks
// cannot run.
func Run(ctx context.Context, w io.Writer, o Options) error {
	checks := []struct {
		name string
		run  func(context.Context) finding
	}{
		{"go command", goCommand},
		{"C compiler", compiler},
		{"export data", o.exports},
		{"a cell", o.cell},
		{"compiled", o.compiledCell},
		{"kernelspec", o.kernelspecs},
		{"python", python},
		{"jupyter", jupyter},
		{"history", historyFile},
	}
	bad := 0
	for _, c := range checks {
		limited, cancel := context.WithTimeout(ctx, perCheck)
		found := c.run(limited)
		cancel()
		if found.level == broken {
			bad++
		}
		fmt.Fprintf(w, "%-7s %-12s %s\n", found.level, c.name, found.text)
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d checks say that notebooks cannot run", bad, len(checks))
	}
	return nil
}

// goCommand compares the go command with the toolchain that built this program.
func goCommand(ctx context.Context) finding {
	path, err := exec.LookPath("go")
	if err != nil {
		return hintf("none on the PATH: get %s from https://go.dev/dl/", built())
	}
	version, err := output(ctx, path, "env", "GOVERSION")
	if err != nil {
		return hintf("%s: %v", path, err)
	}
	if firstWord(version) != built() {
		return hintf("%s is %s, and %s built this program: run ./install.sh again", path, version, built())
	}
	return finef("%s, %s", path, version)
}

// built is the version of the toolchain that built this program, such as go1.26.8.
func built() string { return firstWord(runtime.Version()) }

// compiler looks for what cgo needs.
func compiler(ctx context.Context) finding {
	cc := os.Getenv("CC")
	if cc == "" {
		cc = "gcc"
	}
	path, err := exec.LookPath(firstWord(cc))
	if err != nil {
		return hintf("no %s: install gcc, for cells with C in them", firstWord(cc))
	}
	version, err := output(ctx, path, "--version")
	if err != nil {
		return hintf("%s: %v", path, err)
	}
	if enabled, err := output(ctx, "go", "env", "CGO_ENABLED"); err == nil && enabled != "1" {
		return hintf("%s, but cgo is off: set CGO_ENABLED=1", path)
	}
	line, _, _ := strings.Cut(version, "\n")
	return finef("%s, %s", path, line)
}

func (o Options) exports(context.Context) finding {
	if err := o.Exports(); err != nil {
		return hintf("%v, or the first cell does and takes a minute", err)
	}
	return finef("prepared")
}

// cell runs a cell for real, as a notebook would.
func (o Options) cell(ctx context.Context) finding {
	took, err := o.onePlusOne(ctx, "n := 1; n+1")
	if err != nil {
		return brokenf("1+1%v", err)
	}
	return finef("1+1 gave 2 in %.1f ms", took.Seconds()*1000)
}

// compiledCell runs one that has to be compiled: types, functions and loops are.
func (o Options) compiledCell(ctx context.Context) finding {
	took, err := o.onePlusOne(ctx, "%%native\n1+1")
	if err != nil {
		return hintf("1+1%v", err)
	}
	if o.Link == nil {
		return finef("1+1 gave 2 in %.0f ms", took.Seconds()*1000)
	}
	if err := o.Link(ctx); err != nil {
		return hintf("1+1 gave 2 in %.0f ms; cells get a copy of the library, which takes longer: %v", took.Seconds()*1000, err)
	}
	return finef("1+1 gave 2 in %.0f ms, linked against this program", took.Seconds()*1000)
}

func (o Options) onePlusOne(ctx context.Context, code string) (time.Duration, error) {
	start := time.Now()
	value, err := o.Eval(ctx, interp.Request{Code: code, Count: 1}, nowhere{})
	if err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		return 0, fmt.Errorf(": %s", line)
	}
	if value == nil || value.Data["text/plain"] != "2" {
		return 0, fmt.Errorf(" did not give 2, but %v", value)
	}
	return time.Since(start), nil
}

// nowhere is the output of a cell that has none.
type nowhere struct{}

func (nowhere) Stream(string, string)                {}
func (nowhere) Display(display.Bundle, string, bool) {}
func (nowhere) Clear(bool)                           {}
func (nowhere) Input(string, bool) (string, error)   { return "", io.EOF }

// historyFile opens the database of inputs.
func historyFile(context.Context) finding {
	path := history.DefaultPath()
	if path == "" {
		return hintf("no home directory: set HOME, or inputs are forgotten with the session")
	}
	var complaint string
	history.New(path, func(line string) { complaint = line }).Tail(1)
	if complaint != "" {
		return hintf("%s", complaint)
	}
	if _, err := os.Stat(path); err != nil {
		return finef("%s, not made yet", path)
	}
	return finef("%s", path)
}

// output runs a command and gives what it printed, without the space around it.
// The go command uses the toolchain that is there and gets no other.
func output(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN=local")
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	return word
}
