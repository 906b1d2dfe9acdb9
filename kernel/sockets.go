package kernel

import (
	"fmt"
	"net"
	"sync"
	"time"

	"interleave/kernel/connection"
	"interleave/kernel/wire"
	"interleave/kernel/zmtp"
)

// sockets are the kernel's five. Source: messaging.rst, "Introduction".
type sockets struct {
	shell, control, stdin *channel
	iopub                 *zmtp.XPub
	heartbeat             *zmtp.Rep
	ports                 map[string]int // by channel
}

// A channel is a socket for requests and replies.
type channel struct {
	*zmtp.Router
	name string
	on   int // the messages that it takes: onShell, onControl or onStdin
}

// closer is any of the sockets.
type closer interface {
	Addr() net.Addr
	Close(linger time.Duration) error
}

// listen binds all sockets and writes the ports that were chosen into the file.
// With an error none is left open.
func (k *kernel) listen(file *connection.File) error {
	chosen := false
	for _, name := range connection.Channels {
		chosen = chosen || file.Ports[name] == 0
		socket, err := k.bind(name, file.Endpoint(name))
		if err != nil {
			k.sockets.close(0)
			return fmt.Errorf("%s socket: %w", name, err)
		}
		if address, ok := socket.Addr().(*net.TCPAddr); ok {
			file.Ports[name] = address.Port
		}
	}
	k.ports = file.Ports
	if !chosen {
		return nil
	}
	if err := file.Write(); err != nil {
		k.sockets.close(0)
		return err
	}
	return nil
}

// bind binds one socket.
func (k *kernel) bind(name, endpoint string) (socket closer, err error) {
	limits := zmtp.DefaultLimits()
	limits.Report = func(err error) { k.log.Printf("%s: %v", name, err) }
	switch name {
	case "iopub":
		k.iopub, err = zmtp.ListenXPub(endpoint, limits, k.welcome)
		return k.iopub, err
	case "hb":
		k.heartbeat, err = zmtp.ListenRep(endpoint, limits)
		return k.heartbeat, err
	}
	router, err := zmtp.ListenRouter(endpoint, limits)
	if err != nil {
		return nil, err
	}
	c := &channel{Router: router, name: name}
	switch name {
	case "shell":
		c.on, k.shell = onShell, c
	case "control":
		c.on, k.control = onControl, c
	case "stdin":
		c.on, k.stdin = onStdin, c
	}
	return c, nil
}

// close closes all sockets that are open, together, and gives what they still hold
// at most linger to leave.
func (s *sockets) close(linger time.Duration) {
	var all sync.WaitGroup
	for _, c := range []*channel{s.shell, s.control, s.stdin} {
		if c != nil {
			all.Go(func() { _ = c.Close(linger) }) // what is lost, is lost
		}
	}
	if s.iopub != nil {
		all.Go(func() { _ = s.iopub.Close(linger) })
	}
	if s.heartbeat != nil {
		all.Go(func() { _ = s.heartbeat.Close(linger) })
	}
	all.Wait()
}

// send sends m on shell, control or stdin to the peer that it names. One that is
// gone gets nothing.
func (k *kernel) send(c *channel, m *wire.Message) {
	frames, err := k.codec.Encode(m)
	if err == nil {
		err = c.Send(frames)
	}
	if err != nil {
		k.log.Printf("%s: %s not sent: %v", c.name, m.Header.MsgType, err)
	}
}
