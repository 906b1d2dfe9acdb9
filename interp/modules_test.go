package interp

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"interleave/interp/cell"
	"interleave/interp/modules/proxytest"
)

// served are the modules that tests fetch: counter has state, a type, an
// initialiser and a map that the linker would leave out; old and new versions of
// dep differ; broken does not compile; panics does not initialise; txtar has the
// path of one that this test holds, in another version.
const served = `
-- example.com/counter@v1.0.0/counter.go --
// Package counter counts.
package counter

import "fmt"

// N is how often Add was called.
var N int

// Inits is how often the package was initialised.
var Inits int

func init() { Inits++; fmt.Println("counter is here") }

var words = map[string]int{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
	"nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": len(fmt.Sprint("a thirteenth")),
}

// Word gives a number by name.
func Word(s string) int { return words[s] }

// A Point is a place.
type Point struct{ X, y int }

func At(x, y int) Point { return Point{x, y} }

func (p Point) Y() int { return p.y }

// Add counts one more.
func Add() int { N++; return N }

type shower interface{ show() string }

func (p Point) show() string { return fmt.Sprint("point ", p.X) }

// Show asks for a method with a lower-case name.
func Show(v any) string {
	if s, ok := v.(shower); ok {
		return s.show()
	}
	return "nothing"
}

// Last gives the last of a list.
func Last[T any](list ...T) T { return list[len(list)-1] }

// Pair is generic.
type Pair[A, B any] struct { First A; Second B }
-- example.com/user@v1.0.0/go.mod --
module example.com/user

go 1.26

require example.com/dep v1.1.0
-- example.com/user@v1.0.0/user.go --
package user

import "example.com/dep"

func Version() string { return "user of " + dep.Version }
-- example.com/dep@v1.0.0/dep.go --
package dep

const Version = "v1.0.0"
-- example.com/dep@v1.1.0/dep.go --
package dep

const Version = "v1.1.0"
-- example.com/broken@v1.0.0/broken.go --
package broken

func F() int {
	return "one"
}
-- example.com/panics@v1.0.0/panics.go --
package panics

var table []int

var First = table[0]
-- example.com/newer@v1.0.0/go.mod --
module example.com/newer

go 1.99
-- example.com/newer@v1.0.0/newer.go --
package newer
-- example.com/program@v1.0.0/main.go --
package main

func main() {}
-- github.com/rogpeppe/go-internal@v0.0.1/txtar/txtar.go --
// Package txtar is not the one that this test holds.
package txtar

import "fmt"

func init() { fmt.Print("txtar is here ") }

type File [3]int

func (File) String() string { return "not the program's" }

func New() File { return File{} }
-- example.com/shows@v1.0.0/shows.go --
package shows

import "interleave/display"

func Bold(s string) { display.Show(display.HTML("<b>" + s + "</b>")) }
`

// A scene is an Evaluator whose cells are numbered.
type scene struct {
	t     *testing.T
	e     *Evaluator
	count int
}

func newScene(t *testing.T, o Options) *scene {
	t.Helper()
	o.Sources = sources()
	e, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return &scene{t: t, e: e}
}

// cell runs a cell and wants its output, then its value as text.
func (s *scene) cell(src, want string) {
	s.t.Helper()
	s.count++
	r := &recorder{}
	b, err := s.e.Eval(context.Background(), Request{Code: src, Count: s.count}, r)
	if err != nil {
		s.t.Fatalf("cell %d: %s\n%v", s.count, src, err)
	}
	got := withoutProgress(r.String())
	if b != nil {
		text, _ := b.Data["text/plain"].(string)
		got += text
	}
	if got != want {
		s.t.Errorf("cell %d: %s\ngot  %q\nwant %q", s.count, src, got, want)
	}
	if text := r.errors(); text != "" {
		s.t.Errorf("cell %d: on stderr: %s", s.count, text)
	}
}

// withoutProgress drops what is told only where something takes long.
func withoutProgress(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "fetching ") && !strings.HasPrefix(line, "compiling ") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// fails runs a cell that fails, and wants parts of its error.
func (s *scene) fails(src string, want ...string) {
	s.t.Helper()
	s.count++
	_, err := s.e.Eval(context.Background(), Request{Code: src, Count: s.count}, &recorder{})
	var x *Error
	if !errors.As(err, &x) {
		s.t.Errorf("cell %d: %s: error is %v", s.count, src, err)
		return
	}
	for _, w := range want {
		if !strings.Contains(x.Error(), w) {
			s.t.Errorf("cell %d: %s\nerror is %s\nwant     %s", s.count, src, x, w)
		}
	}
}

