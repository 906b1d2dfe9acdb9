package interp

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"interleave/interp/modules/proxytest"
	"interleave/interp/native/build"
)

// linked makes an Evaluator that compiles every cell, linked against this test; it
// skips where this test was not built for that.
func linked(t testing.TB) *Evaluator {
	t.Helper()
	if !builtShared() {
		t.Skip("this test was built without -gcflags=all=-linkshared")
	}
	e := newTier(t, Native)
	if err := e.Link(t.Context()); err != nil {
		t.Fatal(err)
	}
	return e
}

// apart tells why the last cell of e was not linked against this test.
func apart(e *Evaluator) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.choice.linked.Apart
}

// ordinarily makes an Evaluator whose cells get a copy of the library.
func ordinarily(t testing.TB) *Evaluator {
	t.Helper()
	t.Setenv(build.LinkEnv, "ordinary")
	e := newTier(t, Native)
	if err := e.Link(t.Context()); err == nil || !strings.Contains(err.Error(), build.LinkEnv) {
		t.Fatalf("the way to link cannot be chosen: %v", err)
	}
	os.Unsetenv(build.LinkEnv)
	return e
}

// The self-test fails, and says why, where a cell does not do what it should.
func TestSelfTestFails(t *testing.T) {
	e := linked(t)
	if err := e.try(t.Context(), trials[:2]); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ code, want, error string }{
		{"1 + 2", "4", `gives "3" in place of "4"`},
		{"func bad() int { return x }", "", "undefined: x"},
		{"import \"os\"\nos.Exit(3)", "", "exit status 3"},
		{"// static int one(void) { return 1; }\nimport \"C\"\nC.one()", "1", "it has C in it"},
	} {
		if err := e.try(t.Context(), []trial{{tt.code, tt.want}}); err == nil || !strings.Contains(err.Error(), tt.error) {
			t.Errorf("%s: %v, want %s", tt.code, err, tt.error)
		}
	}
	t.Setenv(build.LinkEnv, "modules")
	dir := t.TempDir()
	if err := writeTrialModule(dir); err != nil {
		t.Fatal(err)
	}
	copies := newScene(t, Options{Dir: dir, Tier: Native}).e
	if err := copies.try(t.Context(), moduleTrials[:1]); err == nil || !strings.Contains(err.Error(), "with a copy of its modules") {
		t.Errorf("a module that is linked with each cell: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := e.try(ctx, []trial{{"for { }", ""}}); err == nil || !strings.Contains(err.Error(), "does not end") {
		t.Errorf("a cell that hangs: %v", err)
	}
}

// Cells of both kinds, and of both in turn, share what lives in the session.
func TestLinkedBesideOrdinary(t *testing.T) {
	e := linked(t)
	mustRun(t, e, 1, "import \"fmt\"\ntype pair struct{ a, b int }\nfunc (p pair) String() string { return fmt.Sprint(p.a, \"/\", p.b) }\nvar last any = pair{1, 2}\ncount := 0\nfunc next() int { count++; return count }")
	if err := apart(e); err != nil {
		t.Fatal(err)
	}
	// C is linked with a copy of the library, into the same process.
	mustRun(t, e, 2, "// static int twice(int n) { return 2 * n; }\nimport \"C\"\ntype both struct { pair; n int }\nlast = both{last.(pair), int(C.twice(C.int(next())))}")
	if err := apart(e); err == nil {
		t.Error("a cell with C was linked against the program")
	}
	for i, tt := range []trial{
		{"fmt.Sprint(last)", "1/2"}, {"b := last.(both); b.n", "2"}, {"next() + next()", "5"},
		{"var s fmt.Stringer = b; _, same := any(b.pair).(pair); fmt.Sprint(s, same)", "1/2 true"},
	} {
		if got := e.outcome(t.Context(), i+3, tt.code); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.code, got, tt.want)
		}
	}
}

// A cell that names symbols of others is left to the linker that sees both sides.
func TestLinkname(t *testing.T) {
	e := linked(t)
	src := "import _ \"unsafe\"\n//go:linkname nanotime runtime.nanotime\nfunc nanotime() int64\nnanotime() > 0"
	if _, err := e.Eval(t.Context(), Request{Code: src, Count: 1}, &recorder{}); err == nil && apart(e) == nil {
		t.Error("it was linked against the program")
	}
	mustRun(t, e, 2, "1 + 1")
}

