package kernel

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"interleave/kernel/connection"
	"interleave/kernel/kerneltest"
	"interleave/kernel/wire"
)

// requests has a content for every row of the table.
var requests = map[string]map[string]any{
	"execute_request":         {"code": "print a"},
	"inspect_request":         {"code": "known", "cursor_pos": 1},
	"complete_request":        {"code": "a", "cursor_pos": 1},
	"history_request":         {"hist_access_type": "tail", "n": 1},
	"is_complete_request":     {"code": "complete"},
	"comm_info_request":       {},
	"comm_open":               {"comm_id": "1", "target_name": "nobody", "data": map[string]any{}},
	"comm_msg":                {"comm_id": "1", "data": map[string]any{}},
	"comm_close":              {"comm_id": "1", "data": map[string]any{}},
	"kernel_info_request":     {},
	"connect_request":         {},
	"shutdown_request":        {"restart": false},
	"interrupt_request":       {},
	"debug_request":           {"type": "request", "seq": 1, "command": "debugInfo"},
	"create_subshell_request": {},
	"delete_subshell_request": {"subshell_id": "none"},
	"list_subshell_request":   {},
	"input_reply":             {"value": "x"},
}

// Every request on shell and control is put between busy and idle, and answered on
// its own channel by a reply of its own type, whose parent is the request's header.
func TestEveryRequest(t *testing.T) {
	for kind, row := range handlers {
		content, ok := requests[kind]
		if !ok {
			t.Errorf("%s: no request in this test", kind)
			continue
		}
		for on, channel := range map[int]string{onShell: "shell", onControl: "control"} {
			if row.on&on == 0 {
				continue
			}
			t.Run(kind+" on "+channel, func(t *testing.T) { roundTrip(t, channel, kind, content) })
		}
	}
}

func roundTrip(t *testing.T, channel, kind string, content map[string]any) {
	c := start(t, nil).dial()
	frames, id := c.Frames(kind, content, nil)
	c.SendFrames(channel, frames...)
	replyOn := channel
	if !strings.HasSuffix(kind, "_request") {
		replyOn = "" // comm messages have no replies
	}
	r := c.Collect(id, replyOn)
	types := kerneltest.Types(r.IOPub)
	if !strings.HasPrefix(types, "busy ") || !strings.HasSuffix(types, " idle") || strings.Count(types, "busy") != 1 {
		t.Errorf("iopub: %s", types)
	}
	for _, m := range append(r.IOPub, r.Reply) {
		if m == nil {
			continue
		}
		if string(m.Parent) != string(frames[2]) {
			t.Errorf("%s: parent header is %s, want %s", m.Header.MsgType, m.Parent, frames[2])
		}
		if m.Header.Session == c.Session || m.Header.Session == "" || m.Header.MsgID == id {
			t.Errorf("%s: header %+v is not the kernel's own", m.Header.MsgType, m.Header)
		}
		if _, err := time.Parse(time.RFC3339Nano, m.Header.Date); err != nil || m.Header.Version != "5.5" {
			t.Errorf("%s: header %+v: %v", m.Header.MsgType, m.Header, err)
		}
	}
	if r.Reply != nil {
		equal(t, "type of the reply", r.Reply.Header.MsgType, strings.TrimSuffix(kind, "_request")+"_reply")
	}
}

