package kerneltest

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
)

// A Socket is a client's end of one ZeroMQ connection: ZMTP 3.0 with the NULL
// mechanism, written from the specification (rfc.zeromq.org/spec/23), so that it
// shares no mistake with the kernel's own.
type Socket struct {
	conn net.Conn
	in   *bufio.Reader
}

// DialSocket connects to "tcp://host:port" or "ipc://path" as a socket of kind
// DEALER, SUB or REQ. A SUB socket subscribes to everything.
func DialSocket(endpoint, kind, identity string) (*Socket, error) {
	network, address, _ := strings.Cut(endpoint, "://")
	if network == "ipc" {
		network = "unix"
	}
	conn, err := net.Dial(network, address)
	if err != nil {
		return nil, err
	}
	s := &Socket{conn: conn, in: bufio.NewReaderSize(conn, 1<<16)}
	if err := s.handshake(kind, identity); err != nil {
		conn.Close()
		return nil, fmt.Errorf("%s: handshake: %w", endpoint, err)
	}
	if kind == "SUB" {
		return s, s.Subscribe("")
	}
	return s, nil
}

// Close ends the connection.
func (s *Socket) Close() { s.conn.Close() }

// Subscribe asks for messages whose first frame begins with topic.
func (s *Socket) Subscribe(topic string) error { return s.Send([]byte("\x01" + topic)) }

func (s *Socket) handshake(kind, identity string) error {
	greeting := make([]byte, 64)
	copy(greeting, "\xff\x00\x00\x00\x00\x00\x00\x00\x00\x7f\x03\x00NULL")
	ready := property([]byte("\x05READY"), "Socket-Type", kind)
	if identity != "" {
		ready = property(ready, "Identity", identity)
	}
	if _, err := s.conn.Write(append(append(greeting, 4, byte(len(ready))), ready...)); err != nil {
		return err
	}
	if _, err := io.ReadFull(s.in, make([]byte, 64)); err != nil {
		return err
	}
	flags, body, err := s.frame()
	if err == nil && (flags&4 == 0 || !strings.HasPrefix(string(body), "\x05READY")) {
		err = fmt.Errorf("got %q, not READY", body)
	}
	return err
}

func property(b []byte, name, value string) []byte {
	b = append(append(b, byte(len(name))), name...)
	return append(binary.BigEndian.AppendUint32(b, uint32(len(value))), value...)
}

// Send sends a message.
func (s *Socket) Send(frames ...[]byte) error {
	var b []byte
	for i, frame := range frames {
		more := byte(1)
		if i == len(frames)-1 {
			more = 0
		}
		if len(frame) < 256 {
			b = append(b, more, byte(len(frame)))
		} else {
			b = binary.BigEndian.AppendUint64(append(b, more|2), uint64(len(frame)))
		}
		b = append(b, frame...)
	}
	_, err := s.conn.Write(b)
	return err
}

// Receive waits for a message.
func (s *Socket) Receive() ([][]byte, error) {
	var frames [][]byte
	for {
		flags, body, err := s.frame()
		if err != nil {
			return nil, err
		}
		if flags&4 != 0 {
			continue // a command
		}
		frames = append(frames, body)
		if flags&1 == 0 {
			return frames, nil
		}
	}
}

func (s *Socket) frame() (flags byte, body []byte, err error) {
	if flags, err = s.in.ReadByte(); err != nil {
		return 0, nil, err
	}
	head := make([]byte, 1, 8)
	if flags&2 != 0 {
		head = head[:8]
	}
	if _, err := io.ReadFull(s.in, head); err != nil {
		return 0, nil, err
	}
	size := uint64(head[0])
	if flags&2 != 0 {
		size = binary.BigEndian.Uint64(head)
	}
	if size > 1<<30 {
		return 0, nil, errors.New("a frame of more than 1 GiB")
	}
	body = make([]byte, size)
	_, err = io.ReadFull(s.in, body)
	return flags, body, err
}
