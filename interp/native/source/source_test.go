package source_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"interleave/interp/cell"
	"interleave/interp/check"
	"interleave/interp/exports"
	"interleave/interp/native/source"
)

// A scenario is a session in testdata: cells separated by lines "---", and what
// they print when all are run, one after the other.
type scenario struct {
	name   string
	cells  []string
	output string
	units  []*source.Unit
}

// refused are the scenarios that package check does not let pass, with a part of
// what it says.
var refused = map[string]string{}

func readScenarios(t *testing.T) []*scenario {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	var all []*scenario
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		_, text, _ := strings.Cut(string(b), "-- cells --\n")
		cells, output, _ := strings.Cut(text, "\n-- output --\n")
		name := strings.TrimSuffix(filepath.Base(f), ".txtar")
		all = append(all, &scenario{name: name, cells: strings.Split(cells, "\n---\n"), output: output})
	}
	return all
}

// newCheck makes a check session over the standard library.
func newCheck(t *testing.T) *check.Session {
	t.Helper()
	return check.NewSession(check.Options{Exports: func() (*exports.Table, error) {
		if _, err := exports.Prepare(context.Background(), "", func(string) {}); err != nil {
			return nil, err
		}
		return exports.Open("")
	}})
}

// rewrite makes the units of a session; the error is that of the cell that is wrong.
func rewrite(t *testing.T, prefix string, cells []string) ([]*source.Unit, error) {
	t.Helper()
	session, out := newCheck(t), source.New()
	out.Prefix = prefix
	var units []*source.Unit
	for i, src := range cells {
		c, err := cell.Parse(i+1, src)
		if err != nil {
			return units, err
		}
		ch, err := session.Check(c)
		if err != nil {
			return units, err
		}
		u, err := out.Unit(ch)
		if err != nil {
			return units, err
		}
		session.Commit(ch, len(c.Items))
		out.Commit(u)
		units = append(units, u)
	}
	return units, nil
}

// checked is a first cell that nothing is wrong with.
func checked(t *testing.T, src string) *check.Checked {
	t.Helper()
	c, err := cell.Parse(1, src)
	if err != nil {
		t.Fatal(err)
	}
	ch, err := newCheck(t).Check(c)
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

// TestScenarios compiles all sessions into one program, and compares what each
// prints with what Go prints.
func TestScenarios(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program of all scenarios")
	}
	all := readScenarios(t)
	b := newBuild(t)
	for _, s := range all {
		var err error
		s.units, err = rewrite(t, "interleave/cells/"+s.name+"/", s.cells)
		if why, ok := refused[s.name]; ok {
			if err == nil || !strings.Contains(err.Error(), why) {
				t.Errorf("%s: %v, should be refused: %s", s.name, err, why)
			}
			s.units = nil
		} else if err != nil {
			t.Errorf("%s: %v", s.name, err)
			s.units = nil
		}
		b.add(s)
	}
	binary := b.build()
	for _, s := range all {
		if s.units == nil {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			if got := runScenario(t, binary, s.name); got != s.output {
				t.Errorf("printed:\n%s\nwant:\n%s", got, s.output)
			}
		})
	}
}

func runScenario(t *testing.T, binary, name string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var errOut bytes.Buffer
	cmd := exec.CommandContext(ctx, binary, name)
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("%v\n%s", err, errOut.String())
	}
	return strings.ReplaceAll(string(out), source.PackageName+".", "main.")
}

// A build is a module of units, with a host that runs them.
type build struct {
	t       *testing.T
	dir     string
	imports strings.Builder
	table   strings.Builder
}

func newBuild(t *testing.T) *build {
	b := &build{t: t, dir: t.TempDir()}
	if keep := os.Getenv("INTERLEAVE_KEEP"); keep != "" {
		b.dir = keep
	}
	b.write("go.mod", "module interleave/cells\n\ngo 1.26\n")
	for _, p := range source.RuntimePackages() {
		b.addFiles(p.Path, p.Files)
	}
	return b
}

func (b *build) write(name, text string) {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func (b *build) addFiles(path string, files map[string]string) {
	for name, text := range files {
		b.write(strings.TrimPrefix(path, "interleave/cells/")+"/"+name, text)
	}
}

func (b *build) add(s *scenario) {
	fmt.Fprintf(&b.table, "%q: {", s.name)
	for i, u := range s.units {
		b.addFiles(u.Path, u.Files)
		fmt.Fprintf(&b.imports, "import %s_%d %q\n", s.name, i, u.Path)
		fmt.Fprintf(&b.table, "%s_%d.ꞋꞋUnit, ", s.name, i)
	}
	b.table.WriteString("},\n")
}

// build gives the path of the program.
func (b *build) build() string {
	b.t.Helper()
	host, err := os.ReadFile("testdata/host.go.txt")
	if err != nil {
		b.t.Fatal(err)
	}
	b.write("main.go", string(host))
	b.write("table.go", "package main\n"+b.imports.String()+
		"var scenarios = map[string][]map[string]any{\n"+b.table.String()+"}\n")
	binary := filepath.Join(b.dir, "host.bin")
	cmd := exec.Command("go", "build", "-trimpath", "-o", binary, ".")
	cmd.Dir = b.dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "GOTOOLCHAIN=local", "GOPROXY=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}
