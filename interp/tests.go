package interp

import (
	"context"
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"interleave/display"
	"interleave/interp/cell"
	"interleave/interp/process"
	programs "interleave/interp/program"
)

// test runs the tests of a cell with go test.
func (e *Evaluator) test(ctx context.Context, m cell.Magic, out Output) (*display.Bundle, error) {
	c, req, err := e.body(m)
	if err != nil {
		return nil, err
	}
	if !hasTests(c) {
		return nil, &Error{Name: "MagicError", Value: "%%test: there is no function TestX(*testing.T), BenchmarkX, FuzzX or ExampleX in the cell"}
	}
	args, err := testArguments(m.Args)
	if err != nil {
		return nil, &Error{Name: "MagicError", Value: fmt.Sprintf("line %d: %%%%test: %v", m.Line, err)}
	}
	p, embedded, err := e.asProgram(ctx, c, req, out, programs.Test)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "interleave-test-")
	if err != nil {
		return nil, &Error{Name: "BuildError", Value: err.Error()}
	}
	defer os.RemoveAll(dir)
	g := e.goCommand(embedded)
	if err := g.Write(dir, p.Files); err != nil {
		return nil, &Error{Name: "BuildError", Value: err.Error()}
	}
	cmd, err := g.Command(context.Background(), dir, append([]string{"test", "-trimpath"}, args...)...)
	if err != nil {
		return nil, &Error{Name: "NoCompiler", Value: "%%test: " + err.Error()}
	}
	startsAnew(p, out)
	res, err := process.RunTests(ctx, cmd, out)
	if err != nil {
		return nil, &Error{Name: "BuildError", Value: err.Error()}
	}
	showCorpus(dir, out)
	if strings.Contains(res.Stdout, "[build failed]") {
		return nil, e.programError(&process.BuildError{Text: res.Stderr}, c, req)
	}
	return nil, e.testsEnded(res)
}

// hasTests tells whether a cell has what go test runs, or statements, which are
// refused later.
func hasTests(c *cell.Cell) bool {
	for _, it := range c.Items {
		fn, ok := it.Node.(*ast.FuncDecl)
		if _, decl := it.Node.(*ast.GenDecl); !ok && !decl || ok && testName.MatchString(fn.Name.Name) {
			return true
		}
	}
	return false
}

var testName = regexp.MustCompile(`^(Test|Benchmark|Fuzz|Example)($|[^a-z])`)

var failedTest = regexp.MustCompile(`(?m)^--- FAIL: (\S+)`)

// testsEnded words how go test ended.
func (e *Evaluator) testsEnded(res *process.Result) error {
	if res.Status != 1 || res.Interrupted || res.Signal != 0 {
		return e.ended(res)
	}
	value := "the tests failed: exit status 1"
	var names []string
	for _, m := range failedTest.FindAllStringSubmatch(res.Stdout, -1) {
		if !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
	}
	if len(names) > 0 {
		value = "failed: " + strings.Join(names, ", ")
	}
	return &Error{Name: "TestError", Value: value, Traceback: []string{red("TestError: ") + value}}
}

// showCorpus shows the inputs that fuzzing found to fail, since their files go.
func showCorpus(dir string, out Output) {
	files, _ := filepath.Glob(filepath.Join(dir, "testdata/fuzz/*/*"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err == nil {
			out.Stream("stdout", fmt.Sprintf("failing input of %s:\n%s", filepath.Base(filepath.Dir(file)), text))
		}
	}
}

// testArguments splits the arguments for go test. Fuzzing needs a time: it does not
// end by itself.
func testArguments(text string) ([]string, error) {
	args, err := splitWords(text)
	if err != nil {
		return nil, err
	}
	fuzz, timed := false, false
	for _, a := range args {
		name, _, _ := strings.Cut(strings.TrimLeft(a, "-"), "=")
		fuzz = fuzz || strings.HasPrefix(a, "-") && (name == "fuzz" || name == "test.fuzz")
		timed = timed || strings.HasPrefix(a, "-") && (name == "fuzztime" || name == "test.fuzztime")
	}
	if fuzz && !timed {
		return nil, fmt.Errorf("-fuzz goes on for ever: say how long, as in -fuzztime 10s")
	}
	return args, nil
}

// splitWords splits a line as a shell does, where ' and " quote.
func splitWords(text string) ([]string, error) {
	var words []string
	word, quote, in := "", rune(0), false
	for _, c := range text {
		switch {
		case c == quote:
			quote = 0
		case quote != 0:
			word += string(c)
		case c == '\'' || c == '"':
			quote, in = c, true
		case c == ' ' || c == '\t':
			if in {
				words = append(words, word)
			}
			word, in = "", false
		default:
			word, in = word+string(c), true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("%s: a %c without its end", text, quote)
	}
	if in {
		words = append(words, word)
	}
	return words, nil
}
