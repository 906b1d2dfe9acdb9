//go:build !race

package interp

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// The race detector's own memory does not fit below a limit: not with -race.

// Memory against a limit ends in a report.
func TestMemoryLimit(t *testing.T) {
	e, err := New(Options{Sources: sources(), Memory: 512 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	mustRun(t, e, 1, `kept := 1; func f() int { return 5 }`)
	_, err = e.Eval(context.Background(), Request{Code: `var all [][]byte
for { all = append(all, make([]byte, 1<<20)) }`, Count: 2}, &recorder{})
	var x *Error
	if !errors.As(err, &x) || x.Name != "Crash" || !strings.Contains(x.Value, "out of memory") {
		t.Errorf("error is %v", err)
	}
	mustRun(t, e, 3, `f()`)
}
