package zmtp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
)

// Every kind of endpoint that a connection file may name can be bound and is
// reached by a client that is not ours.
func TestEndpoints(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kernel-ipc-1")
	for _, e := range []struct{ bind, network, addr string }{
		{"tcp://127.0.0.1:0", "tcp", "127.0.0.1:"},
		{"tcp://localhost:0", "tcp", ":"},
		{"tcp://[::1]:0", "tcp", "[::1]:"},
		{"tcp://*:0", "tcp", "0.0.0.0:"},
		{"tcp://0.0.0.0:0", "tcp", "0.0.0.0:"},
		{"ipc://" + path, "unix", path},
	} {
		t.Run(e.bind, func(t *testing.T) {
			r, err := ListenRouter(e.bind, Limits{})
			if errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT) {
				t.Skip("no such interface here: ", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close(0)
			go echo(r)
			if a := r.Addr(); a.Network() != e.network || !strings.Contains(a.String(), e.addr) {
				t.Errorf("bound %s %s", a.Network(), a)
			}
			peer := zmq4.NewDealer(t.Context(), zmq4.WithID([]byte("me")))
			defer peer.Close()
			if err := peer.Dial(strings.Replace(e.network, "unix", "ipc", 1) + "://" + r.Addr().String()); err != nil {
				t.Fatal(err)
			}
			if err := peer.SendMulti(zmq4.NewMsgFrom([]byte("a"), nil, []byte("b"))); err != nil {
				t.Fatal(err)
			}
			if m, err := peer.Recv(); err != nil || text(m.Frames) != "a||b" {
				t.Errorf("%q, %v", m.Frames, err)
			}
		})
	}
}

func TestBadEndpoints(t *testing.T) {
	taken := rep(t, Limits{})
	for bind, want := range map[string]string{
		"":                               `zmtp: endpoint "": want "tcp://host:port"`,
		"tcp://":                         `want "tcp://host:port"`,
		"127.0.0.1:5":                    `want "tcp://host:port"`,
		"udp://127.0.0.1:5":              `transport "udp": want tcp or ipc`,
		"tcp://127.0.0.1":                "missing port",
		"tcp://" + taken.Addr().String(): "address already in use",
		"ipc:///no/such/folder/x":        "no such file",
	} {
		r, err := ListenRouter(bind, Limits{})
		if err == nil || !strings.Contains(err.Error(), want) || r != nil {
			t.Errorf("%q: %v, want %q", bind, err, want)
		}
	}
}

// A socket file that nobody listens on is replaced; a living one or another
// file is not.
func TestStaleIPC(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	dead, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	dead.(*net.UnixListener).SetUnlinkOnClose(false)
	dead.Close()
	live, err := ListenRep("ipc://"+path, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ListenRep("ipc://"+path, Limits{}); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("bound twice: %v", err)
	}
	c := dial(t, live.Addr(), "REQ", "")
	c.send("", "ping")
	c.want("", "ping")
	live.Close(0)
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("left behind: %v", err)
	}
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ListenRep("ipc://"+path, Limits{}); err == nil {
		t.Error("replaced a file that is no socket")
	}
	if b, _ := os.ReadFile(path); string(b) != "precious" {
		t.Error("the file is gone")
	}
}

// Messages come back whole, whatever the number and size of their frames.
func TestRouterFrames(t *testing.T) {
	r := router(t, Limits{})
	go echo(r)
	c := dial(t, r.Addr(), "DEALER", "")
	for _, frames := range [][]string{
		{""}, {"", "", ""}, {"a"}, {strings.Repeat("x", 255)}, {strings.Repeat("x", 256), "y"},
		strings.Split(strings.Repeat("f|", 999), "|"), {strings.Repeat("z", 9<<20), "", "end"},
	} {
		go c.send(frames...)
		c.want(frames...)
	}
}

func TestRouterIdentities(t *testing.T) {
	r := router(t, Limits{})
	named := dial(t, r.Addr(), "DEALER", "named")
	named.send("1")
	if got, _ := r.Recv(); text(got) != "named|1" {
		t.Errorf("%q", got)
	}
	seen := map[string]bool{}
	for _, id := range []string{"", "", "\x00\x00\x00\x00\x01"} { // a forged one is not taken
		c := dial(t, r.Addr(), "REQ", id)
		c.send("", "2")
		got, _ := r.Recv()
		if seen[string(got[0])] || got[0][0] != 0 {
			t.Errorf("identity %q", got[0])
		}
		seen[string(got[0])] = true
		r.Send(got)
		c.want("", "2")
	}
	if err := r.Send(message("stranger", "x")); err != nil {
		t.Error(err)
	}
	if err := r.Send(message("named")); err == nil {
		t.Error("sent a message without frames")
	}
}

