package interp

import (
	"strings"
	"testing"
)

// faulty is an Output that panics.
type faulty struct{ recorder }

func (*faulty) Stream(string, string) { panic("no stream") }

// A panic of the kernel's own is an error of the cell, and the next cell runs.
func TestFault(t *testing.T) {
	e := newTier(t, Interpreted)
	_, err := e.Eval(t.Context(), Request{Code: "%help", Count: 1}, &faulty{})
	if err == nil || !strings.HasPrefix(err.Error(), "KernelFault: cell 1: this is a fault of the kernel, not of the cell: no stream: please report it") {
		t.Errorf("got %v", err)
	}
	if x, ok := err.(*Error); !ok || !strings.Contains(strings.Join(x.Traceback, "\n"), "(*faulty).Stream") {
		t.Errorf("no place of the fault: %v", err)
	}
	mustRun(t, e, 2, "1 + len([]int{2})")
}
