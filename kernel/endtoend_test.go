package kernel

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"interleave/interp"
	"interleave/kernel/kerneltest"
)

// TestMain makes the test binary its own evaluator child, as the program is.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "eval" {
		if err := interp.Child(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// startReal runs a kernel with the real evaluator.
func startReal(t testing.TB) *harness {
	t.Helper()
	ev, err := interp.New(interp.Options{Sources: map[string]fs.FS{"interleave/display": os.DirFS("../display")}})
	if err != nil {
		t.Fatal(err)
	}
	return startWith(t, ev, nil)
}

// Real Go, from a client's socket to the evaluator and back.
func TestRealCells(t *testing.T) {
	c := startReal(t).dial()
	tests := []struct{ code, status, result, stdout, ename string }{
		{code: "1 + 2*3", result: "7"},
		{code: "import (\n\"fmt\"\n\"strings\"\n\"time\"\n)"},
		{code: `fmt.Println("hello, world")`, stdout: "hello, world\n"},
		{code: "x := 41"},
		{code: "x++; x", result: "42"},
		{code: `strings.Repeat("é", 3)`, result: "ééé"},
		{code: "func double(n int) int { return 2 * n }"},
		{code: "double(x)", result: "84"},
		{code: "undefinedFunc(1)", ename: "CompileError"},
		{code: `panic("boom")`, ename: "panic"},
		{code: "for i := 0; i < 3; i++ { fmt.Print(i, \" \") }", stdout: "0 1 2 "},
		{code: "x", result: "42"},
		{code: "time.Duration(1500) * time.Millisecond", result: "1.5s"},
	}
	for i, test := range tests {
		r := c.Execute(test.code)
		status, ename := "ok", ""
		if test.ename != "" {
			status = "error"
			ename, _ = r.Reply.Content["ename"].(string)
		}
		equal(t, test.code, r.Status()+" "+ename, status+" "+test.ename)
		equal(t, test.code+": result", r.Result(), test.result)
		equal(t, test.code+": stdout", r.Text("stdout"), test.stdout)
		equal(t, test.code+": stderr", r.Text("stderr"), "")
		equal(t, test.code+": count", r.Reply.Content["execution_count"].(float64), float64(i+1))
	}
	r := c.Execute("", "user_expressions", map[string]string{"a": "x", "b": "nope"})
	expressions := encoded(r.Reply.Content["user_expressions"])
	for _, want := range []string{`"text/plain":"42"`, `"ename":"CompileError"`} {
		if !strings.Contains(expressions, want) {
			t.Errorf("user_expressions: %s has no %s", expressions, want)
		}
	}
}

// Completion, inspection and completeness answer, also while a cell runs, over a subshell.
func TestRealIntrospection(t *testing.T) {
	h := startReal(t)
	c, side := h.dial(), h.dial()
	c.Execute(`import ("fmt"; "strings"; "time")`)
	side.Subshell, _ = c.Request("control", "create_subshell_request", map[string]any{}).Reply.Content["subshell_id"].(string)
	cell := c.SendExecute(`fmt.Println("STARTED"); time.Sleep(time.Hour)`)
	c.Type("stream", cell)

	code := "// 😀\nstrings.Ha"
	complete := side.Request("shell", "complete_request", map[string]any{"code": code, "cursor_pos": 15}).Reply.Content
	if !strings.Contains(encoded(complete["matches"]), "HasPrefix") || complete["cursor_end"] != 15.0 {
		t.Errorf("complete: %s", encoded(complete))
	}
	inspect := side.Request("shell", "inspect_request", map[string]any{"code": "strings.HasPrefix", "cursor_pos": 17}).Reply.Content
	if inspect["found"] != true || !strings.Contains(encoded(inspect["data"]), "HasPrefix") {
		t.Errorf("inspect: %s", encoded(inspect))
	}
	for code, want := range map[string]string{"x := 1": "complete", "func f() {": "incomplete", "func }{ ) :=": "invalid"} {
		equal(t, code, side.Request("shell", "is_complete_request", map[string]any{"code": code}).Status(), want)
	}

	asked := side.Request("shell", "execute_request", map[string]any{"code": "strings.HasPrefix?"})
	if payload := encoded(asked.Reply.Content["payload"]); !strings.Contains(payload, `"source":"page"`) || !strings.Contains(payload, "HasPrefix reports") {
		t.Errorf("payload: %s", payload)
	}
	equal(t, "published for a question", kerneltest.Types(asked.IOPub), "busy execute_input idle")

	c.Request("control", "interrupt_request", map[string]any{})
	equal(t, "interrupted", c.Collect(cell, "shell").Status(), "error")
	equal(t, "then", c.Execute("1+1").Result(), "2")
}

// A cell reads what the user types, and one that may not is told so.
func TestRealInput(t *testing.T) {
	c := startReal(t).dial()
	const code = "import \"fmt\"\nvar name string\nfmt.Scan(&name)\nfmt.Println(\"GOT\" + name)"
	id := c.SendExecute(code, "allow_stdin", true)
	answer(c, "Zoë", c.Type("input_request", id))
	equal(t, "read", c.Collect(id, "shell").Text("stdout"), "GOTZoë\n")
	if r := c.Execute(code, "allow_stdin", false); strings.Contains(r.Text("stdout"), "GOTZoë") {
		t.Error("a cell that may not ask got an answer")
	}
}

// A goroutine that outlives its cell writes to its own cell.
func TestRealLateOutput(t *testing.T) {
	c := startReal(t).dial()
	first := c.Execute("import \"fmt\"\ngate := make(chan bool)\ngo func() { <-gate; fmt.Println(\"LATE\") }()")
	second := c.Execute("gate <- true")
	equal(t, "late", c.Type("stream", first.ID).Content["text"].(string), "LATE\n")
	equal(t, "second", second.Text("stdout"), "")
}

// The kernel outlives what kills its evaluator.
func TestRealCrash(t *testing.T) {
	c := startReal(t).dial()
	c.Execute("import (\"fmt\"; \"os\")\nfunc twice(n int) int { return 2 * n }")
	r := c.Execute("os.Exit(3)")
	equal(t, "exit", kerneltest.Types(r.Of("error"))+" "+r.Status(), "error error")
	equal(t, "then", c.Execute("twice(21)").Result(), "42")
}

// BenchmarkRealExecute is a trivial cell's round trip with the real evaluator.
func BenchmarkRealExecute(b *testing.B) {
	c := startReal(b).dial()
	c.Execute("1+1")
	for b.Loop() {
		c.Execute("1+1")
	}
}