// Who waits for a peer hears of it when it comes, and of the end of its patience
// and of the socket.
func TestRouterAwait(t *testing.T) {
	r := router(t, Limits{})
	come := make(chan bool)
	await := func(ctx context.Context, id string) { come <- r.Await(ctx, id) }
	go await(t.Context(), "late")
	dial(t, r.Addr(), "DEALER", "other")
	dial(t, r.Addr(), "DEALER", "late")
	if !<-come {
		t.Error("gave up on a peer that came")
	}
	ctx, cancel := context.WithCancel(t.Context())
	go await(ctx, "never")
	cancel()
	if <-come {
		t.Error("a peer that never came is here")
	}
	go await(t.Context(), "never")
	r.Close(0)
	if <-come {
		t.Error("a closed socket has a peer")
	}
}

// The newest connection with an identity gets the messages, also when it comes
// 50 times, and the older ones end.
func TestHandover(t *testing.T) {
	r := router(t, Limits{})
	go echo(r)
	var older *client
	for i := range 50 {
		c := dial(t, r.Addr(), "DEALER", "same")
		c.send(fmt.Sprint(i))
		c.want(fmt.Sprint(i))
		if older != nil {
			older.wantEnd()
		}
		older = c
	}
	older.send("still here")
	older.want("still here")
}

func TestHeartbeat(t *testing.T) {
	h := rep(t, Limits{})
	silent := knock(t, h.Addr())
	defer silent.Close()
	dealer := dial(t, h.Addr(), "DEALER", "")
	for _, frames := range [][]string{{"", "ping"}, {"", ""}, {"a", "b", "", "ping", ""}} {
		dealer.send(frames...)
		dealer.want(frames...)
	}
	req := zmq4.NewReq(t.Context())
	defer req.Close()
	if err := req.Dial("tcp://" + h.Addr().String()); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if err := req.Send(zmq4.NewMsgString("ping")); err != nil {
			t.Fatal(err)
		}
		if m, err := req.Recv(); err != nil || text(m.Frames) != "ping" {
			t.Fatalf("%q, %v", m.Frames, err)
		}
	}
}

// Close writes what is queued, also for a peer that reads late, and ends every
// goroutine; Recv and Send then fail.
func TestCloseFlushes(t *testing.T) {
	const n = 100
	body := strings.Repeat("x", 100<<10)
	leakless(t, func() {
		x, fresh := xpub(t, Limits{})
		r := router(t, Limits{})
		sub, peer := dial(t, x.Addr(), "SUB", ""), dial(t, r.Addr(), "DEALER", "me")
		sub.subscribe("")
		<-fresh
		peer.send("hello")
		r.Recv()
		for range n {
			x.Send(message("", body))
		}
		r.Send(message("me", "shutdown_reply"))
		closed := make(chan error)
		go func() { closed <- errors.Join(x.Close(patience), r.Close(patience)) }()
		eventually(t, "closing", x.closed)
		for range n {
			sub.want("", body)
		}
		sub.wantEnd()
		sub.Close()
		peer.want("shutdown_reply")
		peer.wantEnd()
		peer.Close()
		if err := <-closed; err != nil {
			t.Error(err)
		}
		if _, err := r.Recv(); err != net.ErrClosed {
			t.Errorf("Recv: %v", err)
		}
		if err := errors.Join(r.Send(message("me", "x")), x.Send(message(""))); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Send: %v", err)
		}
	})
}

// Close takes no longer than linger for a peer that reads nothing, ends a
// blocked Recv and a blocked Send, and may be called twice at once.
func TestCloseLinger(t *testing.T) {
	leakless(t, func() {
		x, fresh := xpub(t, Limits{QueueBytes: 1 << 20})
		r := router(t, Limits{})
		dead := dial(t, x.Addr(), "SUB", "")
		defer dead.Close()
		dead.subscribe("")
		<-fresh
		sent, received := make(chan error), make(chan error)
		go func() {
			var err error
			for err == nil {
				err = x.Send(message("", strings.Repeat("x", 1<<20)))
			}
			sent <- err
		}()
		go func() { _, err := r.Recv(); received <- err }()
		waits(t, x)
		start := time.Now()
		const linger = 300 * time.Millisecond
		go x.Close(linger)
		x.Close(linger)
		r.Close(linger)
		if took := time.Since(start); took < linger || took > patience/2 {
			t.Errorf("closed after %v", took)
		}
		if err := errors.Join(<-sent, <-received); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
}

// waits returns when a Send waits for room in a queue of x, whose peer has taken
// nothing for 50 ms: until then its system's buffers may have room.
func waits(t *testing.T, x *XPub) {
	t.Helper()
	eventually(t, "Send waits", func() bool {
		x.socket.mu.Lock()
		defer x.socket.mu.Unlock()
		for p := range x.peers {
			p.mu.Lock()
			n, mark := p.waiting, p.mark
			p.mu.Unlock()
			if n > 0 && time.Since(mark) > 50*time.Millisecond {
				return true
			}
		}
		return false
	})
}
