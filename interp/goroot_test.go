//go:build !race

package interp

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"interleave/display"
	"interleave/interp/cell"
)

var goroot = flag.Bool("goroot", false, "run the Go project's own test programs as cells")

// TestGoRoot runs the programs of the Go project's own test, in $(go env GOROOT)/test,
// as cells: those of one file whose first line says "run", and no more than flags for
// the compiler. One is right where it ends without an error and prints what is in its
// .out file, or nothing, to both streams. With -v it tells how many were, in each way:
//
//	go test -gcflags=all=-linkshared ./interp -run GoRoot -goroot -v -timeout 2h
//
// The ways are: the file as one cell, compiled; split into cells at random places, each
// compiled; and those interpreted as far as the rewriter takes them. What a program tests
// that no cell can do is in excused, with the reason. One that is not right by go run
// either, without the flags and files of its own, is counted apart.
func TestGoRoot(t *testing.T) {
	if !*goroot {
		t.Skip("takes long: -goroot asks for it")
	}
	dir := filepath.Join(goEnvRoot(t), "test")
	programs := goPrograms(t, dir)
	for _, way := range goWays {
		counts := &goCounts{of: map[string]int{}}
		t.Run(way.name, func(t *testing.T) {
			for _, p := range programs {
				t.Run(p.name, func(t *testing.T) {
					t.Parallel()
					counts.add(p.judge(t, way))
				})
			}
		})
		t.Logf("%s: %s", way.name, counts)
	}
}

// A goWay is a way to run programs as cells.
type goWay struct {
	name string
	tier Tier
	cut  func(p *goProgram, t *testing.T) []string
}

var goWays = []goWay{
	{"whole", Native, func(p *goProgram, _ *testing.T) []string { return []string{p.text} }},
	{split, Native, (*goProgram).split},
	{interpreted, Interpreted, (*goProgram).split},
}

// A goProgram is a file of the Go project's test.
type goProgram struct {
	dir, name string // of the test; of the file below it
	text      string // without the package clause
	want      string // what it prints
}

// The verdicts on a program, but for the reasons of excused.
const (
	right       = "right"
	failing     = "failing"
	notEvenByGo = "not right by go run either"
)

func goEnvRoot(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// goPrograms reads the programs below dir.
func goPrograms(t *testing.T, dir string) []*goProgram {
	t.Helper()
	var out []*goProgram
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasSuffix(path, ".dir"):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil || !runsHere(string(src)) {
			return err
		}
		p := &goProgram{dir: dir}
		p.name, _ = filepath.Rel(dir, path)
		want, err := os.ReadFile(strings.TrimSuffix(path, ".go") + ".out")
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		p.want, p.text = string(want), withoutPackage(string(src))
		out = append(out, p)
		return nil
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	return out
}

// runsHere tells whether src is a program that is to be run on this system with no
// arguments, by any compiler flags but those that make it another language or library.
func runsHere(src string) bool {
	for line := range strings.Lines(src) {
		if x, err := constraint.Parse(strings.TrimSpace(line)); err == nil {
			if !x.Eval(hasTag) {
				return false
			}
			continue
		}
		words := strings.Fields(strings.TrimPrefix(line, "//"))
		if len(words) == 0 || words[0] != "run" || !strings.HasPrefix(line, "//") {
			return false
		}
		for _, w := range words[1:] {
			if !strings.HasPrefix(w, "-gcflags") {
				return false
			}
		}
		break
	}
	head, _, _ := strings.Cut(src, "\npackage ")
	for line := range strings.Lines(head) {
		if x, err := constraint.Parse(strings.TrimSpace(line)); err == nil && !x.Eval(hasTag) {
			return false
		}
	}
	return true
}

func hasTag(tag string) bool {
	return slices.Contains([]string{runtime.GOOS, runtime.GOARCH, "unix", "gc", "cgo"}, tag) || strings.HasPrefix(tag, "go1.")
}

// withoutPackage blanks the package clause.
func withoutPackage(src string) string {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.PackageClauseOnly)
	if err != nil {
		return src
	}
	from, to := fset.Position(f.Package).Offset, fset.Position(f.Name.End()).Offset
	return src[:from] + strings.Repeat(" ", to-from) + strings.TrimPrefix(src[to:], ";")
}

