package host

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"interleave/demos"
)

// A server is a process that answers the requests of jobs that wait, so that what
// it takes is not counted as the technique's. The zero server is none.
type server struct {
	url   string
	cmd   *exec.Cmd
	stdin io.Closer
}

// serve starts the server that job needs.
func (h *Host) serve(ctx context.Context, job demos.Job) (*server, error) {
	if !job.Waits() {
		return &server{}, nil
	}
	command := append(h.env.Server(), job.Delay.String())
	s := &server{cmd: exec.Command(command[0], command[1:]...)}
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var said strings.Builder
	s.cmd.Stderr = &said
	in, err := s.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("demo server: %w", err)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("demo server: %w", err)
	}
	s.stdin = in
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("demo server: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { s.cmd.Process.Kill() })
	defer stop()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.close()
		if ctx.Err() != nil {
			return nil, errInterrupted
		}
		return nil, fmt.Errorf("demo server: it did not start: %s", strings.TrimSpace(said.String()))
	}
	s.url = strings.TrimSpace(line)
	return s, nil
}

// close ends the server, and waits for it.
func (s *server) close() {
	if s.cmd == nil {
		return
	}
	s.stdin.Close()
	defer time.AfterFunc(time.Second, func() { s.cmd.Process.Kill() }).Stop()
	s.cmd.Wait()
}
