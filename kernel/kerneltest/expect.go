package kerneltest

import (
	"strings"
	"time"
)

// Next gives the first message that is wanted, of those that were not given yet.
// The others stay for later, in their order. It fails the test when none comes.
func (c *Client) Next(what string, wanted func(*Message) bool) *Message {
	c.t.Helper()
	for i, m := range c.later {
		if wanted(m) {
			c.later = append(c.later[:i:i], c.later[i+1:]...)
			return m
		}
	}
	patience := time.NewTimer(Patience)
	defer patience.Stop()
	for {
		select {
		case m := <-c.in:
			if wanted(m) {
				return m
			}
			c.later = append(c.later, m)
		case <-patience.C:
			c.t.Fatalf("no %s came; what came: %s", what, Types(c.later))
		}
	}
}

// Type gives the next message of a type that answers the request id.
func (c *Client) Type(kind, id string) *Message {
	c.t.Helper()
	return c.Next(kind, func(m *Message) bool { return m.Header.MsgType == kind && m.ParentID() == id })
}

// Result is all that a request gave.
type Result struct {
	ID    string
	Reply *Message   // nil for a request without a reply
	IOPub []*Message // from busy to idle, both included
}

// Request sends a request and gives what came of it.
func (c *Client) Request(channel, kind string, content any) *Result {
	c.t.Helper()
	return c.Collect(c.Send(channel, kind, content), channel)
}

// Collect waits for the reply to a request that was sent on channel, and for idle.
// An empty channel means that no reply is due.
func (c *Client) Collect(id, channel string) *Result {
	c.t.Helper()
	r := &Result{ID: id}
	idle := false
	for !idle || channel != "" && r.Reply == nil {
		m := c.Next("reply and idle", func(m *Message) bool {
			return m.ParentID() == id && (m.Channel == "iopub" || m.Channel == channel)
		})
		if m.Channel == "iopub" {
			r.IOPub = append(r.IOPub, m)
			idle = m.Header.MsgType == "status" && m.Content["execution_state"] == "idle"
		} else {
			r.Reply = m
		}
	}
	return r
}

// Execute runs a cell. More pairs of name and value change the request's content.
func (c *Client) Execute(code string, more ...any) *Result {
	c.t.Helper()
	return c.Collect(c.SendExecute(code, more...), "shell")
}

// SendExecute sends an execute_request and gives its msg_id.
func (c *Client) SendExecute(code string, more ...any) string {
	c.t.Helper()
	content := map[string]any{"code": code, "silent": false, "store_history": true,
		"user_expressions": map[string]any{}, "allow_stdin": false, "stop_on_error": true}
	for i := 0; i+1 < len(more); i += 2 {
		content[more[i].(string)] = more[i+1]
	}
	return c.Send("shell", "execute_request", content)
}

// Types gives the messages' types, a status as its state: "busy stream idle".
func Types(messages []*Message) string {
	var types []string
	for _, m := range messages {
		kind := m.Header.MsgType
		if state, ok := m.Content["execution_state"].(string); ok && kind == "status" {
			kind = state
		}
		types = append(types, kind)
	}
	return strings.Join(types, " ")
}

// Of gives the messages of a type.
func (r *Result) Of(kind string) []*Message {
	var found []*Message
	for _, m := range r.IOPub {
		if m.Header.MsgType == kind {
			found = append(found, m)
		}
	}
	return found
}

// Text gives all that was written to a stream.
func (r *Result) Text(stream string) string {
	var b strings.Builder
	for _, m := range r.Of("stream") {
		if m.Content["name"] == stream {
			b.WriteString(m.Content["text"].(string))
		}
	}
	return b.String()
}

// Status gives the status of the reply.
func (r *Result) Status() string {
	status, _ := r.Reply.Content["status"].(string)
	return status
}

// Result gives the text/plain of the execute_result, and "" if there is none.
func (r *Result) Result() string {
	for _, m := range r.Of("execute_result") {
		return m.Content["data"].(map[string]any)["text/plain"].(string)
	}
	return ""
}

// Pending gives the messages that came and were not asked for.
func (c *Client) Pending() []*Message {
	for {
		select {
		case m := <-c.in:
			c.later = append(c.later, m)
		default:
			return c.later
		}
	}
}
