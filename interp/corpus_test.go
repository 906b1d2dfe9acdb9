//go:build !race

// The corpus compiles thousands of cells: not with the race detector.

package interp

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"interleave/display"
)

// The corpus is testdata/corpus/*.txtar. A section "-- name --" is a script: the
// name is a sentence of intent, the cells are separated by lines "---". The
// section "-- output --" after it is the one golden of all ways to run it: what
// it prints to stdout, and, where something else than the end of its cells ends
// it, a last line that tells what: "panic: text", "deadlock", "exit status 3".
// `go test ./interp -run Corpus -update` takes the goldens from go build.
//
// Words in a script say what is particular about it:
//
//	// refused: WHAT     the rewriter refuses the last cell, for this construct
//	// own: WHY          it is no single program: go build does not see it
//	// whole: WHY        its cells cannot be split without a change of meaning
//	// known: WAY: WHAT  the output differs this way, and is known to
//
// `grep -rn "known:" interp/testdata/corpus` lists the gaps.
type script struct {
	file, name string
	cells      []string
	golden     string
	marks      map[string]string // the words, and what follows them
	known      map[string]bool   // ways in which it is known to differ
}

// The ways to run a script.
const (
	chosen      = "chosen"      // each cell in the tier that the classifier chooses
	native      = "native"      // each cell compiled
	interpreted = "interpreted" // what the rewriter takes interpreted, the rest compiled
	split       = "split"       // split at random places into more cells, each compiled
	program     = "program"     // as one program that go build made
)

var (
	update = flag.Bool("update", false, "take the goldens of the corpus from go build")
	seed   = flag.Uint64("seed", 1, "first seed by which the corpus is split into cells")
	seeds  = flag.Int("seeds", 1, "how many seeds to split the corpus by")
)

// TestCorpus runs each script in all ways. What they print is the same, to the byte, and
// so is the panic that ends them. What does not depend on how cells are linked is done
// once: a test that was built with -gcflags=all=-linkshared does one part, another test
// the other; -all is for both. Of cells that have a copy of the library, which takes
// ten times as long to link, every fourth script is compiled.
func TestCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles thousands of cells")
	}
	linked := builtShared()
	scripts := readScripts(t)
	var binaries map[int]string
	if !linked || *all || *update {
		binaries = buildScripts(t, scripts)
	}
	if *update {
		updateGoldens(t, binaries, scripts)
		return
	}
	for i, s := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(s.file), ".txtar")+"/"+s.name, func(t *testing.T) {
			t.Parallel()
			if s.marks["refused"] != "" {
				return // seen when the program was made
			}
			if linked || *all || i%4 == 0 {
				s.compare(t, native, runCells(t, Native, s.cells))
			}
			if !linked || *all {
				if s.marks["own"] == "" {
					s.compare(t, program, runProgram(t, binaries[i], i))
				}
				s.compare(t, interpreted, runCells(t, Interpreted, s.cells))
			}
			if linked || *all {
				s.compare(t, chosen, runCells(t, Auto, s.cells))
				s.compareSplit(t)
			}
		})
	}
}

// compareSplit runs a script, split as often as -seeds says.
func (s *script) compareSplit(t *testing.T) {
	t.Helper()
	for k := range uint64(*seeds) {
		if s.marks["whole"] == "" {
			s.compare(t, split, runCells(t, Native, splitCells(t, sizes(*seed+k, s.name), s.cells)))
		}
	}
}

// compare tells where what a way gave is not the golden.
func (s *script) compare(t *testing.T, way, got string) {
	t.Helper()
	if s.known[way] {
		if got == s.golden {
			t.Errorf("%s: %s: %s: is as it should be: take out the mark known", s.file, s.name, way)
		}
		return
	}
	if got != s.golden {
		t.Errorf("%s: %s: %s printed:\n%s\nwant:\n%s\n%s", s.file, s.name, way, got, s.golden, strings.Join(s.cells, "\n---\n"))
	}
}

// readScripts reads the corpus.
func readScripts(t *testing.T) []*script {
	t.Helper()
	files, err := filepath.Glob("testdata/corpus/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	var all []*script
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, readFile(file, string(b))...)
	}
	return all
}

// sections gives the names and bodies of a txtar file, and what comes before them.
func sections(text string) (head string, names, bodies []string) {
	parts := strings.Split("\n"+text, "\n-- ")
	for _, p := range parts[1:] {
		name, body, _ := strings.Cut(p, " --\n")
		names, bodies = append(names, name), append(bodies, strings.TrimSuffix(body, "\n"))
	}
	return strings.TrimPrefix(parts[0], "\n"), names, bodies
}