// Cells share one copy of a module: its state, its types, its initialisers, whatever
// part of it each of them uses.
func TestModuleIsShared(t *testing.T) {
	proxytest.Serve(t, served)
	s := newScene(t, Options{Dir: t.TempDir()})
	s.cell(`import ("fmt"; "example.com/counter")`, "")
	s.cell(`counter.Add()`, "counter is here\n1")
	s.cell(`import again "example.com/counter"
again.Add()`, "2")
	s.cell(`counter.N == again.N && counter.N == 2`, "true")
	s.cell(`counter.N = 10; p := counter.At(1, 2)`, "")
	s.cell(`fmt.Sprint(counter.Add(), p.Y())`, "11 2")
	s.cell(`var v any = p; _, same := v.(again.Point); same`, "true")
	s.cell(`fmt.Sprint(counter.Word("two"), counter.Word("thirteen"))`, "2 12")
	s.cell(`fmt.Sprint(counter.Show(v), counter.Show(1))`, "point 1nothing")
	s.cell(`counter.Last("a", "b")`, "b")
	s.cell(`q := counter.Pair[string, counter.Point]{"x", p}`, "")
	s.cell(`func second(q counter.Pair[string, counter.Point]) int { return q.Second.X }`, "")
	s.cell(`second(q)`, "1")
	s.cell(`counter.Inits`, "1")
	s.cell(`go func() { counter.Add() }()
for counter.N < 12 { }
counter.N`, "12")
}

// After a crash a module is loaded again, with its first state.
func TestModuleAfterCrash(t *testing.T) {
	proxytest.Serve(t, served)
	s := newScene(t, Options{Dir: t.TempDir()})
	s.cell(`import "example.com/counter"
func twice() int { counter.Add(); return counter.Add() }`, "counter is here\n")
	s.cell(`twice()`, "2")
	s.fails("import \"unsafe\"\nx := (*int)(unsafe.Pointer(uintptr(0xdead0000))); *x = 1", "Crash")
	s.cell(`twice()`, "counter is here\n2")
}

func TestModuleForEffects(t *testing.T) {
	proxytest.Serve(t, served)
	s := newScene(t, Options{Dir: t.TempDir()})
	s.cell(`import _ "example.com/counter"`, "counter is here\n")
	s.cell(`import _ "github.com/rogpeppe/go-internal/txtar"`, "txtar is here ")
}

// A module that this program holds itself is the user's own copy for cells, in the
// version that they ask for.
func TestModuleThatTheProgramHolds(t *testing.T) {
	proxytest.Serve(t, served)
	s := newScene(t, Options{Dir: t.TempDir()})
	s.cell("import (\"fmt\"; \"github.com/rogpeppe/go-internal/txtar\")\nu := txtar.New()\nfmt.Printf(\"%T %v\", u, u)", "txtar is here txtar.File not the program's")
	s.cell(`u`, "not the program's")
	s.cell("type list[T any] []T\nfmt.Printf(\"%T\", list[txtar.File]{})", "main.list[github.com/rogpeppe/go-internal/txtar.File]")
	_, text, _ := s.e.Inspect("txtar.New", len("txtar.N"), 0)
	if !strings.Contains(text, "package github.com/rogpeppe/go-internal/txtar") {
		t.Errorf("inspect: %s", text)
	}
	s.fails(`var n int = u`, "cannot use u (variable of array type txtar.File) as int value")
}

// A module may show things by package display, which is the program's.
func TestModuleThatShows(t *testing.T) {
	proxytest.Serve(t, served)
	s := newScene(t, Options{Dir: t.TempDir()})
	s.cell("import \"example.com/shows\"\nshows.Bold(\"x\")", "<x>\n")
}

