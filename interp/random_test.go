//go:build !race

package interp

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"interleave/interp/cell"
	"interleave/interp/check"
	"interleave/interp/rewrite"
)

var randomCells = flag.Int("cells", 12, "how many cells TestRandomCells runs")

// randomTypes are types that the program does not hold but for this: cells with others
// are compiled.
var randomTypes = []any{
	(**int)(nil), [2][2]int{}, [2][]int{}, [4]string{}, []func() int(nil), struct {
		X int
		Y string
	}{}, []struct {
		X int
		Y string
	}(nil), map[string]struct {
		X int
		Y string
	}(nil),
	(chan [3]int)(nil), (chan func() int)(nil), (chan time.Duration)(nil), map[float64]int(nil), map[rune]int(nil), map[[2]int]string(nil), map[any]string(nil),
	(func() (int, string))(nil), (func(int, ...string))(nil), (func(int, string) (string, int))(nil), map[string]func(int, int) int(nil), (func() func())(nil),
	(func(...func(int) int) func(int) int)(nil), (func(...int) (int, int))(nil), (func() [3]int)(nil), (func() [2]int)(nil), (func([2][2]int) [2][2]int)(nil),
	(func() (int, error))(nil), (func(int) *int)(nil), (func() *int)(nil), (func(*int))(nil), (func() (func() int, func()))(nil), (func() *string)(nil), (func() **int)(nil), (func() *[]int)(nil),
	map[string]*int(nil), map[string]map[string]int(nil), [3][]int{}, []uint16(nil), []time.Duration(nil), (*[3]int)(nil), (func(<-chan int) <-chan int)(nil), (chan any)(nil), (chan error)(nil), (chan float64)(nil), (chan []int)(nil),
	(func(int, int) int)(nil), (func(int, string))(nil), (*[]int)(nil), map[any]int(nil), []*int(nil), []int8(nil), (*struct {
		X int
		Y string
	})(nil), []any{(func(int) int)(nil), (func() bool)(nil), (func() string)(nil), (func() float64)(nil), (func() error)(nil), (func() any)(nil), (func() []int)(nil), (func() int8)(nil), (func() rune)(nil), (func() uint64)(nil), (func() time.Duration)(nil)},
}

// What random cells use of an earlier cell.
const randomPrelude = `import ("errors"; "fmt"; "io"; "math"; "math/big"; "math/bits"; "runtime"; "sort"; "strconv"; "strings"; "sync"; "sync/atomic"; "time"; "unicode"; "unicode/utf8")
const cInt = 1 << iota
var n0, n1, n2, n5, n127, n128, nMin, nMax = 0, 1, 2, 5, 127, 128, math.MinInt, math.MaxInt
func stepInt(n, v int) int { fmt.Print("step ", n, "; "); return v }
func stepBool(n int, v bool) bool { fmt.Print("step ", n, "; "); return v }
func add3(a, b, c int) int { return a + 10*b + 100*c }
func stringer(s fmt.Stringer) fmt.Stringer { return s }
func sortedKeys(m map[string]int) []string {
	var keys []string
	for k := range m { keys = append(keys, k) }
	sort.Strings(keys)
	return keys
}`

const (
	cellsOfSession = 6 // cells of one session
	itemsOfCell    = 8 // statements tried for one cell
)

// TestRandomCells runs cells that were made at random in both tiers: what they print,
// show and panic with is the same. What the interpreter does not take, though the
// classifier said so, is no difference: the kernel compiles it; nor is which of two
// operands of a statement panics. More of them:
//
//	go test -gcflags=all=-linkshared ./interp -run RandomCells -cells 5000 -seed 7 -timeout 2h -v
func TestRandomCells(t *testing.T) {
	if !builtShared() {
		t.Skip("this test was built without -gcflags=all=-linkshared")
	}
	tally := map[string]int{}
	runtime.KeepAlive(randomTypes)
	for n := 0; n < *randomCells; n += cellsOfSession {
		randomSession(t, rand.New(rand.NewPCG(*seed, uint64(n))), min(cellsOfSession, *randomCells-n), tally)
	}
	delete(tally, "no Go") // the generator is allowed to write what does not check
	whole := 0
	for _, n := range tally {
		whole += n
	}
	t.Logf("%d statements, %d%% interpreted: %v", whole, 100*tally["interpreted"]/max(whole, 1), tally)
	if tally["interpreted"]*10 < whole*6 {
		t.Errorf("only %d of %d statements are interpreted", tally["interpreted"], whole)
	}
}

