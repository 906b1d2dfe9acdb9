package zmtp

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// Each subscriber gets what it subscribed to, once and in order, and each new
// subscription is told once.
func TestSubscriptions(t *testing.T) {
	x, fresh := xpub(t, Limits{})
	c := dial(t, x.Addr(), "SUB", "")
	for _, topic := range []string{"a", "ab", "a", "c"} {
		c.subscribe(topic)
	}
	for _, want := range []string{"a", "ab", "c"} {
		if got := <-fresh; got != want {
			t.Errorf("told of %q, want %q", got, want)
		}
	}
	send := func(topics ...string) {
		for _, topic := range topics {
			x.Send(message(topic, "x"))
		}
	}
	send("b", "abc", "", "a", "c")
	c.want("abc", "x")
	c.want("a", "x")
	c.want("c", "x")
	c.send("\x00a")
	c.subscribe("1")
	<-fresh
	send("a", "2", "1") // a was subscribed to twice
	c.want("a", "x")
	c.want("1", "x")
	c.send("\x00a")
	c.subscribe("2")
	<-fresh
	send("a", "ab")
	c.want("ab", "x")
	if len(fresh) != 0 {
		t.Errorf("told of %q too", <-fresh)
	}
}

// A welcome reaches the new subscriber only.
func TestWelcome(t *testing.T) {
	x, err := ListenXPub("tcp://127.0.0.1:0", Limits{}, func(p *Subscriber, topic string) {
		p.Send(message(topic, "welcome"))
	})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close(0)
	old := dial(t, x.Addr(), "SUB", "")
	old.subscribe("")
	old.want("", "welcome")
	for range 5 {
		c := dial(t, x.Addr(), "SUB", "")
		c.subscribe("")
		c.want("", "welcome")
		x.Send(message("", "to all"))
		c.want("", "to all")
		old.want("", "to all")
	}
}

// What is sent soon arrives though nothing follows it, with what follows it, before
// a message that is too long to go with it, and when the socket is closed.
func TestSendSoon(t *testing.T) {
	x, fresh := xpub(t, Limits{})
	c := dial(t, x.Addr(), "SUB", "")
	c.subscribe("")
	<-fresh
	for range 3 {
		x.SendSoon(message("", "alone"))
		c.want("", "alone")
	}
	long := strings.Repeat("x", nowBytes)
	for range 100 {
		x.SendSoon(message("", "1"))
		x.SendSoon(message("", "2"))
		x.Send(message("", "3"))
		x.SendSoon(message("", "4"))
		x.Send(message("", long))
		x.SendSoon(message("", "5"))
		x.SendSoon(message("", long))
		for _, want := range []string{"1", "2", "3", "4", long, "5", long} {
			c.want("", want)
		}
	}
	x.SendSoon(message("", "last"))
	x.Close(time.Second)
	c.want("", "last")
}

// Messages of several senders arrive whole, each sender's in order, and every
// subscriber sees the same order.
func TestOneOrder(t *testing.T) {
	const senders, each = 4, 2000
	x, fresh := xpub(t, Limits{QueueBytes: 64 << 10})
	var subs []*client
	for range 3 {
		c := dial(t, x.Addr(), "SUB", "")
		c.subscribe("")
		<-fresh
		subs = append(subs, c)
	}
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for i := range each {
				send := x.SendSoon
				if i%5 == 0 {
					send = x.Send
				}
				send(message("t", fmt.Sprint(s, ".", i)))
			}
		})
	}
	seen := make([]strings.Builder, len(subs))
	for k, c := range subs {
		wg.Go(func() {
			for range senders * each {
				m, err := c.next()
				if err != nil {
					t.Error(err)
					return
				}
				seen[k].Write(m[1])
				seen[k].WriteByte('\n')
			}
		})
	}
	wg.Wait()
	for k := range seen {
		if seen[k].String() != seen[0].String() {
			t.Errorf("subscriber %d saw another order", k)
		}
	}
	for s := range senders {
		next := 0
		for line := range strings.Lines(seen[0].String()) {
			var from, i int
			if fmt.Sscanf(line, "%d.%d", &from, &i); from == s {
				if i != next {
					t.Fatalf("sender %d: %d after %d", s, i, next-1)
				}
				next++
			}
		}
	}
}

// Many small messages through a small queue: none is lost.
func TestLossless(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 30_000
	}
	x, fresh := xpub(t, Limits{QueueBytes: 256 << 10})
	c := dial(t, x.Addr(), "SUB", "")
	c.subscribe("")
	<-fresh
	go func() {
		for i := range n {
			x.Send([][]byte{nil, binary.BigEndian.AppendUint32(nil, uint32(i)), make([]byte, 90)})
		}
	}()
	for i := range n {
		if m := c.get(); binary.BigEndian.Uint32(m[1]) != uint32(i) {
			t.Fatalf("message %d is %x", i, m[1])
		}
	}
}

