package interp

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

func mustRun(t testing.TB, e *Evaluator, count int, src string) *recorder {
	t.Helper()
	r := &recorder{}
	if _, err := e.Eval(context.Background(), Request{Code: src, Count: count}, r); err != nil {
		t.Fatalf("cell %d: %v", count, err)
	}
	return r
}

const alternate = `for i := 0; i < 1000; i++ {
	fmt.Println(i)
	display.Show(display.Markdown("shown"))
}`

func alternated() string {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "%d\n<shown>\n", i)
	}
	return b.String()
}

// Displays keep their place among the output, and all is published when the
// cell ends.
func TestOrder(t *testing.T) {
	for name, tier := range map[string]Tier{"interpreted": Interpreted, "native": Native} {
		t.Run(name, func(t *testing.T) { testOrder(t, newTier(t, tier)) })
	}
}

func testOrder(t *testing.T, e *Evaluator) {
	mustRun(t, e, 1, `import ("fmt"; "interleave/display")`)
	if got := mustRun(t, e, 2, alternate).String(); got != alternated() {
		t.Errorf("order is not kept: %.200q", got)
	}
}

// So they do beside an endless printer of an earlier cell, whose output stays
// its own; one that writes to descriptor 1 by itself cannot hold a cell up.
func TestOrderBesidePrinter(t *testing.T) {
	e := newEvaluator(t)
	mustRun(t, e, 1, `import ("fmt"; "interleave/display"; "os"; "syscall"; "time")`)
	printer := mustRun(t, e, 2, `go func() { for { fmt.Println("tick"); time.Sleep(50 * time.Microsecond) } }()`)
	if got := mustRun(t, e, 3, alternate).String(); got != alternated() {
		t.Errorf("order is not kept beside a printer: %.200q", got)
	}
	if got := printer.String(); strings.Trim(got, "tick\n") != "" || got == "" {
		t.Errorf("the printer's own cell has %.100q", got)
	}
	mustRun(t, e, 4, `go func() { for { syscall.Write(1, []byte("#")) } }()`)
	if got := strings.ReplaceAll(mustRun(t, e, 5, alternate).String(), "#", ""); got != alternated() {
		t.Errorf("order is not kept beside raw writes: %.200q", got)
	}
}

// What a goroutine of an earlier cell printed before a cell ended is published by then: the
// session may end with that cell.
func TestLateOutputBeforeTheEnd(t *testing.T) {
	e := newEvaluator(t)
	mustRun(t, e, 1, `import "fmt"; ask, done := make(chan int), make(chan bool)`)
	printer := mustRun(t, e, 2, `go func() { for n := range ask { fmt.Println("number", n); done <- true } }()`)
	want := ""
	for i := range 20 {
		mustRun(t, e, 3+i, fmt.Sprintf("ask <- %d; <-done", i))
		want += fmt.Sprintln("number", i)
		if got := printer.String(); got != want {
			t.Fatalf("when cell %d has ended, %q is published, want %q", 3+i, got, want)
		}
	}
}

// A million lines arrive whole and in order.
func TestFlood(t *testing.T) {
	for name, tier := range map[string]Tier{"interpreted": Interpreted, "native": Native} {
		t.Run(name, func(t *testing.T) { testFlood(t, newTier(t, tier)) })
	}
}

func testFlood(t *testing.T, e *Evaluator) {
	mustRun(t, e, 1, `import "fmt"`)
	const n = 200_000
	got := strings.Split(mustRun(t, e, 2, fmt.Sprintf(`for i := 0; i < %d; i++ { fmt.Println("line", i) }`, n)).String(), "\n")
	if len(got) != n+1 {
		t.Fatalf("%d lines, want %d", len(got)-1, n)
	}
	for i, line := range got[:n] {
		if line != fmt.Sprint("line ", i) {
			t.Fatalf("line %d is %q", i, line)
		}
	}
}

// A rune that two reads of the pipe cut in half arrives whole.
func TestRunesAreNotCut(t *testing.T) {
	e := newEvaluator(t)
	mustRun(t, e, 1, `import ("os"; "strings")`)
	const n = 300_001
	if got := mustRun(t, e, 2, fmt.Sprintf(`os.Stdout.WriteString(strings.Repeat("世", %d)); var none error; none`, n)).String(); got != strings.Repeat("世", n) {
		t.Errorf("%d bytes, want %d", len(got), 3*n)
	}
}
