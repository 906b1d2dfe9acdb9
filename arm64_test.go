package main

import (
	"os"
	"os/exec"
	"testing"
)

// All packages, and their tests, compile for arm64, as far as no C compiler for it is
// needed: package load loads cells with C, and has a stand-in without it, with which
// cells are interpreted. What is written for an architecture is tested in
// interp/native/fast.
func TestCompilesForARM64(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the library for another architecture, a minute at the first time")
	}
	for _, command := range []string{"build", "vet"} {
		cmd := exec.Command("go", command, "./...")
		cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0", "GOFLAGS=")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("go %s: %v\n%s", command, err, out)
		}
	}
}
