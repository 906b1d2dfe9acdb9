package zmtp

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience bounds what a test waits for; no test takes it when all is well.
const patience = 20 * time.Second

// client is the smallest ZMTP peer: it sends bytes and reads frames.
type client struct {
	net.Conn
	t testing.TB
	r *bufio.Reader
}

// knock connects to a and says nothing.
func knock(t testing.TB, a net.Addr) *client {
	t.Helper()
	c, err := net.Dial(a.Network(), a.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetReadDeadline(time.Now().Add(patience))
	return &client{c, t, bufio.NewReaderSize(c, 64<<10)}
}

// dial connects to a as a socket of the kind, with an identity unless empty.
func dial(t testing.TB, a net.Addr, kind, id string) *client {
	t.Helper()
	c := knock(t, a)
	c.put(greeting())
	c.put(ready(kind, id))
	if _, err := c.r.Discard(greetingBytes); err != nil {
		t.Fatal(err)
	}
	if frames := c.get(); !strings.HasPrefix(string(frames[0]), "\x05READY") {
		t.Fatalf("greeted by %q", frames)
	}
	return c
}

func greeting() []byte {
	b := make([]byte, greetingBytes)
	b[0], b[9], b[10] = 0xff, 0x7f, 3
	copy(b[12:], "NULL")
	return b
}

func ready(kind, id string) []byte {
	body := property([]byte("\x05READY"), "Socket-Type", kind)
	return appendFrame(nil, flagCommand, property(body, "Identity", id))
}

func property(b []byte, k, v string) []byte {
	b = append(append(b, byte(len(k))), k...)
	return append(binary.BigEndian.AppendUint32(b, uint32(len(v))), v...)
}

// header is a long frame header that announces size bytes.
func header(flags byte, size uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{flags | flagLong}, size)
}

func message(frames ...string) [][]byte {
	var m [][]byte
	for _, f := range frames {
		m = append(m, []byte(f))
	}
	return m
}

// put writes b. An error is ignored: the socket may have hung up already.
func (c *client) put(b []byte) { c.Write(b) }

func (c *client) send(frames ...string) { c.put(encode(message(frames...))) }

func (c *client) subscribe(topic string) { c.send("\x01" + topic) }

// next reads a message or a command.
func (c *client) next() (frames [][]byte, err error) {
	for more := true; more; {
		var head [9]byte
		if _, err = io.ReadFull(c.r, head[:2]); err != nil {
			return nil, err
		}
		size := uint64(head[1])
		if head[0]&flagLong != 0 {
			if _, err = io.ReadFull(c.r, head[2:]); err != nil {
				return nil, err
			}
			size = binary.BigEndian.Uint64(head[1:])
		}
		body := make([]byte, size)
		if _, err = io.ReadFull(c.r, body); err != nil {
			return nil, err
		}
		frames = append(frames, body)
		more = head[0]&flagMore != 0
	}
	return frames, nil
}

func (c *client) get() [][]byte {
	c.t.Helper()
	frames, err := c.next()
	if err != nil {
		c.t.Fatal(err)
	}
	return frames
}

// want reads a message and compares it.
func (c *client) want(frames ...string) {
	c.t.Helper()
	if got := text(c.get()); got != strings.Join(frames, "|") {
		c.t.Fatalf("got %q, want %q", got, frames)
	}
}

// wantEnd reads until the connection ends, whatever comes before.
func (c *client) wantEnd() {
	c.t.Helper()
	_, err := io.Copy(io.Discard, c.r)
	if ne := net.Error(nil); errors.As(err, &ne) && ne.Timeout() {
		c.t.Fatal("the connection was left open")
	}
}

func text(frames [][]byte) string {
	var s []string
	for _, f := range frames {
		s = append(s, string(f))
	}
	return strings.Join(s, "|")
}

// reports collects what Limits.Report is told.
type reports struct {
	mu   sync.Mutex
	list []string
}

func (r *reports) add(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, err.Error())
}

func (r *reports) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.list, "\n")
}

// router, xpub and rep start a socket that ends with the test.
func router(t testing.TB, l Limits) *Router {
	t.Helper()
	r, err := ListenRouter("tcp://127.0.0.1:0", l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(0) })
	return r
}

func xpub(t testing.TB, l Limits) (*XPub, chan string) {
	t.Helper()
	fresh := make(chan string, 100)
	x, err := ListenXPub("tcp://127.0.0.1:0", l, func(_ *Subscriber, topic string) { fresh <- topic })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close(0) })
	return x, fresh
}

func rep(t testing.TB, l Limits) *Rep {
	t.Helper()
	r, err := ListenRep("tcp://127.0.0.1:0", l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(0) })
	return r
}

// echo answers every message of r with itself until r is closed.
func echo(r *Router) {
	for {
		frames, err := r.Recv()
		if err != nil {
			return
		}
		r.Send(frames)
	}
}

// eventually waits for a state that nothing announces.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
		runtime.Gosched()
		time.Sleep(time.Millisecond)
	}
}

// leakless runs f and waits until its goroutines are gone.
func leakless(t *testing.T, f func()) {
	t.Helper()
	before := runtime.NumGoroutine()
	f()
	eventually(t, "all goroutines end", func() bool { return runtime.NumGoroutine() <= before })
}