// A subscriber that has stopped costs the others FullStall once and itself its
// connection. None of the others' messages is lost, and the queue is bounded.
func TestStoppedSubscriber(t *testing.T) {
	const n = 1000
	body := strings.Repeat("x", 64<<10)
	var told reports
	x, fresh := xpub(t, Limits{QueueBytes: 4 << 20, FullStall: 200 * time.Millisecond, Report: told.add})
	stopped, good := dial(t, x.Addr(), "SUB", ""), dial(t, x.Addr(), "SUB", "")
	for _, c := range []*client{stopped, good} {
		c.subscribe("")
		<-fresh
	}
	go func() {
		for i := range n {
			x.Send(message(fmt.Sprint(i), body))
		}
	}()
	for i := range n {
		good.want(fmt.Sprint(i), body)
	}
	eventually(t, "the stopped one is dropped", func() bool { return strings.Contains(told.String(), "reads nothing") })
	stopped.wantEnd()
	late := dial(t, x.Addr(), "SUB", "")
	late.subscribe("")
	<-fresh
	x.Send(message("last"))
	late.want("last")
	good.want("last")
}

// A subscriber that is alone loses nothing when it pauses for longer than
// FullStall, however little fits into its queue.
func TestLonePause(t *testing.T) {
	const n = 600
	body := strings.Repeat("x", 64<<10)
	x, fresh := xpub(t, Limits{QueueBytes: 1 << 20, FullStall: 40 * time.Millisecond})
	c := dial(t, x.Addr(), "SUB", "")
	c.subscribe("")
	<-fresh
	go func() {
		for i := range n {
			x.Send(message(fmt.Sprint(i), body))
		}
	}()
	waits(t, x)
	time.Sleep(10 * 40 * time.Millisecond) // the pause itself
	for i := range n {
		c.want(fmt.Sprint(i), body)
	}
}

// A lone peer that reads nothing for Stall is dropped, so that no Send waits
// for ever.
func TestLoneStall(t *testing.T) {
	var told reports
	x, fresh := xpub(t, Limits{QueueBytes: 1 << 20, Stall: 200 * time.Millisecond, Report: told.add})
	c := dial(t, x.Addr(), "SUB", "")
	c.subscribe("")
	<-fresh
	for !strings.Contains(told.String(), "reads nothing") {
		x.Send(message("", strings.Repeat("x", 1<<20)))
	}
	c.wantEnd()
}

// A slow subscriber is not a stopped one: all get everything.
func TestSlowSubscriber(t *testing.T) {
	const n = 200
	body := strings.Repeat("x", 256<<10)
	x, fresh := xpub(t, Limits{QueueBytes: 1 << 20, FullStall: time.Second})
	slow, good := dial(t, x.Addr(), "SUB", ""), dial(t, x.Addr(), "SUB", "")
	for _, c := range []*client{slow, good} {
		c.subscribe("")
		<-fresh
	}
	var wg sync.WaitGroup
	for _, c := range []*client{slow, good} {
		wg.Go(func() {
			for i := range n {
				if c == slow {
					time.Sleep(5 * time.Millisecond) // what makes it slow
				}
				if m, err := c.next(); err != nil || string(m[0]) != fmt.Sprint(i) {
					t.Errorf("message %d: %v", i, err)
					return
				}
			}
		})
	}
	for i := range n {
		x.Send(message(fmt.Sprint(i), body))
	}
	wg.Wait()
}

// While one goroutine waits for a stalled peer, others are served at once.
func TestRouterStalledPeer(t *testing.T) {
	r := router(t, Limits{QueueBytes: 1 << 20, FullStall: patience})
	stalled := dial(t, r.Addr(), "DEALER", "stalled")
	good := dial(t, r.Addr(), "DEALER", "good")
	good.send("hello")
	r.Recv()
	sent := make(chan int)
	go func() {
		for i := range 32 {
			r.Send(message("stalled", strings.Repeat("x", 1<<20)))
			sent <- i
		}
		close(sent)
	}()
	eventually(t, "Send waits", func() bool {
		select {
		case <-sent:
		default:
		}
		r.names.Lock()
		p := r.byID["stalled"]
		r.names.Unlock()
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.waiting > 0
	})
	for i := range 100 {
		r.Send(message("good", fmt.Sprint(i)))
		good.want(fmt.Sprint(i))
	}
	go func() {
		for range sent {
		}
	}()
	for range 32 { // it was not dropped, and comes back
		stalled.get()
	}
}

// A peer that vanishes while much is queued for it frees those who wait.
func TestPeerVanishes(t *testing.T) {
	x, fresh := xpub(t, Limits{QueueBytes: 1 << 20})
	c := dial(t, x.Addr(), "SUB", "")
	c.subscribe("")
	<-fresh
	done := make(chan struct{})
	go func() {
		for range 64 {
			x.Send(message("", strings.Repeat("x", 1<<20)))
		}
		close(done)
	}()
	waits(t, x)
	io.CopyN(io.Discard, c.r, 1<<20)
	c.Close()
	<-done
}

func BenchmarkRouterRoundTrip(b *testing.B) {
	r := router(b, Limits{})
	go echo(r)
	c := dial(b, r.Addr(), "DEALER", "")
	c.SetReadDeadline(time.Time{})
	for b.Loop() {
		c.send("<IDS|MSG>", "signature", "header", "parent", "metadata", "content")
		c.get()
	}
}

func BenchmarkXPub(b *testing.B) {
	for _, size := range []int{100, 64 << 10, 1 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			x, fresh := xpub(b, Limits{})
			c := dial(b, x.Addr(), "SUB", "")
			c.SetReadDeadline(time.Time{})
			c.subscribe("")
			<-fresh
			go io.Copy(io.Discard, c.r)
			m := [][]byte{[]byte("stream"), make([]byte, size)}
			b.SetBytes(int64(size))
			for b.Loop() {
				x.Send(m)
			}
			x.Close(patience)
		})
	}
}
