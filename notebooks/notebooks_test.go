// Package notebooks has no code: this test keeps the saved outputs true.
package notebooks

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"interleave/interp"
	"interleave/interp/child"
	"interleave/kernel/headless"
)

// The evaluators that are started here are this test's binary again.
func TestMain(m *testing.M) {
	if os.Getenv(child.Env) != "" {
		if interp.Child() != nil {
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// saved is what is compared of a notebook: nothing of a cell tagged varying but
// the types of its outputs.
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
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			fresh := filepath.Join(t.TempDir(), path)
			compare(t, load(t, path), load(t, run(t, path, fresh)))
		})
	}
}

// run runs the notebook at path, writes it to fresh, and gives that.
func run(t *testing.T, path, fresh string) string {
	t.Helper()
	var log strings.Builder
	err := headless.Run(context.Background(), []string{path}, headless.Options{
		Output: fresh, Log: &log,
		New: func(dir string, _ interp.Pins) (headless.Evaluator, error) {
			return interp.New(interp.Options{Dir: dir, Sources: map[string]fs.FS{"interleave/display": os.DirFS("../display")}})
		},
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	return fresh
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
func text(t *testing.T, outputs []map[string]any, typesOnly bool) string {
	t.Helper()
	var lines []string
	for _, o := range outputs {
		if typesOnly {
			o = map[string]any{"output_type": o["output_type"]}
		}
		b, err := json.MarshalIndent(o, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.ReplaceAll(string(b), `\u001b`, "\x1b"))
	}
	return ansi.ReplaceAllString(strings.Join(lines, "\n"), "")
}
