package zmtp

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
)

// listen binds endpoint: "tcp://host:port", where host may be "*" for all IPv4
// interfaces and port 0 for any, or "ipc://path".
func listen(endpoint string) (net.Listener, error) {
	transport, addr, _ := strings.Cut(endpoint, "://")
	var ln net.Listener
	var err error
	switch {
	case addr == "":
		err = errors.New(`want "tcp://host:port" or "ipc://path"`)
	case transport == "tcp":
		ln, err = listenTCP(addr)
	case transport == "ipc":
		ln, err = listenIPC(addr)
	default:
		err = fmt.Errorf("transport %q: want tcp or ipc", transport)
	}
	if err != nil {
		return nil, fmt.Errorf("zmtp: endpoint %q: %w", endpoint, err)
	}
	return ln, nil
}

func listenTCP(addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if host == "*" || host == "0.0.0.0" {
		return net.Listen("tcp4", "0.0.0.0:"+port) // plain "tcp" would take IPv6 too
	}
	return net.Listen("tcp", addr)
}

// listenIPC binds a socket file. A file that an ended process left behind is
// replaced; one that somebody listens on, or that is no socket, is not.
func listenIPC(path string) (net.Listener, error) {
	ln, err := net.Listen("unix", path)
	if !errors.Is(err, syscall.EADDRINUSE) {
		return ln, err
	}
	if info, serr := os.Lstat(path); serr != nil || info.Mode()&fs.ModeSocket == 0 {
		return nil, err
	}
	c, derr := net.Dial("unix", path)
	if derr == nil {
		c.Close()
		return nil, err
	}
	if !errors.Is(derr, syscall.ECONNREFUSED) {
		return nil, err
	}
	if err := os.Remove(path); err != nil {
		return nil, err
	}
	return net.Listen("unix", path)
}
