//go:build !race

package interp

import (
	"context"
	"errors"
	"flag"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"interleave/interp/exports"
)

var examples = flag.Bool("examples", false, "run the examples of the standard library, which takes some minutes")

// An exampleWay is a way to run an example: how its body is made cells, and who runs them.
type exampleWay struct {
	name       string
	tier       Tier
	statements bool // each statement is a cell
	alone      bool // there is no compiler
}

var exampleWays = []exampleWay{
	{"auto", Auto, false, false},
	{"statements", Interpreted, true, false},
	{"natively", Native, true, false},
	{"without", Auto, false, true},
	{"statements without", Auto, true, true},
}

// ownExamples are those that are no cells, with the reason.
var ownExamples = map[string]string{
	"flag.ExampleFlagSet":       "it has a variable main, which at top level has to be a function",
	"log.ExampleLogger":         "it prints the name of its file",
	"log.ExampleLogger_Output":  "it prints the name of its file",
	"log/slog.Example_wrapping": "it prints the name of its file",
	"runtime.ExampleAddCleanup": "it needs a variable to become garbage, and those at top level do not",
	"runtime.ExampleFrames":     "it prints the name of its function",
	"time.ExampleDate":          "it needs the time zone that the package's tests set",
	"time.ExampleParse":         "it needs the time zone that the package's tests set",
	"time.ExampleTime_Format":   "it needs the time zone that the package's tests set",
}

// TestStdExamples runs the examples of the standard library of the toolchain in use: their
// imports and declarations are a cell, and what they do is another, or one for each
// statement. They print what their comments say. Without a compiler, a cell may be
// refused. Those of commands and of internal packages, which no cell can import, are not
// among them.
func TestStdExamples(t *testing.T) {
	if !*examples {
		t.Skip("takes some minutes: -examples")
	}
	all := stdExamples(t)
	for _, way := range exampleWays {
		t.Run(way.name, func(t *testing.T) { way.run(t, all) })
	}
}

func (way exampleWay) run(t *testing.T, all []*example) {
	if way.alone {
		withoutGo(t)
	}
	var mu sync.Mutex
	counts := map[string]int{}
	t.Run("each", func(t *testing.T) {
		for _, ex := range all {
			t.Run(strings.ReplaceAll(ex.name(), "/", "."), func(t *testing.T) {
				if !way.alone { // which sets PATH
					t.Parallel()
				}
				verdict := way.one(t, ex)
				mu.Lock()
				defer mu.Unlock()
				counts[verdict]++
			})
		}
	})
	t.Logf("%s: %d examples, %v", way.name, len(all), counts)
}

// one runs an example in a session of its own, and tells what became of it.
func (way exampleWay) one(t *testing.T, ex *example) string {
	e, err := New(Options{Sources: sources(), Tier: way.tier, Dir: ex.dir})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	return way.in(t, &session{e: e}, ex)
}

// in runs an example in a session, and tells what became of it: "right", "wrong",
// "left out", or "refused" for want of a compiler.
func (way exampleWay) in(t *testing.T, s *session, ex *example) string {
	t.Helper()
	if ownExamples[ex.name()] != "" {
		return "left out"
	}
	cells := ex.cells
	if way.statements {
		cells = splitCells(t, func() int { return 1 }, cells)
	}
	got, err := ex.run(t, s, cells)
	if x, ok := errors.AsType[*Error](err); ok && way.alone && x.Name == "NoCompiler" {
		return "refused"
	}
	want := ex.want()
	if ex.Unordered {
		got, want = sortedLines(got), sortedLines(want)
	}
	if err != nil || got != want {
		t.Errorf("%s: error is %v, printed:\n%s\nwant:\n%s\nits cells:\n%s", ex.name(), err, got, want, strings.Join(cells, "\n---\n"))
		return "wrong"
	}
	return "right"
}

// TestStdExamplesTogether runs all examples of a package in one session, where each
// declares the names of others again.
func TestStdExamplesTogether(t *testing.T) {
	if !*examples {
		t.Skip("takes some minutes: -examples")
	}
	packages := map[string][]*example{}
	for _, ex := range stdExamples(t) {
		packages[ex.importPath] = append(packages[ex.importPath], ex)
	}
	for _, way := range exampleWays[:2] {
		for path, list := range packages {
			t.Run(way.name+"/"+strings.ReplaceAll(path, "/", "."), func(t *testing.T) {
				t.Parallel()
				e, err := New(Options{Sources: sources(), Tier: way.tier, Dir: list[0].dir})
				if err != nil {
					t.Fatal(err)
				}
				defer e.Close()
				s := &session{e: e}
				for _, ex := range list {
					way.in(t, s, ex)
				}
			})
		}
	}
}

// withoutGo takes the go command from PATH.
func withoutGo(t *testing.T) {
	t.Helper()
	if _, err := exports.Prepare(t.Context(), "", nil); err != nil {
		t.Fatal(err)
	}
	dirs := slices.DeleteFunc(filepath.SplitList(os.Getenv("PATH")), func(dir string) bool {
		_, err := os.Stat(filepath.Join(dir, "go"))
		return err == nil
	})
	t.Setenv("PATH", strings.Join(dirs, string(filepath.ListSeparator)))
}

// run runs cells, and gives what they print to stdout.
func (ex *example) run(t *testing.T, s *session, cells []string) (string, error) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out := &stdout{}
	var err error
	for _, src := range cells {
		s.count++
		if _, err = s.e.Eval(ctx, Request{Code: src, Count: s.count}, out); err != nil {
			break
		}
	}
	return strings.TrimSpace(withoutNotes(out.String())), err
}

// want is what the example prints; types of its package are those of main in cells.
func (ex *example) want() string {
	return strings.ReplaceAll(strings.TrimSpace(ex.Output), path.Base(ex.importPath)+"_test.", "main.")
}

func sortedLines(text string) string {
	lines := strings.Split(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
