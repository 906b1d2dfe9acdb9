package headless

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"interleave/interp"
)

var update = flag.Bool("update", false, "write the golden files")

// The whole of what a notebook keeps, gets and loses, as one file.
func TestGolden(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.ipynb")
	log, err := run(t, context.Background(), Options{Output: out}, nil, "testdata/outputs.ipynb")
	if err != nil {
		t.Fatal(err, log)
	}
	got := readFile(t, out)
	got = strings.ReplaceAll(got, strings.TrimPrefix(runtime.Version(), "go"), "VERSION")
	compare(t, "testdata/outputs.golden.ipynb", got)
	compare(t, "testdata/outputs.golden.log", regexp.MustCompile(`\d+\.\d+s`).ReplaceAllString(log, "0.0s"))
}

func compare(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := readFile(t, golden); got != want {
		t.Errorf("%s differs; got:\n%s", golden, got)
	}
}

// A run of what a run wrote changes nothing.
func TestStable(t *testing.T) {
	first := filepath.Join(t.TempDir(), "first.ipynb")
	if _, err := run(t, context.Background(), Options{Output: first}, nil, "testdata/outputs.ipynb"); err != nil {
		t.Fatal(err)
	}
	before := readFile(t, first)
	if _, err := run(t, context.Background(), Options{}, nil, first); err != nil {
		t.Fatal(err)
	}
	if after := readFile(t, first); after != before {
		t.Errorf("changed:\n%s", after)
	}
}

// What follows from a cell that fails.
func TestFailing(t *testing.T) {
	tests := []struct {
		name    string
		o       Options
		cells   []string
		err     string // of Run after the path; empty for none
		outputs string // output types, cells parted by |
		log     string // part of it
	}{
		{"nothing fails", Options{}, []string{"stdout x", "result text/plain 1"}, "", "stream|execute_result", "[2/2] cell 2 "},
		{"stops", Options{}, []string{"stdout x", "error panic boom", "stdout y"}, "cell 2 failed: panic: boom", "stream|error|", "\npanic: boom\n"},
		{"colour", Options{Color: true}, []string{"error panic boom"}, "cell 1 failed: panic: boom", "error", "\x1b[31mpanic\x1b[0m: boom\n"},
		{"goes on", Options{AllowErrors: true}, []string{"stdout x", "error panic boom", "stdout y"}, "", "stream|error|stream", "[2/3] cell 2 "},
		{"output before the error stays", Options{}, []string{"stdout x\nerror panic boom"}, "cell 1 failed: panic: boom", "stream,error", ""},
		{"a result with an error is none", Options{}, []string{"result text/plain 1\nerror panic boom"}, "cell 1 failed: panic: boom", "error", ""},
		{"only the first line", Options{}, []string{`error panic a\nb`}, "cell 1 failed: panic: a", "error", ""},
		{"any error", Options{}, []string{"nonsense"}, "cell 1 failed: Error: no such order: nonsense", "error", ""},
		{"no input", Options{}, []string{"input name?"}, "cell 1 failed: Error: nobody is there to answer: run this cell in a notebook", "error", ""},
		{"timeout", Options{Timeout: time.Millisecond}, []string{"block", "stdout x"},
			"cell 1 failed: TimeoutError: cell 1 ran longer than 1ms: make it quicker, or raise --timeout", "error|", "stopped at cell 1:1"},
		{"timeout, goes on", Options{Timeout: time.Millisecond, AllowErrors: true}, []string{"block", "stdout x"}, "", "error|stream", ""},
		{"no code at all", Options{}, []string{"", "\n"}, "", "|", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, test.cells...)
			log, err := run(t, context.Background(), test.o, nil, path)
			checkError(t, err, path, test.err)
			if got := outputTypes(t, path); got != test.outputs {
				t.Errorf("outputs %q, want %q", got, test.outputs)
			}
			if !strings.Contains(log, test.log) {
				t.Errorf("log:\n%s\nwant in it %q", log, test.log)
			}
		})
	}
}

// An interrupt ends the running cell and the notebook, whatever may fail, and
// what was reached is written; the next notebooks are not run.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	first, second := write(t, "stdout x", "call\nblock", "stdout y"), write(t, "stdout z")
	before := readFile(t, second)
	_, err := run(t, ctx, Options{AllowErrors: true}, cancel, first, second)
	want := first + ": interrupted in cell 2\n" + second + ": not run: interrupted"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if got := outputTypes(t, first); got != "stream|error|" {
		t.Errorf("outputs %q", got)
	}
	if readFile(t, second) != before {
		t.Error("the second notebook was written")
	}
}

// An interrupt that comes too late for its cell still ends the run.
func TestInterruptBetween(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	path := write(t, "call", "stdout y")
	_, err := run(t, ctx, Options{}, cancel, path)
	checkError(t, err, path, "interrupted before cell 2")
}

// Each notebook has an evaluator of its own, in its folder, and one that fails
// does not keep the next from running.
func TestSeveral(t *testing.T) {
	first, second := write(t, "error panic boom"), write(t, "stdout x")
	log, err := run(t, context.Background(), Options{}, nil, first, second)
	checkError(t, err, first, "cell 1 failed: panic: boom")
	if got := outputTypes(t, second); got != "stream" {
		t.Errorf("outputs %q", got)
	}
	if !strings.HasPrefix(log, first+"\n") || !strings.Contains(log, "\n"+second+"\n") {
		t.Errorf("log does not name the notebooks:\n%s", log)
	}
	_, err = run(t, context.Background(), Options{Output: "x"}, nil, first, second)
	if err == nil || err.Error() != "-o names one file: give one notebook with it" {
		t.Errorf("-o with two: %v", err)
	}
}

func TestFolder(t *testing.T) {
	path := write(t, "stdout x")
	t.Chdir(filepath.Dir(path))
	var dirs []string
	o := Options{Log: os.Stderr, New: func(dir string, _ interp.Pins) (Evaluator, error) {
		dirs = append(dirs, dir)
		return &script{}, nil
	}}
	if err := Run(context.Background(), []string{"nb.ipynb"}, o); err != nil {
		t.Fatal(err)
	}
	want, _ := filepath.EvalSymlinks(filepath.Dir(path))
	if got, _ := filepath.EvalSymlinks(dirs[0]); got != want || !filepath.IsAbs(dirs[0]) {
		t.Errorf("folder %q, want %q", dirs[0], want)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// checkError compares err with "path: want", or with none where want is empty.
func checkError(t *testing.T, err error, path, want string) {
	t.Helper()
	if want == "" && err != nil {
		t.Errorf("error %v", err)
	}
	if want != "" && (err == nil || err.Error() != path+": "+want) {
		t.Errorf("error %v, want %s: %s", err, path, want)
	}
}

// outputTypes gives the types of the outputs in the notebook at path: a comma
// between the outputs of a cell, a bar between cells.
func outputTypes(t *testing.T, path string) string {
	t.Helper()
	var nb struct {
		Cells []struct {
			Outputs []struct {
				Type string `json:"output_type"`
			}
		}
	}
	if err := json.Unmarshal([]byte(readFile(t, path)), &nb); err != nil {
		t.Fatal(err)
	}
	var cells []string
	for _, c := range nb.Cells {
		var types []string
		for _, o := range c.Outputs {
			types = append(types, o.Type)
		}
		cells = append(cells, strings.Join(types, ","))
	}
	return strings.Join(cells, "|")
}
