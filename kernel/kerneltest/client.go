// Package kerneltest is a client of Jupyter kernels for tests. It speaks over real
// sockets, and has neither the kernel's wire format nor its sockets' code.
package kerneltest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
)

// Patience is how long a test waits for what has to come. It passes only when
// something is wrong.
const Patience = 30 * time.Second

// Header is the header of a message.
type Header struct {
	MsgID      string `json:"msg_id"`
	Session    string `json:"session"`
	Username   string `json:"username"`
	Date       string `json:"date"`
	MsgType    string `json:"msg_type"`
	Version    string `json:"version"`
	SubshellID string `json:"subshell_id,omitempty"`
}

// Message is a message from the kernel.
type Message struct {
	Channel  string   // shell, control, stdin or iopub
	Topic    [][]byte // frames before the delimiter
	Header   Header
	Parent   json.RawMessage // parent_header as it came
	Metadata map[string]any
	Content  map[string]any
	Buffers  [][]byte
}

// ParentID gives the msg_id of the message's parent, and "" where it has none.
func (m *Message) ParentID() string {
	var h Header
	_ = json.Unmarshal(m.Parent, &h) // {} is a parent header too
	return h.MsgID
}

// Client is one client of one kernel.
type Client struct {
	Session  string
	Identity string
	Subshell string        // id that is put into headers; empty: the main shell
	Skew     time.Duration // how far the client's clock is ahead

	t       testing.TB
	key     []byte
	server  *Connection
	sockets map[string]*Socket
	in      chan *Message
	done    chan struct{}
	later   []*Message // received while looking for others
}

// Connection is what a client needs of a connection file.
type Connection struct {
	Transport string `json:"transport"`
	IP        string `json:"ip"`
	Key       string `json:"key"`
	Shell     int    `json:"shell_port"`
	Control   int    `json:"control_port"`
	Stdin     int    `json:"stdin_port"`
	IOPub     int    `json:"iopub_port"`
	HB        int    `json:"hb_port"`
}

// ReadConnection reads a connection file.
func ReadConnection(t testing.TB, path string) *Connection {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := new(Connection)
	if err := json.Unmarshal(text, c); err != nil {
		t.Fatal(err)
	}
	return c
}

// Endpoint gives the address of a port.
func (c *Connection) Endpoint(port int) string {
	if c.Transport == "ipc" {
		return "ipc://" + c.IP + "-" + strconv.Itoa(port)
	}
	return "tcp://" + net.JoinHostPort(c.IP, strconv.Itoa(port))
}

// channels are a client's sockets: their kinds, and the ports that they connect to.
var channels = []struct {
	name, kind string
	port       func(*Connection) int
}{
	{"shell", "DEALER", func(c *Connection) int { return c.Shell }},
	{"control", "DEALER", func(c *Connection) int { return c.Control }},
	{"stdin", "DEALER", func(c *Connection) int { return c.Stdin }},
	{"iopub", "SUB", func(c *Connection) int { return c.IOPub }},
}

// Dial connects a client, which is closed at the end of the test. It returns when
// the kernel's iopub_welcome has come, so that no output is missed. Channels that
// are later are left for Connect.
func Dial(t testing.TB, c *Connection, later ...string) *Client {
	t.Helper()
	client := &Client{Session: uuid.NewString(), Identity: uuid.NewString(), t: t, key: []byte(c.Key), server: c,
		sockets: map[string]*Socket{}, in: make(chan *Message, 1000), done: make(chan struct{})}
	for _, channel := range channels {
		if !slices.Contains(later, channel.name) {
			client.Connect(channel.name)
		}
	}
	t.Cleanup(client.Close)
	if !slices.Contains(later, "iopub") {
		client.Next("iopub_welcome", func(m *Message) bool { return m.Header.MsgType == "iopub_welcome" })
	}
	return client
}

// Connect opens one channel.
func (c *Client) Connect(name string) {
	c.t.Helper()
	for _, channel := range channels {
		if channel.name != name {
			continue
		}
		identity := c.Identity
		if channel.kind == "SUB" {
			identity = ""
		}
		socket, err := DialSocket(c.server.Endpoint(channel.port(c.server)), channel.kind, identity)
		if err != nil {
			c.t.Fatal(err)
		}
		c.sockets[name] = socket
		go c.read(name, socket) // ends when the socket or the client is closed
	}
}

// Close disconnects the client. It may be called twice.
func (c *Client) Close() {
	select {
	case <-c.done:
		return
	default:
	}
	close(c.done)
	for _, s := range c.sockets {
		s.Close()
	}
}

func (c *Client) read(channel string, s *Socket) {
	for {
		frames, err := s.Receive()
		if err != nil {
			return
		}
		m, err := c.parse(channel, frames)
		if err != nil {
			c.t.Errorf("message on %s: %v: %q", channel, err, frames)
			continue
		}
		select {
		case c.in <- m:
		case <-c.done:
			return
		}
	}
}

func (c *Client) parse(channel string, frames [][]byte) (*Message, error) {
	at := slices.IndexFunc(frames, func(f []byte) bool { return string(f) == "<IDS|MSG>" })
	if at < 0 || len(frames) < at+6 {
		return nil, fmt.Errorf("no delimiter or too few frames")
	}
	parts := frames[at+2 : at+6]
	if got := string(frames[at+1]); got != c.Sign(parts...) {
		return nil, fmt.Errorf("wrong signature %q", got)
	}
	m := &Message{Channel: channel, Topic: frames[:at], Parent: parts[1], Buffers: frames[at+6:]}
	for i, to := range []any{&m.Header, &map[string]any{}, &m.Metadata, &m.Content} {
		if err := json.Unmarshal(parts[i], to); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Sign gives the signature of a message's four parts.
func (c *Client) Sign(parts ...[]byte) string {
	if len(c.key) == 0 {
		return ""
	}
	h := hmac.New(sha256.New, c.key)
	for _, part := range parts {
		h.Write(part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Frames gives a signed message and its msg_id. The parent may be nil.
func (c *Client) Frames(kind string, content any, parent json.RawMessage) ([][]byte, string) {
	h := Header{MsgID: uuid.NewString(), Session: c.Session, Username: "test", MsgType: kind, Version: "5.5",
		Date: time.Now().Add(c.Skew).UTC().Format(time.RFC3339Nano), SubshellID: c.Subshell}
	if parent == nil {
		parent = json.RawMessage("{}")
	}
	parts := [][]byte{encode(h), parent, []byte("{}"), encode(content)}
	return append([][]byte{[]byte("<IDS|MSG>"), []byte(c.Sign(parts...))}, parts...), h.MsgID
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// Send sends a message and gives its msg_id.
func (c *Client) Send(channel, kind string, content any) string {
	c.t.Helper()
	frames, id := c.Frames(kind, content, nil)
	c.SendFrames(channel, frames...)
	return id
}

// SendFrames sends frames as they are.
func (c *Client) SendFrames(channel string, frames ...[]byte) {
	c.t.Helper()
	if err := c.sockets[channel].Send(frames...); err != nil {
		c.t.Fatalf("send on %s: %v", channel, err)
	}
}