// A generic of the library that the program does not hold is linked in, or the
// whole library is; either way the cell does what it should.
func TestMissingSymbols(t *testing.T) {
	e := linked(t)
	mustRun(t, e, 1, `import ("container/list"; "expvar"; "text/tabwriter"; "os"; "log/slog"; "runtime/trace"; "testing"; "go/types"; "bytes")
var buf bytes.Buffer
func use() string {
	l := list.New(); l.PushBack(1)
	v := new(expvar.Int); v.Set(4)
	w := tabwriter.NewWriter(os.Stdout, 1, 2, 3, ' ', 0)
	w.Flush()
	slog.New(slog.NewTextHandler(&buf, nil)).Info("m", "k", 1)
	return v.String() + types.Typ[types.Int].String() + testing.CoverMode()
}
trace.IsEnabled()`)
	how := e.choice.String()
	if got := e.outcome(t.Context(), 2, "use()"); got != "4int" {
		t.Errorf("got %q; %s", got, how)
	}
	// What the program lacks of a package, that package brings.
	mustRun(t, e, 3, "type lock struct{ expvar.Map }\nvar l lock\nl.Add(\"a\", 2)\nl.String()")
	if how := e.choice.String(); how != "compiled: as asked\nlinked against this program" && !strings.Contains(how, "of which it lacks something") && !strings.Contains(how, "copy of the library: ") {
		t.Errorf("it is told as %q", how)
	}
	t.Log(how)
}

// The program of a running kernel is replaced: the child is still of the same one,
// which its cells are linked against.
func TestProgramReplaced(t *testing.T) {
	e := linked(t)
	mustRun(t, e, 1, "func f() int { return 7 }")
	e.mu.Lock()
	e.o.Binary = "/bin/true" // what has its name now
	e.mu.Unlock()
	if _, err := e.Eval(t.Context(), Request{Code: "import \"syscall\"\nsyscall.Kill(syscall.Getpid(), syscall.SIGKILL)", Count: 2}, &recorder{}); err == nil {
		t.Fatal("the child lives")
	}
	if got := e.outcome(t.Context(), 3, "f()"); got != "7" || apart(e) != nil {
		t.Errorf("got %q, %v", got, apart(e))
	}
}

// What the program holds so that cells need not bring it: helpers of the runtime,
// and what instances of generics are made of.
func TestHeld(t *testing.T) {
	e := linked(t)
	for i, tt := range []trial{
		{"import \"fmt\"\nfunc late() (s string) { for i := range func(yield func(int) bool) { _ = yield(1) && yield(2) } { defer func() { s += fmt.Sprint(i) }() }; return \"\" }", ""},
		{"late()", "21"},
		{"a, b, x, y := \"a\", \"b\", 1.5, 2.5; fmt.Sprint(max(a, b), min(a, b), max(x, y), min(float32(x), float32(y)))", "ba2.5 1.5"},
		{"large := map[int][2000]byte{3: {1: 9}}; k := 3; v, ok := large[k]; fmt.Sprint(v[1], large[k][0], ok)", "9 0 true"},
		{"n := int64(3); fmt.Sprint(len(make([]int, n)), cap(make(chan int, n)), len(make(map[int]int, n)), complex(x, y)/complex(y, x))", "3 3 0 (0.8823529411764706+0.4705882352941177i)"},
	} {
		if got := e.outcome(t.Context(), i+1, tt.code); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.code, got, tt.want)
		}
		if err := apart(e); err != nil {
			t.Errorf("%s: %v", tt.code, err)
		}
	}
}

