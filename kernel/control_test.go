package kernel

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"interleave/kernel/kerneltest"
)

// running starts a cell and returns when it runs.
func running(c *kerneltest.Client, code string) string {
	id := c.SendExecute("print STARTED\n" + code)
	c.Type("stream", id)
	return id
}

// interrupters are the ways to interrupt.
var interrupters = map[string]func(*kerneltest.Client){
	"interrupt_request": func(c *kerneltest.Client) { c.Request("control", "interrupt_request", map[string]any{}) },
	"SIGINT":            func(*kerneltest.Client) { _ = syscall.Kill(syscall.Getpid(), syscall.SIGINT) },
}

func TestInterrupt(t *testing.T) {
	for name, interrupt := range interrupters {
		t.Run(name, func(t *testing.T) {
			h := start(t, nil)
			c := h.dial()
			c.Request("control", "interrupt_request", map[string]any{}) // with nothing to interrupt
			cell := running(c, "wait")
			next := c.SendExecute("print a")
			interrupt(c)
			r := c.Collect(cell, "shell")
			equal(t, "cell", r.Status()+" "+r.Reply.Content["ename"].(string), "error Interrupt")
			equal(t, "next", c.Collect(next, "shell").Status(), "aborted")
			_, kills, _ := h.evaluator.saw()
			equal(t, "kills", kills, 0)
			equal(t, "later", c.Execute("value 1").Result(), "1")
		})
	}
}

// A second interrupt kills what the first did not end.
func TestInterruptTwice(t *testing.T) {
	for name, interrupt := range interrupters {
		t.Run(name, func(t *testing.T) {
			h := start(t, nil)
			c := h.dial()
			cell := running(c, "stuck")
			interrupt(c)
			c.Type("stream", cell) // it ignores the first
			interrupt(c)
			equal(t, "cell", c.Collect(cell, "shell").Reply.Content["ename"].(string), "Killed")
			cell = running(c, "wait")
			interrupt(c)
			equal(t, "the next cell's first", c.Collect(cell, "shell").Reply.Content["ename"].(string), "Interrupt")
			_, kills, _ := h.evaluator.saw()
			equal(t, "kills", kills, 1)
		})
	}
}

// The reply arrives with restart as it was asked for, iopub has it too, and the
// kernel ends, whatever runs.
func TestShutdown(t *testing.T) {
	for _, channel := range []string{"control", "shell"} {
		for _, restart := range []bool{true, false} {
			t.Run(fmt.Sprint(channel, restart), func(t *testing.T) {
				h := start(t, nil)
				c := h.dial()
				if channel == "control" {
					running(c, "stuck")
					c.SendExecute("print NEVER")
				}
				r := c.Request(channel, "shutdown_request", map[string]any{"restart": restart})
				equal(t, "restart", r.Reply.Content["restart"].(bool), restart)
				equal(t, "status", r.Status(), "ok")
				equal(t, "iopub", kerneltest.Types(r.IOPub), "busy shutdown_reply idle")
				h.waitEnd()
				if _, _, closed := h.evaluator.saw(); closed == 0 {
					t.Error("the evaluator is not closed")
				}
				for _, m := range c.Pending() {
					if m.Header.MsgType == "stream" && strings.Contains(encoded(m.Content), "NEVER") {
						t.Error("a queued cell ran")
					}
				}
			})
		}
	}
}

func TestTerminate(t *testing.T) {
	h := start(t, nil)
	c := h.dial()
	cell := running(c, "wait")
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	equal(t, "cell", c.Collect(cell, "shell").Status(), "error")
	h.waitEnd()
}

func TestDebug(t *testing.T) {
	c := start(t, nil).dial()
	r := c.Request("control", "debug_request", map[string]any{"type": "request", "seq": 7, "command": "attach", "arguments": map[string]any{}})
	equal(t, "reply", encoded(r.Reply.Content), `{"body":{},"command":"attach","message":"this kernel has no debugger",`+
		`"request_seq":7,"seq":7,"success":false,"type":"response"}`)
}

// A subshell's requests run beside those of the main shell, in their own order.
func TestSubshell(t *testing.T) {
	h := start(t, nil)
	c, side := h.dial(), h.dial()
	created := c.Request("control", "create_subshell_request", map[string]any{}).Reply.Content
	side.Subshell, _ = created["subshell_id"].(string)
	equal(t, "list", list(c), encoded([]string{side.Subshell}))

	main := running(c, "gate g")
	r := side.Execute("print beside")
	equal(t, "beside", r.Text("stdout"), "beside\n")
	var parent kerneltest.Header
	unmarshal(t, r.Reply.Parent, &parent)
	equal(t, "parent", parent.SubshellID, side.Subshell)

	first, second := running(side, "gate h"), side.SendExecute("value 2")
	close(h.evaluator.gate("g"))
	equal(t, "main", c.Collect(main, "shell").Status(), "ok")
	id := side.Subshell
	side.Subshell = "" // the main shell answers: what was sent before is queued by then
	side.Request("shell", "kernel_info_request", map[string]any{})
	side.Subshell = id
	equal(t, "deleted", c.Request("control", "delete_subshell_request", map[string]any{"subshell_id": side.Subshell}).Status(), "ok")
	equal(t, "list", list(c), "[]")
	close(h.evaluator.gate("h"))
	equal(t, "first", side.Collect(first, "shell").Status(), "ok")
	equal(t, "queued before it was deleted", side.Collect(second, "shell").Result(), "2")

	for name, r := range map[string]*kerneltest.Result{
		"request": side.Execute("value 3"),
		"delete":  c.Request("control", "delete_subshell_request", map[string]any{"subshell_id": side.Subshell}),
	} {
		equal(t, name+": status", r.Status(), "error")
		equal(t, name+": ename", r.Reply.Content["ename"].(string), "SubshellNotFound")
		equal(t, name+": iopub", kerneltest.Types(r.IOPub), "busy idle")
	}
}

func list(c *kerneltest.Client) string {
	return encoded(c.Request("control", "list_subshell_request", map[string]any{}).Reply.Content["subshell_id"])
}

// An error in one shell does not abort the cells of another.
func TestSubshellErrors(t *testing.T) {
	h := start(t, nil)
	c, side := h.dial(), h.dial()
	side.Subshell, _ = c.Request("control", "create_subshell_request", map[string]any{}).Reply.Content["subshell_id"].(string)
	running(c, "gate g")
	queued := c.SendExecute("value 1")
	equal(t, "side", side.Execute("fail E").Status(), "error")
	close(h.evaluator.gate("g"))
	equal(t, "main", c.Collect(queued, "shell").Result(), "1")
}
