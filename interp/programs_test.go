package interp

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"interleave/interp/exports"
	"interleave/interp/modules/proxytest"
)

// withoutC leaves the go command on PATH, and no C compiler.
func withoutC(t *testing.T) {
	t.Helper()
	if _, err := exports.Prepare(t.Context(), "", nil); err != nil {
		t.Fatal(err)
	}
	command, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(command, filepath.Join(dir, "go")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
}

// Without a C compiler, programs run, and what needs one says what to install.
func TestWithoutC(t *testing.T) {
	withoutC(t)
	e := newEvaluator(t)
	mustRun(t, e, 1, "x := 1")
	for _, src := range []string{"import \"C\"\nC.int(1)", "%%cpp\nextern \"C\" int f() { return 1; }", "%%race\nx"} {
		_, err := e.Eval(context.Background(), Request{Code: src, Count: 2}, &recorder{})
		var x *Error
		if !errors.As(err, &x) || x.Name != "NoCompiler" || !strings.HasSuffix(x.Value, "C compiler: gcc not found on PATH: install gcc") {
			t.Errorf("%q: error is %v", src, err)
		}
	}
	out := &recorder{}
	if _, err := e.Eval(context.Background(), Request{Code: "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(7) }", Count: 3}, out); err != nil || out.String() != "7\n" {
		t.Errorf("a program printed %q, %v", out, err)
	}
	mustRun(t, e, 4, "x++")
}

// Without the go command, a program says what to install.
func TestProgramsWithoutGo(t *testing.T) {
	if _, err := exports.Prepare(t.Context(), "", nil); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", t.TempDir())
	e := newEvaluator(t)
	for _, src := range []string{"package main\nfunc main() {}", "%%test\nfunc TestX() {}"} {
		_, err := e.Eval(context.Background(), Request{Code: src, Count: 1}, &recorder{})
		if err == nil || !strings.Contains(err.Error(), "go command: not found on PATH: install Go 1.26") {
			t.Errorf("%q: error is %v", src, err)
		}
	}
}

// An interrupt ends a program, which may heed it, and leaves the session alone.
func TestInterruptOfProgram(t *testing.T) {
	for _, tt := range []struct{ name, src, want, printed string }{
		{"heeds", `package main

import ("fmt"; "os"; "os/signal")

func main() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	fmt.Println("ready")
	<-c
	fmt.Println("caught")
}`, "Interrupt: interrupted", "ready\ncaught\n"},
		{"does not heed", `package main

import ("fmt"; "os"; "os/signal")

func main() {
	signal.Ignore(os.Interrupt)
	fmt.Println("ready")
	for {}
}`, "Interrupt: interrupted; the program did not end within 2s and was killed", "ready\n"},
		{"race", "%%race\nfmt.Println(\"ready\"); time.Sleep(time.Hour)", "Interrupt: interrupted", "ready\n"},
		{"test", "%%test -v\nfunc TestX(t *testing.T) { time.Sleep(time.Hour) }", "Interrupt: interrupted", "=== RUN   TestX\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEvaluator(t)
			mustRun(t, e, 1, "import (\"fmt\"; \"testing\"; \"time\")\nkept := 1\nfmt.Sprint(); var _ *testing.T; _ = time.Second")
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			out := &recorder{events: make(chan string, 10)}
			go func() { // ends with the first line
				<-out.events
				cancel()
			}()
			_, err := e.Eval(ctx, Request{Code: tt.src, Count: 2}, out)
			if err == nil || err.Error() != tt.want || !strings.HasPrefix(out.String(), tt.printed) {
				t.Errorf("error is %v, want %s; printed %q", err, tt.want, out)
			}
			mustRun(t, e, 3, "kept++")
		})
	}
}

