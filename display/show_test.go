package display

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

// recorder is a Sink that keeps one line for each call.
type recorder struct {
	mu    sync.Mutex
	calls []string
	ids   []string
	err   error
}

func (r *recorder) note(id, format string, args ...any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, fmt.Sprintf(format, args...))
	r.ids = append(r.ids, id)
	return r.err
}

func (r *recorder) Display(b Bundle, id string, update bool) error {
	return r.note(id, "display %v %v", b.Data["text/plain"], update)
}

func (r *recorder) Clear(wait bool) error { return r.note("", "clear %v", wait) }

func (r *recorder) Input(prompt string, password bool) (string, error) {
	return "typed", r.note("", "input %s%v", prompt, password)
}

// record sets a recorder as the sink for the length of a test.
func record(t *testing.T) *recorder {
	t.Helper()
	r := &recorder{}
	before := Output
	Output = r
	t.Cleanup(func() { Output = before })
	return r
}

func (r *recorder) want(t *testing.T, calls ...string) {
	t.Helper()
	if !reflect.DeepEqual(r.calls, calls) {
		t.Errorf("got  %q\nwant %q", r.calls, calls)
	}
}

func TestShow(t *testing.T) {
	r := record(t)
	h := Show(HTML("<b>a</b>"), 2, nil, errors.New("e"))
	r.want(t, "display a false", "display 2 false", "display <nil> false", "display e false")
	seen := map[string]bool{}
	for _, id := range r.ids {
		seen[id] = true
	}
	if len(seen) != 4 || h.ID() != r.ids[3] {
		t.Errorf("ids %q, handle %s: want four, the last being the handle's", r.ids, h.ID())
	}
}

func TestUpdate(t *testing.T) {
	r := record(t)
	h := Show("0%")
	h.Update("50%")
	h.Update(Markdown("*done*"))
	r.want(t, "display 0% false", "display 50% true", "display *done* true")
	if r.ids[0] != h.ID() || r.ids[1] != h.ID() || r.ids[2] != h.ID() {
		t.Errorf("ids %q, want all %s", r.ids, h.ID())
	}
}

// A handle that shows nothing yet begins with its first Update.
func TestShowNothing(t *testing.T) {
	r := record(t)
	h := Show()
	r.want(t)
	h.Update(1)
	h.Update(2)
	r.want(t, "display 1 false", "display 2 true")
}

// Exactly one of many goroutines that update a new handle shows it first.
func TestUpdateConcurrently(t *testing.T) {
	r := record(t)
	h := Show()
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() { h.Update("x") })
	}
	wg.Wait()
	for i, call := range r.calls {
		if want := fmt.Sprintf("display x %v", i > 0); call != want {
			t.Errorf("call %d is %q, want %q", i, call, want)
		}
	}
}

func TestClear(t *testing.T) {
	r := record(t)
	Clear(true)
	Clear(false)
	r.want(t, "clear true", "clear false")
}

func TestInput(t *testing.T) {
	r := record(t)
	line, err := Input("name: ")
	secret, err2 := Password("key: ")
	if line != "typed" || secret != "typed" || err != nil || err2 != nil {
		t.Errorf("got %q %v, %q %v", line, err, secret, err2)
	}
	r.want(t, "input name: false", "input key: true")
}

// A sink that fails stops no program, but Input tells.
func TestFailingSink(t *testing.T) {
	r := record(t)
	r.err = errors.New("gone")
	Show(1).Update(2)
	Clear(false)
	if _, err := Input(""); !errors.Is(err, r.err) {
		t.Errorf("Input gives %v", err)
	}
}

// readLine takes one line and leaves the rest.
func TestReadLine(t *testing.T) {
	in := strings.NewReader("a\nb\r\n\nlast")
	for _, want := range []string{"a", "b", "", "last"} {
		if got, err := readLine(in); got != want || err != nil {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
	if _, err := readLine(in); err != io.EOF {
		t.Errorf("at the end: %v, want EOF", err)
	}
	broken := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(io.ErrClosedPipe))
	if got, err := readLine(broken); got != "" || err != io.ErrClosedPipe {
		t.Errorf("broken reader: %q, %v", got, err)
	}
	if got, err := readLine(iotest.DataErrReader(strings.NewReader("x\n"))); got != "x" || err != nil {
		t.Errorf("end with the data: %q, %v", got, err)
	}
}

// Without a notebook the plain text is printed.
func ExampleShow() {
	Show(HTML("<b>hi</b>"), 7)
	// Output:
	// hi
	// 7
}

func ExampleHandle_Update() {
	progress := Show("0 %")
	for done := 50; done <= 100; done += 50 {
		progress.Update(fmt.Sprint(done, " %"))
	}
	// Output:
	// 0 %
	// 50 %
	// 100 %
}
