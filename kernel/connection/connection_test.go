package connection

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const good = `{"transport": "tcp", "ip": "127.0.0.1", "key": "k", "signature_scheme": "hmac-sha256",
	"shell_port": 1, "control_port": 2, "stdin_port": 3, "iopub_port": 4, "hb_port": 5, "kernel_name": "go"}`

// write makes a connection file with text and gives its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kernel-1.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadErrors(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"empty", good, "", "file is empty"},
		{"not JSON", good, "{", "not a JSON object: unexpected end of JSON input"},
		{"an array", good, "[]", "not a JSON object"},
		{"null", good, "null", `no field "`},
		{"no shell_port", `"shell_port"`, `"shell"`, `no field "shell_port"`},
		{"no hb_port", `"hb_port"`, `"hb"`, `no field "hb_port"`},
		{"no key", `"key"`, `"lock"`, `no field "key"`},
		{"no transport", `"transport"`, `"via"`, `no field "transport"`},
		{"no ip", `"ip"`, `"address"`, `no field "ip"`},
		{"empty ip", `"127.0.0.1"`, `""`, `field "ip" is empty`},
		{"a port of text", `"stdin_port": 3`, `"stdin_port": "3"`, `field "stdin_port" is "3", not a port from 0 to 65535`},
		{"a port of null", `"stdin_port": 3`, `"stdin_port": null`, `field "stdin_port" is null, not a port`},
		{"a port too high", `"stdin_port": 3`, `"stdin_port": 65536`, `field "stdin_port" is 65536, not a port`},
		{"a port below 0", `"stdin_port": 3`, `"stdin_port": -1`, `field "stdin_port" is -1, not a port`},
		{"transport", `"tcp"`, `"pigeon"`, `unknown transport "pigeon": only tcp and ipc are supported`},
		{"scheme", `"hmac-sha256"`, `"hmac-md5"`, `unknown signature_scheme "hmac-md5": want hmac-sha256`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, strings.Replace(good, test.old, test.new, 1))
			_, err := Read(path)
			if err == nil || !strings.Contains(err.Error(), "connection file "+path+": "+test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestReadMissing(t *testing.T) {
	_, err := Read("no/such.json")
	if want := "connection file no/such.json: no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestEndpoint(t *testing.T) {
	dir := t.TempDir()
	tests := []struct {
		transport, ip string
		port          int
		want          string
	}{
		{"tcp", "127.0.0.1", 7, "tcp://127.0.0.1:7"},
		{"tcp", "::1", 0, "tcp://[::1]:0"},
		{"tcp", "[::1]", 0, "tcp://[::1]:0"},
		{"tcp", "*", 7, "tcp://*:7"},
		{"ipc", dir + "/k", 7, "ipc://" + dir + "/k-7"},
	}
	for _, test := range tests {
		f := File{Transport: test.transport, IP: test.ip, Ports: map[string]int{"shell": test.port}}
		if got := f.Endpoint("shell"); got != test.want {
			t.Errorf("%s %s: got %s, want %s", test.transport, test.ip, got, test.want)
		}
	}
}

// An ipc kernel that may choose takes numbers that nobody has.
func TestEndpointChoosesNumbers(t *testing.T) {
	start := filepath.Join(t.TempDir(), "k")
	if err := os.WriteFile(start+"-2", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := File{Transport: "ipc", IP: start, Ports: map[string]int{"shell": 0, "control": 0, "stdin": 3, "iopub": 0}}
	for channel, want := range map[string]string{"shell": "", "control": "", "iopub": "", "stdin": start + "-3"} {
		got := strings.TrimPrefix(f.Endpoint(channel), "ipc://")
		if want != "" && got != want || want == "" && (got == start+"-2" || got == start+"-3") {
			t.Errorf("%s: got %s", channel, got)
		}
	}
	seen := map[int]bool{}
	for _, port := range f.Ports {
		seen[port] = true
	}
	if len(seen) != 4 || seen[0] {
		t.Errorf("ports %v are not four different numbers", f.Ports)
	}
}

func TestWriteKeepsUnknownFields(t *testing.T) {
	path := write(t, strings.Replace(good, `"shell_port": 1`, `"shell_port": 0`, 1))
	f, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	f.Ports["shell"] = 4711
	if err := f.Write(); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(path)
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{"shell_port": 4711.0, "hb_port": 5.0, "kernel_name": "go", "key": "k"} {
		if fields[name] != want {
			t.Errorf("%s is %v, want %v", name, fields[name], want)
		}
	}
	again, err := Read(path)
	if err != nil || again.Ports["shell"] != 4711 {
		t.Errorf("read again: %v, %v", again, err)
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
