package check

import (
	"fmt"
	"go/ast"
	"testing"

	"interleave/interp/cell"
)

func TestOutside(t *testing.T) {
	s := newTestSession()
	for i, test := range []struct{ src, want string }{
		{"x, y := 1, 2; func f(n int) int { return n }; const c = 3; type point struct{ X int }", ""},
		{"_ = func(n int) int { return n + c }", "{[] [] []}"},
		{"_ = func(n int) int { return f(n) + f(x) + x }", "{[x] [] [f.1]}"},
		{"_ = func(n int) int { m := n; return func() int { return m + y }() }", "{[y] [] []}"},
		{"if z := 1; z > 0 { _ = func() int { return z + point{X: z}.X } }", "{[] [z] []}"},
	} {
		c, err := cell.Parse(i+1, test.src)
		if err != nil {
			t.Fatal(err)
		}
		ch, err := s.Check(c)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, item := range c.Items {
			ast.Inspect(item.Node, func(n ast.Node) bool {
				if lit, ok := n.(*ast.FuncLit); ok && got == "" {
					got = fmt.Sprint(ch.Outside(lit))
				}
				return true
			})
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.src, got, test.want)
		}
		s.Commit(ch, len(c.Items))
	}
}
