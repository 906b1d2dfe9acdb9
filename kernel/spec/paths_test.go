package spec

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The rules of jupyter_core, one row each; later variables lose to earlier ones.
func TestDataDir(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
		env  map[string]string
		want string
	}{
		{"home", Options{}, map[string]string{"HOME": "/h"}, "/h/.local/share/jupyter"},
		{"user is the default", Options{User: true}, map[string]string{"HOME": "/h"}, "/h/.local/share/jupyter"},
		{"xdg", Options{}, map[string]string{"HOME": "/h", "XDG_DATA_HOME": "/x"}, "/x/jupyter"},
		{"jupyter", Options{}, map[string]string{"XDG_DATA_HOME": "/x", "JUPYTER_DATA_DIR": "/j"}, "/j"},
		{"prefix", Options{Prefix: "/p"}, map[string]string{"JUPYTER_DATA_DIR": "/j"}, "/p/share/jupyter"},
		{"venv", Options{SysPrefix: true}, map[string]string{"VIRTUAL_ENV": "/v", "CONDA_PREFIX": "/c", "JUPYTER_DATA_DIR": "/j"}, "/v/share/jupyter"},
		{"conda", Options{SysPrefix: true}, map[string]string{"CONDA_PREFIX": "/c"}, "/c/share/jupyter"},
	} {
		t.Run(c.name, func(t *testing.T) {
			clearEnv(t)
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			if got, err := c.o.dataDir(); err != nil || got != c.want {
				t.Errorf("got %s, %v; want %s", got, err, c.want)
			}
		})
	}
}

func TestDataDirWithoutHome(t *testing.T) {
	clearEnv(t)
	if got, err := (Options{}).dataDir(); err == nil || !strings.Contains(err.Error(), "JUPYTER_DATA_DIR") {
		t.Errorf("got %q, %v; want an error that names JUPYTER_DATA_DIR", got, err)
	}
}

// Without an active environment python is asked, whichever name it has.
func TestSysPrefixAsksPython(t *testing.T) {
	for _, c := range []struct{ name, program, script, want, err string }{
		{"python3", "python3", "echo /opt/py", "/opt/py/share/jupyter", ""},
		{"python", "python", "echo /opt/py", "/opt/py/share/jupyter", ""},
		{"none", "perl", "echo /opt/py", "", "no active Python environment"},
		{"fails", "python3", "exit 3", "", "exit status 3"},
		{"talks nonsense", "python3", "echo hello", "", `sys.prefix is "hello"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			clearEnv(t)
			bin := t.TempDir()
			t.Setenv("PATH", bin)
			if err := os.WriteFile(filepath.Join(bin, c.program), []byte("#!/bin/sh\n"+c.script+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			got, err := Options{SysPrefix: true}.dataDir()
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("error %v, want one with %q", err, c.err)
				}
				return
			}
			if err != nil || got != c.want {
				t.Errorf("got %s, %v; want %s", got, err, c.want)
			}
		})
	}
}

// clearEnv empties every variable that the rules read.
func clearEnv(t *testing.T) {
	t.Helper()
	for _, name := range []string{"HOME", "XDG_DATA_HOME", "JUPYTER_DATA_DIR", "VIRTUAL_ENV", "CONDA_PREFIX"} {
		t.Setenv(name, "")
	}
}
