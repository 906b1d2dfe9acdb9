package build

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"interleave/interp/native/load"
)

// cells are what is measured: nothing of the library, some of it, much of it.
var cells = []struct {
	name, imports, body string
	cgo                 bool
}{
	{"tiny", "", `1`, false},
	{"fmt", `import "fmt"`, `fmt.Sprintf("%v", []int{1, 2})`, false},
	{"http", "import \"fmt\"\nimport \"net/http\"", `fmt.Sprint(http.StatusText(404), http.DefaultClient.Timeout)`, false},
	{"cgo", "// static int f(void) { return 1; }\nimport \"C\"", `C.f()`, true},
}

// linkers are ways to link: ours with the linker that was found, with ld, and
// cmd/link's own, which starts the C compiler four times.
var linkers = []struct {
	name string
	use  func(l *systemLinker)
}{
	{"own", func(*systemLinker) {}},
	{"ld", func(l *systemLinker) { l.ld = "ld" }},
	{"gcc", func(l *systemLinker) { l.yes = "" }},
}

// BenchmarkBuild tells the medians, in milliseconds, of the steps of a new cell.
func BenchmarkBuild(b *testing.B) {
	serial := 0
	for _, c := range cells {
		for _, l := range linkers {
			b.Run(c.name+"/"+l.name, func(b *testing.B) {
				tc := another(b)
				l.use(tc.linker)
				steps := map[string][]time.Duration{}
				for b.Loop() {
					serial++
					p := unit(fmt.Sprintf("bench%d", serial), fmt.Sprintf("package cell\n%s\nfunc Run() any { return %s }\nvar Unit = map[string]any{\"run\": Run}", c.imports, c.body))
					p.Cgo = c.cgo
					start, before := time.Now(), childCPU()
					step := func(name string) {
						steps[name] = append(steps[name], time.Since(start))
						start = time.Now()
					}
					archive, err := tc.Compile(b.Context(), p)
					if err != nil {
						b.Fatal(err)
					}
					step("compile")
					so, err := tc.Link(b.Context(), p, archive)
					if err != nil {
						b.Fatal(err)
					}
					step("link")
					steps["cpu"] = append(steps["cpu"], childCPU()-before)
					loaded, err := load.Open(so)
					if err != nil {
						b.Fatal(err)
					}
					loaded.Unit["run"].(func() any)()
					step("open")
					if p, err := tc.Build(b.Context(), p); err != nil || !p.Cached {
						b.Fatal(err)
					}
					step("again")
				}
				for name, times := range steps {
					b.ReportMetric(median(times), name+"-ms")
				}
			})
		}
	}
}

// BenchmarkGoBuild is what the go command takes for the same cells, as plugins
// and as programs.
func BenchmarkGoBuild(b *testing.B) {
	for _, c := range cells {
		for _, mode := range []string{"plugin", "exe"} {
			b.Run(c.name+"/"+mode, func(b *testing.B) {
				dir := b.TempDir()
				if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module cell\n\ngo 1.26\n"), 0o644); err != nil {
					b.Fatal(err)
				}
				var times []time.Duration
				serial := 0
				for b.Loop() {
					serial++
					src := fmt.Sprintf("package main\n%s\nfunc Run() any { return %s }\nvar N = %d\nfunc main() { println(Run()) }\n", c.imports, c.body, serial)
					if err := os.WriteFile(filepath.Join(dir, "cell.go"), []byte(src), 0o644); err != nil {
						b.Fatal(err)
					}
					start := time.Now()
					cmd := exec.Command("go", "build", "-buildmode="+mode, "-ldflags=-s -w", "-o", "cell.out", ".")
					cmd.Dir = dir
					if out, err := cmd.CombinedOutput(); err != nil {
						b.Fatal(err, strings.TrimSpace(string(out)))
					}
					times = append(times, time.Since(start))
				}
				b.ReportMetric(median(times[min(1, len(times)-1):]), "build-ms") // the first fills the go command's cache
			})
		}
	}
}

// childCPU is the processor time of the processes that this one waited for.
func childCPU() time.Duration {
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_CHILDREN, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// median is in milliseconds.
func median(times []time.Duration) float64 {
	slices.Sort(times)
	return float64(times[len(times)/2].Microseconds()) / 1000
}