// A pair is two sessions that are given the same cells, one a tier.
type pair struct {
	interpreted, native *Evaluator
	count               int
	failed              bool // the last cell ended with an error
}

func newPair(t *testing.T) *pair {
	p := &pair{interpreted: newTier(t, Interpreted), native: newTier(t, Native)}
	if err := p.native.compiler.ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *pair) close() {
	p.interpreted.Close()
	p.native.Close()
}

// run gives what a cell printed and how it ended, in both tiers.
func (p *pair) run(ctx context.Context, src string) (interpreted, native string) {
	p.count++
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	interpreted, native = p.runIn(ctx, p.interpreted, src), p.runIn(ctx, p.native, src)
	if p.interpreted.choice.native {
		return native, native // and is none that is compared
	}
	return interpreted, native
}

func (p *pair) runIn(ctx context.Context, e *Evaluator, src string) string {
	out := &stdout{}
	res, err := e.Eval(ctx, Request{Code: src, Count: p.count}, out)
	p.failed = err != nil
	text := ending(withoutNotes(out.String()), err)
	if err == nil && res != nil && res.Data != nil {
		if shown := fmt.Sprint(res.Data["text/plain"]); !strings.Contains(shown, "0x") { // an address
			text += "\nshown: " + shown
		}
	}
	return text
}

// randomSession runs some cells of one session.
func randomSession(t *testing.T, random *rand.Rand, cells int, tally map[string]int) {
	p := newPair(t)
	defer p.close()
	if a, b := p.run(t.Context(), randomPrelude); a != b || a != "" {
		t.Fatal(a, b)
	}
	g := &generator{Rand: random}
	before := []string{randomPrelude}
	for range cells {
		known := len(g.vars)
		src := g.cell(p.interpreted, tally)
		if src == "" {
			continue
		}
		before = append(before, src)
		interpreted, native := p.run(t.Context(), src)
		if interpreted == native {
			if p.failed {
				g.vars = g.vars[:known] // the others may not have been reached
			}
			continue
		}
		if strings.Contains(interpreted, "InterpreterError: ") { // the kernel compiles such a cell
			tally["the interpreter does not take it"]++
			t.Logf("%s\n%s", interpreted, src)
			return
		}
		if anotherPanic(interpreted, native) {
			tally["another of two panics"]++
			return
		}
		t.Logf("cell %d of a session differs, and is made smaller", len(before))
		small := shrink(t, before)
		interpreted, native = runBoth(t, small)
		t.Errorf("interpreted:\n%s\nnative:\n%s\n%s\n", interpreted, native, strings.Join(small[1:], "\n---\n"))
		return
	}
}

// anotherPanic tells whether both tiers printed the same and then panicked, for different
// reasons: which of the operands of a statement panics first Go leaves open, calls aside.
func anotherPanic(interpreted, native string) bool {
	a, why, panicked := cutLast(interpreted, "panic: ")
	b, whyNative, too := cutLast(native, "panic: ")
	return panicked && too && a == b && why != whyNative
}

// cutLast cuts s around its last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// cell is some statements that the interpreter takes after what e ran; tally counts what
// becomes of them.
func (g *generator) cell(e *Evaluator, tally map[string]int) string {
	src := ""
	for range itemsOfCell {
		vars := len(g.vars)
		item := g.item()
		what := taken(e.session, src+item+"\n")
		tally[what]++
		if what == "interpreted" {
			src += item + "\n"
		} else {
			g.vars = g.vars[:vars]
		}
	}
	if item := g.expr(pick(g, printable...), 2); g.chance(50) && taken(e.session, src+item) == "interpreted" {
		src += item
	}
	return src
}

