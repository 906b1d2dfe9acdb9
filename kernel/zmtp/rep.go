package zmtp

import (
	"net"

	"github.com/go-zeromq/zmq4"
)

// Rep is a REP socket that answers each message with itself: a heartbeat.
type Rep struct{ socket }

// ListenRep binds endpoint as ListenRouter does and starts to answer.
func ListenRep(endpoint string, l Limits) (*Rep, error) {
	r := &Rep{}
	if err := r.open(zmq4.Rep, endpoint, l, r); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *Rep) join(*peer)  {}
func (r *Rep) leave(*peer) {}

// receive answers. The envelope of a request, empty frame included, is part of
// what comes back, so nothing needs to be taken apart.
func (r *Rep) receive(p *peer, frames [][]byte) error {
	if !p.push(encode(frames)) {
		return net.ErrClosed
	}
	return nil
}
