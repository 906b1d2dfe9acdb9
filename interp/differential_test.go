package interp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"interleave/display"
	"interleave/interp/cell"
	"interleave/interp/check"
	"interleave/interp/rewrite"
)

// A script is one session of the corpus: cells, and what is expected of them.
//
// The files in testdata/exact are in txtar format. The name of a section is a
// sentence of intent; lines "---" separate its cells. A name that ends in
// "refused" is of a session whose last cell the rewriter refuses, the construct
// being named after "// refused: ". One that ends in "own" is of a session that
// is no single program: the section "output" that follows holds what it prints.
type script struct {
	file, name string
	cells      []string
	refused    string // the construct that the last cell is refused for
	own        bool
	output     string
	broken     bool // not what it says; reported already
}

// TestDifferential runs each session as cells in an Evaluator, and as one program
// that the Go compiler built. What they print is the same, to the byte, and so
// is the panic that ends them.
func TestDifferential(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program of all sessions")
	}
	scripts := readScripts(t)
	binary := buildScripts(t, scripts)
	for i, s := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(s.file), ".txtar")+"/"+s.name, func(t *testing.T) {
			t.Parallel()
			if s.refused != "" || s.broken {
				return // seen when the program was made
			}
			want := result{stdout: s.output}
			if !s.own {
				want = runCompiled(t, binary, i)
			}
			if got := runCells(t, s.cells); got != want {
				t.Errorf("%s: %s\n%s\nevaluator printed:\n%s\npanic %q, other error %q\nGo printed:\n%s\npanic %q",
					s.file, s.name, strings.Join(s.cells, "\n---\n"), got.stdout, got.panicked, got.other, want.stdout, want.panicked)
			}
		})
	}
}

// readScripts reads the corpus.
func readScripts(t *testing.T) []*script {
	t.Helper()
	files, err := filepath.Glob("testdata/exact/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus in testdata/exact: %v", err)
	}
	var all []*script
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, readScript(file, string(b))...)
	}
	return all
}

func readScript(file, text string) []*script {
	var all []*script
	for _, sec := range strings.Split("\n"+text, "\n-- ")[1:] {
		name, body, _ := strings.Cut(sec, " --\n")
		if name == "output" {
			all[len(all)-1].output = body + "\n"
			continue
		}
		s := &script{file: file, name: name, own: strings.HasSuffix(name, " own"), cells: strings.Split(body, "\n---\n")}
		if strings.HasSuffix(name, " refused") {
			_, why, _ := strings.Cut(body, "// refused: ")
			s.refused, _, _ = strings.Cut(why, "\n")
		}
		all = append(all, s)
	}
	return all
}

// A result is what a session did.
type result struct {
	stdout   string
	panicked string // the text of the panic that ended it
	other    string // an error of another kind
}

// stdout is an Output that keeps the one stream.
type stdout struct{ recorder }

func (o *stdout) Stream(name, text string) {
	if name == "stdout" {
		o.recorder.Stream(name, text)
	}
}

func (o *stdout) Display(b display.Bundle, id string, update bool) {}

// runCells runs cells in an Evaluator, up to the first error.
func runCells(t *testing.T, cells []string) result {
	e := newEvaluator(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out := &stdout{}
	var res result
	for i, src := range cells {
		_, err := e.Eval(ctx, Request{Code: src, Count: i + 1}, out)
		var x *Error
		switch {
		case err == nil:
			continue
		case errors.As(err, &x) && x.Name == "panic":
			res.panicked = x.Value
		default:
			res.other = err.Error()
		}
		break
	}
	res.stdout = out.String()
	return res
}

// runCompiled runs session i of the compiled program.
func runCompiled(t *testing.T, binary string, i int) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, strconv.Itoa(i))
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	res := result{}
	err := cmd.Run()
	res.stdout = out.String()
	if err != nil {
		res.panicked = panicText(errOut.String())
		if res.panicked == "" {
			res.other = err.Error() + ": " + errOut.String()
		}
	}
	return res
}

// panicText is what the runtime's last words say of the panic.
func panicText(stderr string) string {
	_, text, ok := strings.Cut(stderr, "panic: ")
	if !ok {
		return ""
	}
	text, _, _ = strings.Cut(text, "\n\ngoroutine ")
	text, _, _ = strings.Cut(text, "\n[signal ")
	return strings.TrimSuffix(text, " [recovered]")
}

// buildScripts builds one program of all sessions that are programs, each a package.
func buildScripts(t *testing.T, scripts []*script) string {
	t.Helper()
	dir := t.TempDir()
	var imports, table strings.Builder
	for i, s := range scripts {
		p, err := compiled(s, fmt.Sprintf("s%d", i))
		if err != nil {
			t.Errorf("%s: %s: %v\n%s", s.file, s.name, err, strings.Join(s.cells, "\n---\n"))
			s.broken = true
		}
		if err != nil || p == "" {
			continue
		}
		writeFile(t, filepath.Join(dir, fmt.Sprintf("s%d", i), "s.go"), p)
		fmt.Fprintf(&imports, "import \"exact/s%d\"\n", i)
		fmt.Fprintf(&table, "\"%d\": s%d.Run,\n", i, i)
	}
	writeFile(t, filepath.Join(dir, "go.mod"), "module exact\n\ngo 1.26\n")
	writeFile(t, filepath.Join(dir, "main.go"), "package main\nimport \"os\"\n"+imports.String()+
		"func main() { map[string]func(){\n"+table.String()+"}[os.Args[1]]() }\n")
	binary := filepath.Join(dir, "exact.bin")
	cmd := exec.Command("go", "build", "-trimpath", "-o", binary, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "GOTOOLCHAIN=local", "GOPROXY=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// compiled makes a package of a session; "" where it is none. It also sees that
// the rewriter takes each cell, or refuses the last one, as the script says.
func compiled(s *script, name string) (string, error) {
	session := check.NewSession(check.Options{Exports: (&Evaluator{o: Options{Note: func(string) {}}}).exports, Sources: sources()})
	p := newProgram(name)
	for i, src := range s.cells {
		c, err := cell.Parse(i+1, src)
		if err != nil {
			return "", err
		}
		ch, err := session.Check(c)
		if err != nil {
			return "", err
		}
		_, err = rewrite.Program(ch)
		if s.refused != "" && i == len(s.cells)-1 {
			return "", refusedFor(err, s.refused)
		}
		if err != nil {
			return "", err
		}
		session.Commit(ch, len(c.Items))
		if !s.own {
			p.add(ch)
		}
	}
	if s.own {
		return "", nil
	}
	return p.String(), nil
}

func refusedFor(err error, what string) error {
	var r *rewrite.Refusal
	if !errors.As(err, &r) {
		return fmt.Errorf("the rewriter takes it (%v), it should refuse: %s", err, what)
	}
	if r.What != what {
		return fmt.Errorf("refused for %q, should be %q", r.What, what)
	}
	return nil
}
