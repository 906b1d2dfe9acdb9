package zmtp

import (
	"bytes"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
)

// attacks are byte strings that no honest peer sends. Each must cost the
// sender its connection and nobody else anything; why is a part of the report,
// "" where the peer's going is no news. The sender keeps its side open, unless
// hangup is set.
var attacks = []struct {
	name   string
	bytes  func(kind string) []byte
	hangup bool
	why    string
}{
	{name: "2^62 in the handshake", bytes: greeted(header(flagCommand, 1<<62)), why: "at most 8192"},
	{name: "2^63 in the handshake", bytes: greeted(header(flagCommand, 1<<63)), why: "at most 8192"},
	{name: "2^40 in the handshake", bytes: greeted(header(flagCommand, 1<<40)), why: "at most 8192"},
	{name: "2^62", bytes: met(header(0, 1<<62)), why: "frame of 4611686018427387904 bytes"},
	{name: "2^63-1", bytes: met(header(0, 1<<63-1)), why: "frame of"},
	{name: "2^64-1", bytes: met(header(flagMore, 1<<64-1)), why: "frame of"},
	{name: "2^48", bytes: met(header(0, 1<<48)), why: "frame of"},
	{name: "2^45", bytes: met(header(0, 1<<45)), why: "frame of"},
	{name: "2^36", bytes: met(header(0, 1<<36)), why: "frame of"},
	{name: "2^36 command", bytes: met(header(flagCommand, 1<<36)), why: "at most 8192"},
	{name: "message too long", bytes: met(repeat(appendFrame(nil, flagMore, make([]byte, 60<<10)), 40)), why: "message of more than 1048576 bytes"},
	{name: "endless MORE", bytes: met(repeat([]byte{flagMore, 0}, 5000)), why: "more than 4096 frames"},
	{name: "reserved flags", bytes: met([]byte{0x80, 1, 'x'}), why: "reserved flags 0x80"},
	{name: "command with MORE", bytes: met([]byte{flagCommand | flagMore, 0}), why: "command frame"},
	{name: "command in a message", bytes: met([]byte{flagMore, 0, flagCommand, 0}), why: "command frame"},
	{name: "empty command", bytes: met([]byte{flagCommand, 0}), why: "EOF"},
	{name: "command name too long", bytes: met([]byte{flagCommand, 2, 200, 'x'}), why: "command"},
	{name: "short property", bytes: greeted(appendFrame(nil, flagCommand, []byte("\x05READY\x0bSocket"))), why: "EOF"},
	{name: "short property value", bytes: greeted(appendFrame(nil, flagCommand, []byte("\x05READY\x01a\x00"))), why: "malformed"},
	{name: "property name only", bytes: greeted(appendFrame(nil, flagCommand, []byte("\x05READY\xff"))), why: "handshake"},
	{name: "no property", bytes: greeted(appendFrame(nil, flagCommand, []byte("\x05READY"))), why: "malformed"},
	{name: "Socket-Type FOO", bytes: greeted(ready("FOO", "")), why: "malformed"},
	{name: "Socket-Type PUSH", bytes: greeted(ready("PUSH", "")), why: "not compatible"},
	{name: "identity too long", bytes: greeted(ready("DEALER", strings.Repeat("i", 256))), why: "identity of 256 bytes"},
	{name: "no READY", bytes: greeted(appendFrame(nil, flagCommand, []byte("\x05HELLO"))), why: "command"},
	{name: "message for READY", bytes: greeted([]byte{0, 1, 'x'}), why: "before the handshake"},
	{name: "ZMTP 2", bytes: func(string) []byte { b := greeting(); b[10] = 2; return b }, why: "version"},
	{name: "CURVE", bytes: func(string) []byte { b := greeting(); copy(b[12:], "CURVE"); return b }, why: "security"},
	{name: "HTTP", bytes: repeat([]byte("GET /api/kernels HTTP/1.1\r\nHost: localhost\r\n"), 2), why: "greeting"},
	{name: "silence", bytes: func(string) []byte { return nil }, why: "timeout"},
	{name: "half a greeting", bytes: func(string) []byte { return greeting()[:32] }, why: "timeout"},
	{name: "half a READY", bytes: greeted(ready("DEALER", "")[:9]), why: "timeout"},
	{name: "half a message", bytes: met([]byte{0, 9, 'x'}), why: "timeout"},
	{name: "half a header", bytes: met(header(0, 9)[:4]), why: "timeout"},
	{name: "a message without its last frame", bytes: met([]byte{flagMore, 0}), why: "timeout"},
	{name: "half a greeting, gone", bytes: func(string) []byte { return greeting()[:32] }, hangup: true},
	{name: "half a message, gone", bytes: met([]byte{0, 9, 'x'}), hangup: true},
	{name: "nothing, gone", bytes: func(string) []byte { return nil }, hangup: true},
	{name: "a peer, gone", bytes: met(nil), hangup: true},
}

