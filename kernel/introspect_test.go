package kernel

import (
	"runtime"
	"strings"
	"testing"
)

func TestKernelInfo(t *testing.T) {
	c := start(t, nil).dial()
	for _, channel := range []string{"shell", "control"} {
		r := c.Request(channel, "kernel_info_request", map[string]any{})
		info := r.Reply.Content
		version := strings.TrimPrefix(runtime.Version(), "go")
		equal(t, channel, encoded(info["language_info"]), encoded(map[string]any{"name": "go", "version": version,
			"mimetype": "text/x-go", "file_extension": ".go", "pygments_lexer": "go", "codemirror_mode": "go", "nbconvert_exporter": "script"}))
		for field, want := range map[string]string{"status": `"ok"`, "protocol_version": `"5.5"`, "implementation": `"interleave"`,
			"implementation_version": `"1.2.3"`, "supported_features": `["kernel subshells"]`, "debugger": "false"} {
			equal(t, channel+": "+field, encoded(info[field]), want)
		}
		if banner, _ := info["banner"].(string); banner == "" {
			t.Error("no banner")
		}
		// JupyterLab opens these in a tab of the browser: in a frame they stay blank.
		links, _ := info["help_links"].([]any)
		for _, link := range links {
			equal(t, channel+": a help link", encoded(link.(map[string]any)["newBrowserTab"]), "true")
		}
		if len(links) == 0 {
			t.Error("no help links")
		}
	}
}

// A kernel that still starts its evaluator answers who it is; what needs the
// evaluator waits for it.
func TestInfoWhileACellRuns(t *testing.T) {
	h := start(t, nil)
	c := h.dial()
	cell := c.SendExecute("gate g")
	c.Type("execute_input", cell)
	equal(t, "status", c.Request("control", "kernel_info_request", map[string]any{}).Status(), "ok")
	close(h.evaluator.gate("g"))
	equal(t, "cell", c.Collect(cell, "shell").Status(), "ok")
}

func TestConnect(t *testing.T) {
	h := start(t, nil)
	r := h.dial().Request("shell", "connect_request", map[string]any{})
	n := h.connection
	for field, want := range map[string]int{"shell_port": n.Shell, "control_port": n.Control, "stdin_port": n.Stdin, "iopub_port": n.IOPub, "hb_port": n.HB} {
		equal(t, field, r.Reply.Content[field].(float64), float64(want))
	}
}

// Positions are code points; the types stand beside the matches, one for one.
func TestComplete(t *testing.T) {
	c := start(t, nil).dial()
	tests := []struct {
		code               string
		pos                int
		first              string
		cursorStart, until float64
	}{
		{"fmt.Pr", 6, "fmt.PrPrefix", 0, 6},
		{"// 😀é\nfmt.Pr rest", 12, "fmt.PrPrefix", 6, 12},
		{"ab", 9999, "abPrefix", 0, 2},
		{"ab", -3, "Prefix", 0, 0},
		{"", 0, "Prefix", 0, 0},
	}
	for _, test := range tests {
		content := c.Request("shell", "complete_request", map[string]any{"code": test.code, "cursor_pos": test.pos}).Reply.Content
		equal(t, test.code, content["status"].(string), "ok")
		equal(t, test.code, content["matches"].([]any)[0].(string), test.first)
		equal(t, test.code+": start", content["cursor_start"].(float64), test.cursorStart)
		equal(t, test.code+": end", content["cursor_end"].(float64), test.until)
		types := content["metadata"].(map[string]any)["_jupyter_types_experimental"].([]any)
		equal(t, test.code, len(types), len(content["matches"].([]any)))
		equal(t, test.code, encoded(types[0]), encoded(map[string]any{"text": test.first, "type": "function",
			"start": test.cursorStart, "end": test.until, "signature": "func()"}))
	}
}

func TestInspect(t *testing.T) {
	c := start(t, nil).dial()
	tests := []struct {
		code        string
		pos, detail int
		want        string
	}{
		{"known", 5, 0, `{"data":{"text/markdown":"` + "`known` 5" + `","text/plain":"known, detail 0"},"found":true,"metadata":{},"status":"ok"}`},
		{"known é", 7, 1, `{"data":{"text/markdown":"` + "`known` 8" + `","text/plain":"known, detail 1"},"found":true,"metadata":{},"status":"ok"}`},
		{"nope", 4, 0, `{"data":{},"found":false,"metadata":{},"status":"ok"}`},
	}
	for _, test := range tests {
		r := c.Request("shell", "inspect_request", map[string]any{"code": test.code, "cursor_pos": test.pos, "detail_level": test.detail})
		equal(t, test.code, encoded(r.Reply.Content), test.want)
	}
}

func TestIsComplete(t *testing.T) {
	c := start(t, nil).dial()
	for status, want := range map[string]string{
		"complete":   `{"status":"complete"}`,
		"incomplete": `{"indent":"\t","status":"incomplete"}`,
		"invalid":    `{"status":"invalid"}`,
	} {
		r := c.Request("shell", "is_complete_request", map[string]any{"code": status})
		equal(t, status, encoded(r.Reply.Content), want)
	}
}
