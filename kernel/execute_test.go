package kernel

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"interleave/kernel/kerneltest"
)

func TestExecute(t *testing.T) {
	c := start(t, nil).dial()
	tests := []struct{ code, iopub, result, stdout, stderr string }{
		{"", "busy execute_input idle", "", "", ""},
		{"value 2", "busy execute_input execute_result idle", "2", "", ""},
		{"print a\nprint b", "busy execute_input stream stream idle", "", "a\nb\n", ""},
		{"warn a", "busy execute_input stream idle", "", "", "a\n"},
		{"print a\nvalue 2", "busy execute_input stream execute_result idle", "2", "a\n", ""},
		{"show id\nupdate id\nclear", "busy execute_input display_data update_display_data clear_output idle", "", "", ""},
	}
	for i, test := range tests {
		r := c.Execute(test.code)
		equal(t, test.code+": iopub", kerneltest.Types(r.IOPub), test.iopub)
		equal(t, test.code+": result", r.Result(), test.result)
		equal(t, test.code+": stdout", r.Text("stdout"), test.stdout)
		equal(t, test.code+": stderr", r.Text("stderr"), test.stderr)
		equal(t, test.code+": reply", encoded(r.Reply.Content),
			fmt.Sprintf(`{"execution_count":%d,"payload":[],"status":"ok","user_expressions":{}}`, i+1))
		input := r.Of("execute_input")[0].Content
		equal(t, test.code+": input", encoded(input), encoded(map[string]any{"code": test.code, "execution_count": i + 1}))
	}
}

// Display data carries its display_id as transient data.
func TestDisplay(t *testing.T) {
	c := start(t, nil).dial()
	r := c.Execute("show id\nupdate id\nshow\nclear wait\nclear")
	var got []string
	for _, m := range r.IOPub {
		if !slices.Contains([]string{"status", "execute_input"}, m.Header.MsgType) {
			got = append(got, encoded(m.Content))
		}
	}
	want := []string{
		`{"data":{"text/plain":"shown"},"metadata":{},"transient":{"display_id":"id"}}`,
		`{"data":{"text/plain":"updated"},"metadata":{},"transient":{"display_id":"id"}}`,
		`{"data":{"text/plain":"shown"},"metadata":{},"transient":{}}`, `{"wait":true}`, `{"wait":false}`,
	}
	equal(t, "messages", strings.Join(got, "\n"), strings.Join(want, "\n"))
}

// The count rises with cells that go into the history and with no others; every
// reply has it.
func TestExecutionCount(t *testing.T) {
	h := start(t, nil)
	c := h.dial()
	tests := []struct {
		code          string
		silent, store bool
		count         float64
	}{
		{"", false, true, 1}, {"", false, true, 2}, {"", false, false, 2}, {"", true, false, 2}, {"", true, true, 2},
		{"fail E", false, true, 3}, {"fail E", true, true, 3}, {"", false, true, 4},
	}
	for _, test := range tests {
		r := c.Execute(test.code, "silent", test.silent, "store_history", test.store)
		equal(t, fmt.Sprintf("%+v", test), r.Reply.Content["execution_count"].(float64), test.count)
	}
	h.evaluator.mu.Lock()
	equal(t, "counts of the evaluator", fmt.Sprint(h.evaluator.counts), "[1 2 2 2 2 3 3 4]")
	h.evaluator.mu.Unlock()
	history := c.Request("shell", "history_request", map[string]any{"hist_access_type": "tail", "n": 10})
	equal(t, "entries", len(history.Reply.Content["history"].([]any)), 4)
}

func TestSilent(t *testing.T) {
	c := start(t, nil).dial()
	for _, code := range []string{"print a\nwarn b\nshow x\nclear\nvalue 1", "fail E"} {
		r := c.Execute(code, "silent", true)
		equal(t, code, kerneltest.Types(r.IOPub), "busy idle")
	}
}

// An error is one message, whose name is the reply's too, and no text on stderr.
func TestError(t *testing.T) {
	c := start(t, nil).dial()
	tests := []struct{ code, want string }{
		{"fail Boom", `{"ename":"Boom","evalue":"it failed","traceback":["cell 1:1","it failed"]}`},
		{"err plain words", `{"ename":"Error","evalue":"plain words","traceback":["Error: plain words"]}`},
		{"nonsense", `{"ename":"CompileError","evalue":"undefined: nonsense","traceback":["CompileError: undefined: nonsense"]}`},
	}
	for i, test := range tests {
		r := c.Execute(test.code)
		equal(t, test.code, kerneltest.Types(r.IOPub), "busy execute_input error idle")
		equal(t, test.code, encoded(r.Of("error")[0].Content), test.want)
		var rest string
		for _, field := range []string{"ename", "evalue", "traceback"} {
			rest += encoded(r.Reply.Content[field])
		}
		error := r.Of("error")[0].Content
		equal(t, test.code+": reply", rest, encoded(error["ename"])+encoded(error["evalue"])+encoded(error["traceback"]))
		equal(t, test.code+": status", r.Status(), "error")
		equal(t, test.code+": count", r.Reply.Content["execution_count"].(float64), float64(i+1))
	}
}