func readFile(file, text string) []*script {
	var all []*script
	_, names, bodies := sections(text)
	for i, name := range names {
		if name == "output" {
			all[len(all)-1].golden = bodies[i]
			continue
		}
		s := &script{file: file, name: name, cells: strings.Split(bodies[i], "\n---\n"), marks: map[string]string{}, known: map[string]bool{}}
		for line := range strings.Lines(bodies[i]) {
			s.mark(strings.TrimSpace(line))
		}
		all = append(all, s)
	}
	return all
}

func (s *script) mark(line string) {
	for _, word := range []string{"refused", "own", "whole", "known"} {
		if text, ok := strings.CutPrefix(line, "// "+word+": "); ok {
			s.marks[word] = text
		}
	}
	if ways, _, ok := strings.Cut(s.marks["known"], ": "); ok {
		for way := range strings.FieldsSeq(ways) {
			s.known[way] = true
		}
	}
}

// updateGoldens writes what go build's program prints into the corpus.
func updateGoldens(t *testing.T, binaries map[int]string, scripts []*script) {
	byFile := map[string]*strings.Builder{}
	for i, s := range scripts {
		b := byFile[s.file]
		if b == nil {
			old, err := os.ReadFile(s.file)
			if err != nil {
				t.Fatal(err)
			}
			head, _, _ := sections(string(old))
			b = &strings.Builder{}
			b.WriteString(strings.TrimSpace(head) + "\n\n")
			byFile[s.file] = b
		}
		fmt.Fprintf(b, "-- %s --\n%s\n", s.name, strings.Join(s.cells, "\n---\n"))
		golden := s.golden
		if s.marks["own"] == "" && s.marks["refused"] == "" {
			golden = runProgram(t, binaries[i], i)
		}
		if s.marks["refused"] == "" {
			fmt.Fprintf(b, "-- output --\n%s\n", golden)
		}
	}
	for file, b := range byFile {
		writeFile(t, file, strings.TrimPrefix(b.String(), "\n"))
	}
}

// stdout is an Output that keeps the one stream.
type stdout struct{ recorder }

func (o *stdout) Stream(name, text string) {
	if name == "stdout" {
		o.recorder.Stream(name, text)
	}
}

func (o *stdout) Display(b display.Bundle, id string, update bool) {}

// runCells runs cells in an Evaluator, up to the first error.
func runCells(t *testing.T, tier Tier, cells []string) string {
	t.Helper()
	e := newTier(t, tier)
	defer e.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if tier != Interpreted {
		if err := e.compiler.ready(ctx); err != nil {
			t.Fatal(err)
		}
	}
	out := &stdout{}
	for i, src := range cells {
		if _, err := e.Eval(ctx, Request{Code: src, Count: i + 1}, out); err != nil {
			return ending(withoutNotes(out.String()), err)
		}
	}
	return ending(withoutNotes(out.String()), nil)
}

// withoutNotes leaves out what the session says of redefinitions.
func withoutNotes(text string) string {
	lines := slices.DeleteFunc(slices.Collect(strings.Lines(text)), func(l string) bool { return strings.HasPrefix(l, "note: ") })
	return strings.Join(lines, "")
}

// visible writes control characters so that a golden is text.
func visible(text string) string {
	var b strings.Builder
	for _, c := range text {
		if c < ' ' && c != '\n' && c != '\t' {
			fmt.Fprintf(&b, "\\x%02x", c)
			continue
		}
		b.WriteRune(c)
	}
	return b.String()
}

// ending is the golden of what was printed and of the error that ended it.
func ending(text string, err error) string {
	text = strings.TrimSuffix(visible(text), "\n")
	if err == nil {
		return text
	}
	last := err.Error()
	var x *Error
	if errors.As(err, &x) {
		switch x.Name {
		case "panic":
			last = "panic: " + x.Value
			if _, value, ok := strings.Cut(x.Value, "panic in goroutine started at cell "); ok {
				_, value, _ = strings.Cut(value, ": ")
				last = "panic: " + value
			}
		case "deadlock":
			last = "deadlock"
		case "exit":
			last = x.Value
		}
	}
	return strings.TrimPrefix(text+"\n"+last, "\n")
}