// It may so in a program of its own, too, that does not import display itself.
func TestModuleThatShowsInPrograms(t *testing.T) {
	proxytest.Serve(t, served)
	s := newScene(t, Options{Dir: t.TempDir()})
	s.cell("package main\nimport \"example.com/shows\"\nfunc main() { shows.Bold(\"x\") }", "x\n")
	s.cell("import \"example.com/shows\"", "")
	s.cell("%%race\nshows.Bold(\"y\")", "y\nno data races found\n")
	dir := t.TempDir()
	if _, err := s.e.Export(t.Context(), []Request{{Code: "import \"example.com/shows\"\nshows.Bold(\"z\")", Count: 1}}, dir, &recorder{}); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", ".")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "z") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestModuleErrors(t *testing.T) {
	_, cache := proxytest.Serve(t, served)
	s := newScene(t, Options{Dir: t.TempDir()})
	s.fails("x := 1\nimport \"example.com/nowhere\"", "CompileError: cell 1:2: package example.com/nowhere: there is no such module, or no such version: look at the path and the version")
	s.fails(`import "example.com/counter/none"`, "has no such package in version v1.0.0: look at the path")
	s.fails(`import "example.com/newer"`, "it needs Go 1.99, this kernel has 1.", "%require an older version")
	s.fails(`import "example.com/program"`, "is a program, not an importable package")
	s.fails(`import "nodots/foo"`, `no package "nodots/foo" in the standard library`)
	s.fails(`import "example.com/counter/internal/x"`, "example.com/counter/internal/x")
	s.fails(`import "example.com/broken"`, "package example.com/broken: does not compile:", filepath.Join(cache, "example.com/broken@v1.0.0/broken.go")+`:4:9: cannot use "one"`)
	s.fails(`x`, "undefined: x")
	s.fails("import \"example.com/panics\"\npanics.First", "panic in an initialiser of a package variable: runtime error: index out of range [0] with length 0")
	s.fails("import \"example.com/panics\"\npanics.First + 1", "panic in an initialiser")
	s.cell("import \"example.com/dep\"\ndep.Version", "v1.1.0")
	s.cell(`%require`, "%require example.com/dep@v1.1.0\n%require example.com/panics@v1.0.0\n")
}

// What was fetched once works without a proxy; what was not is told.
func TestModuleOffline(t *testing.T) {
	proxytest.Serve(t, served)
	s := newScene(t, Options{Dir: t.TempDir()})
	s.cell("import \"example.com/dep\"\ndep.Version", "v1.1.0")
	t.Setenv("GOPROXY", "off")
	s = newScene(t, Options{Dir: t.TempDir()})
	s.fails(`import "example.com/counter"`, "package example.com/counter: its module was never fetched, and GOPROXY=off forbids it: set GOPROXY")
	s.cell("import \"example.com/dep\"\ndep.Version", "v1.1.0")
	t.Setenv("GOPROXY", "http://127.0.0.1:1")
	s = newScene(t, Options{Dir: t.TempDir()})
	s.fails(`import "example.com/counter"`, "its module cannot be fetched, since there is no way to the network: run the cell again when there is")
	s.fails(`%require example.com/counter@v1.0.0`, "there is no way to the network")
	s.cell("import \"example.com/dep\"\ndep.Version", "v1.1.0")
}

func TestRequire(t *testing.T) {
	proxytest.Serve(t, served)
	s := newScene(t, Options{Dir: t.TempDir()})
	s.cell(`%require`, "")
	s.fails(`%require example.com/dep`, "ModuleError: %require takes path@version")
	s.fails(`%require example.com/dep@v7.0.0`, "%require example.com/dep@v7.0.0: there is no such")
	s.cell("%require example.com/dep@v1.0.0\nimport \"example.com/dep\"\ndep.Version", "v1.0.0")
	s.cell(`%require`, "%require example.com/dep@v1.0.0\n")
	const restart = "module example.com/dep is loaded at v1.0.0, and v1.1.0 is asked for: restart the kernel (or %reset), and put %require example.com/dep@v1.1.0 before the first import"
	s.fails(`%require example.com/dep@v1.1.0`, restart)
	s.fails(`import "example.com/user"`, restart)
	s.cell(`%require`, "%require example.com/dep@v1.0.0\n")
	s.cell(`dep.Version`, "v1.0.0")
	s.cell(`%reset`, "")
	s.cell("%require example.com/dep@v1.1.0\nimport \"example.com/dep\"\ndep.Version", "v1.1.0")
	s.cell("import \"example.com/user\"\nuser.Version()", "user of v1.1.0")
}

