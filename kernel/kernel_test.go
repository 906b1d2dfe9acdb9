package kernel

import (
	"context"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"interleave/kernel/kerneltest"
)

// A kernel that cannot begin says why in one sentence that names the file, and
// closes its evaluator.
func TestRunErrors(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	taken := busy.Addr().(*net.TCPAddr).Port
	tests := []struct {
		name, field string
		value       any
		want        string
	}{
		{"no field", "shell_port", nil, `field "shell_port" is null`},
		{"transport", "transport", "pigeon", `unknown transport "pigeon"`},
		{"scheme", "signature_scheme", "hmac-md5", `unknown signature_scheme "hmac-md5"`},
		{"port in use", "hb_port", taken, "hb socket: "},
		{"no such address", "ip", "203.0.113.1", "shell socket: "},
	}
	for _, test := range tests {
		fields := map[string]any{"transport": "tcp", "ip": "127.0.0.1", "key": "", "signature_scheme": "hmac-sha256",
			"shell_port": 0, "control_port": 0, "stdin_port": 0, "iopub_port": 0, "hb_port": 0}
		fields[test.field] = test.value
		path := connectionFile(t, fields)
		ev := newScripted()
		err := Run(context.Background(), path, ev, Options{})
		if err == nil || !strings.HasPrefix(err.Error(), "connection file "+path+": ") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
		if strings.Count(err.Error(), "connection file") != 1 || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v is not one sentence", test.name, err)
		}
		equal(t, test.name+": closed", ev.closed, 1)
	}
}

// The kernel serves over every transport, with and without a key.
func TestTransports(t *testing.T) {
	for name, fields := range map[string]map[string]any{
		"IPv6":           {"ip": "::1"},
		"all interfaces": {"ip": "*"},
		"ipc":            {"transport": "ipc", "ip": filepath.Join(t.TempDir(), "k")},
		"no key":         {"key": ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := start(t, func(_ *Options, f map[string]any) {
				for field, value := range fields {
					f[field] = value
				}
			})
			if h.connection.IP == "*" {
				h.connection.IP = "127.0.0.1"
			}
			equal(t, "result", h.dial().Execute("value 1").Result(), "1")
		})
	}
}

// A kernel that ended leaves no goroutine behind.
func TestNothingLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	h := start(t, nil)
	c := h.dial()
	c.Request("control", "create_subshell_request", map[string]any{})
	running(c, "wait")
	c.SendExecute("")
	h.stop()
	c.Close()
	h.eventually("end of all goroutines", func() bool { return runtime.NumGoroutine() <= before })
}

// Many requests at once are all answered, in their order.
func TestBurst(t *testing.T) {
	c := start(t, nil).dial()
	var ids []string
	for range 500 {
		ids = append(ids, c.SendExecute("print a"))
	}
	for i, id := range ids {
		r := c.Collect(id, "shell")
		if r.Text("stdout") != "a\n" || r.Reply.Content["execution_count"] != float64(i+1) {
			t.Fatalf("request %d: %v", i, r.Reply.Content)
		}
	}
}

// A client that goes away while it receives harms nobody.
func TestClientGone(t *testing.T) {
	h := start(t, nil)
	stays := h.dial()
	for range 5 {
		gone := h.dial()
		id := gone.SendExecute(strings.Repeat("print x\n", 200))
		gone.Type("execute_input", id)
		gone.Close()
		stays.Collect(id, "")
	}
	equal(t, "then", stays.Execute("value 1").Result(), "1")
}

// History is kept from session to session, and written without delay for a cell.
func TestHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	share := func(o *Options, _ map[string]any) { o.HistoryPath = path }
	ask := func(c *kerneltest.Client, content map[string]any) string {
		return encoded(c.Request("shell", "history_request", content).Reply.Content)
	}
	first := start(t, share)
	c := first.dial()
	c.Execute("value 1")
	c.Execute("print MARK")
	c.Execute("fail E")
	first.stop()

	c = start(t, share).dial()
	c.Execute("print MARK")
	tests := []struct {
		content map[string]any
		want    string
	}{
		{map[string]any{"hist_access_type": "tail", "n": 2}, `[[1,3,"fail E"],[2,1,"print MARK"]]`},
		{map[string]any{"hist_access_type": "tail", "n": 4, "output": true},
			`[[1,1,["value 1","1"]],[1,2,["print MARK",null]],[1,3,["fail E",null]],[2,1,["print MARK",null]]]`},
		{map[string]any{"hist_access_type": "range", "session": 0, "start": 1, "stop": 5}, `[[2,1,"print MARK"]]`},
		{map[string]any{"hist_access_type": "range", "session": -1, "start": 1, "stop": 2}, `[[1,1,"value 1"]]`},
		{map[string]any{"hist_access_type": "range", "session": 1, "start": 2}, `[[1,2,"print MARK"],[1,3,"fail E"]]`},
		{map[string]any{"hist_access_type": "search", "pattern": "*MARK*", "n": 5}, `[[1,2,"print MARK"],[2,1,"print MARK"]]`},
		{map[string]any{"hist_access_type": "search", "pattern": "*MARK*", "n": 5, "unique": true}, `[[2,1,"print MARK"]]`},
		{map[string]any{"hist_access_type": "search", "pattern": "nothing", "n": 5}, `[]`},
	}
	for _, test := range tests {
		equal(t, encoded(test.content), ask(c, test.content), `{"history":`+test.want+`,"status":"ok"}`)
	}
	r := c.Request("shell", "history_request", map[string]any{"hist_access_type": "all"})
	equal(t, "unknown access", r.Status(), "error")
}

// BenchmarkExecute is a trivial cell's round trip, from request to reply and idle,
// with an evaluator that takes no time. The client's share is in it.
func BenchmarkExecute(b *testing.B) {
	c := start(b, nil).dial()
	for b.Loop() {
		c.Execute("value 2")
	}
}
