package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// Codec turns frames into messages and back. It may be used from several
// goroutines.
type Codec struct{ signer *Signer }

// NewCodec returns a codec that signs and verifies with s.
func NewCodec(s *Signer) *Codec { return &Codec{s} }

// Decode reads a message from the frames of a socket. It refuses one that is
// not framed, signed or encoded as the protocol says, or whose content lacks
// what its type requires; the error says so in one sentence.
func (c *Codec) Decode(frames [][]byte) (*Message, error) {
	at := slices.IndexFunc(frames, func(f []byte) bool { return string(f) == Delimiter })
	if at < 0 {
		return nil, fmt.Errorf("wire: message of %d frames: no %s among them", len(frames), Delimiter)
	}
	body := frames[at+1:]
	if len(body) < 5 {
		return nil, fmt.Errorf("wire: message: %d frames after %s, want a signature and 4 parts", len(body), Delimiter)
	}
	if err := c.signer.Verify(body[0], body[1:5]...); err != nil {
		return nil, fmt.Errorf("wire: message: %w", err)
	}
	m := &Message{
		Identities:   frames[:at:at],
		RawHeader:    body[1],
		ParentHeader: body[2],
		RawContent:   body[4],
		Buffers:      body[5:],
	}
	if err := m.parse(body[3]); err != nil {
		return nil, err
	}
	return m, nil
}

// parse decodes the parts of a message.
func (m *Message) parse(metadata []byte) error {
	if err := object(m.RawHeader, &m.Header); err != nil {
		return fmt.Errorf("wire: header: %w", err)
	}
	if m.Header.MsgID == "" || m.Header.MsgType == "" {
		return fmt.Errorf("wire: header: no msg_id or no msg_type")
	}
	if err := object(m.ParentHeader, &struct{}{}); err != nil {
		return fmt.Errorf("wire: %s: parent header: %w", m.Header.MsgType, err)
	}
	if err := object(metadata, &m.Metadata); err != nil {
		return fmt.Errorf("wire: %s: metadata: %w", m.Header.MsgType, err)
	}
	if err := m.parseContent(); err != nil {
		return fmt.Errorf("wire: %s: content: %w", m.Header.MsgType, err)
	}
	return nil
}

func (m *Message) parseContent() error {
	blank, ok := contents[m.Header.MsgType]
	if !ok {
		return object(m.RawContent, &struct{}{})
	}
	content := blank()
	if err := object(m.RawContent, content); err != nil {
		return err
	}
	if err := checkRequired(m.RawContent, content); err != nil {
		return err
	}
	m.Content = content
	return nil
}

// object decodes the JSON object b into v.
func object(b []byte, v any) error {
	if b := bytes.TrimLeft(b, " \t\r\n"); len(b) == 0 || b[0] != '{' {
		return fmt.Errorf("not a JSON object")
	}
	return json.Unmarshal(b, v)
}

// Encode returns the frames of m, signed. They may share memory with m.
func (c *Codec) Encode(m *Message) ([][]byte, error) {
	parts := make([][]byte, 4)
	var err error
	for i, v := range []any{m.Header, orEmpty(m.ParentHeader), m.Metadata, m.content()} {
		if parts[i], err = encode(v); err != nil {
			return nil, fmt.Errorf("wire: %s: %w", m.Header.MsgType, err)
		}
	}
	frames := make([][]byte, 0, len(m.Identities)+6+len(m.Buffers))
	frames = append(frames, m.Identities...)
	frames = append(frames, []byte(Delimiter), c.signer.Sign(parts...))
	frames = append(frames, parts...)
	return append(frames, m.Buffers...), nil
}

func (m *Message) content() any {
	if m.Content == nil {
		return orEmpty(m.RawContent)
	}
	return m.Content
}

func orEmpty(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("{}")
	}
	return raw
}
