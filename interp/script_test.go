package interp

import (
	"context"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"interleave/demos/work"
	"interleave/display"
	"interleave/interp/check"
)

var all = flag.Bool("all", false, "do all that depends on how cells are linked, and all that does not")

// roles are what the test binary is when it is started again.
var roles = map[string]func() error{
	"eval":       Child,
	"worker":     Worker,
	ToolexecRole: func() error { return Toolexec(os.Args[2:]) },
	"demo-server": func() error {
		delay, err := time.ParseDuration(os.Args[2])
		if err != nil {
			return err
		}
		return work.ServeProcess(delay)
	},
}

// TestMain is also the evaluator child, and what demos start: the test binary
// starts itself again.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 || roles[os.Args[1]] == nil {
		if err := verifyShared(); err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(2)
		}
		os.Exit(m.Run())
	}
	if err := roles[os.Args[1]](); err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(2)
	}
	os.Exit(0)
}

// verifyShared has cells linked against this test where it was built for that, with
// go test -gcflags=all=-linkshared: then all tests are tests of such cells.
func verifyShared() error {
	if !builtShared() {
		return nil
	}
	c := newCompiler(Options{Sources: sources()}, nil)
	if err := c.ready(context.Background()); err != nil {
		return err
	}
	return c.verify(context.Background())
}

func builtShared() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-gcflags", Value: "all=-linkshared"})
}

// A recorder is an Output that keeps what it gets.
type recorder struct {
	mu     sync.Mutex
	text   strings.Builder // streams, and displays as <their text>, in order
	stderr strings.Builder
	events chan string // gets every piece too, where it is not nil
	input  func(prompt string) (string, error)
}

func (r *recorder) add(text string) {
	r.mu.Lock()
	r.text.WriteString(text)
	r.mu.Unlock()
	if r.events != nil {
		r.events <- text
	}
}

func (r *recorder) Stream(name, text string) {
	if name == "stderr" {
		r.mu.Lock()
		r.stderr.WriteString(text)
		r.mu.Unlock()
		if r.events != nil {
			r.events <- text
		}
		return
	}
	r.add(text)
}

func (r *recorder) Display(b display.Bundle, id string, update bool) {
	text, _ := b.Data["text/plain"].(string)
	if update {
		text = "update " + text
	}
	r.add("<" + text + ">\n")
}

func (r *recorder) Clear(wait bool) { r.add("<clear>\n") }

func (r *recorder) Input(prompt string, password bool) (string, error) {
	if r.input == nil {
		return "", errors.New("input is not allowed here")
	}
	return r.input(prompt)
}

func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

func (r *recorder) errors() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stderr.String()
}

// sources are the packages of this module that cells may import.
func sources() map[string]fs.FS {
	return map[string]fs.FS{
		"interleave/display": os.DirFS("../display"), "interleave/demos": os.DirFS("../demos"),
		"interleave/demos/grade": os.DirFS("../demos/grade"), "interleave/demos/timeline": os.DirFS("../demos/timeline"),
	}
}

// newEvaluator makes one that interprets what it can.
func newEvaluator(t testing.TB) *Evaluator { return newTier(t, Interpreted) }