func TestModuleCompletion(t *testing.T) {
	proxytest.Serve(t, served)
	s := newScene(t, Options{Dir: t.TempDir()})
	s.cell(`import "example.com/counter"`, "")
	const code = "counter.At(1, 2)."
	var texts []string
	for _, m := range s.e.Complete(code, len(code)).Matches {
		texts = append(texts, m.Text)
	}
	if got := strings.Join(texts, " "); got != "X Y" {
		t.Errorf("members: %s", got)
	}
	_, text, found := s.e.Inspect("counter.Add()", len("counter.A"), 0)
	if !found || !strings.Contains(text, "Add counts one more.") || !strings.Contains(text, "package example.com/counter") {
		t.Errorf("inspect: %s", text)
	}
}

// Cells in a module's folder have its packages, internal ones included, with the
// versions that its go.mod names.
func TestSurroundingModule(t *testing.T) {
	proxytest.Serve(t, served)
	dir := module(t, map[string]string{
		"go.mod":                "module example.com/mine\n\ngo 1.26\n\nrequire example.com/dep v1.0.0\n\nreplace example.com/other => ./other\n",
		"util/util.go":          "package util\n\nimport \"example.com/dep\"\n\nfunc Version() string { return dep.Version }\n",
		"internal/deep/deep.go": "package deep\n\nconst N = 3\n",
		"other/go.mod":          "module example.com/other\n\ngo 1.26\n",
		"other/other.go":        "package other\n\nconst Name = \"other\"\n",
		"nb/placeholder.txt":    "",
	})
	s := newScene(t, Options{Dir: filepath.Join(dir, "nb")})
	s.cell("import \"example.com/mine/util\"\nutil.Version()", "v1.0.0")
	s.cell("import \"example.com/mine/internal/deep\"\ndeep.N", "3")
	s.cell("import \"example.com/other\"\nother.Name", "other")
	s.cell("%require", "%require example.com/dep@v1.0.0\n// example.com/mine is in a folder of yours\n// example.com/other is in a folder of yours\n")
	if pins, err := s.e.Pins(t.Context()); err != nil || pins.Require != nil {
		t.Errorf("pins: %+v, %v", pins, err)
	}
	write(t, filepath.Join(dir, "util/util.go"), "package util\n\nfunc Version() string { return \"edited\" }\n")
	const note = "note: package example.com/mine/util was edited after it was loaded: restart the kernel (or %reset) to use it as it is now\n"
	s.cell(`util.Version()`, note+"v1.0.0")
	s.cell(`util.Version()`, "v1.0.0")
	write(t, filepath.Join(dir, "more/more.go"), "package more\n\nimport \"example.com/mine/util\"\n\nfunc Version() string { return util.Version() }\n")
	s.fails("import \"example.com/mine/more\"\nmore.Version()", "package example.com/mine/util: was edited after it was loaded: restart the kernel (or %reset)")
	s.cell(`util.Version()`, "v1.0.0")
	s.cell(`%reset`, "")
	s.cell("import \"example.com/mine/more\"\nmore.Version()", "edited")
}

func TestSurroundingModuleWithoutDots(t *testing.T) {
	proxytest.Serve(t, served)
	dir := module(t, map[string]string{
		"go.mod":       "module lesson\n\ngo 1.26\n",
		"util/util.go": "package util\n\nfunc Name() string { return \"lesson\" }\n",
		"bad/bad.go":   "package bad\n\nvar X = y\n",
	})
	s := newScene(t, Options{Dir: dir})
	s.cell("import \"lesson/util\"\nutil.Name()", "lesson")
	s.fails(`import "lesson/bad"`, "package lesson/bad: does not compile:", filepath.Join(dir, "bad", "bad.go")+":3:9: undefined: y")
	s.fails(`import "lesson/none"`, "lesson/none")
	s.cell(`util.Name()`, "lesson")
}

// A go.mod that is broken, or for a newer Go, is told where a module is asked for.
func TestSurroundingModuleIsWrong(t *testing.T) {
	proxytest.Serve(t, served)
	for text, want := range map[string]string{
		"nonsense\n":                        "package example.com/dep: the module that this notebook is in: ",
		"module example.com/x\n\ngo 1.99\n": "which this notebook is in, needs Go 1.99, this kernel has 1.",
	} {
		s := newScene(t, Options{Dir: module(t, map[string]string{"go.mod": text})})
		s.fails(`import "example.com/dep"`, want)
		s.cell("import \"strings\"\nstrings.ToUpper(\"x\")", "X")
	}
}