// What is forged, repeated, damaged or unknown is dropped with one line in the log,
// and the kernel goes on.
func TestDropped(t *testing.T) {
	h := start(t, nil)
	c := h.dial()
	good, _ := c.Frames("execute_request", map[string]any{"code": "print EXECUTED"}, nil)
	with := func(i int, frame string) [][]byte {
		frames := append([][]byte{}, good...)
		frames[i] = []byte(frame)
		return frames
	}
	signed := func(parts ...string) [][]byte {
		frames := [][]byte{[]byte("<IDS|MSG>"), nil}
		for _, part := range parts {
			frames = append(frames, []byte(part))
		}
		frames[1] = []byte(c.Sign(frames[2:]...))
		return frames
	}
	message := func(kind string, content any) [][]byte {
		frames, _ := c.Frames(kind, content, nil)
		return frames
	}
	tests := []struct {
		name   string
		frames [][]byte
		log    string
	}{
		{"garbage", [][]byte{[]byte("garbage")}, "no <IDS|MSG>"},
		{"empty frame", [][]byte{nil}, "no <IDS|MSG>"},
		{"delimiter only", [][]byte{[]byte("<IDS|MSG>")}, "0 frames after"},
		{"too few frames", good[:4], "frames after"},
		{"empty parts", [][]byte{[]byte("<IDS|MSG>"), nil, nil, nil, nil, nil}, "signature is wrong"},
		{"wrong signature", with(1, strings.Repeat("0", 64)), "signature is wrong"},
		{"no signature", with(1, ""), "signature is wrong"},
		{"changed content", with(5, `{"code": "print CHANGED"}`), "signature is wrong"},
		{"header not JSON", signed("{", "{}", "{}", "{}"), "header"},
		{"header a list", signed("[]", "{}", "{}", "{}"), "header"},
		{"all null", signed("null", "null", "null", "null"), "header"},
		{"no type", signed(`{"msg_id": "1"}`, "{}", "{}", "{}"), "header"},
		{"content not JSON", signed(string(good[2]), "{}", "{}", "\xff\xfe"), "content"},
		{"no code", message("execute_request", map[string]any{}), "code"},
		{"code a number", message("execute_request", map[string]any{"code": 5}), "code"},
		{"code null", message("execute_request", map[string]any{"code": nil}), "code"},
		{"silent a word", message("execute_request", map[string]any{"code": "", "silent": "no"}), "silent"},
		{"unknown type", message("bogus_request", map[string]any{}), `unknown type "bogus_request"`},
		{"another channel's", message("input_reply", map[string]any{"value": ""}), `unknown type "input_reply"`},
		{"a reply", message("execute_reply", map[string]any{}), `unknown type "execute_reply"`},
	}
	for _, test := range tests {
		for _, channel := range []string{"shell", "control", "stdin"} {
			if channel == "stdin" && test.log == `unknown type "input_reply"` {
				continue // which is where it belongs
			}
			h.log.reset()
			c.SendFrames(channel, test.frames...)
			h.logged(channel + ": message dropped: ")
			log := h.log.String()
			if strings.Count(log, "\n") != 1 || !strings.Contains(log, test.log) && !strings.Contains(log, "seen before") {
				t.Errorf("%s on %s: log: %q, want one line with %q", test.name, channel, log, test.log)
			}
		}
		equal(t, test.name+": then", c.Execute("value 1").Result(), "1")
	}
	cells, _, _ := h.evaluator.saw()
	equal(t, "cells that ran", cells, len(tests))
}

// A repeated message is not run again.
func TestReplay(t *testing.T) {
	h := start(t, nil)
	c := h.dial()
	frames, id := c.Frames("execute_request", map[string]any{"code": "print a"}, nil)
	c.SendFrames("shell", frames...)
	c.SendFrames("shell", frames...)
	c.Collect(id, "shell")
	c.Execute("")
	cells, _, _ := h.evaluator.saw()
	equal(t, "cells that ran", cells, 2)
	h.logged("seen before")
}

// Fields that the protocol does not know are ignored, and come back in the parent.
func TestExtraFields(t *testing.T) {
	c := start(t, nil).dial()
	frames, id := c.Frames("execute_request", map[string]any{"code": "value 1", "later": map[string]any{"a": 1}}, nil)
	var header map[string]any
	if err := json.Unmarshal(frames[2], &header); err != nil {
		t.Fatal(err)
	}
	header["flavour"] = "sweet"
	frames[2] = []byte(encoded(header))
	frames[1] = []byte(c.Sign(frames[2:]...))
	c.SendFrames("shell", frames...)
	r := c.Collect(id, "shell")
	equal(t, "result", r.Result(), "1")
	if !strings.Contains(string(r.Reply.Parent), `"flavour":"sweet"`) {
		t.Errorf("parent header: %s", r.Reply.Parent)
	}
}

