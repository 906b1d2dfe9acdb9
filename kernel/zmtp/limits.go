package zmtp

import "time"

// Limits bounds what peers can make a socket spend. The zero value of a field
// means its default.
type Limits struct {
	FrameBytes    int64         // one incoming frame; 256 MiB
	MessageBytes  int64         // all frames of an incoming message; 256 MiB
	InboundBytes  int64         // incoming messages of all peers not yet received, beyond 1 MiB each; 512 MiB
	Frames        int           // frames of an incoming message; 4,096
	Connections   int           // peers of a socket, those in handshake included; 256
	Subscriptions int           // topics of one subscriber; 1,000
	QueueBytes    int           // outgoing bytes queued for one peer; 32 MiB. One larger message fits an empty queue
	Handshake     time.Duration // the whole handshake; 10 s
	Stall         time.Duration // no progress within a message, either way; 60 s
	FullStall     time.Duration // no progress while a Send waits and others are connected; 3 s

	// Report is told why a peer was refused or dropped, one error each. It is
	// called from several goroutines and must not call back into the socket.
	Report func(error)
}

const (
	// handshakeFrame bounds a frame of the handshake and any later command.
	handshakeFrame = 8 << 10
	// topicFrame bounds a subscription: one byte, then the topic.
	topicFrame = 4 << 10
	// freeBytes of each incoming message do not count for InboundBytes, so that
	// who announces long messages cannot keep out short ones.
	freeBytes = 1 << 20
	// messageCost is added to each queued message, so that a queue of tiny
	// messages is bounded too.
	messageCost = 64
	// nowBytes is the longest message that a sender writes itself.
	nowBytes = 16 << 10
	// holdTime is how long a message waits for one that is about to follow.
	holdTime = 200 * time.Microsecond
	// batchBytes is written at once, or one message if that is larger.
	batchBytes = 256 << 10
	// progressBytes is how much must be written to count as progress.
	progressBytes = 256 << 10
	// goodbye is how long Close waits for peers to hang up, so that closing
	// does not reset a connection with bytes still on their way.
	goodbye = 200 * time.Millisecond
)

// DefaultLimits returns the limits that a kernel runs with.
func DefaultLimits() Limits { return Limits{}.filled() }

// filled returns l with defaults where a field is zero.
func (l Limits) filled() Limits {
	or(&l.FrameBytes, 256<<20)
	or(&l.MessageBytes, 256<<20)
	or(&l.InboundBytes, 512<<20)
	or(&l.Frames, 4096)
	or(&l.Connections, 256)
	or(&l.Subscriptions, 1000)
	or(&l.QueueBytes, 32<<20)
	or(&l.Handshake, 10*time.Second)
	or(&l.Stall, 60*time.Second)
	or(&l.FullStall, 3*time.Second)
	if l.Report == nil {
		l.Report = func(error) {}
	}
	return l
}

func or[T int | int64 | time.Duration](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}

// tick is how often a blocked write looks at the clock.
func (l *Limits) tick() time.Duration {
	return min(max(l.FullStall/4, 10*time.Millisecond), 500*time.Millisecond)
}
