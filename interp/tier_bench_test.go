//go:build !race

package interp

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// tierCells are statements that the interpreter takes; %d makes each a new one. What
// the set-up declares is compiled.
var tierCells = []struct{ name, code string }{
	{"variable", "v%d := 1"},
	{"assign", "n = %d"},
	{"call", "add(n, %d)"},
	{"print", `fmt.Println("line", %d)`},
	{"format", `fmt.Sprintf("%%v %%q", all, %d)`},
	{"map", `seen["a"] = %d`},
	{"append", "all = append(all, %d)"},
	{"library", `strings.Split(strings.Repeat("a,", %d), ",")`},
	{"channel", "pipe <- %d; <-pipe"},
	{"goroutine", "wg.Go(func() { n += %d }); wg.Wait()"},
	{"select", "select { case pipe <- %d: <-pipe; default: }"},
	{"sort", "all = []int{3, 1, 2, %d}; slices.Sort(all)"},
	{"branch", `if n > %d { n-- } else { n++ }`},
	{"loop of 10", "for i := range 10 { n += i * %d }"},
	{"loop of 10,000", "for i := range 10_000 { n += i * %d }"},
	{"function", "func f%d(n int) int { return n + 1 }; add(1, 2)"},
}

// BenchmarkTiers tells for each kind of cell the median round trip in both tiers, and
// how many times as fast the interpreter is: what the classifier rests on.
//
//	go test -gcflags=all=-linkshared ./interp -run XX -bench Tiers -benchtime 40x
func BenchmarkTiers(b *testing.B) {
	e := linked(b)
	mustRun(b, e, 1, `import ("fmt"; "slices"; "strings"; "sync")
var n int; var all []int; var wg sync.WaitGroup
seen, pipe := map[string]int{}, make(chan int, 1)
func add(a, b int) int { return a + b }
_, _ = slices.Sort[[]int], strings.Split`)
	i := 1
	for _, c := range tierCells {
		b.Run(strings.ReplaceAll(c.name, " ", "-"), func(b *testing.B) {
			var took [2][]time.Duration
			for b.Loop() {
				for k, magic := range []string{"%%interpreted\n", "%%native\n"} {
					i++
					code := magic + fmt.Sprintf(c.code, i)
					start := time.Now()
					mustRun(b, e, i, code)
					took[k] = append(took[k], time.Since(start))
				}
			}
			p50 := func(d []time.Duration) float64 { slices.Sort(d); return d[len(d)/2].Seconds() * 1000 }
			interpreted, compiled := p50(took[0]), p50(took[1])
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(interpreted, "interpreted-ms")
			b.ReportMetric(compiled, "compiled-ms")
			b.ReportMetric(compiled/interpreted, "ratio")
		})
	}
}
