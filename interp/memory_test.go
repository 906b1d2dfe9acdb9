//go:build !race

package interp

import (
	"context"
	"errors"
	"fmt"
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

// What a cell leaves in the process in front is what later cells may ask for: its
// declarations, not its statements.
func TestKeptOfCells(t *testing.T) {
	for _, test := range []struct {
		name, code string
		most       int // bytes a cell
	}{
		{"a variable and statements", "n%d := sum\n" + strings.Repeat("for i, s := range list { if len(s) > i { sum += len(strings.ToUpper(s)+fmt.Sprint(i, sum)) } }\n", 5), 16 << 10},
		{"a function", "func f%d(list []string) (sum int) { for i, s := range list { if len(s) > i { sum += len(strings.ToUpper(s)+fmt.Sprint(i, sum)) } }; return sum }", 12 << 10},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := newTier(t, Interpreted)
			mustRun(t, e, 1, `import ("fmt"; "strings"); sum := 0; list := []string{"a", "bc"}`)
			const cells = 200
			before := 0
			for n := 2; n < 2*cells; n++ {
				if n == cells {
					before = live()
				}
				mustRun(t, e, n, fmt.Sprintf(test.code, n))
			}
			if kept := (live() - before) / cells; kept > test.most {
				t.Errorf("%d bytes of each cell are kept, more than %d", kept, test.most)
			} else {
				t.Logf("%d bytes of each cell are kept", kept)
			}
		})
	}
}
