package interp

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"interleave/interp/native/build"
)

// moduleBench are modules that are measured: what the first cell does, and later
// ones, which %d makes new.
var moduleBench = []struct{ name, path, first, later string }{
	{"gonum", "gonum.org/v1/gonum/mat", "import (\"fmt\"; \"gonum.org/v1/gonum/mat\")\nm := mat.NewDense(2, 2, []float64{1, 2, 3, 4})", "func f%d() float64 { var p mat.Dense; p.Mul(m, m); return p.At(0, 0) + %[1]d }; f%[1]d()"},
	{"lo", "github.com/samber/lo", "import (\"fmt\"; \"github.com/samber/lo\")\nn := []int{1, 2, 3}", "func f%d() []string { return lo.Map(n, func(v, _ int) string { return fmt.Sprint(v + %[1]d) }) }; f%[1]d()"},
	{"text", "golang.org/x/text/cases", "import (\"fmt\"; \"golang.org/x/text/cases\"; \"golang.org/x/text/language\")\nc := cases.Title(language.English)", "func f%d() string { return c.String(fmt.Sprint(\"hello \", %[1]d)) }; f%[1]d()"},
}

// BenchmarkLinkModules tells what cells with modules take, linked against the module
// that is linked once, and each with a copy of it, in turn: the first cell, of
// a module that the go command has compiled; the medians of later ones, their shared
// objects, and what each adds to the memory of the child. It fetches the modules.
//
//	go test -gcflags=all=-linkshared ./interp -run ^$ -bench LinkModules -benchtime 20x
func BenchmarkLinkModules(b *testing.B) {
	linked(b)
	for _, c := range moduleBench {
		b.Run(c.name, func(b *testing.B) {
			var es [2]*Evaluator
			for i, way := range []string{"", "modules"} {
				b.Setenv(build.LinkEnv, way)
				e, err := New(Options{Dir: b.TempDir(), Tier: Native, Sources: sources()})
				if err != nil {
					b.Fatal(err)
				}
				b.Cleanup(e.Close)
				if err := e.Link(b.Context()); err != nil {
					b.Fatal(err)
				}
				es[i] = e
			}
			os.Unsetenv(build.LinkEnv)
			names := [2]string{"once", "copy"}
			var took [2][]time.Duration
			var size [2]int64
			var before [2]int
			var first [2]time.Duration
			// The go command compiles the module for whoever comes first.
			fetched, err := New(Options{Dir: b.TempDir(), Tier: Native, Sources: sources()})
			if err != nil {
				b.Fatal(err)
			}
			defer fetched.Close()
			if _, err := fetched.Eval(b.Context(), Request{Code: "import _ \"" + c.path + "\"", Count: 1}, discard{}); err != nil {
				b.Skip(err)
			}
			n := int(time.Now().UnixNano() / 1000 % 1e9) // so that no cell is in the cache
			for i, e := range es {
				e.compiler.inits = make([]initUnit, 1+n%10000) // a number that the module was not linked by before
				start := time.Now()
				mustRun(b, e, 1, c.first+fmt.Sprintf("\nvar v%d int", n))
				first[i] = time.Since(start)
				mustRun(b, e, 2, fmt.Sprintf(c.later, n+i))
				before[i] = resident(b, e)
			}
			cells := 0
			for b.Loop() {
				cells++
				n += 2
				for i, e := range es {
					start := time.Now()
					mustRun(b, e, cells+2, fmt.Sprintf(c.later, n+i))
					took[i] = append(took[i], time.Since(start))
					size[i] = sizeOfLast(b, e)
				}
				if err := copied(es[0]); err != nil {
					b.Fatal(err)
				}
			}
			for i, name := range names {
				b.ReportMetric(first[i].Seconds()*1000, "first-"+name+"-ms")
				slices.Sort(took[i])
				b.ReportMetric(took[i][len(took[i])/2].Seconds()*1000, name+"-ms")
				b.ReportMetric(float64(size[i])/1e6, name+"-MB")
				b.ReportMetric(float64(resident(b, es[i])-before[i])/1024/float64(cells), name+"-KB/cell")
			}
		})
	}
}