// A module lives once in the process though each cell brings its code: its state,
// and what only a later cell uses of it.
func TestLinkedModule(t *testing.T) {
	linked(t)
	var rows strings.Builder
	for i := range 60 {
		fmt.Fprintf(&rows, "\t\"k%d\": {%[1]d, strings.Repeat(\"v\", 100)},\n", i)
	}
	proxytest.Serve(t, `
-- example.com/state@v1.0.0/state.go --
package state

import (
	"bytes"
	"strings"
	"sync"
	"time"
)

type row struct {
	N int
	S string
}

type store struct {
	mu   sync.Mutex
	bufs [3]bytes.Buffer
	at   time.Time
	rows map[string]row
}

var table = map[string]row{
`+rows.String()+`}

var all store

var count = len(strings.Fields("a b c"))

func init() { count++ }

func Count() int { count++; return count }

func Add(s string) int { all.mu.Lock(); defer all.mu.Unlock(); all.bufs[2].WriteString(s); all.at = time.Now(); return all.bufs[2].Len() }

func Look(k string) (int, string) { return table[k].N, table[k].S[:2] }

func Text() string { return all.bufs[2].String() }
`)
	s := newScene(t, Options{Dir: t.TempDir(), Tier: Native})
	for i, tt := range []trial{
		{"import \"example.com/state\"\nstate.Count()", "5"},
		{"state.Add(\"a\"); state.Count()", "6"},
		{"import (\"fmt\"; \"runtime\")\nfmt.Sprint(state.Look(\"k59\"))", "59vv"},
		{"for i := range 200 { state.Add(fmt.Sprint(i % 10)); if i%20 == 0 { runtime.GC() } }; text := state.Text(); text[:4] + text[len(text)-3:]", "a012789"},
		{"fmt.Sprint(state.Count())", "7"},
	} {
		if got := s.e.outcome(t.Context(), i+1, tt.code); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.code, got, tt.want)
		}
		if err := apart(s.e); err != nil {
			t.Errorf("%s: %v", tt.code, err)
		}
	}
}

// copied tells why the last cell of e was linked with a copy of packages of modules.
func copied(e *Evaluator) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return errors.Join(e.choice.linked.Apart, e.choice.linked.Copied)
}

// sizeOfLast is the size of the shared object of the last cell of e.
func sizeOfLast(t testing.TB, e *Evaluator) int64 {
	t.Helper()
	st, err := os.Stat(e.choice.linked.SharedObject)
	if err != nil {
		t.Fatal(err)
	}
	return st.Size()
}

// moduleCells are modules of which later cells use what no earlier one does.
const moduleCells = `
-- example.com/base@v1.0.0/base.go --
package base

import (
	"bytes"
	"fmt"
)

var Order []string

func init() { Order = append(Order, "base") }

type Shape interface{ area() float64 }

type Square struct{ Side float64 }

func (s Square) area() float64 { return s.Side * s.Side }

type Box struct {
	name  *string
	parts [4]bytes.Buffer
	Next  *Box
	n     int
}

func (b *Box) Write(p []byte) (int, error) { b.n++; return b.parts[b.n%4].Write(p) }

func (b *Box) Named(s string) *Box { b.name = &s; return b }

func (b *Box) String() string { return fmt.Sprint(*b.name, b.parts[0].Len()+b.parts[1].Len()+b.parts[2].Len()+b.parts[3].Len()) }

func Area(v any) float64 {
	if s, ok := v.(Shape); ok {
		return s.area()
	}
	return -1
}

type List[T any] struct{ all []T }

func (l *List[T]) Add(v T) *List[T] { l.all = append(l.all, v); total++; return l }

func (l *List[T]) Len() int { return len(l.all) }

func Map[T, U any](l []T, f func(T) U) (out []U) {
	for _, v := range l {
		out = append(out, f(v))
		total++
	}
	return
}

var total int

func Total() int { return total }

//go:noinline
func Fail(n int) int { return []int{1}[n] }

var table = map[string]func(int) int{"fail": Fail, "twice": func(n int) int { return 2 * n }}

func Call(name string, n int) int { return table[name](n) }
-- example.com/above@v1.0.0/go.mod --
module example.com/above

go 1.26

require example.com/base v1.0.0
-- example.com/above@v1.0.0/above.go --
package above

import "example.com/base"

func init() { base.Order = append(base.Order, "above") }

var Ints = new(base.List[int]).Add(1)

type Pair struct {
	base.Square
	Boxes [2]base.Box
}

func Sides(p *Pair) float64 { return base.Area(p) }
-- example.com/asm@v1.0.0/asm.go --
package asm

func add(a, b int64) int64

func Sum(l ...int64) (s int64) {
	for _, v := range l {
		s = add(s, v)
	}
	return
}

var Add = add
-- example.com/asm@v1.0.0/asm_amd64.s --
TEXT ·add(SB), 4, $0-24
	MOVQ a+0(FP), AX
	ADDQ b+8(FP), AX
	MOVQ AX, ret+16(FP)
	RET
-- example.com/inc@v1.0.0/inc.go --
package inc

// static int twice(int n) { return 2 * n; }
import "C"

func Twice(n int) int { return int(C.twice(C.int(n))) }
`

