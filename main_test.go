package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"interleave/interp/modules/proxytest"
	"interleave/kernel/doctor"
)

// The program that the scripts call is this test's own binary by another name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"interleave": main})
}

// served are the modules that scripts can fetch.
const served = `
-- example.com/dep@v1.0.0/dep.go --
package dep

const Version = "v1.0.0"
-- example.com/dep@v1.1.0/dep.go --
package dep

const Version = "v1.1.0"
-- github.com/google/uuid@v0.0.1/uuid.go --
package uuid

type UUID int

func (UUID) String() string { return "another one" }
`

// condition is [registered] in a script: the machine may have a kernelspec of
// ours for all users, which no environment hides.
func condition(name string) (bool, error) {
	if name != "registered" {
		return false, fmt.Errorf("unknown condition %s", name)
	}
	for _, prefix := range doctor.System() {
		files, err := filepath.Glob(filepath.Join(prefix, "share/jupyter/kernels/*/kernel.json"))
		if err != nil {
			return false, err
		}
		for _, file := range files {
			if text, err := os.ReadFile(file); err == nil && bytes.Contains(text, []byte(`"kernel"`)) {
				return true, nil
			}
		}
	}
	return false, nil
}

// Each script has a home of its own, and the caches of the machine, since it takes
// a minute to make them.
func TestScripts(t *testing.T) {
	caches, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	program, err := exec.LookPath("interleave")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Condition:           condition,
		Setup: func(e *testscript.Env) error {
			for name, value := range map[string]string{
				"HOME":             filepath.Join(e.WorkDir, "home"),
				"XDG_DATA_HOME":    filepath.Join(e.WorkDir, "home", "data"),
				"XDG_CACHE_HOME":   caches,
				"GOPROXY":          "file://" + filepath.ToSlash(filepath.Join(e.WorkDir, "proxy")),
				"GOSUMDB":          "off",
				"PROGRAM":          program,
				"JUPYTER_DATA_DIR": "", "JUPYTER_PATH": "", "VIRTUAL_ENV": "", "CONDA_PREFIX": "",
			} {
				e.Setenv(name, value)
			}
			if err := proxytest.Write(filepath.Join(e.WorkDir, "proxy"), served); err != nil {
				return err
			}
			return os.Mkdir(filepath.Join(e.WorkDir, "home"), 0o755)
		},
	})
}
