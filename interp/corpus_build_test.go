//go:build !race

package interp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"interleave/interp/cell"
	"interleave/interp/check"
	"interleave/interp/rewrite"
)

// packageMark begins the names of packages that stand for main.
const packageMark = "zq7x"

// runProgram runs script i of the program that go build made.
func runProgram(t *testing.T, binary string, i int) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, strconv.Itoa(i))
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	text := visible(out.String())
	if err != nil {
		text = strings.TrimSuffix(text, "\n") + "\n" + runtimeWords(errOut.String(), err)
	}
	mark := packageMark + strconv.Itoa(i) + "."
	text = strings.NewReplacer("corpus/"+mark, "main.", mark, "main.").Replace(text)
	return strings.TrimPrefix(strings.TrimSuffix(text, "\n"), "\n")
}

// runtimeWords is what the runtime says of the end of a program.
func runtimeWords(stderr string, err error) string {
	if strings.Contains(stderr, "all goroutines are asleep - deadlock!") {
		return "deadlock"
	}
	_, text, ok := strings.Cut(stderr, "panic: ")
	if !ok {
		return err.Error()
	}
	text, _, _ = strings.Cut(text, "\n\ngoroutine ")
	text, _, _ = strings.Cut(text, "\n[signal ")
	return "panic: " + strings.TrimSuffix(text, " [recovered]")
}

// buildScripts builds programs of all scripts that are programs, each a package,
// and gives the binary of each. Where a package such as net or os/signal is in it,
// the runtime sees no deadlocks: such scripts are in a program of their own.
func buildScripts(t *testing.T, scripts []*script) map[int]string {
	t.Helper()
	binaries := map[int]string{}
	texts := [2]map[int]string{{}, {}}
	for i, s := range scripts {
		p, err := asProgram(s, packageMark+strconv.Itoa(i))
		if err != nil {
			t.Errorf("%s: %s: %v\n%s", s.file, s.name, err, strings.Join(s.cells, "\n---\n"))
		}
		if p == "" {
			continue
		}
		kind := 0
		if deafPackages.MatchString(p) {
			kind = 1
		}
		texts[kind][i] = p
	}
	if t.Failed() {
		t.FailNow()
	}
	for _, packages := range texts {
		binary := buildProgram(t, packages)
		for i := range packages {
			binaries[i] = binary
		}
	}
	return binaries
}

// deafPackages are packages that keep the runtime from seeing deadlocks.
var deafPackages = regexp.MustCompile(`import \S+ "(net\b|os/signal|os/user|testing|log/slog)`)

// buildProgram builds a program that runs the one of packages whose number is its argument.
func buildProgram(t *testing.T, packages map[int]string) string {
	t.Helper()
	dir := t.TempDir()
	var imports, table strings.Builder
	for _, i := range slices.Sorted(maps.Keys(packages)) {
		name := packageMark + strconv.Itoa(i)
		writeFile(t, filepath.Join(dir, name, "s.go"), packages[i])
		fmt.Fprintf(&imports, "import \"corpus/%s\"\n", name)
		fmt.Fprintf(&table, "\"%d\": %s.Run,\n", i, name)
	}
	writeFile(t, filepath.Join(dir, "go.mod"), "module corpus\n\ngo 1.26\n")
	writeFile(t, filepath.Join(dir, "main.go"), "package main\nimport \"os\"\n"+imports.String()+
		"func main() { map[string]func(){\n"+table.String()+"}[os.Args[1]]() }\n")
	binary := filepath.Join(dir, "corpus.bin")
	cmd := exec.Command("go", "build", "-trimpath", "-o", binary, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=mod", "GOWORK=off", "GOTOOLCHAIN=local", "GOPROXY=off")
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

// asProgram makes a package of a script; "" where it is none. It also sees that the
// rewriter refuses the last cell where the script says so.
func asProgram(s *script, name string) (string, error) {
	session, p := newCheck(), newProgramOf(name)
	for i, src := range s.cells {
		c, err := cell.Parse(i+1, src)
		if err != nil {
			return "", err
		}
		ch, err := session.Check(c)
		if err != nil {
			if s.marks["own"] != "" { // what is wrong is in its golden
				return "", nil
			}
			return "", err
		}
		if s.marks["refused"] != "" && i == len(s.cells)-1 {
			return "", refusedFor(ch, s.marks["refused"])
		}
		session.Commit(ch, len(c.Items))
		if s.marks["own"] == "" {
			p.add(ch)
		}
	}
	if s.marks["own"] != "" {
		return "", nil
	}
	return p.String(), nil
}

func refusedFor(ch *check.Checked, what string) error {
	_, err := rewrite.Program(ch)
	var r *rewrite.Refusal
	if !errors.As(err, &r) {
		return fmt.Errorf("the rewriter takes it (%v), it should refuse: %s", err, what)
	}
	if r.What != what {
		return fmt.Errorf("refused for %q, should be %q", r.What, what)
	}
	return nil
}
