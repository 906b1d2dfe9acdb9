package zmtp

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"

	"github.com/go-zeromq/zmq4"
)

// XPub is an XPUB socket: it sends to all who subscribed to a prefix of a
// message's first frame, and tells of each new subscription.
type XPub struct {
	socket
	onSubscribe func(*Subscriber, string)

	order sync.Mutex // held through a Send
	to    []*Subscriber

	mu   sync.Mutex
	subs map[*peer]*Subscriber
}

// Subscriber is one peer of an XPub.
type Subscriber struct {
	peer   *peer
	topics map[string]int // how often it subscribed; XPub.mu
}

// Send queues a message for this subscriber only, whatever it subscribed to;
// a SUB socket will drop it unless frames[0] begins with one of its topics.
// It returns net.ErrClosed when the subscriber is gone.
func (p *Subscriber) Send(frames [][]byte) error {
	if !p.peer.push(encode(frames)) {
		return net.ErrClosed
	}
	return nil
}

// ListenXPub binds endpoint as ListenRouter does. onSubscribe, which may be
// nil, is called once for each topic that a peer newly subscribes to, when
// messages to that topic already reach it.
func ListenXPub(endpoint string, l Limits, onSubscribe func(p *Subscriber, topic string)) (*XPub, error) {
	if onSubscribe == nil {
		onSubscribe = func(*Subscriber, string) {}
	}
	l = l.filled()
	l.FrameBytes = min(l.FrameBytes, topicFrame) // subscriptions are all that comes in
	x := &XPub{onSubscribe: onSubscribe, subs: map[*peer]*Subscriber{}}
	if err := x.open(zmq4.XPub, endpoint, l, x); err != nil {
		return nil, err
	}
	return x, nil
}

// Send queues frames for every peer that subscribed to a prefix of frames[0].
// All subscribers get the messages in one order. Send waits while the queue of
// a subscriber is full; see the package's comment for how long.
func (x *XPub) Send(frames [][]byte) error { return x.send(frames, (*peer).push) }

// SendSoon is Send for a message that others are about to follow: it leaves with
// the next one, or after 0.2 ms.
func (x *XPub) SendSoon(frames [][]byte) error { return x.send(frames, (*peer).pushSoon) }

func (x *XPub) send(frames [][]byte, push func(*peer, []byte) bool) error {
	if len(frames) == 0 {
		return errors.New("zmtp: xpub: a message needs a topic frame")
	}
	x.order.Lock()
	defer x.order.Unlock()
	if x.closed() {
		return net.ErrClosed
	}
	if x.match(string(frames[0])); len(x.to) == 0 {
		return nil
	}
	b := encode(frames)
	for _, sub := range x.to {
		push(sub.peer, b)
	}
	clear(x.to)
	return nil
}

// match lists in x.to who subscribed to a prefix of topic.
func (x *XPub) match(topic string) {
	x.to = x.to[:0]
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, sub := range x.subs {
		for t := range sub.topics {
			if strings.HasPrefix(topic, t) {
				x.to = append(x.to, sub)
				break
			}
		}
	}
}

func (x *XPub) join(p *peer) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.subs[p] = &Subscriber{peer: p, topics: map[string]int{}}
}

func (x *XPub) leave(p *peer) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.subs, p)
}

// receive takes a subscription, a frame that begins with 1, or its end, 0.
// Anything else that an XSUB socket may send is ignored.
func (x *XPub) receive(p *peer, frames [][]byte) error {
	if len(frames) != 1 || len(frames[0]) == 0 || frames[0][0] > 1 {
		return nil
	}
	topic := string(frames[0][1:])
	if frames[0][0] == 0 {
		x.unsubscribe(p, topic)
		return nil
	}
	sub, fresh := x.subscribe(p, topic)
	if len(sub.topics) > x.l.Subscriptions {
		return fmt.Errorf("more than %d subscriptions", x.l.Subscriptions)
	}
	if fresh {
		x.onSubscribe(sub, topic)
	}
	return nil
}

func (x *XPub) subscribe(p *peer, topic string) (sub *Subscriber, fresh bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	sub = x.subs[p]
	sub.topics[topic]++
	return sub, sub.topics[topic] == 1
}

func (x *XPub) unsubscribe(p *peer, topic string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	topics := x.subs[p].topics
	switch topics[topic] {
	case 0:
	case 1:
		delete(topics, topic)
	default:
		topics[topic]--
	}
}