func newTier(t testing.TB, tier Tier) *Evaluator {
	t.Helper()
	e, err := New(Options{Sources: sources(), Tier: tier})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

// A session is an Evaluator and what its last cell did.
type session struct {
	e      *Evaluator
	count  int
	last   *recorder
	bundle *display.Bundle
	err    error
	cells  []*recorder
	lines  []string // answers to requests for input
}

func (s *session) run(src string) {
	s.count++
	s.last = &recorder{}
	if s.lines != nil {
		s.last.input = func(string) (string, error) {
			if len(s.lines) == 0 {
				return "", errors.New("no more lines")
			}
			l := s.lines[0]
			s.lines = s.lines[1:]
			return l, nil
		}
	}
	s.cells = append(s.cells, s.last)
	s.bundle, s.err = s.e.Eval(context.Background(), Request{Code: src, Count: s.count}, s.last)
}

// TestScripts runs testdata/script/*.txt. Their commands:
//
//	[!] cell SOURCE|FILE   runs a cell; with !, one that fails
//	result TEXT            its value as text/plain is TEXT; '' for none
//	out TEXT               it printed TEXT, \n standing for a line's end
//	printed PATTERN        what it printed matches PATTERN
//	warned TEXT            it printed TEXT to stderr
//	error TEXT             its error is TEXT, "Name: Value"
//	traceback PATTERN      its traceback matches PATTERN
//	answer LINE...         answers to requests for input from here on
//	late N TEXT            cell N has printed TEXT, now or soon
//
// Each runs in every tier, with -short in the one that is chosen by itself; [auto],
// [interpreted] and [native] tell which it is.
func TestScripts(t *testing.T) {
	tiers := map[string]Tier{"auto": Auto, "interpreted": Interpreted, "native": Native}
	switch { // what a step of install.sh leaves out another one does
	case testing.Short():
		tiers = map[string]Tier{"auto": Auto}
	case *all:
	case builtShared():
		delete(tiers, "interpreted")
	default:
		delete(tiers, "native")
	}
	for name, tier := range tiers {
		t.Run(name, func(t *testing.T) { testScripts(t, name, tier) })
	}
}

// newCheck makes a check session as an Evaluator has one.
func newCheck() *check.Session {
	return check.NewSession(check.Options{Exports: (&Evaluator{o: Options{Note: func(string) {}}}).exports, Sources: sources()})
}

func testScripts(t *testing.T, name string, tier Tier) {
	testscript.Run(t, testscript.Params{
		Dir:       "testdata/script",
		Condition: func(c string) (bool, error) { return c == name, nil },
		Setup: func(env *testscript.Env) error {
			e, err := New(Options{Sources: sources(), Dir: env.WorkDir, Tier: tier})
			if err != nil {
				return err
			}
			env.Defer(e.Close)
			env.Values["session"] = &session{e: e}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"cell": cmdCell, "result": cmdResult, "out": cmdOut, "warned": cmdWarned, "error": cmdError,
			"printed": cmdPrinted, "traceback": cmdTraceback, "answer": cmdAnswer, "late": cmdLate,
		},
	})
}

func theSession(ts *testscript.TestScript) *session { return ts.Value("session").(*session) }

func cmdCell(ts *testscript.TestScript, neg bool, args []string) {
	s := theSession(ts)
	src := strings.Join(args, " ")
	if strings.HasPrefix(src, "%%") {
		src = unescape(src)
	}
	if _, err := os.Stat(ts.MkAbs(args[0])); err == nil && filepath.Ext(args[0]) == ".go" {
		src = ts.ReadFile(args[0])
	}
	s.run(src)
	if (s.err != nil) != neg {
		ts.Fatalf("cell %d: error is %v; printed %q", s.count, s.err, s.last)
	}
}

func cmdResult(ts *testscript.TestScript, neg bool, args []string) {
	got := ""
	if b := theSession(ts).bundle; b != nil {
		got, _ = b.Data["text/plain"].(string)
	}
	same(ts, "result", got, args)
}

func same(ts *testscript.TestScript, what, got string, args []string) {
	want := unescape(strings.Join(args, " "))
	if got != want {
		ts.Fatalf("%s is %q, want %q", what, got, want)
	}
}

func unescape(s string) string { return strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(s) }

func cmdOut(ts *testscript.TestScript, neg bool, args []string) {
	same(ts, "output", theSession(ts).last.String(), args)
}

func cmdPrinted(ts *testscript.TestScript, neg bool, args []string) {
	got := theSession(ts).last.String()
	if regexp.MustCompile(strings.Join(args, " ")).MatchString(got) == neg {
		ts.Fatalf("output is %q", got)
	}
}

func cmdWarned(ts *testscript.TestScript, neg bool, args []string) {
	same(ts, "what it wrote to stderr", theSession(ts).last.errors(), args)
}

func cmdError(ts *testscript.TestScript, neg bool, args []string) {
	got := ""
	if err := theSession(ts).err; err != nil {
		got = err.Error()
	}
	same(ts, "error", got, args)
}

var colour = regexp.MustCompile("\x1b\\[[0-9;]*m")

func cmdTraceback(ts *testscript.TestScript, neg bool, args []string) {
	var e *Error
	errors.As(theSession(ts).err, &e)
	got := ""
	if e != nil {
		got = colour.ReplaceAllString(strings.Join(e.Traceback, "\n"), "")
	}
	if regexp.MustCompile(strings.Join(args, " ")).MatchString(got) == neg {
		ts.Fatalf("traceback is\n%s", got)
	}
}

func cmdAnswer(ts *testscript.TestScript, neg bool, args []string) {
	theSession(ts).lines = args
}

func cmdLate(ts *testscript.TestScript, neg bool, args []string) {
	s := theSession(ts)
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	want := unescape(strings.Join(args[1:], " "))
	eventually(ts.Fatalf, func() (bool, string) {
		got := colour.ReplaceAllString(s.cells[n-1].String()+s.cells[n-1].errors(), "")
		return got == want, got
	})
}
