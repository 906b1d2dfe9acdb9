package zmtp

import (
	"context"
	"errors"
	"net"
	"sync"

	"github.com/go-zeromq/zmq4"
)

// Router is a ROUTER socket: it receives from all peers and sends to the one
// whose identity a message begins with. When a second peer comes with the
// identity of a connected one, the newer takes over and the older is
// disconnected, so that a client which lost its connection can come back
// before the loss is noticed here.
type Router struct {
	socket
	in chan [][]byte

	names  sync.Mutex
	byID   map[string]*peer
	joined chan struct{} // closed, and made anew, when a peer comes
}

// ListenRouter binds endpoint: "tcp://127.0.0.1:0", "tcp://*:5", "ipc:///path".
func ListenRouter(endpoint string, l Limits) (*Router, error) {
	r := &Router{in: make(chan [][]byte), byID: map[string]*peer{}, joined: make(chan struct{})}
	if err := r.open(zmq4.Router, endpoint, l, r); err != nil {
		return nil, err
	}
	return r, nil
}

// Recv returns the frames of the next message; frames[0] is the identity of
// the peer that sent it. After Close it returns net.ErrClosed.
func (r *Router) Recv() ([][]byte, error) {
	select {
	case <-r.done:
		return nil, net.ErrClosed
	default:
	}
	select {
	case frames := <-r.in:
		return frames, nil
	case <-r.done:
		return nil, net.ErrClosed
	}
}

// Send queues frames[1:] for the peer with identity frames[0]. A message to an
// unknown identity is dropped. Send waits while the peer's queue is full;
// other goroutines can send to other peers meanwhile.
func (r *Router) Send(frames [][]byte) error {
	if len(frames) < 2 {
		return errors.New("zmtp: router: a message needs an identity and a frame")
	}
	if r.closed() {
		return net.ErrClosed
	}
	r.names.Lock()
	p := r.byID[string(frames[0])]
	r.names.Unlock()
	if p != nil {
		p.push(encode(frames[1:]))
	}
	return nil
}

// Await waits until a peer with identity id is connected. It gives false when ctx
// or the socket ends first. A client opens its connections side by side, so that a
// request on one may be here before another, which its answer takes, has shaken hands.
func (r *Router) Await(ctx context.Context, id string) bool {
	for {
		r.names.Lock()
		_, here := r.byID[id]
		joined := r.joined
		r.names.Unlock()
		if here {
			return true
		}
		select {
		case <-joined:
		case <-ctx.Done():
			return false
		case <-r.done:
			return false
		}
	}
}

func (r *Router) join(p *peer) {
	r.names.Lock()
	older := r.byID[p.id]
	r.byID[p.id] = p
	close(r.joined)
	r.joined = make(chan struct{})
	r.names.Unlock()
	if older != nil {
		older.kill()
	}
}

func (r *Router) leave(p *peer) {
	r.names.Lock()
	defer r.names.Unlock()
	if r.byID[p.id] == p {
		delete(r.byID, p.id)
	}
}

func (r *Router) receive(p *peer, frames [][]byte) error {
	select {
	case r.in <- append([][]byte{[]byte(p.id)}, frames...):
	case <-r.done:
	}
	return nil
}
