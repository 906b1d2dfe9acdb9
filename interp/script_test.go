package interp

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"interleave/display"
)

// TestMain is also the evaluator child: the test binary starts itself again.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "eval" {
		if err := Child(); err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(2)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A recorder is an Output that keeps what it gets.
type recorder struct {
	mu    sync.Mutex
	text  strings.Builder // of both streams, in order
	shown []display.Bundle
	input func(prompt string) (string, error)
}

func (r *recorder) Stream(name, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text.WriteString(text)
}

func (r *recorder) Display(b display.Bundle, id string, update bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shown = append(r.shown, b)
	r.text.WriteString("<" + display.Plain(b.Data["text/plain"]) + ">\n")
}

func (r *recorder) Clear(wait bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text.WriteString("<clear>\n")
}

func (r *recorder) Input(prompt string, password bool) (string, error) {
	if r.input == nil {
		return "", errors.New("input is not allowed here")
	}
	return r.input(prompt)
}

func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

func newEvaluator(t testing.TB) *Evaluator {
	t.Helper()
	e, err := New(Options{Sources: Sources()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func TestFirst(t *testing.T) {
	e := newEvaluator(t)
	n := 0
	for _, src := range strings.Split(os.Getenv("CELLS"), "\n---\n") {
		n++
		r := &recorder{}
		b, err := e.Eval(context.Background(), Request{Code: src, Count: n}, r)
		t.Logf("[%d] %s\n   out %q", n, src, r.String())
		if b != nil {
			t.Logf("   result %v", b.Data["text/plain"])
		}
		var x *Error
		if errors.As(err, &x) {
			t.Logf("   error %s: %s\n%s", x.Name, x.Value, strings.Join(x.Traceback, "\n"))
		} else if err != nil {
			t.Logf("   error %v", err)
		}
	}
}
