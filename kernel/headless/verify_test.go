package headless

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"interleave/display"
	"interleave/interp"
)

// checked runs Verify on path with scripted evaluators, and gives what it reports.
func checked(t *testing.T, o Options, path string) (string, error) {
	t.Helper()
	var report, log bytes.Buffer
	o.Report, o.Log = &report, &log
	o.New = func(string, interp.Pins) (Evaluator, error) { return &script{}, nil }
	before := readFile(t, path)
	err := Verify(context.Background(), []string{path}, o)
	if readFile(t, path) != before {
		t.Error("the notebook was changed")
	}
	return strings.ReplaceAll(report.String(), path+": ", ""), err
}

// saved makes a notebook that a script's run has been saved in; edit changes its text.
func saved(t *testing.T, edit func(string) string, cells ...string) string {
	t.Helper()
	path := write(t, cells...)
	if _, err := run(t, context.Background(), Options{AllowErrors: true}, nil, path); err != nil {
		t.Fatal(err)
	}
	if edit != nil {
		change(t, path, edit)
	}
	return path
}

// change edits the text of the notebook at path, but for the sources of its cells.
func change(t *testing.T, path string, edit func(string) string) {
	t.Helper()
	old, text, err := read(path)
	if err != nil {
		t.Fatal(err)
	}
	edited, err := parse([]byte(edit(string(text))))
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range edited.cells {
		c["source"] = old.cells[i]["source"]
	}
	data, err := edited.encode()
	if err != nil {
		t.Fatal(err)
	}
	if string(data) == string(text) {
		t.Fatal("the edit changes nothing")
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func swap(pairs ...string) func(string) string { return strings.NewReplacer(pairs...).Replace }

// kinds are scripts that show all kinds of output.
var kinds = []string{
	`stdout a\nb\n`, "stderr oops", "show - text/html <b>x</b>", "show - application/json k", "result text/plain 42", "error panic boom", "",
}

func TestVerify(t *testing.T) {
	tests := []struct {
		name  string
		o     Options
		cells []string
		edit  func(string) string
		want  string // the report; none where all is equal
	}{
		{"equal", Options{}, kinds, nil, ""},
		{"stdout", Options{}, []string{`stdout a\nb\nc`}, swap(`"b\n"`, `"x\n"`), "cell 1: stdout, line 2, is \"b\", saved is \"x\"\n"},
		{"shorter", Options{}, []string{`stdout a\nb`}, swap(`"b"`, `"b\n", "c"`), "cell 1: stdout ends after 2 lines, saved are 3\n"},
		{"longer", Options{}, []string{`stdout a\nb`}, swap("\"a\\n\",\n      \"b\"", `"a\n"`), "cell 1: stdout, line 2, is \"b\", saved is \"\"\n"},
		{"no stderr any more", Options{}, []string{"stderr oops"}, swap(`"stderr"`, `"stdout"`),
			"cell 1: stdout, line 1, is \"\", saved is \"oops\"\ncell 1: stderr, line 1, is \"oops\", saved is \"\"\n"},
		{"parts of a stream", Options{}, []string{`stdout a\nstderr x\nstdout b`}, nil, ""},
		{"value", Options{}, []string{"result text/plain 42"}, swap(`"42"`, `"43"`), "cell 1: text/plain, line 1, is \"42\", saved is \"43\"\n"},
		{"last line feed", Options{}, []string{"result text/plain 42"}, swap(`"42"`, `"42\n"`), ""},
		{"json", Options{}, []string{"show - application/json k"}, swap(`"k"`, `"l"`), "cell 1: application/json, line 1, is \"[1,\\\"k\\\"]\", saved is \"[1,\\\"l\\\"]\"\n"},
		{"form", Options{}, []string{"show - text/html x"}, swap("text/html", "text/markdown"), "cell 1: shows text/html, saved is text/markdown\n"},
		{"kind", Options{}, []string{"result text/plain 42"}, swap(`"execute_result"`, `"display_data"`), "cell 1: shows the value \"42\", saved is an output of text/plain\n"},
		{"progress of a slow run", Options{}, []string{"result text/plain 42"}, swap(`"outputs": [`, `"outputs": [{"output_type": "display_data", "metadata": {}, "data": {"text/html": [], "text/plain": ""}},`), ""},
		{"error", Options{}, []string{"error panic boom"}, swap(`"evalue": "boom"`, `"evalue": "bang"`), "cell 1: its error, line 1, is \"panic: boom\", saved is \"panic: bang\"\n"},
		{"new error", Options{}, []string{"stdout x", "error panic boom"}, swap(`"error"`, `"none"`),
			"cell 2: shows the error panic: boom, saved is an output of \n"},
		{"cells after a failure are compared", Options{}, []string{"error panic boom", "stdout x"}, swap(`"x"`, `"y"`), "cell 2: stdout, line 1, is \"x\", saved is \"y\"\n"},
		{"addresses", Options{Tolerance: 10}, []string{"stdout at 0xc000123456 of goroutine 7"}, swap("0xc000123456", "0xc0009abcde", "goroutine 7", "goroutine 35"), ""},
		{"the clock", Options{Tolerance: 10}, []string{"stdout 2026-11-26 02:31:35.1 +0000 UTC m=+0.5"}, swap("26 02:31:35.1", "27 12:01:00"), ""},
		{"a date is no clock", Options{Tolerance: 10}, []string{"stdout 2024-02-29 00:00:00 +0000 UTC"}, swap("02-29", "03-01"),
			"cell 1: stdout, line 1, is \"2024-02-29 00:00:00 +0000 UTC\", saved is \"2024-03-01 00:00:00 +0000 UTC\"\n"},
		{"times", Options{Tolerance: 10}, []string{"stdout took 1m3.5s, 20 ms"}, swap("1m3.5s", "12s", "20 ms", "199 ms"), ""},
		{"small times", Options{Tolerance: 10}, []string{"stdout took 12ns"}, swap("12ns", "310ms"), ""},
		{"times too far apart", Options{Tolerance: 10}, []string{"stdout took 12s"}, swap("12s", "121s"), "cell 1: stdout, line 1, is \"took 12s\", saved is \"took 121s\"\n"},
		{"exactly", Options{Tolerance: 1}, []string{"stdout took 12ns"}, swap("12ns", "13ns"), "cell 1: stdout, line 1, is \"took 12ns\", saved is \"took 13ns\"\n"},
		{"no unit", Options{Tolerance: 10}, []string{"stdout 12 stones"}, swap("12 stones", "13 stones"), "cell 1: stdout, line 1, is \"12 stones\", saved is \"13 stones\"\n"},
		{"tagged", Options{}, []string{"stdout x"}, swap(`"x"`, `"y"`, `"metadata": {},`, `"metadata": {"tags": ["nbval-ignore-output"]},`), ""},
		{"skipped", Options{}, []string{"stdout x"}, swap(`"x"`, `"y"`, `"metadata": {},`, `"metadata": {"tags": ["skip-execution"]},`), ""},
		{"order", Options{}, []string{"stdout a", "stdout b", "stdout c"}, swap(`"execution_count": 1`, `"execution_count": 9`),
			"cell 2 was run as [2], before cell 1 above it, run as [9]\ncell 3 was run as [3], before cell 1 above it, run as [9]\n"},
		{"gaps", Options{}, []string{"stdout a", "stdout b"}, swap(`"execution_count": 2`, `"execution_count": 9`), ""},
		{"twice", Options{}, []string{"stdout a", "stdout b"}, swap(`"execution_count": 2`, `"execution_count": 1`), "cells 1 and 2 were both run as [1]: they come of different sessions\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := saved(t, test.edit, test.cells...)
			got, err := checked(t, test.o, path)
			if test.name == "skipped" {
				checkError(t, err, path, "has never been run, so that there is nothing to compare: interleave run writes its outputs")
				return
			}
			if got != test.want {
				t.Errorf("report:\n%swant:\n%s", got, test.want)
			}
			want := ""
			if n := strings.Count(test.want, "\n"); n > 0 {
				want = plural(n, "difference")
			}
			checkError(t, err, path, want)
		})
	}
}

// undefinedNames fails as a compiler does, for names that are not there.
type undefinedNames struct{ script }

func (u *undefinedNames) Eval(ctx context.Context, c interp.Request, out interp.Output) (*display.Bundle, error) {
	name, uses := strings.CutPrefix(c.Code, "_ = ")
	if !uses {
		return nil, nil
	}
	return nil, &interp.Error{Name: "CompileError", Value: "undefined", Traceback: []string{
		fmt.Sprintf("\x1b[36mcell %d:1:5:\x1b[0m \x1b[1;31mundefined: %s\x1b[0m", c.Count, name), "   source", "   ^",
	}}
}

func TestVerifyNames(t *testing.T) {
	path := write(t, "_ = total", "_ = gone", "_ = rand", "func total() {}", `import r "math/rand"`, "var (\n\ta, rand = 1, 2\n)\ntype T int\nconst c = 1\nx, y := 1, 2", "_ = T")
	var report, log bytes.Buffer
	o := Options{Report: &report, Log: &log, New: func(string, interp.Pins) (Evaluator, error) { return &undefinedNames{}, nil }}
	err := Verify(context.Background(), []string{path}, o)
	if err == nil {
		t.Error("no error")
	}
	want := `cell 1 uses total, which cell 4 declares: that has to stand above it
cell 2 uses gone, which no cell declares: only a cell that was deleted or changed can have done so
cell 3 uses rand, which cell 6 declares: that has to stand above it
cell 7 uses T, which cell 6 declares, had it not failed
`
	for line := range strings.Lines(want) {
		if !strings.Contains(report.String(), line) {
			t.Errorf("no %q in\n%s", line, &report)
		}
	}
}

func TestVerifyRefuses(t *testing.T) {
	never := writeRaw(t, `{"cells":[{"cell_type":"code","source":"1"}],"nbformat":4}`)
	_, err := checked(t, Options{}, never)
	checkError(t, err, never, "has never been run, so that there is nothing to compare: interleave run writes its outputs")
	python := writeRaw(t, `{"cells":[],"metadata":{"kernelspec":{"name":"python3","language":"python"}},"nbformat":4}`)
	_, err = checked(t, Options{}, python)
	checkError(t, err, python, "notebook of another kernel, in python: run it with jupyter execute")
}

// A notebook beyond any use is not read into memory.
func TestLargest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nb.ipynb")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(largest + 1); err != nil {
		t.Fatal(err)
	}
	_, err = run(t, context.Background(), Options{}, nil, path)
	checkError(t, err, path, "512 MiB large, more than 512: clear its outputs first, with jupyter nbconvert --clear-output --inplace")
}

