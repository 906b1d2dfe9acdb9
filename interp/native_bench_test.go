//go:build !race

// It takes hundreds of compiled cells: not with the race detector.

package interp

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// nativeCells are what is measured: nothing of the library, some of it, much of it.
var nativeCells = []struct{ name, imports, body string }{
	{"tiny", "", `1`},
	{"fmt", `import "fmt"`, `fmt.Sprintf("%v", []int{1, 2})`},
	{"http", `import ("fmt"; "net/http")`, `fmt.Sprint(http.StatusText(404), http.DefaultClient.Timeout)`},
}

// BenchmarkNative compares the round trip of a new compiled cell with go build of the
// same program, in rounds in which both take their turn. It tells the medians, in
// milliseconds: cell-ms, build-ms, their ratio x-build, again-ms of a cell that runs
// again unchanged, first-ms of the first compiled cell of a session, and MB-cell, what
// the memory of the child grows by with each cell.
func BenchmarkNative(b *testing.B) {
	const rounds = 15
	for _, c := range nativeCells {
		b.Run(c.name, func(b *testing.B) {
			var times, builds, again []float64
			e, first := firstNative(b, c.imports, c.body)
			before := childMemory(b, e)
			for i := range rounds {
				src := fmt.Sprintf("func f%d() any { return %s }\nf%[1]d()", i, c.body)
				times = append(times, milliseconds(func() { mustRun(b, e, 100+2*i, src) }))
				again = append(again, milliseconds(func() { mustRun(b, e, 101+2*i, src) }))
				builds = append(builds, goBuild(b, c.imports, src))
			}
			memory := (childMemory(b, e) - before) / rounds
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(medianOf(times), "cell-ms")
			b.ReportMetric(medianOf(builds), "build-ms")
			b.ReportMetric(medianOf(times)/medianOf(builds), "x-build")
			b.ReportMetric(medianOf(again), "again-ms")
			b.ReportMetric(first, "first-ms")
			b.ReportMetric(memory, "MB-cell")
		})
	}
}

// firstNative makes an Evaluator whose compiler is ready, as it is a moment after the
// first cell, and tells how long its first compiled cell takes.
func firstNative(b *testing.B, imports, body string) (*Evaluator, float64) {
	e := newTier(b, Auto)
	mustRun(b, e, 1, `import "os"`)
	if imports != "" {
		mustRun(b, e, 2, imports)
	}
	for !e.compiler.isReady() {
		time.Sleep(time.Millisecond)
	}
	serial := time.Now().UnixNano() // no other run has it in its cache
	return e, milliseconds(func() { mustRun(b, e, 3, fmt.Sprintf("func first() (any, int) { return %s, %d }", body, serial)) })
}

func milliseconds(f func()) float64 {
	start := time.Now()
	f()
	return float64(time.Since(start).Microseconds()) / 1000
}

// goBuild tells how long the go command takes to build what a cell says as a program.
func goBuild(b *testing.B, imports, src string) float64 {
	dir := b.TempDir()
	decl, call, _ := strings.Cut(src, "\n")
	text := fmt.Sprintf("package main\n%s\n%s\nvar serial = %d\nfunc main() { println(%s != nil, serial) }\n", imports, decl, time.Now().UnixNano(), call)
	for name, text := range map[string]string{"main.go": text, "go.mod": "module cell\n\ngo 1.26\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	cmd := exec.Command("go", "build", "-ldflags=-s -w", "-o", "cell.out", ".")
	cmd.Dir = dir
	return milliseconds(func() {
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("go build: %v\n%s", err, out)
		}
	})
}

// childMemory is the resident memory of the child in MB.
func childMemory(t testing.TB, e *Evaluator) float64 {
	text := mustRun(t, e, 99, `func() { b, _ := os.ReadFile("/proc/self/statm"); os.Stdout.Write(b) }()`).String()
	pages, err := strconv.ParseFloat(strings.Fields(text)[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * float64(os.Getpagesize()) / 1e6
}

// 300 compiled cells in one session work, each with what earlier ones declared.
func TestManyNativeCells(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles 300 cells")
	}
	e := newTier(t, Native)
	mustRun(t, e, 1, `total := 0; import "os"`)
	before := childMemory(t, e)
	const cells = 300
	for i := range cells {
		src := fmt.Sprintf("func f%d(n int) int { return n + %[1]d }; total += f%[1]d(0)", i)
		if i > 0 {
			src = fmt.Sprintf("func f%d(n int) int { return f%d(n) + 1 }; total = f%[1]d(total) - f%[1]d(0)", i, i-1)
		}
		mustRun(t, e, i+2, src)
	}
	if got := mustRun(t, e, cells+2, `print := func() { os.Stdout.WriteString(string(rune('0' + f299(0) - 299 + total))) }; print()`).String(); got != "0" {
		t.Errorf("f299 and total give %q", got)
	}
	t.Logf("%.2f MB a cell", (childMemory(t, e)-before)/cells)
}
