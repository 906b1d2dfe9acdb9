package kernel

import (
	"encoding/json"
	"testing"

	"interleave/kernel/kerneltest"
)

func unmarshal(t *testing.T, b []byte, to any) {
	t.Helper()
	if err := json.Unmarshal(b, to); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
}

// answer sends an input_reply, to a request with a header or to whatever is asked.
func answer(c *kerneltest.Client, value string, request *kerneltest.Message) {
	var parent json.RawMessage
	if request != nil {
		parent = json.RawMessage(encoded(request.Header))
	}
	frames, _ := c.Frames("input_reply", map[string]any{"value": value, "status": "ok"}, parent)
	c.SendFrames("stdin", frames...)
}

// A question goes to the client that sent the cell and to no other; its answer
// comes back to the cell.
func TestInput(t *testing.T) {
	h := start(t, nil)
	c, other := h.dial(), h.dial()
	for name, test := range map[string]struct {
		code, want string
		parent     bool
	}{
		"input":                    {"input name? ", `{"password":false,"prompt":"name?"}`, true},
		"password":                 {"password secret", `{"password":true,"prompt":"secret"}`, true},
		"a client without parents": {"input", `{"password":false,"prompt":""}`, false},
	} {
		id := c.SendExecute(test.code, "allow_stdin", true)
		m := c.Type("input_request", id)
		equal(t, name, m.Channel+" "+encoded(m.Content), "stdin "+test.want)
		if !test.parent {
			m = nil
		}
		answer(c, "Zoë", m)
		equal(t, name, c.Collect(id, "shell").Text("stdout"), "GOTZoë\n")
	}
	for _, m := range other.Pending() {
		equal(t, "at the other client", m.Channel, "iopub")
	}
}

func TestInputNotAllowed(t *testing.T) {
	c := start(t, nil).dial()
	r := c.Execute("input name?", "allow_stdin", false)
	equal(t, "reply", r.Status()+" "+r.Reply.Content["ename"].(string), "error StdinNotAllowed")
	for _, m := range c.Pending() {
		equal(t, m.Header.MsgType+" came on", m.Channel, "iopub")
	}
}

// A client opens its channels side by side: one whose stdin comes after its cell is
// asked as well, and one that never opens it is told so, also when it interrupts.
func TestInputBeforeStdin(t *testing.T) {
	h := start(t, nil)
	c := kerneltest.Dial(t, h.connection, "stdin")
	id := c.SendExecute("input name?", "allow_stdin", true)
	c.Type("execute_input", id)
	c.Connect("stdin")
	answer(c, "late", c.Type("input_request", id))
	equal(t, "stdout", c.Collect(id, "shell").Text("stdout"), "GOTlate\n")

	deaf := kerneltest.Dial(t, h.connection, "stdin")
	r := deaf.Execute("input", "allow_stdin", true)
	equal(t, "reply", r.Reply.Content["evalue"].(string), "input: this front-end has no stdin channel open")
	id = deaf.SendExecute("input", "allow_stdin", true)
	deaf.Type("execute_input", id)
	deaf.Request("control", "interrupt_request", map[string]any{})
	equal(t, "interrupted", deaf.Collect(id, "shell").Reply.Content["ename"].(string), "Interrupt")
}

// An interrupt ends the wait; the answer that comes later is not taken for the
// answer to the next question, nor is one from another client.
func TestInputInterrupted(t *testing.T) {
	h := start(t, nil)
	c, other := h.dial(), h.dial()
	first := c.SendExecute("input one", "allow_stdin", true)
	old := c.Type("input_request", first)
	c.Request("control", "interrupt_request", map[string]any{})
	equal(t, "first", c.Collect(first, "shell").Reply.Content["ename"].(string), "Interrupt")

	answer(c, "nobody asks", nil)
	h.logged("input_reply dropped")
	second := c.SendExecute("input two", "allow_stdin", true)
	request := c.Type("input_request", second)
	h.log.reset()
	answer(c, "too late", old)
	h.logged("input_reply dropped")
	h.log.reset()
	answer(other, "not asked", request)
	h.logged("input_reply dropped")
	answer(c, "right", request)
	equal(t, "second", c.Collect(second, "shell").Text("stdout"), "GOTright\n")
}

// The kernel can end while a cell waits for input.
func TestInputAtTheEnd(t *testing.T) {
	h := start(t, nil)
	c := h.dial()
	c.Type("input_request", c.SendExecute("input", "allow_stdin", true))
	equal(t, "shutdown", c.Request("control", "shutdown_request", map[string]any{"restart": false}).Status(), "ok")
	h.waitEnd()
}