// What is there already, and what cannot be written to, is told before anything runs.
func TestOutputRefused(t *testing.T) {
	path, there := write(t, "stdout x"), write(t, "stdout y")
	before := readFile(t, there)
	_, err := run(t, context.Background(), Options{Output: there}, func() { t.Error("it ran") }, path)
	checkError(t, err, path, there+" is there already: give another name, or --force to replace it")
	if readFile(t, there) != before {
		t.Error("the file was changed")
	}
	if _, err := run(t, context.Background(), Options{Output: there, Force: true}, nil, path); err != nil {
		t.Error(err)
	}
	if _, err := run(t, context.Background(), Options{Output: path}, nil, path); err != nil {
		t.Error("the notebook's own name:", err)
	}
	_, err = run(t, context.Background(), Options{Output: "/proc/nb.ipynb"}, nil, path)
	if err == nil || !strings.Contains(err.Error(), "folder /proc cannot be written to: ") || !strings.HasSuffix(err.Error(), ": give another place with -o") {
		t.Error(err)
	}
}

// A cell that puts out without end is interrupted, and keeps what fits.
func TestFull(t *testing.T) {
	path := write(t, "flood", "stdout x")
	_, err := run(t, context.Background(), Options{}, nil, path)
	checkError(t, err, path, "cell 1 failed: OutputError: cell 1 put out more than 64 MiB: print less, or into a file")
	if got := outputTypes(t, path); got != "stream,error|" {
		t.Error(got)
	}
	if size := len(readFile(t, path)); size < most || size > most+most/8 {
		t.Errorf("%d bytes", size)
	}
}

func TestMachine(t *testing.T) {
	path := write(t, "stdout x")
	m := ThisMachine("1.2.3")
	if m.Cores < 1 || m.Go == "" || !strings.Contains(m.System, "/") {
		t.Errorf("%+v", m)
	}
	m = Machine{Kernel: "1.2.3", Go: "1.26.8", System: "linux/amd64", CPU: "A CPU", Cores: 2}
	if _, err := run(t, context.Background(), Options{Machine: m}, nil, path); err != nil {
		t.Fatal(err)
	}
	nb, _, err := read(path)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(object(object(nb.top, "metadata"), pinsKey))
	if got != "map[cores:2 cpu:A CPU go:1.26.8 kernel:1.2.3 system:linux/amd64]" {
		t.Error(got)
	}
}

func TestCPU(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cpuinfo")
	if err := os.WriteFile(file, []byte("processor\t: 0\nmodel name\t: A: b\n\nmodel name\t: C\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := cpu(file); got != "A: b" {
		t.Errorf("%q", got)
	}
	if got := cpu(file + ".none"); got != "" {
		t.Errorf("%q", got)
	}
}