// A module is linked once, whole; cells are linked against it, and are small: they
// share state and types, and find what no earlier cell used.
func TestModuleLinkedOnce(t *testing.T) {
	linked(t)
	proxytest.Serve(t, moduleCells)
	s := newScene(t, Options{Dir: t.TempDir(), Tier: Native})
	for i, tt := range []trial{
		{"import (\"example.com/base\"; \"fmt\"; \"runtime\")\nbase.Total()", "0"},
		{"var box base.Box; var boxes [3]base.Box; var list base.List[string]", ""},
		{"fmt.Fprint(&box, \"text\"); box.Named(\"b\").String()", "b4"},
		{"list.Add(\"x\").Add(\"y\").Len()", "2"},
		{"fmt.Sprint(base.Total(), base.Map([]int{1, 2}, func(n int) string { return fmt.Sprint(n, list.Len()) }), base.Total())", "2 [1 2 2 2] 4"},
		{"type mine struct { base.Square; box *base.Box }\nfmt.Sprint(base.Area(mine{base.Square{Side: 3}, &box}), base.Area(&mine{}), base.Area(1))", "9 0 -1"},
		{"var v any = &box; _, same := v.(*base.Box); _, writes := v.(interface{ Write([]byte) (int, error) }); fmt.Sprint(same, writes)", "true true"},
		{"import \"example.com/above\"\nvar pair above.Pair; pair.Side = 2; fmt.Sprint(above.Sides(&pair), base.Order)", "4 [base above]"},
		{"fmt.Sprint(above.Ints.Add(5).Len(), base.Total())", "2 6"},
		{"for i := range 300 { fmt.Fprint(&pair.Boxes[1], \"0123456789\"); b := &boxes[i%3]; b.Next = new(base.Box); fmt.Fprint(b.Next, make([]byte, 100)); b.Named(fmt.Sprint(i)); if i%30 == 0 { runtime.GC() } }; pair.Boxes[1].Named(\"p\").String() + boxes[2].String() + boxes[1].Next.Named(\"n\").String()", "p3000" + "2990" + "n201"},
		{"import \"example.com/asm\"\nfmt.Sprint(asm.Sum(1, 2, 3), asm.Add(4, 5))", "6 9"},
		{"base.Call(\"twice\", 4)", "8"},
	} {
		if got := s.e.outcome(t.Context(), i+1, tt.code); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.code, got, tt.want)
		}
		if err := copied(s.e); err != nil {
			t.Errorf("%s: %v", tt.code, err)
		}
		if n := sizeOfLast(t, s.e); n > 120<<10 {
			t.Errorf("%s: %d bytes", tt.code, n)
		}
	}
	// What was removed from the cache is linked again before a cell is linked against it.
	if err := os.Remove(s.e.compiler.inits[0].object); err != nil {
		t.Fatal(err)
	}
	if got := s.e.outcome(t.Context(), 19, "func more() int { return base.Call(\"twice\", list.Len()) }\nmore()"); got != "4" || copied(s.e) != nil {
		t.Errorf("with the module removed from the cache: %s, %v", got, copied(s.e))
	}
	// What fails in the module is told with its functions.
	if got := s.e.outcome(t.Context(), 20, "import \"runtime/debug\"\nfunc stack() (s string) { defer func() { recover(); s = string(debug.Stack()) }(); base.Call(\"fail\", 7); return }\nstack()"); !strings.Contains(got, "example.com/base.Fail(") || !strings.Contains(got, "example.com/base.Call(") || !strings.Contains(got, "base.go:") {
		t.Errorf("the stack is told as %s", got)
	}
	// After a crash the module is loaded again, before the cells that are linked against it.
	s.count = 20
	s.fails("import \"unsafe\"\nx := (*int)(unsafe.Pointer(uintptr(0xdead0000))); *x = 1", "Crash")
	if got := s.e.outcome(t.Context(), 22, "stack() != \"\" && base.Total() == 0"); got != "true" {
		t.Errorf("after a crash: %s", got)
	}
}