func TestWorkspace(t *testing.T) {
	proxytest.Serve(t, served)
	dir := module(t, map[string]string{
		"go.work":  "go 1.26\n\nuse ./a\nuse ./b\n",
		"a/go.mod": "module example.com/a\n\ngo 1.26\n",
		"a/a.go":   "package a\n\nimport \"example.com/b\"\n\nconst Name = \"a and \" + b.Name\n",
		"b/go.mod": "module example.com/b\n\ngo 1.26\n",
		"b/b.go":   "package b\n\nconst Name = \"b\"\n",
	})
	s := newScene(t, Options{Dir: filepath.Join(dir, "a")})
	s.cell("import \"example.com/a\"\na.Name", "a and b")
}

// module writes files below a new folder.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
	}
	return dir
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Programs that are processes of their own have the versions that cells have.
func TestModuleInPrograms(t *testing.T) {
	proxytest.Serve(t, served)
	s := newScene(t, Options{Dir: t.TempDir()})
	s.cell(`%require example.com/dep@v1.0.0`, "")
	const program = "package main\nimport (\"fmt\"; \"example.com/%s\"; \"github.com/rogpeppe/go-internal/txtar\")\nfunc main() { fmt.Println(%[1]s, txtar.New()) }"
	s.cell(strings.ReplaceAll(strings.Replace(program, "%s", "dep", 1), "%[1]s", "dep.Version"), "txtar is here v1.0.0 not the program's\n")
	s.cell("import (\"fmt\"; \"example.com/dep\"; \"github.com/rogpeppe/go-internal/txtar\")\nfunc f() string { return fmt.Sprint(dep.Version, txtar.New()) }", "txtar is here ")
	s.cell(`f()`, "v1.0.0not the program's")
	s.cell("%%race\nfmt.Println(f())", "txtar is here v1.0.0not the program's\nno data races found\n")
	s.fails("package main\nimport \"example.com/none\"\nfunc main() {}", "package example.com/none: there is no such module")
	s.fails("package main\nimport \"example.com/user\"\nfunc main() {}", "module example.com/dep is loaded at v1.0.0, and v1.1.0 is asked for")
	used, err := s.e.Pins(t.Context())
	if err != nil || strings.Join(used.Require, " ") != "example.com/dep@v1.0.0 github.com/rogpeppe/go-internal@v0.0.1" {
		t.Errorf("pins: %+v, %v", used, err)
	}
}

