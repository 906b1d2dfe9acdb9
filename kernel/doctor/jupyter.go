package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// kernelspecs looks for this kernel where Jupyter looks for kernels, and whether
// what they start is there. Of two with one name Jupyter takes the first.
func (o Options) kernelspecs(ctx context.Context) finding {
	var good, bad []string
	seen := map[string]bool{}
	for _, dir := range o.dataDirs(ctx) {
		files, _ := filepath.Glob(filepath.Join(dir, "kernels", "*", "kernel.json"))
		for _, file := range files {
			program, ours := programOf(file)
			name := filepath.Base(filepath.Dir(file))
			if !ours || seen[name] {
				continue
			}
			seen[name] = true
			if _, err := exec.LookPath(program); err != nil {
				bad = append(bad, fmt.Sprintf("%s starts %s, which is not there: run interleave install again", filepath.Dir(file), program))
			} else {
				good = append(good, filepath.Dir(file)+" starts "+program)
			}
		}
	}
	switch {
	case len(bad) > 0 && len(good) > 0:
		return hintf("%s; %s", strings.Join(good, "; "), strings.Join(bad, "; "))
	case len(bad) > 0:
		return brokenf("%s", strings.Join(bad, "; "))
	case len(good) > 0:
		return finef("%s", strings.Join(good, "; "))
	}
	return brokenf("not registered: run interleave install --user")
}

// programOf gives what the kernelspec in file starts, and whether that is this
// kernel: language go and the argument kernel.
func programOf(file string) (program string, ours bool) {
	var k struct {
		Argv     []string
		Language string
	}
	b, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(b, &k) != nil {
		return "", false
	}
	if k.Language != "go" || len(k.Argv) < 3 || k.Argv[1] != "kernel" {
		return "", false
	}
	return k.Argv[0], true
}

// dataDirs are the folders below which Jupyter looks for kernels.
// Source: jupyter_core, paths.py, jupyter_path.
func (o Options) dataDirs(ctx context.Context) []string {
	dirs := filepath.SplitList(os.Getenv("JUPYTER_PATH"))
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		dirs = append(dirs, dir)
	} else if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		dirs = append(dirs, filepath.Join(dir, "jupyter"))
	} else if home, err := os.UserHomeDir(); err == nil {
		dirs = append(dirs, filepath.Join(home, ".local", "share", "jupyter"))
	}
	prefixes := []string{os.Getenv("VIRTUAL_ENV"), os.Getenv("CONDA_PREFIX")}
	if prefix, err := output(ctx, "python3", "-c", "import sys; print(sys.prefix)"); err == nil {
		prefixes = append(prefixes, prefix)
	}
	for _, prefix := range append(prefixes, o.System...) {
		if dir := filepath.Join(prefix, "share", "jupyter"); prefix != "" && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

func python(ctx context.Context) finding {
	path, err := exec.LookPath("python3")
	if err != nil {
		return hintf("no python3: JupyterLab needs it; interleave run does not")
	}
	version, err := output(ctx, path, "--version")
	if err != nil {
		return hintf("%s: %v", path, err)
	}
	return finef("%s, %s", path, version)
}

func jupyter(context.Context) finding {
	for _, name := range []string{"jupyter-lab", "jupyter-notebook", "jupyter"} {
		if path, err := exec.LookPath(name); err == nil {
			return finef("%s", path)
		}
	}
	return hintf("none on the PATH: ./install.sh lab gets JupyterLab into a place of its own")
}