// A module with C in it is linked with each cell, and %tier says why.
func TestModuleWithC(t *testing.T) {
	linked(t)
	proxytest.Serve(t, moduleCells)
	s := newScene(t, Options{Dir: t.TempDir(), Tier: Native})
	for i, tt := range []trial{{"import \"example.com/inc\"\ninc.Twice(4)", "8"}, {"import \"example.com/base\"\ninc.Twice(base.Total())", "0"}} {
		if got := s.e.outcome(t.Context(), i+1, tt.code); got != tt.want || copied(s.e) == nil {
			t.Errorf("%s: %q, %v", tt.code, got, copied(s.e))
		}
		if how := s.e.choice.String(); !strings.Contains(how, "has C in it") {
			t.Errorf("it is told as %q", how)
		}
	}
}

// With LinkEnv, cells get copies of modules, and do the same.
func TestModuleCopied(t *testing.T) {
	linked(t)
	proxytest.Serve(t, moduleCells)
	t.Setenv(build.LinkEnv, "modules")
	s := newScene(t, Options{Dir: t.TempDir(), Tier: Native})
	for i, tt := range []trial{{"import \"example.com/base\"\nvar l base.List[int]\nl.Add(1).Len()", "1"}, {"base.Total()", "1"}} {
		if got := s.e.outcome(t.Context(), i+1, tt.code); got != tt.want || apart(s.e) != nil || !strings.Contains(s.e.choice.String(), "with a copy of its modules: as "+build.LinkEnv) {
			t.Errorf("%s: %q; %s", tt.code, got, s.e.choice)
		}
	}
}