// A fault of the kernel itself is an error of the request that met it.
func TestFault(t *testing.T) {
	h := start(t, nil)
	c := h.dial()
	r := c.Execute("panic in the kernel")
	equal(t, "reply", r.Status()+" "+encoded(r.Reply.Content["ename"]), `error "KernelFault"`)
	h.logged("fault in the kernel: in the kernel")
	equal(t, "next", c.Execute("value 1").Result(), "1")
}

// queue sends a failing cell and two more in one go, and gives the statuses of their
// replies and what they printed.
func queue(c *kerneltest.Client, stop bool) string {
	var ids, got []string
	var messages [][][]byte
	for _, code := range []string{"fail E", "print a", "print b"} {
		frames, id := c.Frames("execute_request", map[string]any{"code": code, "stop_on_error": stop}, nil)
		messages, ids = append(messages, frames), append(ids, id)
	}
	for _, frames := range messages {
		c.SendFrames("shell", frames...)
	}
	for _, id := range ids {
		r := c.Collect(id, "shell")
		got = append(got, r.Status()+":"+r.Text("stdout"))
	}
	return strings.Join(got, " ")
}

// However fast the first cell fails, what was sent along with it does not run.
func TestStopOnError(t *testing.T) {
	c := start(t, nil).dial()
	for range 20 {
		equal(t, "stop", queue(c, true), "error: aborted: aborted:")
		equal(t, "go on", queue(c, false), "error: ok:a\n ok:b\n")
	}
}

// Cells sent after the failure is known run, also from a client whose clock is wrong.
func TestAfterError(t *testing.T) {
	c := start(t, nil).dial()
	for range 20 {
		equal(t, "first", c.Execute("fail E").Status(), "error")
		equal(t, "next", c.Execute("print a").Status(), "ok")
	}
	c.Skew = -time.Hour
	time.Sleep(2 * abortGrace) // nobody reads and clicks sooner
	equal(t, "first", c.Execute("fail E").Status(), "error")
	time.Sleep(2 * abortGrace)
	equal(t, "next", c.Execute("print a").Status(), "ok")
}

// Only cells are aborted.
func TestAbortedOthers(t *testing.T) {
	h := start(t, nil)
	c := h.dial()
	failing := c.SendExecute("gate g\nfail E")
	info := c.Send("shell", "kernel_info_request", map[string]any{})
	cell := c.SendExecute("print a")
	close(h.evaluator.gate("g"))
	equal(t, "failing", c.Collect(failing, "shell").Status(), "error")
	equal(t, "info", c.Collect(info, "shell").Status(), "ok")
	r := c.Collect(cell, "shell")
	equal(t, "aborted", r.Status()+" "+kerneltest.Types(r.IOPub), "aborted busy idle")
	equal(t, "aborted", encoded(r.Reply.Content), `{"status":"aborted"}`) // no number: JupyterLab would write it beside the cell
}

func TestUserExpressions(t *testing.T) {
	c := start(t, nil).dial()
	r := c.Execute("value 1", "user_expressions", map[string]string{"a": "value 2", "b": "fail Bad", "c": ""})
	equal(t, "status", r.Status(), "ok")
	equal(t, "expressions", encoded(r.Reply.Content["user_expressions"]), `{"a":{"data":{"text/plain":"2"},"metadata":{},"status":"ok"},`+
		`"b":{"ename":"Bad","evalue":"it failed","status":"error","traceback":["cell 1:1","it failed"]},`+
		`"c":{"data":{},"metadata":{},"status":"ok"}}`)
	r = c.Execute("fail E", "user_expressions", map[string]string{"a": "value 2"})
	equal(t, "after an error", encoded(r.Reply.Content["user_expressions"]), "{}")
}

// What a goroutine writes after its cell has ended belongs to that cell; it cannot
// ask the user any more.
func TestLateOutput(t *testing.T) {
	h := start(t, nil)
	c := h.dial()
	first := c.Execute("late g", "allow_stdin", true)
	second := c.SendExecute("gate h")
	c.Type("execute_input", second)
	close(h.evaluator.gate("g"))
	equal(t, "text", c.Type("stream", first.ID).Content["text"].(string), "LATE\n")
	equal(t, "input", c.Type("stream", first.ID).Content["text"].(string), errEnded.Error()+"\n")
	close(h.evaluator.gate("h"))
	equal(t, "second", c.Collect(second, "shell").Text("stdout"), "")
}
