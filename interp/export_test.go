package interp

import (
	"errors"
	"os/exec"
	"testing"
)

// exported exports cells, runs the program, and gives what that printed.
func exported(t *testing.T, cells ...string) (string, error) {
	t.Helper()
	e, dir := newTier(t, Auto), t.TempDir()
	var requests []Request
	for i, src := range cells {
		requests = append(requests, Request{Code: src, Count: i + 1})
	}
	if _, err := e.Export(t.Context(), requests, dir, &recorder{}); err != nil {
		return "", err
	}
	cmd := exec.Command("go", "run", ".")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// C++ of a cell is in the program.
func TestExportCPlusPlus(t *testing.T) {
	const sum = "%%cpp\n#cgo CXXFLAGS: -DSTEP=2\n#include <vector>\nextern \"C\" int sum(int n) { std::vector<int> v(n, STEP); int s = 0; for (int x : v) s += x; return s; }\n"
	out, err := exported(t, sum, "// int sum(int n);\nimport \"C\"\nimport \"fmt\"\nfmt.Println(C.sum(4))")
	if err != nil || out != "8\n" {
		t.Errorf("printed %q, %v", out, err)
	}
	_, err = exported(t, sum, sum)
	var fault *Error
	if want := "cell 2: C++ defines sum, which cell 1 does too: a program has one of that name: rename one"; !errors.As(err, &fault) || fault.Value != want {
		t.Errorf("error is %v, want %s", err, want)
	}
}
