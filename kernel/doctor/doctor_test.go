package doctor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"interleave/display"
	"interleave/interp"
)

// machine makes an environment with nothing but the given programs, each a shell
// script, on the PATH, and gives its home.
func machine(t *testing.T, programs map[string]string) string {
	t.Helper()
	home := t.TempDir()
	bin := filepath.Join(home, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, body := range programs {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"XDG_DATA_HOME", "JUPYTER_DATA_DIR", "JUPYTER_PATH", "VIRTUAL_ENV", "CONDA_PREFIX", "CC"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", home)
	t.Setenv("PATH", bin)
	return home
}

// register writes a kernelspec below dir.
func register(t *testing.T, dir, name, program, language string) {
	t.Helper()
	folder := filepath.Join(dir, "kernels", name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	content := fmt.Sprintf(`{"argv":[%q,"kernel","{connection_file}"],"language":%q}`, program, language)
	if err := os.WriteFile(filepath.Join(folder, "kernel.json"), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func good() Options {
	return Options{
		Exports: func() error { return nil },
		Eval:    gives("2", nil),
	}
}

// gives is an evaluator whose every cell has the value and the error.
func gives(value string, err error) func(context.Context, interp.Request, interp.Output) (*display.Bundle, error) {
	return func(context.Context, interp.Request, interp.Output) (*display.Bundle, error) {
		b := display.Text(value)
		return &b, err
	}
}

func diagnose(t *testing.T, o Options) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := Run(t.Context(), &out, o)
	if n := strings.Count(out.String(), "\n"); n != 9 {
		t.Errorf("%d lines, want one for each of 9 checks:\n%s", n, &out)
	}
	return out.String(), err
}

func TestHealthy(t *testing.T) {
	home := machine(t, map[string]string{
		"go":          `if [ "$2" = GOVERSION ]; then echo ` + built() + `; else echo 1; fi`,
		"gcc":         "echo gcc 12; echo more",
		"python3":     "echo Python 3.11",
		"jupyter-lab": "exit",
	})
	register(t, filepath.Join(home, ".local/share/jupyter"), "interleave", filepath.Join(home, "bin/go"), "go")
	out, err := diagnose(t, good())
	if err != nil || strings.Contains(out, "broken") || strings.Contains(out, "hint") {
		t.Errorf("%v\n%s", err, out)
	}
}

// Every finding on a machine where it is missing or wrong.
func TestFindings(t *testing.T) {
	tests := []struct {
		name     string
		programs map[string]string
		prepare  func(home string)
		o        func(*Options)
		want     string // a line
		broken   bool
	}{
		{name: "no go", want: "hint    go command   none on the PATH: get " + built() + " from https://go.dev/dl/"},
		{name: "another go", programs: map[string]string{"go": "echo go1.99"}, want: "go1.99, and " + built() + " built this program: run ./install.sh again"},
		{name: "go fails", programs: map[string]string{"go": "exit 3"}, want: "/go: env GOVERSION: exit status 3"},
		{name: "no gcc", want: "hint    C compiler   no gcc: install gcc, for cells with C in them"},
		{name: "cgo off", programs: map[string]string{"gcc": "echo gcc", "go": "echo 0"}, want: "but cgo is off: set CGO_ENABLED=1"},
		{name: "not prepared", o: func(o *Options) { o.Exports = func() error { return errors.New("missing: run interleave prepare") } },
			want: "hint    export data  missing: run interleave prepare, or the first cell does and takes a minute"},
		{name: "cell fails", o: func(o *Options) { o.Eval = gives("", errors.New("no child\nmore")) },
			want: "broken  a cell       1+1: no child", broken: true},
		{name: "cell is wrong", o: func(o *Options) { o.Eval = gives("3", nil) },
			want: "broken  a cell       1+1 did not give 2, but &{map[text/plain:3] map[]}", broken: true},
		{name: "not registered", prepare: func(home string) { os.RemoveAll(filepath.Join(home, ".local")) },
			want: "broken  kernelspec   not registered: run interleave install --user", broken: true},
		{name: "another language", prepare: func(home string) {
			os.RemoveAll(filepath.Join(home, ".local"))
			register(t, filepath.Join(home, ".local/share/jupyter"), "python3", "/bin/sh", "python")
		}, want: "not registered", broken: true},
		{name: "program gone", prepare: func(home string) {
			register(t, filepath.Join(home, ".local/share/jupyter"), "old", "/nowhere/interleave", "go")
		}, want: "kernels/old starts /nowhere/interleave, which is not there: run interleave install again"},
		{name: "all programs gone", prepare: func(home string) {
			os.RemoveAll(filepath.Join(home, ".local"))
			register(t, filepath.Join(home, ".local/share/jupyter"), "old", "/nowhere/interleave", "go")
		}, want: "broken  kernelspec   ", broken: true},
		{name: "a good one behind one of the same name", prepare: func(home string) {
			t.Setenv("JUPYTER_PATH", filepath.Join(home, "a"))
			register(t, filepath.Join(home, "a"), "interleave", "/nowhere/interleave", "go")
		}, want: "a/kernels/interleave starts /nowhere/interleave, which is not there", broken: true},
		{name: "only the system's", o: func(o *Options) { o.System = []string{os.Getenv("HOME") + "/usr"} }, prepare: func(home string) {
			os.RemoveAll(filepath.Join(home, ".local"))
			register(t, filepath.Join(home, "usr/share/jupyter"), "interleave", "/bin/sh", "go")
		}, want: "ok      kernelspec   "},
		{name: "in JUPYTER_PATH", prepare: func(home string) {
			os.RemoveAll(filepath.Join(home, ".local"))
			t.Setenv("JUPYTER_PATH", filepath.Join(home, "a")+":"+filepath.Join(home, "b"))
			register(t, filepath.Join(home, "b"), "mine", "/bin/sh", "go")
		}, want: "b/kernels/mine starts /bin/sh"},
		{name: "in python's prefix", programs: map[string]string{"python3": `echo "$HOME/env"`}, prepare: func(home string) {
			os.RemoveAll(filepath.Join(home, ".local"))
			register(t, filepath.Join(home, "env/share/jupyter"), "mine", "/bin/sh", "go")
		}, want: "env/share/jupyter/kernels/mine starts /bin/sh"},
		{name: "no python", want: "hint    python       no python3"},
		{name: "no jupyter", want: "hint    jupyter      none on the PATH"},
		{name: "no history yet", want: "history.db, not made yet"},
		{name: "history is damaged", prepare: func(home string) {
			dir := filepath.Join(home, ".local/share/interleave")
			os.MkdirAll(dir, 0o755)
			os.WriteFile(filepath.Join(dir, "history.db"), []byte(strings.Repeat("no database ", 1000)), 0o644)
		}, want: "hint    history      "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			home := machine(t, test.programs)
			register(t, filepath.Join(home, ".local/share/jupyter"), "interleave", "/bin/sh", "go")
			if test.prepare != nil {
				test.prepare(home)
			}
			o := good()
			if test.o != nil {
				test.o(&o)
			}
			out, err := diagnose(t, o)
			if !strings.Contains(out, test.want) {
				t.Errorf("no line %q in\n%s", test.want, out)
			}
			if (err != nil) != test.broken {
				t.Errorf("error %v in\n%s", err, out)
			}
		})
	}
}

// Why compiled cells get a copy of the library is told, and is nothing broken.
func TestNotLinked(t *testing.T) {
	machine(t, nil)
	for _, tt := range []struct {
		link error
		want string
	}{
		{nil, "linked against this program"},
		{errors.New("on linux/arm64 it has not been proven"), "cells get a copy of the library, which takes longer: on linux/arm64 it has not been proven"},
	} {
		o := good()
		o.Link = func(context.Context) error { return tt.link }
		out, _ := diagnose(t, o)
		var line string
		for l := range strings.Lines(out) {
			if strings.Contains(l, "1+1 gave 2") && strings.Contains(l, tt.want) {
				line = l
			}
		}
		if line == "" || strings.HasPrefix(line, "broken") || tt.link != nil && strings.HasPrefix(line, "fine") {
			t.Errorf("%v: %q in %s", tt.link, line, out)
		}
	}
}