func repeat(b []byte, n int) func(string) []byte {
	return func(string) []byte { return bytes.Repeat(b, n) }
}

// greeted puts a greeting before b.
func greeted(b []byte) func(string) []byte {
	return func(string) []byte { return append(greeting(), b...) }
}

// met puts the whole handshake of a kind of socket before b, bytes or a
// function as repeat returns it.
func met(b any) func(kind string) []byte {
	return func(kind string) []byte {
		hand := append(greeting(), ready(kind, "")...)
		switch b := b.(type) {
		case []byte:
			hand = append(hand, b...)
		case func(string) []byte:
			hand = append(hand, b(kind)...)
		}
		return hand
	}
}

// Every attack ends its own connection, is reported, leaves nothing counted,
// and an honest peer that was there before and one that comes after are served.
func TestAttacks(t *testing.T) {
	l := Limits{FrameBytes: 64 << 10, MessageBytes: 1 << 20, Handshake: patience / 40, Stall: patience / 40}
	for _, a := range attacks {
		t.Run(a.name+"/router", func(t *testing.T) {
			t.Parallel()
			var told reports
			l := l
			l.Report = told.add
			r := router(t, l)
			go echo(r)
			attack(t, &r.socket, a.bytes("DEALER"), a.hangup, "DEALER", func(c *client) {
				c.send("", "ping")
				c.want("", "ping")
			})
			eventually(t, "the report", func() bool { return strings.Contains(told.String(), a.why) })
		})
		t.Run(a.name+"/rep", func(t *testing.T) {
			t.Parallel()
			h := rep(t, l)
			attack(t, &h.socket, a.bytes("REQ"), a.hangup, "REQ", func(c *client) {
				c.send("", "ping")
				c.want("", "ping")
			})
		})
		t.Run(a.name+"/xpub", func(t *testing.T) {
			t.Parallel()
			x, fresh := xpub(t, l)
			attack(t, &x.socket, a.bytes("SUB"), a.hangup, "SUB", func(c *client) {
				c.subscribe("t")
				<-fresh
				x.Send(message("t", "hello"))
				c.want("t", "hello")
			})
		})
	}
}

// attack sends b to s, between honest peers of the kind, which served tries.
func attack(t *testing.T, s *socket, b []byte, hangup bool, kind string, served func(*client)) {
	t.Helper()
	before := dial(t, s.Addr(), kind, "")
	bad := knock(t, s.Addr())
	bad.put(b)
	if hangup {
		bad.Close()
	} else {
		bad.wantEnd()
	}
	eventually(t, "the bad peer is gone", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.peers) == 1 && len(s.shakes) == 0
	})
	if used := s.budget.used.Load(); used != 0 {
		t.Errorf("%d bytes are still counted", used)
	}
	served(before)
	before.Close()
	served(dial(t, s.Addr(), kind, ""))
}

// Announced lengths up to the limits are not a way to memory either.
func TestInboundBudget(t *testing.T) {
	var told reports
	r := router(t, Limits{FrameBytes: 2 << 20, InboundBytes: 3 << 20, Report: told.add})
	go echo(r)
	var ms, ms2 runtime.MemStats
	runtime.ReadMemStats(&ms)
	for range 20 {
		dial(t, r.Addr(), "DEALER", "").put(header(0, 2<<20))
	}
	eventually(t, "17 dropped", func() bool { return strings.Count(told.String(), "wait to be received") == 17 })
	runtime.ReadMemStats(&ms2)
	if got := ms2.TotalAlloc - ms.TotalAlloc; got > 10<<20 {
		t.Errorf("allocated %d bytes", got)
	}
	good := dial(t, r.Addr(), "DEALER", "")
	good.put([]byte{0, 0})
	good.want("")
}

func TestRandomBytes(t *testing.T) {
	r := router(t, Limits{Handshake: patience / 40})
	go echo(r)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range 200 {
		b := make([]byte, rnd.IntN(300))
		for j := range b {
			b[j] = byte(rnd.Uint32())
		}
		if i%2 == 0 {
			b = met(b)("DEALER")
		}
		c := knock(t, r.Addr())
		c.put(b)
		c.Close()
	}
	good := dial(t, r.Addr(), "DEALER", "")
	good.send("ping")
	good.want("ping")
}

