// Package notebooks has no code: this test keeps the saved outputs true.
package notebooks

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// saved is what is compared of a notebook: of a cell tagged varying no more than the
// type of its last output and the MIME types in it. What comes before is progress,
// which a fast machine has none of.
type saved struct {
	Cells []struct {
		ID       string
		Metadata struct{ Tags []string }
		Outputs  []map[string]any
	}
}

// Every notebook runs, and what it puts out is what is saved in it.
func TestSavedOutputs(t *testing.T) {
	paths, err := filepath.Glob("*.ipynb")
	if err != nil || len(paths) == 0 {
		t.Fatal("no notebooks: ", err)
	}
	program := build(t)
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			fresh := filepath.Join(t.TempDir(), path)
			if out, err := exec.Command(program, "run", path, "-o", fresh).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			compare(t, load(t, path), load(t, fresh))
		})
	}
}

// build makes the program that a user has; INTERLEAVE_BIN names one that is there.
func build(t *testing.T) string {
	t.Helper()
	if program := os.Getenv("INTERLEAVE_BIN"); program != "" {
		return program
	}
	program := filepath.Join(t.TempDir(), "interleave")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", program, "..").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

func load(t *testing.T, path string) (nb saved) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &nb); err != nil {
		t.Fatal(err)
	}
	return nb
}

func compare(t *testing.T, want, got saved) {
	t.Helper()
	for i, cell := range want.Cells {
		varying := slices.Contains(cell.Metadata.Tags, "varying")
		if w, g := text(t, cell.Outputs, varying), text(t, got.Cells[i].Outputs, varying); w != g {
			t.Errorf("cell %s puts out\n%s\nsaved is\n%s", cell.ID, g, w)
		}
	}
}

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

// text gives outputs as one text to compare, without colours.
func text(t *testing.T, outputs []map[string]any, varying bool) string {
	t.Helper()
	if varying {
		return kind(outputs)
	}
	var lines []string
	for _, o := range outputs {
		b, err := json.MarshalIndent(o, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.ReplaceAll(string(b), `\u001b`, "\x1b"))
	}
	return ansi.ReplaceAllString(strings.Join(lines, "\n"), "")
}

// kind gives the type of the last output, and its MIME types.
func kind(outputs []map[string]any) string {
	if len(outputs) == 0 {
		return "nothing"
	}
	last := outputs[len(outputs)-1]
	data, _ := last["data"].(map[string]any)
	return fmt.Sprint(last["output_type"], slices.Sorted(maps.Keys(data)))
}
