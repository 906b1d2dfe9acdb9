package main

import (
	"flag"
	"os"
	"os/exec"
	"testing"
)

var wholeARM64 = flag.Bool("arm64", false, "compile all packages for arm64, which takes minutes at the first time")

// systemNear are the packages that are written for systems and architectures.
var systemNear = []string{"./demos/worker", "./interp/child", "./interp/native/...", "./interp/process", "./kernel/zmtp", "./kernel/connection"}

// What is near to the system compiles for arm64, tests included, as far as no C compiler
// for it is needed: package load loads cells with C, and has a stand-in without it, with
// which cells are interpreted. What is written for an architecture is tested in
// interp/native/fast. `go test . -run ARM64 -arm64` compiles all packages.
func TestCompilesForARM64(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a part of the library for another architecture")
	}
	packages := systemNear
	if *wholeARM64 {
		packages = []string{"./..."}
	}
	cmd := exec.Command("go", append([]string{"vet"}, packages...)...)
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go vet: %v\n%s", err, out)
	}
}