// split makes cells of a program, by chance that its name decides. What init and main
// do is at the end of a program: so is the cell that has them.
func (p *goProgram) split(t *testing.T) []string {
	c, err := cell.Parse(0, p.text)
	if err != nil {
		return []string{p.text}
	}
	var decls, last strings.Builder
	for _, is := range c.Imports {
		decls.WriteString("import " + c.Text(is) + "\n")
	}
	for _, it := range c.Items {
		to := &decls
		if fn, ok := it.Node.(*ast.FuncDecl); ok && fn.Recv == nil && (fn.Name.Name == "main" || fn.Name.Name == "init") {
			to = &last
		}
		to.WriteString(c.Text(it.Node) + "\n")
	}
	if !takes(newCheck(), 1, decls.String()) { // what calls main
		return []string{p.text}
	}
	return append(splitCells(t, sizes(*seed, p.name), []string{decls.String()}), last.String())
}

// judge runs p in cells, and tells the verdict.
func (p *goProgram) judge(t *testing.T, way goWay) string {
	for _, e := range excused {
		if (len(e.ways) == 0 || slices.Contains(e.ways, way.name)) && slices.Contains(e.programs, p.name) {
			return e.reason
		}
	}
	got := p.run(t, way.tier, way.cut(p, t))
	if got == p.want {
		return right
	}
	if out, err := p.goRun(t); err != nil || out != p.want {
		t.Logf("go run: %v\n%s", err, out)
		return notEvenByGo
	}
	t.Errorf("printed:\n%s\nwant:\n%s", got, p.want)
	return failing
}

// both is an Output that keeps both streams, in their order.
type both struct{ recorder }

func (o *both) Stream(name, text string) { o.recorder.Stream("stdout", text) }

func (o *both) Display(b display.Bundle, id string, update bool) {
	o.recorder.Display(b, id, update)
}

// run gives what cells print, and the error that ends them.
func (p *goProgram) run(t *testing.T, tier Tier, cells []string) string {
	t.Helper()
	e, err := New(Options{Sources: sources(), Tier: tier, Dir: p.dir})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	if err := e.compiler.ready(ctx); err != nil {
		t.Fatal(err)
	}
	out := &both{}
	for i, src := range cells {
		_, err := e.Eval(ctx, Request{Code: src, Count: i + 1}, out)
		if err != nil && err.Error() == "exit: exit status 0" { // an error of its cell, as every os.Exit
			break
		}
		if err != nil {
			return out.String() + "\n" + ended(err)
		}
	}
	return withoutNotes(out.String())
}

// ended words an error, with its traceback where it has one.
func ended(err error) string {
	var e *Error
	if errors.As(err, &e) && len(e.Traceback) > 0 {
		return colour.ReplaceAllString(strings.Join(e.Traceback, "\n"), "")
	}
	return err.Error()
}

// goRun gives what go run prints of p.
func (p *goProgram) goRun(t *testing.T) (string, error) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "run", p.name)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GO111MODULE=off", "GOTOOLCHAIN=local")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// goCounts counts verdicts.
type goCounts struct {
	mu sync.Mutex
	of map[string]int
}

func (c *goCounts) add(verdict string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of[verdict]++
}

func (c *goCounts) String() string {
	total := 0
	for _, n := range c.of {
		total += n
	}
	text := fmt.Sprintf("%d programs: %d right, %d failing", total, c.of[right], c.of[failing])
	for _, verdict := range slices.Sorted(maps.Keys(c.of)) {
		if verdict != right && verdict != failing {
			text += fmt.Sprintf("; %d: %s", c.of[verdict], verdict)
		}
	}
	return text
}