// Pins of a notebook choose versions and sums; what they cannot be is told.
func TestPins(t *testing.T) {
	proxytest.Serve(t, served)
	pins := Pins{Require: []string{"example.com/dep@v1.0.0"}}
	with := func() (Pins, error) { return pins, nil }
	s := newScene(t, Options{Dir: t.TempDir(), Pins: with})
	s.cell("import \"example.com/dep\"\ndep.Version", "v1.0.0")
	used, err := s.e.Pins(t.Context())
	if err != nil || used.Go == "" || strings.Join(used.Require, " ") != "example.com/dep@v1.0.0" || len(used.Sum) != 2 {
		t.Fatalf("pins: %+v, %v", used, err)
	}
	pins = used
	s = newScene(t, Options{Dir: t.TempDir(), Pins: with})
	s.cell(`%require`, "%require example.com/dep@v1.0.0\n")
	s.cell("import \"example.com/dep\"\ndep.Version", "v1.0.0")
	pins.Sum = []string{"example.com/dep v1.0.0 h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}
	s = newScene(t, Options{Dir: t.TempDir(), Pins: with})
	s.fails(`import "example.com/dep"`, "checksum mismatch: what was fetched is not what go.sum or the notebook's metadata.interleave pins")
	for _, bad := range []Pins{
		{Require: []string{"example.com/dep@v1.0.0\nreplace example.com/dep => /tmp"}}, {Require: []string{"example.com/dep"}}, {Sum: []string{"x\ny"}},
	} {
		pins = bad
		s = newScene(t, Options{Dir: t.TempDir(), Pins: with})
		s.fails(`import "example.com/dep"`, "metadata.interleave of the notebook: ")
		s.cell(`1 + 1`, "2")
	}
	pins = Pins{Go: "1.99.1"}
	s = newScene(t, Options{Dir: t.TempDir(), Pins: with})
	s.cell("import \"example.com/dep\"\ndep.Version", "note: this notebook was run with Go 1.99.1, this kernel has "+strings.TrimPrefix(runtime.Version(), "go")+"\nv1.1.0")
	pins = Pins{}
	s = newScene(t, Options{Dir: t.TempDir(), Pins: with})
	s.cell(`1 + 1`, "2")
	if used, err := s.e.Pins(t.Context()); err != nil || used.Go != "" {
		t.Errorf("pins of a session without modules: %+v, %v", used, err)
	}
}

// A panic in a goroutine that errgroup starts is an error of its cell; an interrupt
// reaches it.
func TestErrgroup(t *testing.T) {
	proxytest.Serve(t, `
-- golang.org/x/sync@v0.0.1/errgroup/errgroup.go --
package errgroup

import "sync"

type Group struct {
	wg  sync.WaitGroup
	one sync.Once
	err error
}

func (g *Group) Go(f func() error) {
	g.wg.Go(func() {
		if err := f(); err != nil {
			g.one.Do(func() { g.err = err })
		}
	})
}

func (g *Group) Wait() error { g.wg.Wait(); return g.err }
`)
	s := newScene(t, Options{Dir: t.TempDir()})
	s.cell("import (\"errors\"; \"time\"; \"golang.org/x/sync/errgroup\")\nkept := 1; ready := make(chan int, 1)", "")
	s.cell("var g errgroup.Group\nfor i := range 3 { g.Go(func() error { if i == 1 { return errors.New(\"task 1\") }; return nil }) }\ng.Wait()", "error: task 1")
	s.fails("var p errgroup.Group\np.Go(func() error { var m map[string]int; m[\"x\"] = 1; return nil })\np.Wait()",
		"panic: panic in goroutine started at cell 3:2: assignment to entry in nil map")
	s.cell(`kept`, "1")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { // ends with the cell
		eventually(t.Errorf, func() (bool, string) {
			out := &recorder{}
			s.e.goroutines(ctx, cell.Magic{}, out)
			return strings.Contains(out.String(), "waits to sleep at cell 5:2"), out.String()
		})
		cancel()
	}()
	s.count++
	_, err := s.e.Eval(ctx, Request{Code: "var w errgroup.Group\nw.Go(func() error { time.Sleep(time.Hour); return nil })\nw.Wait()", Count: s.count}, &recorder{})
	if err == nil || !strings.HasPrefix(err.Error(), "Interrupt") {
		t.Errorf("got %v", err)
	}
	s.cell(`kept`, "1")
}

// Modules that people use. Those that cannot be fetched here are skipped, by name.
func TestKnownModules(t *testing.T) {
	for _, tt := range []struct{ require, src, want string }{
		{"github.com/google/uuid@v1.6.0", "import \"github.com/google/uuid\"\nuuid.NewSHA1(uuid.NameSpaceDNS, []byte(\"x\")).Version()", "VERSION_5"},
		{"golang.org/x/sync@v0.20.0", "import \"golang.org/x/sync/errgroup\"\nvar g errgroup.Group\nn := 0\ng.Go(func() error { n = 3; return nil })\ng.Wait()\nn", "3"},
		{"golang.org/x/sys@v0.45.0", "import \"golang.org/x/sys/unix\"\nunix.Getpid() > 0", "true"},
		{"golang.org/x/text@v0.15.0", "import (\"golang.org/x/text/cases\"; \"golang.org/x/text/language\")\ncases.Title(language.English).String(\"hello world\")", "Hello World"},
		{"gonum.org/v1/gonum@v0.17.0", "import \"gonum.org/v1/gonum/mat\"\nmat.Det(mat.NewDense(2, 2, []float64{1, 2, 3, 5}))", "-1.0000000000000004"},
		{"github.com/samber/lo@v1.53.0", "import \"github.com/samber/lo\"\nlo.Sum(lo.Map([]string{\"a\", \"bc\"}, func(s string, _ int) int { return len(s) }))", "3"},
	} {
		t.Run(tt.require, func(t *testing.T) {
			s := newScene(t, Options{Dir: t.TempDir()})
			r := &recorder{}
			_, err := s.e.Eval(t.Context(), Request{Code: "%require " + tt.require, Count: 1}, r)
			if err != nil && strings.Contains(err.Error(), "there is no way to the network") {
				t.Skipf("cannot be fetched here: %v", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			s.cell(tt.src, tt.want)
		})
	}
}