// 1,000 peers that come and go leave nothing behind, at any point of the
// handshake, and silent ones do not keep an honest one from being accepted.
func TestConnectsAndDrops(t *testing.T) {
	leakless(t, func() {
		r, err := ListenRouter("tcp://127.0.0.1:0", Limits{Connections: 2000})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close(0)
		go echo(r)
		whole := met(encode(message("", "x")))("DEALER")
		for i := range 1000 {
			c, err := net.Dial("tcp", r.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			c.Write(whole[:i%len(whole)])
			if i%50 == 0 { // silent until the end
				defer c.Close()
				continue
			}
			c.Close()
		}
		good := dial(t, r.Addr(), "DEALER", "")
		good.send("ping")
		good.want("ping")
		good.Close()
	})
}

func TestConnectionLimit(t *testing.T) {
	var told reports
	r := router(t, Limits{Connections: 3, Report: told.add})
	go echo(r)
	knock(t, r.Addr())
	dial(t, r.Addr(), "DEALER", "")
	third := dial(t, r.Addr(), "DEALER", "")
	knock(t, r.Addr()).wantEnd()
	if !strings.Contains(told.String(), "more than 3 connections") {
		t.Error(told.String())
	}
	third.Close()
	eventually(t, "room again", func() bool { r.mu.Lock(); defer r.mu.Unlock(); return len(r.peers) == 1 })
	again := dial(t, r.Addr(), "DEALER", "")
	again.send("ping")
	again.want("ping")
}

// A subscriber cannot use subscriptions to fill memory.
func TestSubscriptionLimits(t *testing.T) {
	var told reports
	x, fresh := xpub(t, Limits{Subscriptions: 10, Report: told.add})
	for _, bad := range []func(*client){
		func(c *client) {
			for i := range 11 {
				c.subscribe(strings.Repeat("t", i))
			}
		},
		func(c *client) { c.subscribe(strings.Repeat("t", topicFrame)) },
	} {
		c := dial(t, x.Addr(), "SUB", "")
		bad(c)
		c.wantEnd()
	}
	eventually(t, "two reports", func() bool { return strings.Count(told.String(), "dropped") == 2 })
	c := dial(t, x.Addr(), "XSUB", "")
	c.send("\x02odd", "a user message")
	c.send("")
	c.send("\x00never subscribed")
	c.subscribe("good")
	for topic := range fresh {
		if topic == "good" {
			break
		}
	}
	x.Send(message("good", "1"))
	c.want("good", "1")
}

// PING is answered with its context and never handed on. RFC 37.
func TestPing(t *testing.T) {
	r := router(t, Limits{})
	go echo(r)
	c := dial(t, r.Addr(), "DEALER", "")
	for _, context := range []string{"", "context"} {
		c.put(appendFrame(nil, flagCommand, []byte("\x04PING\x00\x0a"+context)))
		c.want("\x04PONG" + context)
	}
	c.put(appendFrame(nil, flagCommand, []byte("\x04PING")))
	c.want("\x04PONG")
	c.put(appendFrame(nil, flagCommand, []byte("\x05ERROR\x03why")))
	c.send("after")
	c.want("after")
}

// FuzzFrames feeds bytes to the handshake and to the reader after it. They may
// fail, but not panic, nor allocate far beyond the limits.
func FuzzFrames(f *testing.F) {
	for _, a := range attacks {
		f.Add(a.bytes("DEALER"), false)
	}
	f.Add(encode(message("a", "", strings.Repeat("b", 300))), true)
	f.Fuzz(func(t *testing.T, b []byte, after bool) {
		if after {
			b = met(b)("DEALER")
		}
		l := Limits{FrameBytes: 64 << 10, MessageBytes: 256 << 10, InboundBytes: 256 << 10, Frames: 100}.filled()
		s := &socket{kind: "ROUTER", l: l}
		s.budget.max = l.InboundBytes
		var ms, ms2 runtime.MemStats
		runtime.ReadMemStats(&ms)
		feed(s, b)
		runtime.ReadMemStats(&ms2)
		if got, most := ms2.TotalAlloc-ms.TotalAlloc, uint64(1<<20+100*len(b)); got > most {
			t.Errorf("%d bytes in, %d allocated, want at most %d", len(b), got, most)
		}
		if used := s.budget.used.Load(); used != 0 {
			t.Errorf("%d bytes are still counted", used)
		}
	})
}

func feed(s *socket, b []byte) {
	c := &fed{Reader: bytes.NewReader(b)}
	g := newGuard(c, &s.l, &s.budget)
	defer g.release()
	z, err := s.handshake(c, g)
	for err == nil {
		_, err = next(z)
		g.release()
	}
}

// fed is a connection on which bytes have arrived and nothing more will.
type fed struct {
	net.Conn
	*bytes.Reader
}

func (c *fed) Read(p []byte) (int, error)      { return c.Reader.Read(p) }
func (c *fed) Write(p []byte) (int, error)     { return len(p), nil }
func (c *fed) SetDeadline(time.Time) error     { return nil }
func (c *fed) SetReadDeadline(time.Time) error { return nil }
