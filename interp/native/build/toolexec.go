package build

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"interleave/interp/exports"
)

// ToolexecRole is the argument with which this program is started, by the go
// command, to be a compiler that knows exports.Held: see Toolexec.
const ToolexecRole = "toolexec"

// heldVariable lists, in the environment, the packages that are held.
const heldVariable = "INTERLEAVE_HELD"

// Toolexec runs a tool of the toolchain in place of this process: args are its
// path and its arguments. To the compiler it says by which paths held packages go.
// It returns only with an error.
func Toolexec(args []string) error {
	if len(args) == 0 || os.Getenv(heldVariable) == "" {
		return errors.New("toolexec: the go command starts this when it compiles a module")
	}
	if at := slices.Index(args, "-importcfg"); filepath.Base(args[0]) == "compile" && at >= 0 && at+1 < len(args) {
		if err := mapHeld(args[at+1], strings.Fields(os.Getenv(heldVariable))); err != nil {
			return err
		}
	}
	return fmt.Errorf("toolexec: %s: %w", args[0], syscall.Exec(args[0], args, os.Environ()))
}

// mapHeld adds to a table of imports that held packages have other paths.
// Source: go doc cmd/compile, -importcfg.
func mapHeld(importcfg string, held []string) error {
	data, err := os.ReadFile(importcfg)
	if err != nil {
		return err
	}
	var more strings.Builder
	for line := range strings.Lines(string(data)) {
		path, file, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "packagefile "), "=")
		if ok && slices.Contains(held, path) {
			fmt.Fprintf(&more, "importmap %s=%s\npackagefile %[2]s=%[3]s\n", path, exports.Held+path, file)
		}
	}
	if more.Len() == 0 {
		return nil
	}
	return os.WriteFile(importcfg, append(bytes.TrimRight(data, "\n"), "\n"+more.String()...), 0o644)
}