// An interrupt ends the building of a program.
func TestInterruptOfBuild(t *testing.T) {
	e := newEvaluator(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := e.Eval(ctx, Request{Code: "package main\nfunc main() { print(1) }", Count: 1}, &recorder{})
	if err == nil || err.Error() != "Interrupt: interrupted while the cell was compiled" {
		t.Errorf("error is %v", err)
	}
}

func TestSplitWords(t *testing.T) {
	for text, want := range map[string]string{
		"": "", " -run X ": "-run|X", `-run 'A B' -v`: "-run|A B|-v", `-run="A|B"`: "-run=A|B", `''`: "",
	} {
		got, err := splitWords(text)
		if err != nil || strings.Join(got, "|") != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	if _, err := splitWords(`-run 'A`); err == nil || err.Error() != `-run 'A: a ' without its end` {
		t.Errorf("error is %v", err)
	}
}

// Each magic says in a line what it does.
func TestMagicsHaveHelp(t *testing.T) {
	for name, m := range magics() {
		if m.help == "" || strings.Contains(m.help, "\n") || m.run == nil {
			t.Errorf("%s: %q", name, m.help)
		}
	}
}

// Programs have the modules of the session, in its versions.
func TestProgramsWithModules(t *testing.T) {
	proxytest.Serve(t, served)
	s := newScene(t, Options{Dir: t.TempDir()})
	s.cell(`import ("fmt"; "testing"; "example.com/counter")
func words() int { return counter.Word("two") + counter.Word("thirteen") }
start := counter.At(1, 2)`, "counter is here\n")
	const note = "note: this is a process of its own: variables start as their cells declare them, not with their values in the session: start (cell 1)\n"
	s.cell("%%race\nfmt.Println(words(), start.Y())", note+"counter is here\n14 2\nno data races found\n")
	s.cell("package main\nimport (\"example.com/counter\"; \"fmt\")\nfunc main() { counter.Add(); fmt.Println(counter.Add()) }", "counter is here\n2\n")
	s.cell("package main\nimport (\"example.com/shows\"; \"interleave/display\")\nfunc main() { shows.Bold(\"x\"); display.Show(7) }", "x\n7\n")
	s.fails("package main\nimport \"example.com/nowhere\"\nfunc main() { nowhere.F() }", "CompileError: cell 5:2: ", "example.com/nowhere")
	s.fails("%%test\nfunc TestWords(t *testing.T) { if words() != 3 { t.Fatal(words()) } }", "TestError: failed: TestWords")
}

// Below a magic that takes Go, Go is completed, and may be incomplete.
func TestGoBody(t *testing.T) {
	e := newEvaluator(t)
	mustRun(t, e, 1, "import \"strings\"\nvar _ = strings.ToUpper")
	for _, magic := range []string{"%%test -v", "%%race", "%%native"} {
		code := magic + "\nstrings.HasP"
		if c := e.Complete(code, len(code)); len(c.Matches) != 1 || c.Matches[0].Text != "HasPrefix" || c.End != len(code) {
			t.Errorf("%s: completion is %+v", magic, c)
		}
		if status, indent := e.IsComplete(magic + "\nfunc f() {"); status != "incomplete" || indent != "\t" {
			t.Errorf("%s: it is %s", magic, status)
		}
	}
	if c := e.Complete("%%te\nx", 4); len(c.Matches) != 1 || c.Matches[0].Text != "test" {
		t.Errorf("in the line of the magic: %+v", c)
	}
	if status, _ := e.IsComplete("%%cpp\nint f() {"); status != "complete" {
		t.Errorf("a cell of C++ is %s", status)
	}
}

// C cannot be stopped: it is killed, and declarations come back.
func TestInterruptOfC(t *testing.T) {
	e := newEvaluator(t)
	mustRun(t, e, 1, "// #include <stdio.h>\n// #include <unistd.h>\n// static void spin(void) { printf(\"ready\\n\"); for (;;) usleep(1000); }\n// static int one(void) { return 1; }\nimport \"C\"")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &recorder{events: make(chan string, 10)}
	go func() { // ends with the first line
		<-out.events
		cancel()
	}()
	_, err := e.Eval(ctx, Request{Code: "C.spin()", Count: 2}, out)
	if err == nil || !strings.HasPrefix(err.Error(), "Killed: ") {
		t.Errorf("error is %v", err)
	}
	b, err := e.Eval(t.Context(), Request{Code: "C.one()", Count: 3}, &recorder{})
	if err != nil || b == nil || b.Data["text/plain"] != "1" {
		t.Errorf("afterwards: %v, %v", b, err)
	}
}
