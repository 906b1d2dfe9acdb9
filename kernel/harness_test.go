package kernel

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"interleave/kernel/kerneltest"
)

// harness is a kernel that runs in the test's own process.
type harness struct {
	t          testing.TB
	evaluator  *scripted
	connection *kerneltest.Connection
	log        *buffer
	end        context.CancelFunc
	ended      chan struct{} // closed when Run has returned
}

// buffer is a log that can be read while it is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func (b *buffer) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.b.Reset()
}

// start runs a kernel with the scripted evaluator. change, which may be nil, can
// change its options and the fields of its connection file.
func start(t testing.TB, change func(*Options, map[string]any)) *harness {
	t.Helper()
	ev := newScripted()
	h := startWith(t, ev, change)
	h.evaluator = ev
	return h
}

func startWith(t testing.TB, ev Evaluator, change func(*Options, map[string]any)) *harness {
	t.Helper()
	h := &harness{t: t, log: new(buffer), ended: make(chan struct{})}
	o := Options{Version: "1.2.3", Log: h.log, HistoryPath: filepath.Join(t.TempDir(), "history.db")}
	fields := map[string]any{"transport": "tcp", "ip": "127.0.0.1", "key": "secret", "signature_scheme": "hmac-sha256",
		"shell_port": 0, "control_port": 0, "stdin_port": 0, "iopub_port": 0, "hb_port": 0}
	if change != nil {
		change(&o, fields)
	}
	path := connectionFile(t, fields)
	var ctx context.Context
	ctx, h.end = context.WithCancel(context.Background())
	go func() { // ends with the test
		defer close(h.ended)
		if err := Run(ctx, path, ev, o); err != nil {
			t.Errorf("Run: %v", err)
		}
	}()
	t.Cleanup(h.stop)
	h.eventually("ports in the connection file", func() bool {
		h.connection = kerneltest.ReadConnection(t, path)
		return h.connection.HB != 0
	})
	return h
}

func connectionFile(t testing.TB, fields map[string]any) string {
	t.Helper()
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "kernel-1.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (h *harness) dial() *kerneltest.Client { return kerneltest.Dial(h.t, h.connection) }

// stop ends the kernel and waits for it.
func (h *harness) stop() {
	h.end()
	h.waitEnd()
}

func (h *harness) waitEnd() {
	h.t.Helper()
	select {
	case <-h.ended:
	case <-time.After(kerneltest.Patience):
		h.t.Fatal("the kernel did not end")
	}
}

// eventually waits until ok gives true.
func (h *harness) eventually(what string, ok func() bool) {
	h.t.Helper()
	for end := time.Now().Add(kerneltest.Patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("no %s; log: %s", what, h.log)
		}
	}
}

// logged waits for a line with text in the kernel's log.
func (h *harness) logged(text string) {
	h.t.Helper()
	h.eventually("line "+text, func() bool { return strings.Contains(h.log.String(), text) })
}

// equal fails the test unless got is want.
func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// encoded gives v as JSON, to compare it by.
func encoded(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
