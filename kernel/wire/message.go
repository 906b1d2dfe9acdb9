// Package wire has the messages of Jupyter's protocol as values: their typed
// contents, their frames, signatures, and the positions in code that they
// speak of. It has no sockets and no goroutines.
//
// Source: jupyter_client's messaging.rst, protocol 5.5, and JEPs 65 (welcome),
// 91 (subshells).
package wire

import (
	"encoding/json"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// Version is the protocol's.
const Version = "5.5"

// Delimiter is the frame between a message's routing and its signature.
const Delimiter = "<IDS|MSG>"

// Header says what a message is and who sent it.
type Header struct {
	MsgID      string  `json:"msg_id"`
	Session    string  `json:"session"`
	Username   string  `json:"username"`
	Date       string  `json:"date"` // ISO 8601, UTC
	MsgType    string  `json:"msg_type"`
	Version    string  `json:"version"`
	SubshellID *string `json:"subshell_id,omitempty"`
}

// Message is one message, received or to be sent.
type Message struct {
	// Identities are the frames before the delimiter: the peers to route to
	// on shell, control and stdin, the topic on iopub.
	Identities [][]byte
	Header     Header
	// RawHeader is the header as it was received. It is the parent header of
	// the answers, byte for byte, so that fields unknown here come back too.
	RawHeader    json.RawMessage
	ParentHeader json.RawMessage // an object; nil is sent as {}
	Metadata     map[string]any
	// Content is a pointer to the struct for the message's type when it was
	// received, nil when the type is not known. To be sent it is such a struct
	// or anything else that encodes as an object; nil sends RawContent, or {}.
	Content    any
	RawContent json.RawMessage
	Buffers    [][]byte
}

// Session is a kernel's half of a conversation: what its headers have in
// common. Its methods may be called from several goroutines.
type Session struct {
	ID       string
	Username string
	count    atomic.Int64
}

// NewSession returns a session with an id of its own.
func NewSession(username string) *Session {
	return &Session{ID: uuid.NewString(), Username: username}
}

// Message returns a new message of the type. parent, which may be nil, is the
// request that it belongs to.
func (s *Session) Message(msgType string, parent *Message, content any) *Message {
	m := &Message{Header: s.header(msgType), Content: content}
	if parent != nil {
		m.ParentHeader = parent.RawHeader
	}
	return m
}

// Reply returns the answer to a request: an execute_reply to an
// execute_request, back the way that the request came.
func (s *Session) Reply(request *Message, content any) *Message {
	m := s.Message(strings.TrimSuffix(request.Header.MsgType, "_request")+"_reply", request, content)
	m.Identities = request.Identities
	return m
}

func (s *Session) header(msgType string) Header {
	return Header{
		MsgID:    s.ID + "_" + strconv.FormatInt(s.count.Add(1), 10),
		Session:  s.ID,
		Username: s.Username,
		Date:     time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"),
		MsgType:  msgType,
		Version:  Version,
	}
}
