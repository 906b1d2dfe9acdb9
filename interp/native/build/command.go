package build

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// exec makes a command of the toolchain. It has a process group of its own, which
// the end of ctx kills: an interrupt from the terminal is not meant for it.
func (t *Toolchain) exec(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = os.TempDir() // no module of the user's
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN=local", "GOFLAGS=", "GO111MODULE=on", "GOWORK=off", "LC_ALL=C")
	cmd.Env = append(cmd.Env, t.flavour.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd
}

// run runs cmd and gives what it wrote to both descriptors. When ctx has ended,
// the error is ctx's.
func run(ctx context.Context, cmd *exec.Cmd) (string, error) {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return strings.TrimSpace(out.String()), err
}

// short runs cmd, a compiler or a linker, without garbage collection: it lives
// for a blink, and takes a fifth less time so.
func short(ctx context.Context, cmd *exec.Cmd) (string, error) {
	cmd.Env = append(cmd.Env, "GOGC=off")
	return run(ctx, cmd)
}
