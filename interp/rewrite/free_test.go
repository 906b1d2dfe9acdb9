package rewrite

import (
	"fmt"
	"strings"
	"testing"
)

// A literal that is the value of a variable and uses no local one is a function with a
// slot; what it uses of the session is told. Others stay where they are.
func TestFreeLiterals(t *testing.T) {
	before := []string{"x := 1", "func double(n int) int { return 2 * n }"}
	for _, test := range []struct {
		src  string
		want string // what each uses
	}{
		{"f := func(n int) int { return n + 1 }", "[]"},
		{"var f, g = func(n int) int { return double(n) }, func() int { return x }", "[double.2] [x.1]"},
		{"f := func(n int) func() int { return func() int { return n } }", "[]"},
		{"go func() { x++ }()", ""},
		{"f := func() func() int { y := 2; return func() int { return y } }()", ""},
		{"if y := 1; y > 0 { f := func() int { return y }; _ = f }", ""},
	} {
		p, err := program(t, append(before, test.src)...)
		if err != nil {
			t.Errorf("%s: %v", test.src, err)
			continue
		}
		var got []string
		for _, f := range p.Funcs {
			got = append(got, fmt.Sprint(f.Uses))
			if !strings.Contains(p.Source, "func "+f.Name+"(") {
				t.Errorf("%s: no function %s in\n%s", test.src, f.Name, p.Source)
			}
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%s: functions that use %q, want %q", test.src, s, test.want)
		}
	}
}
