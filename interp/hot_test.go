package interp

import (
	"testing"

	"interleave/interp/cell"
)

// What takes many turns, or an unknown number of them, is compiled.
func TestMayBeHot(t *testing.T) {
	session := newCheck()
	for i, src := range []string{`import "fmt"
xs, n, arr := []int{1}, 3, [4]int{}
var f func(int) int
type big [1 << 20]int
const few, many = 5, 5000`} {
		c, err := cell.Parse(i+1, src)
		if err != nil {
			t.Fatal(err)
		}
		ch, err := session.Check(c)
		if err != nil {
			t.Fatal(err)
		}
		session.Commit(ch, len(c.Items))
	}
	const cool, hot = "", "it has a loop"
	for _, tt := range []struct{ code, want string }{
		{`n++`, cool},
		{`for range 3 { n++ }`, cool},
		{`for i := range few { n += i }`, cool},
		{`for i := range many { n += i }`, hot},
		{`for i := range n { n += i }`, hot},
		{`for i := range int64(1000) { n += int(i) }`, cool},
		{`for range 1001 { n++ }`, hot},
		{`for range 10 { for range 100 { n++ } }`, cool},
		{`for range 10 { for range 101 { n++ } }`, hot},
		{`for range 10 { if n > 1 { for range n { n++ } } }`, hot},
		{`for range 1000 { n++ }; for range 1000 { n++ }`, cool},
		{`for i := 0; i < 10; i++ { n += i }`, cool},
		{`for i := 1; i <= 1000; i++ { n += i }`, cool},
		{`for i := 0; i <= 1000; i++ { n += i }`, hot},
		{`for i := -5000; i < 0; i++ { n += i }`, hot},
		{`for i := 0; i < n; i++ { n += i }`, hot},
		{`for i := 0; i < 10; i++ { i-- }`, hot},
		{`for i := 0; i < 10; i++ { i = 0 }`, hot},
		{`for i := 0; i < 10; i++ { func() { i = 0 }() }`, hot},
		{`for i := 0; i < 10; i++ { p := &i; *p = 0 }`, hot},
		{`for i := 0; i < 10; i++ { for i = range 3 { } }`, hot},
		{`for i := 0; i < 10; i += 0 { n++ }`, hot},
		{`for i := 0; i < 10; n++ { n++ }`, hot},
		{`for i := 0; n < 10; i++ { n++ }`, hot},
		{`for i := 0.0; i < 1; i++ { n++ }`, hot},
		{`for n < 10 { n++ }`, hot},
		{`for { n++; break }`, hot},
		{`for i := range arr { n += i }`, cool},
		{`for i := range (big{}) { n += i }`, hot},
		{`for i := range xs { n += i }`, hot},
		{`for i := range []int{1, 2, 3} { n += i }`, cool},
		{`for i := range []int{1 << 30: 1} { n += i }`, hot},
		{`for _, f := range []func(){func() { for n < 10 { n++ } }} { f() }`, hot},
		{`for range map[int]bool{1: true} { n++ }`, hot},
		{`for i, c := range "abc" { n += i + int(c) }`, cool},
		{`func() { for range 3 { n++ } }()`, hot},
		{`for range 3 { func() { n++ }() }`, cool},
		{`f = func(n int) int { return n + 1 }`, cool},
		{`f = func(n int) int { if n == 0 { return 0 }; return f(n - 1) }`, hot},
		{`func g() {}`, "it declares functions"},
	} {
		c, err := cell.Parse(2, tt.code)
		if err != nil {
			t.Fatal(tt.code, err)
		}
		ch, err := session.Check(c)
		if err != nil {
			t.Fatal(tt.code, err)
		}
		if got := mayBeHot(ch); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.code, got, tt.want)
		}
	}
}
