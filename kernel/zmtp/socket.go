package zmtp

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"
)

// handler is what makes a socket a ROUTER, XPUB or REP. join and leave are
// called once for each peer; receive for each of its messages, in order and
// from the peer's own goroutine. An error of receive ends the peer.
type handler interface {
	join(*peer)
	receive(*peer, [][]byte) error
	leave(*peer)
}

// socket accepts connections, shakes hands and reads messages.
type socket struct {
	kind   zmq4.SocketType
	l      Limits
	ln     net.Listener
	h      handler
	budget budget
	count  atomic.Int64 // of peers
	nextID atomic.Uint32
	done   chan struct{} // closed when Close begins
	once   sync.Once
	wg     sync.WaitGroup // all goroutines

	mu     sync.Mutex
	shakes map[net.Conn]bool // in handshake
	peers  map[*peer]bool
}

// open binds endpoint and starts to accept. Close ends its goroutines.
func (s *socket) open(kind zmq4.SocketType, endpoint string, l Limits, h handler) error {
	ln, err := listen(endpoint)
	if err != nil {
		return err
	}
	s.kind, s.l, s.ln, s.h = kind, l.filled(), ln, h
	s.budget.max = s.l.InboundBytes
	s.done = make(chan struct{})
	s.shakes, s.peers = map[net.Conn]bool{}, map[*peer]bool{}
	s.wg.Go(s.accept)
	return nil
}

// Addr returns the address that the socket is bound to.
func (s *socket) Addr() net.Addr { return s.ln.Addr() }

// accept runs until Close closes the listener.
func (s *socket) accept() {
	for {
		c, err := s.ln.Accept()
		switch {
		case err == nil:
			s.admit(c)
		case s.closed():
			return
		default: // out of descriptors: they may come back
			s.l.Report(fmt.Errorf("zmtp: %v: accept: %w", s.Addr(), err))
			select {
			case <-s.done:
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
}

// admit starts the goroutine that serves c, unless there are too many; it ends
// with the connection.
func (s *socket) admit(c net.Conn) {
	if err := s.register(c); err != nil {
		s.report(err)
		c.Close()
		return
	}
	s.wg.Go(func() { s.serve(c) })
}

// register counts c among those in handshake.
func (s *socket) register(c net.Conn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed() {
		return net.ErrClosed
	}
	if len(s.shakes)+len(s.peers) >= s.l.Connections {
		return fmt.Errorf("more than %d connections", s.l.Connections)
	}
	s.shakes[c] = true
	return nil
}

// serve takes a connection from its handshake to its end.
func (s *socket) serve(c net.Conn) {
	g := newGuard(c, &s.l, &s.budget)
	defer g.release()
	z, err := s.handshake(c, g)
	var p *peer
	if err == nil {
		p, err = s.enter(c, z)
	}
	if err != nil {
		s.mu.Lock()
		delete(s.shakes, c)
		s.mu.Unlock()
		c.Close()
		s.report(err)
		return
	}
	s.wg.Go(func() { // ends when the peer is killed
		s.report(p.write())
		p.kill()
	})
	s.report(s.read(p, z, g))
	p.kill()
	s.exit(p)
}

// handshake runs zmq4's within the time allowed.
func (s *socket) handshake(c net.Conn, g *guard) (*zmq4.Conn, error) {
	c.SetDeadline(time.Now().Add(s.l.Handshake))
	z, err := shake(g, s.kind)
	if err != nil {
		return nil, fmt.Errorf("handshake: %w", err)
	}
	g.release()
	g.ready = true
	return z, c.SetDeadline(time.Time{})
}

// shake is zmq4.Open, which panics on some bad input, with the panic as error.
func shake(g *guard, kind zmq4.SocketType) (z *zmq4.Conn, err error) {
	defer recovered(&err)
	return zmq4.Open(g, null.Security(), kind, nil, true, nil)
}

// next is z.RecvMsg with a panic as error.
func next(z *zmq4.Conn) (m zmq4.Msg, err error) {
	defer recovered(&err)
	return z.RecvMsg()
}

func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("malformed input: %v", r)
	}
}

// enter makes c a peer. The identity it asked for is its own, except none and
// those that begin with a zero byte, which ZeroMQ reserves for the router.
func (s *socket) enter(c net.Conn, z *zmq4.Conn) (*peer, error) {
	id := z.Peer.Meta["Identity"]
	if len(id) > 255 {
		return nil, fmt.Errorf("handshake: identity of %d bytes, at most 255 are allowed", len(id))
	}
	if id == "" || id[0] == 0 {
		n := s.nextID.Add(1)
		id = string([]byte{0, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
	}
	p := newPeer(id, c, &s.l, func() bool { return s.count.Load() > 1 })
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed() {
		return nil, net.ErrClosed
	}
	delete(s.shakes, c)
	s.peers[p] = true
	s.count.Add(1)
	s.h.join(p)
	return p, nil
}

func (s *socket) exit(p *peer) {
	s.h.leave(p)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.peers, p)
	s.count.Add(-1)
}

// read hands the peer's messages to the handler until one of them fails. While
// the socket closes it reads on and forgets, since closing a connection with
// unread bytes would reset it and lose what is on its way to the peer.
func (s *socket) read(p *peer, z *zmq4.Conn, g *guard) error {
	for {
		m, err := next(z)
		switch {
		case err != nil:
			return err
		case g.pinged:
			g.pinged = false
			p.push(encodePong(slices.Concat(m.Frames...)))
		case m.Type == zmq4.CmdMsg || s.closed():
		default:
			err = s.h.receive(p, m.Frames)
		}
		g.release()
		if err != nil {
			return err
		}
	}
}

// report passes err on, unless a peer merely went away.
func (s *socket) report(err error) {
	for _, quiet := range []error{io.EOF, net.ErrClosed, zmq4.ErrClosedConn, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, quiet) {
			return
		}
	}
	if err != nil {
		s.l.Report(fmt.Errorf("zmtp: %v: %w: connection dropped", s.Addr(), err))
	}
}

func (s *socket) closed() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}
