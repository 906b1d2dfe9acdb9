package kernel

import (
	"errors"
	"net"

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
