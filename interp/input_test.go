package interp

import (
	"context"
	"errors"
	"testing"
)

// A refusing output answers no question.
type refusing struct {
	recorder
	why error
}

func (r *refusing) Input(string, bool) (string, error) { return "", r.why }

// A cell that asks in vain says why, once. That the user interrupted it is an interrupt,
// even where the child has not been told to stop yet.
func TestInputRefused(t *testing.T) {
	e := newTier(t, Interpreted)
	mustRun(t, e, 1, `import ("fmt"; "os"; "interleave/display")`)
	for i, test := range []struct {
		why  error
		want string
	}{
		{&Error{Name: "Interrupt", Value: "input: interrupted"}, "Interrupt: interrupted"},
		{&Error{Name: "StdinNotAllowed", Value: "input: takes none"}, "StdinNotImplementedError: input: takes none"},
		{errors.New("nobody is there"), "StdinNotImplementedError: nobody is there"},
	} {
		for j, code := range []string{`var s string; fmt.Scan(&s)`, `display.Input("? ")`, `os.Stdin.Read(make([]byte, 1))`} {
			out := &refusing{recorder{events: make(chan string, 10)}, test.why}
			_, err := e.Eval(context.Background(), Request{Code: code, Count: 2 + 3*i + j}, out)
			if err == nil || err.Error() != test.want {
				t.Errorf("%s: %v, want %s", code, err, test.want)
			}
		}
	}
}
