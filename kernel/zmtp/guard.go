package zmtp

import (
	"encoding/binary"
	"fmt"
	"net"
	"sync/atomic"
	"time"
)

// Flag bits of a frame. Source: ZMTP 3.0 (RFC 23), framing.
const (
	flagMore    = 1
	flagLong    = 2
	flagCommand = 4
	flagsKnown  = flagMore | flagLong | flagCommand
)

// greetingBytes is the length of the greeting, which has no frame header.
const greetingBytes = 64

// budget is what the peers of a socket share for incoming messages.
type budget struct {
	used atomic.Int64
	max  int64
}

func (b *budget) take(n int64) bool {
	if b.used.Add(n) <= b.max {
		return true
	}
	b.used.Add(-n)
	return false
}

// guard stands between a connection and zmq4's reader. It follows the frames
// that pass and fails on one beyond the limits before the reader sees its
// length. Only the goroutine that reads the connection uses it.
type guard struct {
	net.Conn
	l      *Limits
	budget *budget

	ready  bool // the handshake is over
	pinged bool // zmq4 answered a PING; see Write
	timed  bool // a read deadline is set

	ahead    []byte // read from the connection, not yet passed on
	buf      []byte // what ahead is cut from
	greeting int    // bytes of the greeting seen
	head     [9]byte
	headLen  int
	left     uint64 // bytes of the current frame's body to come
	frames   int    // frames of the current message
	bytes    int64  // bytes of the current message
	held     int64  // taken from budget
}

func newGuard(c net.Conn, l *Limits, b *budget) *guard {
	return &guard{Conn: c, l: l, budget: b, buf: make([]byte, 8<<10)}
}

// Read passes on what came from the peer, checked. It reads ahead, except into
// large bodies.
func (g *guard) Read(p []byte) (int, error) {
	if len(g.ahead) == 0 {
		g.setDeadline()
		if g.left >= uint64(len(g.buf)) && len(p) >= len(g.buf) {
			p = p[:min(uint64(len(p)), g.left)]
			n, err := g.Conn.Read(p)
			g.left -= uint64(n)
			return n, err
		}
		n, err := g.Conn.Read(g.buf)
		if n == 0 {
			return 0, err
		}
		g.ahead = g.buf[:n]
	}
	n := copy(p, g.ahead)
	g.ahead = g.ahead[n:]
	if err := g.scan(p[:n]); err != nil {
		return 0, err // with n bytes io.ReadFull would forget the error
	}
	return n, nil
}

// setDeadline gives a peer in the middle of a message Limits.Stall for each
// read, and any time between messages. The handshake has its own deadline.
func (g *guard) setDeadline() {
	within := g.left > 0 || g.headLen > 0 || g.frames > 0
	switch {
	case !g.ready:
	case within:
		g.Conn.SetReadDeadline(time.Now().Add(g.l.Stall))
		g.timed = true
	case g.timed:
		g.Conn.SetReadDeadline(time.Time{})
		g.timed = false
	}
}

// scan follows the framing through b, which may begin and end anywhere.
func (g *guard) scan(b []byte) error {
	for len(b) > 0 {
		switch {
		case g.greeting < greetingBytes:
			k := min(greetingBytes-g.greeting, len(b))
			g.greeting += k
			b = b[k:]
		case g.left > 0:
			k := min(g.left, uint64(len(b)))
			g.left -= k
			b = b[k:]
		default:
			g.head[g.headLen] = b[0]
			g.headLen++
			b = b[1:]
			if err := g.header(); err != nil {
				return err
			}
		}
	}
	return nil
}

// header looks at the frame header read so far and, when it is whole, begins
// the frame.
func (g *guard) header() error {
	flags := g.head[0]
	if flags&^flagsKnown != 0 {
		return fmt.Errorf("frame with reserved flags %#02x", flags)
	}
	if flags&flagCommand != 0 && (flags&flagMore != 0 || g.frames > 0) {
		return fmt.Errorf("command frame within a message")
	}
	if !g.ready && flags&flagCommand == 0 {
		return fmt.Errorf("message frame before the handshake is over")
	}
	size := uint64(g.head[1])
	if flags&flagLong != 0 {
		if g.headLen < 9 {
			return nil
		}
		size = binary.BigEndian.Uint64(g.head[1:])
	} else if g.headLen < 2 {
		return nil
	}
	g.headLen = 0
	return g.frame(flags, size)
}

// frame begins a frame of size bytes, if the limits allow it.
func (g *guard) frame(flags byte, size uint64) error {
	most := g.l.FrameBytes
	if flags&flagCommand != 0 {
		most = min(most, handshakeFrame)
	}
	if size > uint64(most) {
		return fmt.Errorf("frame of %d bytes, at most %d are taken", size, most)
	}
	g.frames++
	if g.frames > g.l.Frames {
		return fmt.Errorf("message of more than %d frames", g.l.Frames)
	}
	g.bytes += int64(size)
	if g.bytes > g.l.MessageBytes {
		return fmt.Errorf("message of more than %d bytes", g.l.MessageBytes)
	}
	if more := g.bytes - freeBytes - g.held; more > 0 {
		if !g.budget.take(more) {
			return fmt.Errorf("messages of more than %d bytes wait to be received", g.budget.max)
		}
		g.held += more
	}
	g.left = size
	if flags&flagMore == 0 {
		g.frames, g.bytes = 0, 0
	}
	return nil
}

// release gives back what the messages read so far took from the budget.
func (g *guard) release() {
	g.budget.used.Add(-g.held)
	g.held = 0
}

// Write sends zmq4's half of the handshake. After it zmq4 writes on its own
// only to answer a PING; that is noted and left to the peer's writer, since
// two writers would mix their frames.
func (g *guard) Write(p []byte) (int, error) {
	if !g.ready {
		return g.Conn.Write(p)
	}
	g.pinged = true
	return len(p), nil
}
