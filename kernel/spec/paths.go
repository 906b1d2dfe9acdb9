package spec

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// dataDir is the Jupyter data directory that o names; kernels are below it.
func (o Options) dataDir() (string, error) {
	switch {
	case o.User && o.SysPrefix, o.Prefix != "" && (o.User || o.SysPrefix):
		return "", errors.New("kernelspec: --user, --sys-prefix and --prefix exclude one another: give one of them")
	case o.Prefix != "":
		prefix, err := filepath.Abs(o.Prefix)
		return filepath.Join(prefix, "share", "jupyter"), err
	case o.SysPrefix:
		prefix, err := sysPrefix()
		return filepath.Join(prefix, "share", "jupyter"), err
	}
	return userDataDir()
}

// userDataDir is $JUPYTER_DATA_DIR, or jupyter below $XDG_DATA_HOME or
// ~/.local/share. Source: jupyter_core, paths.py, jupyter_data_dir.
func userDataDir() (string, error) {
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Abs(filepath.Join(dir, "jupyter"))
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("kernelspec: %w: set HOME, or JUPYTER_DATA_DIR", err)
	}
	return filepath.Join(home, ".local", "share", "jupyter"), nil
}

// sysPrefix is the active Python environment: $VIRTUAL_ENV, $CONDA_PREFIX, or
// sys.prefix of the python3 or python on the PATH.
func sysPrefix() (string, error) {
	for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if dir := os.Getenv(name); dir != "" {
			return filepath.Abs(dir)
		}
	}
	for _, name := range []string{"python3", "python"} {
		python, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		return askPrefix(python)
	}
	return "", errors.New("kernelspec: --sys-prefix: no active Python environment and no python3: activate one, or use --user")
}

// askPrefix runs python for its sys.prefix.
func askPrefix(python string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, python, "-c", "import sys; print(sys.prefix)").Output()
	if err != nil {
		return "", fmt.Errorf("kernelspec: --sys-prefix: %s: %w: use --user or --prefix", python, err)
	}
	prefix := strings.TrimSpace(string(out))
	if !filepath.IsAbs(prefix) {
		return "", fmt.Errorf("kernelspec: --sys-prefix: %s: sys.prefix is %q: use --user or --prefix", python, prefix)
	}
	return prefix, nil
}
