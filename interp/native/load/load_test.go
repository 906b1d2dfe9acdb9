package load

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What loads is tested where it can be built, in package build.

func TestOpenNothing(t *testing.T) {
	text := filepath.Join(t.TempDir(), "cell.so")
	if err := os.WriteFile(text, []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, so := range []string{text, filepath.Join(t.TempDir(), "cell.so"), ""} {
		if _, err := Open(so); err == nil || !strings.HasPrefix(err.Error(), "compiled cell: ") {
			t.Errorf("%q: got %v", so, err)
		}
	}
}

func TestEnter(t *testing.T) {
	for _, tt := range []struct {
		units string
		ok    bool
	}{
		{"a 1 b 1", true}, {"b 1 c 1", true}, {"d 1 a 2", false}, {"d 2", true}, {"a 1", true},
	} {
		if err := enter(strings.Fields(tt.units)); (err == nil) != tt.ok {
			t.Errorf("%s: got %v", tt.units, err)
		}
	}
}

func TestExplain(t *testing.T) {
	for text, want := range map[string]string{
		`plugin.Open("x"): plugin was built with a different version of package internal/abi`:                    "package internal/abi is not the one in this process: the Go toolchain, this program or a module was changed: run ./install.sh again and restart the kernel",
		`plugin.Open("x"): plugin was built with a different version of package internal/abi (previous failure)`: "package internal/abi is not",
		"plugin: not implemented": "this program was built without cgo: install gcc, run ./install.sh again",
		"something":               "compiled cell: something",
	} {
		if got := explain(errors.New(text)).Error(); !strings.Contains(got, want) || strings.Contains(got, "\n") {
			t.Errorf("%s: got %s", text, got)
		}
	}
}
