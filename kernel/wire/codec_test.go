package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
)

func codec(t testing.TB, key string) *Codec {
	t.Helper()
	s, err := NewSigner("hmac-sha256", []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	return NewCodec(s)
}

// captured returns the frames of messages that jupyter_client made, and the
// key that it signed them with.
func captured(t testing.TB) (key string, messages [][][]byte) {
	t.Helper()
	b, err := os.ReadFile("testdata/captured.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Key      string
		Messages [][]string
	}
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	for _, m := range file.Messages {
		var frames [][]byte
		for _, f := range m {
			var latin1 []byte
			for _, r := range f {
				latin1 = append(latin1, byte(r))
			}
			frames = append(frames, latin1)
		}
		messages = append(messages, frames)
	}
	return file.Key, messages
}

// What jupyter_client sends is verified and decoded into the row of its type,
// and there is no row that it does not send.
func TestDecodeCaptured(t *testing.T) {
	key, messages := captured(t)
	c := codec(t, key)
	want := map[string]any{
		"kernel_info_request": &KernelInfoRequest{},
		"execute_request": &ExecuteRequest{Code: `fmt.Println("Grüße, 世界 🎉 <b>&amp;</b>")`, StoreHistory: true,
			UserExpressions: map[string]string{"n": "len(xs)"}, AllowStdin: true, StopOnError: true},
		"inspect_request":         &InspectRequest{"fmt.Print", 5, 1},
		"complete_request":        &CompleteRequest{"fmt.Pr", 6},
		"history_request":         &HistoryRequest{Raw: true, AccessType: "tail", N: 1000},
		"is_complete_request":     &IsCompleteRequest{"for {"},
		"comm_info_request":       &CommInfoRequest{"jupyter.widget"},
		"comm_open":               &CommOpen{"c1", "jupyter.widget", "", map[string]any{"state": map[string]any{"value": 7.0}}},
		"comm_msg":                &CommMsg{"c1", map[string]any{"method": "update"}},
		"comm_close":              &CommClose{"c1", map[string]any{}},
		"shutdown_request":        &ShutdownRequest{true},
		"interrupt_request":       &InterruptRequest{},
		"connect_request":         &ConnectRequest{},
		"debug_request":           &DebugRequest{json.RawMessage(`{"type": "request", "seq": 1, "command": "debugInfo"}`)},
		"create_subshell_request": &CreateSubshellRequest{},
		"delete_subshell_request": &DeleteSubshellRequest{"s1"},
		"list_subshell_request":   &ListSubshellRequest{},
		"input_reply":             &InputReply{"Ada"},
	}
	seen := map[string]bool{}
	for _, frames := range messages {
		m, err := c.Decode(frames)
		if err != nil {
			t.Error(err)
			continue
		}
		kind := m.Header.MsgType
		seen[kind] = true
		if !reflect.DeepEqual(m.Content, want[kind]) {
			t.Errorf("%s: %+v, want %+v", kind, m.Content, want[kind])
		}
		if h := m.Header; h.Session != "front-end" || h.Username != "student" || h.Version == "" || h.Date == "" {
			t.Errorf("%s: header %+v", kind, h)
		}
		if len(m.Identities) != 1 || string(m.Identities[0]) != "router-id" {
			t.Errorf("%s: identities %q", kind, m.Identities)
		}
		if buffers := len(m.Buffers); (kind == "comm_msg") != (buffers == 2) {
			t.Errorf("%s: %d buffers", kind, buffers)
		}
	}
	for kind := range contents {
		if !seen[kind] || want[kind] == nil {
			t.Errorf("%s: not in the captured messages, or not compared", kind)
		}
	}
}

// A reply carries the request's header byte for byte, unknown fields included,
// goes to where the request came from, and verifies at the other end.
func TestReply(t *testing.T) {
	key, messages := captured(t)
	request, err := codec(t, key).Decode(messages[1])
	if err != nil {
		t.Fatal(err)
	}
	s := NewSession("kernel")
	m := s.Reply(request, ExecuteReply{ReplyStatus: OK, ExecutionCount: 3})
	m.Buffers = [][]byte{{1, 2}}
	frames, err := codec(t, key).Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(frames[4], messages[1][3]) {
		t.Errorf("parent header %s, want %s", frames[4], messages[1][3])
	}
	if want := `{"status":"ok","execution_count":3,"user_expressions":{},"payload":[]}`; string(frames[6]) != want {
		t.Errorf("content %s, want %s", frames[6], want)
	}
	back, err := codec(t, key).Decode(frames)
	if err != nil {
		t.Fatal(err)
	}
	if back.Header != m.Header || back.Header.MsgType != "execute_reply" || back.Header.Version != "5.5" || back.Header.Session != s.ID {
		t.Errorf("header %+v", back.Header)
	}
	if string(back.Identities[0]) != "router-id" || len(back.Buffers) != 1 {
		t.Errorf("identities %q, buffers %q", back.Identities, back.Buffers)
	}
	if next := s.Message("status", nil, Status{"idle"}); next.Header.MsgID == m.Header.MsgID || next.ParentHeader != nil {
		t.Errorf("next message %+v", next)
	}
}

// Every sentence with which a message is refused.
func TestDecodeErrors(t *testing.T) {
	const header = `{"msg_id":"1","msg_type":"execute_request"}`
	kind := func(k string) string { return strings.Replace(header, "execute_request", k, 1) }
	tests := []struct{ frames, want string }{
		{"", "wire: message of 1 frames: no <IDS|MSG> among them"},
		{"id|a|b", "wire: message of 3 frames: no <IDS|MSG> among them"},
		{"id|D|s|h", "wire: message: 2 frames after <IDS|MSG>, want a signature and 4 parts"},
		{"D|s||{}|{}|{}", "wire: header: not a JSON object"},
		{"D|s|null|{}|{}|{}", "wire: header: not a JSON object"},
		{"D|s|[1]|{}|{}|{}", "wire: header: not a JSON object"},
		{`D|s|{"msg_id":|{}|{}|{}`, "wire: header: unexpected end of JSON input"},
		{`D|s|{"msg_id":1}|{}|{}|{}`, "wire: header: json: cannot unmarshal number into Go struct field Header.msg_id of type string"},
		{`D|s|{"msg_id":"1"}|{}|{}|{}`, "wire: header: no msg_id or no msg_type"},
		{`D|s|{"msg_type":"x"}|{}|{}|{}`, "wire: header: no msg_id or no msg_type"},
		{"D|s|" + header + "|7|{}|{}", "wire: execute_request: parent header: not a JSON object"},
		{"D|s|" + header + "|{}|[]|{}", "wire: execute_request: metadata: not a JSON object"},
		{"D|s|" + header + "|{}|{}|", "wire: execute_request: content: not a JSON object"},
		{"D|s|" + header + "|{}|{}|{}", `wire: execute_request: content: no field "code"`},
		{"D|s|" + header + `|{}|{}|{"code":null}`, `wire: execute_request: content: no field "code"`},
		{"D|s|" + header + `|{}|{}|{"code":5}`, "wire: execute_request: content: json: cannot unmarshal number into Go struct field ExecuteRequest.code of type string"},
		{"D|s|" + header + `|{}|{}|{"code":"","silent":"no"}`, "wire: execute_request: content: json: cannot unmarshal string into Go struct field ExecuteRequest.silent of type bool"},
		{"D|s|" + header + `|{}|{}|{"code":"x`, "wire: execute_request: content: unexpected end of JSON input"},
		{"D|s|" + kind("complete_request") + `|{}|{}|{"code":"x"}`, `wire: complete_request: content: no field "cursor_pos"`},
		{"D|s|" + kind("complete_request") + `|{}|{}|{"code":"x","cursor_pos":1.5}`, "wire: complete_request: content: json: cannot unmarshal number 1.5 into Go struct field CompleteRequest.cursor_pos of type int"},
		{"D|s|" + kind("comm_msg") + `|{}|{}|{"comm_id":"c","data":[]}`, "wire: comm_msg: content: json: cannot unmarshal array into Go struct field CommMsg.data of type map[string]interface {}"},
		{"D|s|" + kind("unheard_of") + "|{}|{}|[]", "wire: unheard_of: content: not a JSON object"},
		{"D|s|" + kind("debug_request") + "|{}|{}|[]", "wire: debug_request: content: not a JSON object"},
	}
	c := codec(t, "")
	for _, tt := range tests {
		frames := bytes.Split([]byte(tt.frames), []byte("|"))
		for i := range frames {
			if string(frames[i]) == "D" {
				frames[i] = []byte(Delimiter)
			}
		}
		if m, err := c.Decode(frames); err == nil || err.Error() != tt.want || m != nil {
			t.Errorf("%s\n got %v\nwant %s", tt.frames, err, tt.want)
		}
	}
}

// Unknown types and fields are no error, and missing fields have the defaults
// of the protocol.
func TestDecodeLenient(t *testing.T) {
	c := codec(t, "")
	decode := func(header, content string) *Message {
		t.Helper()
		m, err := c.Decode([][]byte{[]byte(Delimiter), nil, []byte(header), []byte("{}"), []byte(" {}"), []byte(content)})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	m := decode(`{"msg_id":"1","msg_type":"execute_request","subshell_id":"s","more":1}`, ` {"code":"x","more":[{}],"allow_stdin":null}`)
	r := m.Content.(*ExecuteRequest)
	if !r.StoreHistory || !r.AllowStdin || !r.StopOnError || r.Silent || !r.Stores() {
		t.Errorf("defaults %+v", r)
	}
	if m.Header.SubshellID == nil || *m.Header.SubshellID != "s" {
		t.Errorf("header %+v", m.Header)
	}
	m = decode(`{"msg_id":"1","msg_type":"execute_request","subshell_id":null}`, `{"code":"x","silent":true}`)
	if m.Content.(*ExecuteRequest).Stores() || m.Header.SubshellID != nil {
		t.Errorf("%+v", m)
	}
	m = decode(`{"msg_id":"1","msg_type":"unheard_of"}`, `{"a":1}`)
	if m.Content != nil || string(m.RawContent) != `{"a":1}` {
		t.Errorf("%+v", m)
	}
}

// Signatures protect the four parts, each of them, and count once.
func TestVerify(t *testing.T) {
	key, messages := captured(t)
	c := codec(t, key)
	clone := func() [][]byte {
		var frames [][]byte
		for _, f := range messages[0] {
			frames = append(frames, bytes.Clone(f))
		}
		return frames
	}
	for i := 2; i < 7; i++ {
		frames := clone()
		frames[i] = append(frames[i], ' ')
		if _, err := c.Decode(frames); !errors.Is(err, ErrSignature) {
			t.Errorf("frame %d changed: %v", i, err)
		}
	}
	if _, err := codec(t, "another key").Decode(clone()); !errors.Is(err, ErrSignature) {
		t.Errorf("another key: %v", err)
	}
	frames := clone()
	frames[2] = nil
	if _, err := c.Decode(frames); !errors.Is(err, ErrSignature) {
		t.Errorf("no signature: %v", err)
	}
	if _, err := c.Decode(clone()); err != nil {
		t.Error(err)
	}
	for _, change := range []func([]byte) []byte{bytes.Clone, bytes.ToUpper} {
		frames := clone()
		frames[2] = change(frames[2])
		if _, err := c.Decode(frames); !errors.Is(err, ErrRepeated) {
			t.Errorf("repeated: %v", err)
		}
	}
	if _, err := codec(t, "").Decode(clone()); err != nil {
		t.Errorf("without a key: %v", err)
	}
}

func TestSchemes(t *testing.T) {
	// Source of the first: RFC 4231, test case 2.
	for scheme, want := range map[string]string{
		"hmac-sha256": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
		"hmac-sha384": "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e",
		"hmac-sha512": "164b7a7bfcf819e2e395fbe73b56e0a3",
	} {
		s, err := NewSigner(scheme, []byte("Jefe"))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(s.Sign([]byte("what do ya want "), []byte("for nothing?"))); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", scheme, got, want)
		}
	}
	if _, err := NewSigner("rot13", []byte("k")); err == nil || err.Error() != `wire: signature scheme "rot13": want hmac-sha256` {
		t.Error(err)
	}
	if s, err := NewSigner("", nil); err != nil || s.Sign([]byte("x")) != nil {
		t.Error(err)
	}
}

// However many signatures come, the last ones are remembered and the memory
// for them is bounded.
func TestRememberedSignatures(t *testing.T) {
	c := codec(t, "k")
	const n = 3 * remembered
	sign := func(i int) (part, signature []byte) {
		part = []byte{byte(i), byte(i >> 8), byte(i >> 16)}
		return part, c.signer.Sign(part)
	}
	for i := range n {
		part, signature := sign(i)
		if err := c.signer.Verify(signature, part); err != nil {
			t.Fatal(err)
		}
	}
	for i := n - remembered; i < n; i++ {
		part, signature := sign(i)
		if err := c.signer.Verify(signature, part); !errors.Is(err, ErrRepeated) {
			t.Fatalf("%d: %v", i, err)
		}
	}
	if kept := len(c.signer.seen) + len(c.signer.old); kept > 2*remembered {
		t.Errorf("%d are kept", kept)
	}
}

// FuzzDecode feeds a message in five parts. What decodes must encode again.
func FuzzDecode(f *testing.F) {
	_, messages := captured(f)
	for _, m := range messages {
		f.Add(m[1], m[3], m[4], m[5], m[6])
	}
	c := codec(f, "")
	f.Fuzz(func(t *testing.T, delimiter, header, parent, metadata, content []byte) {
		m, err := c.Decode([][]byte{[]byte("id"), delimiter, nil, header, parent, metadata, content})
		if err != nil {
			return
		}
		frames, err := c.Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		again, err := c.Decode(frames)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(again.Header, m.Header) {
			t.Errorf("%+v became %+v", m.Header, again.Header)
		}
	})
}

func BenchmarkEncodeStream(b *testing.B) {
	c := codec(b, "a key")
	s := NewSession("kernel")
	for name, text := range map[string]string{
		"line": "hello, world\n",
		"1MB":  strings.Repeat("a line of output <with> 40 characters \"\n\" or so\n", 1<<20/48),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Encode(s.Message("stream", nil, Stream{"stdout", text})); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