// Traces name the functions of linked cells, and lines.
func TestLinkedTrace(t *testing.T) {
	e := linked(t)
	mustRun(t, e, 1, "func inner(m map[string]int) { m[\"a\"] = 1 }\nfunc outer() { inner(nil) }")
	_, err := e.Eval(t.Context(), Request{Code: "\nouter()", Count: 2}, &recorder{})
	text := fmt.Sprint(err)
	if x, ok := err.(*Error); ok {
		text += strings.Join(x.Traceback, "\n")
	}
	for _, want := range []string{"assignment to entry in nil map", "cell 1:1", "inner", "cell 1:2", "outer", "cell 2:2"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
}

// bench are the cells that are measured; %d makes each a new one.
var bench = []struct{ name, code string }{
	{"tiny", "func f%d(n int) int { return n + %[1]d }; f%[1]d(1)"},
	{"fmt", "import \"fmt\"\nfunc g%d(n int) string { return fmt.Sprintf(\"%%v\", []int{n, %[1]d}) }; g%[1]d(1)"},
	{"http", "import (\"fmt\"; \"net/http\")\nfunc h%d(n int) string { return fmt.Sprint(http.StatusText(n+%[1]d%%2), http.DefaultClient.Timeout) }; h%[1]d(200)"},
}

// BenchmarkLink tells the medians of the round trip of a new cell, linked against
// the program and with a copy of the library in turn, and their ratio.
func BenchmarkLink(b *testing.B) {
	against, copied := linked(b), ordinarily(b)
	n := 0
	for _, c := range bench {
		b.Run(c.name, func(b *testing.B) {
			var took [2][]time.Duration
			for b.Loop() {
				n++
				for i, e := range []*Evaluator{against, copied} {
					code := fmt.Sprintf(c.code, n*2+i)
					start := time.Now()
					mustRun(b, e, n, code)
					took[i] = append(took[i], time.Since(start))
				}
				if err := apart(against); err != nil {
					b.Fatal(err)
				}
			}
			p50 := func(d []time.Duration) float64 { slices.Sort(d); return d[len(d)/2].Seconds() * 1000 }
			b.ReportMetric(p50(took[0]), "program-ms")
			b.ReportMetric(p50(took[1]), "copy-ms")
			b.ReportMetric(p50(took[1])/p50(took[0]), "ratio")
		})
	}
}

// BenchmarkManyLinked runs 500 cells in a session, each with a function that calls
// an earlier one; it tells the memory of each, and how the last ones compare with
// the tenth.
func BenchmarkManyLinked(b *testing.B) {
	e := linked(b)
	const cells = 500
	var took []time.Duration
	mustRun(b, e, 1, "import \"fmt\"\nfunc f1(n int) string { return fmt.Sprint(n) }")
	before := resident(b, e)
	for i := 2; i <= cells; i++ {
		start := time.Now()
		mustRun(b, e, i, fmt.Sprintf("type t%d struct{ s string }\nfunc f%[1]d(n int) string { return t%[1]d{f%d(n)}.s }\nf%[1]d(%[1]d)", i, i-1))
		took = append(took, time.Since(start))
		if err := apart(e); err != nil {
			b.Fatal(i, err)
		}
	}
	median := func(d []time.Duration) float64 { slices.Sort(d); return d[len(d)/2].Seconds() * 1000 }
	early, late := median(slices.Clone(took[5:15])), median(slices.Clone(took[len(took)-10:]))
	b.ReportMetric(float64(resident(b, e)-before)/cells/1024, "KB/cell")
	b.ReportMetric(early, "tenth-ms")
	b.ReportMetric(late, "last-ms")
	b.ReportMetric(late/early, "ratio")
}

var soak = flag.Duration("soak", 0, "how long TestSoak runs cells in one session")

// TestSoak runs cells for a long time in one session, with garbage, goroutines and
// panics, and looks at what earlier ones left; the memory of a cell is bounded, in
// the child and in the process in front of it.
//
//	go test -gcflags=all=-linkshared ./interp -run Soak -soak 1h -timeout 2h -v
func TestSoak(t *testing.T) {
	if *soak == 0 {
		t.Skip("takes as long as -soak says")
	}
	e := linked(t)
	mustRun(t, e, 1, "import (\"fmt\"; \"runtime\"; \"sync\")\ntype link struct { next *link; data []byte; n int }\nvar head *link\nvar wg sync.WaitGroup\nfunc length() (n int) { for l := head; l != nil && n < 50; l = l.next { n++ }; return n }")
	var before, frontBefore int
	start, n := time.Now(), 1
	next := time.NewTicker(300 * time.Millisecond) // 12,000 cells in an hour; some 12,600 have room in a process: see package load
	defer next.Stop()
	for time.Since(start) < *soak {
		<-next.C
		n++
		code := fmt.Sprintf(`type t%d struct { *link; m map[string]*link }
func f%[1]d(l *link) *t%[1]d { return &t%[1]d{l, map[string]*link{fmt.Sprint(l.n): {data: make([]byte, 1000), n: %[1]d}}} }
for i := range 4 { wg.Go(func() { l := &link{n: i}; for range 200 { l = &link{next: l, data: make([]byte, 100)} }; if i == %[1]d%%40 { runtime.GC() } }) }
wg.Wait()
head = &link{next: head, data: make([]byte, 10), n: %[1]d}
if length() == 50 { head.next.next = nil }
v := f%[1]d(head)
func() { defer func() { recover() }(); var none *link; none.n = 1 }()
v.m["%[1]d"].n + v.link.n`, n)
		if got, want := e.outcome(t.Context(), n, code), fmt.Sprint(2*n); got != want || apart(e) != nil {
			t.Fatalf("cell %d: %s, want %s; %v", n, got, want, apart(e))
		}
		if n == 200 {
			before, frontBefore = resident(t, e), live()
		}
		if n%1000 == 0 {
			t.Logf("%d cells, %d KB resident, %d KB live in front", n, resident(t, e)/1024, live()/1024)
		}
	}
	if n < 400 {
		return
	}
	child, front := (resident(t, e)-before)/(n-200), (live()-frontBefore)/(n-200)
	t.Logf("%d cells, %d KB a cell in the child, %d in front", n, child/1024, front/1024)
	if child > 64<<10 || front > 64<<10 {
		t.Errorf("more than 64 KB a cell")
	}
}

// live is the memory that this process uses, in bytes.
func live() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// resident is the memory of e's child that is its own, in bytes.
func resident(t testing.TB, e *Evaluator) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", e.child.Pid()))
	if err != nil {
		t.Fatal(err)
	}
	var kb int
	_, line, _ := bytes.Cut(text, []byte("RssAnon:"))
	if _, err := fmt.Sscan(string(line), &kb); err != nil {
		t.Fatal(err)
	}
	return kb * 1024
}
