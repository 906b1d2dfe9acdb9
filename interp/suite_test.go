package interp

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// suite is what compiled cells are measured by: declared in one cell, called
// from another.
var suite = []struct{ name, decls, call string }{
	{"fib(35)", "func fib(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }", "fib(35)"},
	{"sieve", `func sieve(n int) int {
	composite := make([]bool, n+1)
	count := 0
	for i := 2; i <= n; i++ {
		if composite[i] { continue }
		count++
		for j := i * i; j <= n; j += i { composite[j] = true }
	}
	return count
}`, "sieve(5_000_000)"},
	{"matmul", `type matrix [][]float64
func square(n int) matrix { m := make(matrix, n); for i := range m { m[i] = make([]float64, n); for j := range m[i] { m[i][j] = float64(i*j%7) } }; return m }
func (a matrix) times(b matrix) matrix {
	c := square(len(a))
	for i := range a {
		for j := range b[0] {
			s := 0.0
			for k := range b { s += a[i][k] * b[k][j] }
			c[i][j] = s
		}
	}
	return c
}
func matmul(n int) float64 { m := square(n); return m.times(m)[n/2][n/3] }`, "matmul(300)"},
	{"sort", `func quicksort(a []int) {
	if len(a) < 2 { return }
	p, i, j := a[len(a)/2], 0, len(a)-1
	for i <= j {
		for a[i] < p { i++ }
		for a[j] > p { j-- }
		if i <= j { a[i], a[j] = a[j], a[i]; i++; j-- }
	}
	quicksort(a[:j+1])
	quicksort(a[i:])
}
func sorted(n int) int { a := make([]int, n); x := uint32(1); for i := range a { x = x*1664525 + 1013904223; a[i] = int(x >> 8) }; quicksort(a); return a[n/2] }`, "sorted(1_000_000)"},
	{"strings", `func build(n int) int {
	var b strings.Builder
	for i := 0; i < n; i++ { b.WriteString("item "); b.WriteByte(byte('0' + i%10)); if i%3 == 0 { b.WriteString(strconv.Itoa(i)) } }
	return b.Len()
}`, "build(3_000_000)"},
	{"map", `func update(n int) int { m := map[int]int{}; for i := 0; i < n; i++ { m[i*7919%100_003] += i }; return len(m) + m[1] }`, "update(3_000_000)"},
}

// measured is the cell or the statement that prints how long a call took, in
// nanoseconds of processor time.
func measured(call string) string {
	return `func() { runtime.LockOSThread(); start := cpu(); for range 3 { sink = ` + call + ` }; fmt.Println(cpu() - start) }()`
}

const suiteImports = "import (\"fmt\"; \"runtime\"; \"strconv\"; \"strings\"; \"syscall\"; \"unsafe\")\n"

// suiteCPU has cpu, the processor time of the calling thread: the machine may be
// shared, and getrusage is too coarse.
const suiteCPU = `func cpu() int64 { var t syscall.Timespec; syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 3, uintptr(unsafe.Pointer(&t)), 0); return t.Nano() }
var sink any
`

// BenchmarkSuite compares, for each of the suite, compiled cells with stop checks,
// and without, with a program that go build made, in rounds in which all take their
// turn. It tells the best of the rounds, since the machine only ever adds: go-ms, and
// how many times of that the cells take, x-go, and how many times of cells without checks, x-unchecked.
func BenchmarkSuite(b *testing.B) {
	const rounds = 20
	binary := buildSuite(b)
	var all, checks []float64
	for k, s := range suite {
		b.Run(s.name, func(b *testing.B) {
			on, off := suiteSession(b, s.decls, "on"), suiteSession(b, s.decls, "off")
			var times [3][]float64
			for range rounds {
				out, err := exec.Command(binary, strconv.Itoa(k)).Output()
				if err != nil {
					b.Fatal(err)
				}
				times[0] = append(times[0], nanoseconds(b, string(out)))
				times[1] = append(times[1], nanoseconds(b, on(s.call)))
				times[2] = append(times[2], nanoseconds(b, off(s.call)))
			}
			goTime, cell, unchecked := slices.Min(times[0]), slices.Min(times[1]), slices.Min(times[2])
			all, checks = append(all, cell/goTime), append(checks, cell/unchecked)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(goTime/1e6, "go-ms")
			b.ReportMetric(cell/goTime, "x-go")
			b.ReportMetric(cell/unchecked, "x-unchecked")
		})
	}
	if len(all) == len(suite) {
		b.Logf("of go build: median %.2f, worst %.2f; of no checks: median %.2f, worst %.2f", medianOf(all), slices.Max(all), medianOf(checks), slices.Max(checks))
	}
}

// suiteSession declares decls in one cell; what it gives runs a call in another.
func suiteSession(b *testing.B, decls, checks string) func(call string) string {
	e := newTier(b, Native)
	mustRun(b, e, 1, "%config stop_checks="+checks)
	mustRun(b, e, 2, suiteImports+suiteCPU)
	mustRun(b, e, 3, decls)
	return func(call string) string { return mustRun(b, e, 4, measured(call)).String() }
}

func nanoseconds(b *testing.B, text string) float64 {
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func medianOf(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

func buildSuite(b *testing.B) string {
	var decls, calls strings.Builder
	for i, s := range suite {
		decls.WriteString(s.decls + "\n")
		fmt.Fprintf(&calls, "case \"%d\": %s\n", i, measured(s.call))
	}
	dir := b.TempDir()
	text := "package main\nimport \"os\"\n" + suiteImports + suiteCPU + decls.String() + "func main() { switch os.Args[1] {\n" + calls.String() + "}}\n"
	for name, text := range map[string]string{"main.go": text, "go.mod": "module suite\n\ngo 1.26\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	cmd := exec.Command("go", "build", "-o", "suite.bin", ".")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	return filepath.Join(dir, "suite.bin")
}