// Replies go to the client that asked; output goes to all.
func TestTwoClients(t *testing.T) {
	h := start(t, nil)
	a, b := h.dial(), h.dial()
	r := a.Execute("print a")
	equal(t, "at the other", b.Collect(r.ID, "").Text("stdout"), "a\n")
	equal(t, "own", b.Execute("value 2").Result(), "2")
	for _, m := range b.Pending() {
		if m.Channel != "iopub" {
			t.Errorf("the other client got %s on %s", m.Header.MsgType, m.Channel)
		}
	}
}

// A new subscriber, and nobody else, is greeted, without a parent.
func TestWelcome(t *testing.T) {
	h := start(t, nil)
	first := h.dial()
	socket, err := kerneltest.DialSocket(h.connection.Endpoint(h.connection.IOPub), "XSUB", "")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	for _, topic := range []string{"", "kernel."} {
		if err := socket.Subscribe(topic); err != nil {
			t.Fatal(err)
		}
		frames, err := socket.Receive()
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "topic", string(frames[0]), topic)
		equal(t, "parent", string(frames[4]), "{}")
		equal(t, "content", string(frames[6]), encoded(map[string]any{"subscription": topic}))
	}
	first.Execute("")
	for _, m := range first.Pending() {
		if m.Header.MsgType == "iopub_welcome" {
			t.Error("another subscriber was greeted too")
		}
	}
}

// listening is a kernel that listens and has not started, and how to reach it. It is
// stopped with the test.
func listening(t *testing.T) (*kernel, *kerneltest.Connection) {
	t.Helper()
	signer, err := wire.NewSigner("hmac-sha256", []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	path := connectionFile(t, map[string]any{"transport": "tcp", "ip": "127.0.0.1", "key": "secret",
		"shell_port": 0, "control_port": 0, "stdin_port": 0, "iopub_port": 0, "hb_port": 0})
	file, err := connection.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	k := newKernel(newScripted(), wire.NewCodec(signer), func() {}, Options{HistoryPath: t.TempDir() + "/history.db"})
	if err := k.listen(file); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.stop)
	return k, kerneltest.ReadConnection(t, path)
}

// starting comes once, without a parent, before all else.
func TestStarting(t *testing.T) {
	k, connection := listening(t)
	c := kerneltest.Dial(t, connection) // subscribed before the start
	k.start()
	c.Execute("")
	c.Execute("")
	starting := c.Type("status", "")
	equal(t, "state", starting.Content["execution_state"].(string), "starting")
	for _, m := range c.Pending() {
		if m.Content["execution_state"] == "starting" {
			t.Error("starting came twice")
		}
	}
}

// The heartbeat echoes, also while a cell runs.
func TestHeartbeat(t *testing.T) {
	h := start(t, nil)
	c := h.dial()
	c.Type("execute_input", c.SendExecute("gate g"))
	socket, err := kerneltest.DialSocket(h.connection.Endpoint(h.connection.HB), "REQ", "")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	for _, ping := range []string{"\x00ping\xff", "", strings.Repeat("x", 1000)} {
		if err := socket.Send(nil, []byte(ping)); err != nil {
			t.Fatal(err)
		}
		frames, err := socket.Receive()
		if err != nil || len(frames) != 2 || string(frames[1]) != ping {
			t.Errorf("sent %q, got %q, %v", ping, frames, err)
		}
	}
}

// The first cell waits for a client whose iopub is connected after its shell, and not
// for ever for one that has none.
func TestFirstCellIsHeard(t *testing.T) {
	k, connection := listening(t)
	k.heard.limit = kerneltest.Patience
	k.start()
	late := kerneltest.Dial(t, connection, "iopub")
	id := late.SendExecute("")
	(&harness{t: t, log: new(buffer)}).eventually("request that waits", k.heard.waiting.Load)
	late.Connect("iopub")
	equal(t, "what it heard", kerneltest.Types(late.Collect(id, "shell").IOPub), "busy execute_input idle")

	deaf := kerneltest.Dial(t, start(t, nil).connection, "iopub")
	deaf.Type("execute_reply", deaf.SendExecute(""))
}
