package zmtp

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// peer is a connection after its handshake: a queue of encoded messages and
// the goroutine that writes them.
type peer struct {
	id      string
	conn    net.Conn
	raw     syscall.RawConn // of conn; nil where it has none
	l       *Limits
	crowded func() bool // whether the socket has other peers

	mu      sync.Mutex
	changed sync.Cond   // room in the queue, something in it, or dead
	held    []byte      // messages that wait a moment for the next; while queue is empty
	release *time.Timer // queues held; nil until it is needed
	queue   [][]byte
	size    int // cost of queue and of the batch being written
	waiting int // senders that wait for room
	dead    bool
	mark    time.Time // of the last progress, or of the first message since idle
	written int       // bytes since mark
}

func newPeer(id string, c net.Conn, l *Limits, crowded func() bool) *peer {
	p := &peer{id: id, conn: c, l: l, crowded: crowded}
	if sc, ok := c.(syscall.Conn); ok {
		p.raw, _ = sc.SyscallConn()
	}
	p.changed.L = &p.mu
	return p
}

// push queues the encoded message b, which is not copied, waiting while the
// queue is full. It tells whether b was queued: not if the peer is gone.
func (p *peer) push(b []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pushAll(b)
}

// pushSoon is push for a message that others are about to follow: it waits a
// moment for them, so that one write, and one wakening of who reads, does for all.
func (p *peer) pushSoon(b []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.dead || p.size > 0 || len(p.held)+len(b) > nowBytes:
		return p.pushAll(b)
	case p.release == nil:
		p.release = time.AfterFunc(holdTime, func() { p.push(nil) })
	case len(p.held) == 0:
		p.release.Reset(holdTime)
	}
	p.held = append(p.held, b...)
	return true
}

// pushAll queues what was held, and b, which may be nil. p.mu is held.
func (p *peer) pushAll(b []byte) bool {
	if held := p.held; len(held) > 0 {
		p.held = nil
		p.release.Stop()
		if len(held)+len(b) <= nowBytes {
			return p.pushOne(append(held, b...))
		}
		p.pushOne(held)
	}
	return len(b) == 0 || p.pushOne(b)
}

// pushOne queues b. p.mu is held.
func (p *peer) pushOne(b []byte) bool {
	cost := len(b) + messageCost
	p.waiting++
	for !p.dead && p.size > 0 && p.size+cost > p.l.QueueBytes {
		p.changed.Wait()
	}
	p.waiting--
	if p.dead {
		return false
	}
	if p.size == 0 {
		n := p.writeNow(b)
		if n == len(b) {
			return true
		}
		b = b[n:]
		cost -= n
		p.mark, p.written = time.Now(), 0
	}
	p.size += cost
	p.queue = append(p.queue, b)
	if len(p.queue) == 1 {
		p.changed.Broadcast()
	}
	return true
}

// writeNow writes as much of b as the connection takes at once, when nothing is
// queued or being written: it saves an idle connection the way over the writing
// goroutine. Failures are left for that to find. p.mu is held.
func (p *peer) writeNow(b []byte) int {
	if p.raw == nil || len(b) > nowBytes {
		return 0
	}
	n := 0
	p.raw.Control(func(fd uintptr) {
		n, _ = unix.SendmsgN(int(fd), b, nil, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
	})
	return max(n, 0)
}

// write writes the queue to the connection until the peer is killed or fails.
func (p *peer) write() error {
	for {
		batch, cost := p.next()
		if batch == nil {
			return nil
		}
		if err := p.flush(batch); err != nil {
			return err
		}
		p.wrote(cost)
	}
}

// next takes a batch from the queue, waiting for one. Its cost stays counted
// until it is written. It is nil when the peer is dead.
func (p *peer) next() (batch net.Buffers, cost int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.queue) == 0 && !p.dead {
		p.changed.Wait()
	}
	if p.dead {
		return nil, 0
	}
	n := 0
	for n < len(p.queue) && (n == 0 || cost+len(p.queue[n])+messageCost <= batchBytes) {
		cost += len(p.queue[n]) + messageCost
		n++
	}
	batch = append(batch, p.queue[:n]...)
	clear(p.queue[:n])
	p.queue = p.queue[n:]
	return batch, cost
}

// flush writes a batch, as long as there is progress.
func (p *peer) flush(batch net.Buffers) error {
	for {
		p.conn.SetWriteDeadline(time.Now().Add(p.l.tick()))
		n, err := batch.WriteTo(p.conn)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		if err := p.stalled(int(n)); err != nil {
			return err
		}
	}
}

// wrote records that a batch is out.
func (p *peer) wrote(cost int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.size -= cost
	p.progress(cost)
	p.changed.Broadcast()
}

// stalled records that n bytes of a batch went out in a tick, and returns an
// error when the peer has had its time.
func (p *peer) stalled(n int) error {
	crowded := p.crowded()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.progress(n) {
		return nil
	}
	most := p.l.Stall
	if p.waiting > 0 && crowded {
		most = p.l.FullStall
	}
	if idle := time.Since(p.mark); idle > most {
		return fmt.Errorf("peer reads nothing for %v with %d bytes queued", idle.Round(time.Millisecond), p.size)
	}
	return nil
}

// progress counts n written bytes and tells whether they are progress.
func (p *peer) progress(n int) bool {
	p.written += n
	if p.written < progressBytes && p.size > 0 {
		return false
	}
	p.mark, p.written = time.Now(), 0
	return true
}

// kill ends the connection and with it the peer's goroutines and senders.
func (p *peer) kill() {
	p.mu.Lock()
	p.dead = true
	p.queue, p.held = nil, nil
	p.changed.Broadcast()
	p.mu.Unlock()
	p.conn.Close()
}

// drain waits until everything queued is written, the peer is dead, or end.
func (p *peer) drain(end time.Time) {
	p.push(nil)
	late := false
	t := time.AfterFunc(time.Until(end), func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		late = true
		p.changed.Broadcast()
	})
	defer t.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.dead && !late && p.size > 0 {
		p.changed.Wait()
	}
}
