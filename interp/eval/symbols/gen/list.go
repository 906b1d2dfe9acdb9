package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"strings"
)

// also names the packages outside the standard library that get a table.
var also = []string{"interleave/demos", "interleave/demos/grade", "interleave/demos/timeline", "interleave/display"}

// without names the public packages that get none, since linking them changes the
// program they are linked into. Cells that import them are compiled.
var without = map[string]string{
	"expvar":         "serves the kernel's figures on the default HTTP server",
	"net/http/pprof": "serves the kernel's profiles on the default HTTP server",
	"plugin":         "keeps every exported method in the binary",
	"runtime/cgo":    "needs C, and so do its users",
	"runtime/race":   "exports nothing",
}

// machine is the one whose tables are generated, wherever gen runs; bound names the
// packages that differ on another. There symbols knows nothing of them.
const machine = "linux_amd64"

var bound = map[string]bool{"syscall": true}

// load gives the types of all packages that get a table, in the order of their paths.
func load() ([]*types.Package, error) {
	paths, exports, err := list()
	if err != nil {
		return nil, err
	}
	open := func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, errors.New("no export data")
		}
		return os.Open(exports[path])
	}
	gc := importer.ForCompiler(token.NewFileSet(), "gc", open)
	var packages []*types.Package
	for _, path := range paths {
		p, err := gc.Import(path)
		if err != nil {
			return nil, fmt.Errorf("import %s: %w", path, err)
		}
		packages = append(packages, p)
	}
	return packages, nil
}

// list asks the go command for the packages that get a table and for the files of
// export data of these and all others that they may mention.
func list() (paths []string, exports map[string]string, err error) {
	args := append([]string{"list", "-export", "-f", "{{.ImportPath}} {{.Export}}", "std"}, also...)
	cmd := exec.Command("go", args...)
	system, arch, _ := strings.Cut(machine, "_")
	cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+arch)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, nil, fmt.Errorf("go list -export: %w", err)
	}
	exports = map[string]string{}
	for line := range bytes.Lines(out) {
		path, file, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
		exports[path] = file
		if public(path) {
			paths = append(paths, path)
		}
	}
	return paths, exports, nil
}

// public tells whether cells may import path and it is not left out.
func public(path string) bool {
	if _, out := without[path]; out {
		return false
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "internal" || part == "vendor" {
			return false
		}
	}
	return true
}
