package kernel

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"interleave/kernel/wire"
	"interleave/kernel/zmtp"
)

// publish publishes a message on account of a request, which may be nil. It waits
// for subscribers that are slow. Source: messaging.rst, "Messages on the IOPub
// (PUB/SUB) channel".
func (k *kernel) publish(kind string, parent *wire.Message, content any) {
	k.publishMessage(k.session.Message(kind, parent, content), k.iopub.Send)
}

// publishSoon is publish for what the next message is about to follow, so that they
// reach the client together: a client that is woken for each spends more on that
// than on reading them.
func (k *kernel) publishSoon(kind string, parent *wire.Message, content any) {
	k.publishMessage(k.session.Message(kind, parent, content), k.iopub.SendSoon)
}

// publishMessage publishes m under the topic kernel.SESSION.TYPE.
func (k *kernel) publishMessage(m *wire.Message, send func([][]byte) error) {
	m.Identities = [][]byte{[]byte("kernel." + k.session.ID + "." + m.Header.MsgType)}
	frames, err := k.codec.Encode(m)
	if err == nil {
		err = send(frames)
	}
	if err != nil && !errors.Is(err, net.ErrClosed) { // goroutines of cells may outlive the socket
		k.log.Printf("iopub: %s not sent: %v", m.Header.MsgType, err)
	}
}

// publishComm publishes a comm's message.
func (k *kernel) publishComm(kind string, parent *wire.Message, content any, metadata map[string]any, buffers [][]byte) {
	m := k.session.Message(kind, parent, content)
	m.Metadata, m.Buffers = metadata, buffers
	k.publishMessage(m, k.iopub.Send)
}

// welcome greets a subscriber, and nobody else, under the topic that it asked for.
// Source: JEP 65.
func (k *kernel) welcome(s *zmtp.Subscriber, topic string) {
	k.heard.done()
	m := k.session.Message("iopub_welcome", nil, &wire.IOPubWelcome{Subscription: topic})
	m.Identities = [][]byte{[]byte(topic)}
	frames, err := k.codec.Encode(m)
	if err == nil {
		err = s.Send(frames)
	}
	if err != nil && !errors.Is(err, net.ErrClosed) {
		k.log.Printf("iopub: iopub_welcome not sent: %v", err)
	}
}

// A heard tells whether somebody hears what is published. A client sends its first
// request when shell is connected, which iopub need not be yet: ZeroMQ tries again only
// after 100 ms where the kernel did not listen at first. A client that misses the idle
// status then waits for ever, as jupyter_console does, so the first request to execute
// waits for a subscriber.
type heard struct {
	limit   time.Duration // how long the first request waits, for a client that never subscribes
	waiting atomic.Bool   // a request waits, or has waited
	once    sync.Once
	ch      chan struct{} // closed when there was a subscriber, or none within the limit
}

// hearing is the limit of a kernel.
const hearing = 500 * time.Millisecond

func (h *heard) done() { h.once.Do(func() { close(h.ch) }) }

func (h *heard) wait() {
	select {
	case <-h.ch:
		return
	default:
	}
	h.waiting.Store(true)
	t := time.NewTimer(h.limit)
	defer t.Stop()
	select {
	case <-h.ch:
	case <-t.C:
		h.done()
	}
}