// item is a statement at the top level of a cell. Most do not end the cell with a panic.
func (g *generator) item() string {
	if g.chance(35) {
		return g.define(1)
	}
	if g.chance(15) {
		return g.stmt(3)
	}
	return "func() {\ndefer func() { if r := recover(); r != nil { fmt.Println(\"panic:\", r) } }()\n" + g.block(3, 5) + "}()"
}

// taken tells what becomes of a cell: "interpreted", or why it is not.
func taken(s *check.Session, src string) string {
	c, err := cell.Parse(1000, src)
	if err != nil {
		return "no Go"
	}
	ch, err := s.Check(c)
	if err != nil {
		return "no Go"
	}
	var r *rewrite.Refusal
	if _, err := rewrite.Program(ch); errors.As(err, &r) {
		return r.What
	}
	if t := rewrite.Foreign(ch); t != "" {
		return "foreign type " + t
	}
	return "interpreted"
}

// runBoth runs cells in a new pair of sessions, and gives what the last one did.
func runBoth(t *testing.T, cells []string) (interpreted, native string) {
	p := newPair(t)
	defer p.close()
	for _, src := range cells {
		if _, err := cell.Parse(1, src); err != nil {
			return "", ""
		}
		if taken(p.interpreted.session, src) != "interpreted" {
			return "", ""
		}
		interpreted, native = p.run(t.Context(), src)
		if interpreted != native {
			return interpreted, native
		}
	}
	return interpreted, native
}

// shrink drops cells and lines as long as what the tiers do differs.
func shrink(t *testing.T, cells []string) []string {
	began := time.Now()
	differs := func(cells []string) bool {
		if time.Since(began) > 40*time.Second {
			return false // small enough
		}
		a, b := runBoth(t, cells)
		return a != b
	}
	if last := []string{cells[0], cells[len(cells)-1]}; differs(last) {
		cells = last
	}
	for i := len(cells) - 2; i > 0; i-- {
		if less := without(cells, i, i+1); differs(less) {
			cells = less
		}
	}
	for size := 64; size > 1; size /= 2 {
		for i := len(cells) - 1; i > 0; i-- {
			for lines := strings.Split(cells[i], "\n"); len(lines) >= size; lines = lines[:len(lines)-size] {
				less := append([]string{}, cells...)
				all := strings.Split(cells[i], "\n")
				less[i] = strings.Join(without(all, len(lines)-size, len(lines)), "\n")
				if _, err := cell.Parse(1, less[i]); err == nil && differs(less) {
					cells = less
				}
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for i := len(cells) - 1; i > 0; i-- {
			lines := strings.Split(cells[i], "\n")
			for at := 0; at < len(lines); at++ {
				for _, end := range ends(lines, at) {
					less := append([]string{}, cells...)
					rest := without(lines, at, end)
					less[i] = strings.Join(rest, "\n")
					if c, err := cell.Parse(1, less[i]); err == nil && len(less[i]) < len(cells[i]) && c != nil && differs(less) {
						cells, lines, changed = less, rest, true
						at--
						break
					}
				}
			}
		}
	}
	return cells
}

// ends are where a piece that begins at a line may end: with the statement, or the line.
func ends(lines []string, at int) []int {
	open := 0
	for i := at; i < len(lines); i++ {
		open += strings.Count(lines[i], "{") - strings.Count(lines[i], "}")
		if open <= 0 {
			if i == at {
				return []int{at + 1}
			}
			return []int{i + 1, at + 1}
		}
	}
	return []int{at + 1}
}

func without(list []string, from, to int) []string {
	return append(append([]string{}, list[:from]...), list[to:]...)
}
