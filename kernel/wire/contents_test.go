package wire

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
)

// What each content looks like on the wire: all fields that front-ends ask for
// are there, lists and objects are never null, and HTML is left alone.
func TestEncode(t *testing.T) {
	mistake := Error{Ename: "panic", Evalue: ""}
	for _, tt := range []struct {
		content any
		want    string
	}{
		{nil, `{}`},
		{json.RawMessage(`{"a": 1}`), `{"a": 1}`},
		{map[string]any{"a": []string{"<b>"}}, `{"a":["<b>"]}`},
		{map[string]any(nil), `{}`},
		{OK, `{"status":"ok"}`},
		{Aborted, `{"status":"aborted"}`},
		{Failed(mistake), `{"status":"error","ename":"panic","evalue":"","traceback":[]}`},
		{ExecuteReply{ReplyStatus: Failed(Error{"panic", "boom", []string{"<at> 1:2"}}), ExecutionCount: 2},
			`{"status":"error","ename":"panic","evalue":"boom","traceback":["<at> 1:2"],"execution_count":2,"user_expressions":{},"payload":[]}`},
		{&ExecuteReply{ReplyStatus: Aborted, ExecutionCount: 2}, `{"status":"aborted","execution_count":2,"user_expressions":{},"payload":[]}`},
		{Expression{ReplyStatus: OK}, `{"status":"ok","data":{},"metadata":{}}`},
		{InspectReply{ReplyStatus: OK}, `{"status":"ok","found":false,"data":{},"metadata":{}}`},
		{CompleteReply{ReplyStatus: OK, CursorEnd: 3}, `{"status":"ok","matches":[],"cursor_start":0,"cursor_end":3,"metadata":{}}`},
		{HistoryReply{ReplyStatus: OK}, `{"status":"ok","history":[]}`},
		{HistoryReply{ReplyStatus: OK, History: []HistoryItem{
			{Session: 1, Line: 2, Input: "x"}, {Session: 1, Line: 3, Input: "y", WithOutput: true, Output: new("7")}, {WithOutput: true}}},
			`{"status":"ok","history":[[1,2,"x"],[1,3,["y","7"]],[0,0,["",null]]]}`},
		{IsCompleteReply{Status: "complete"}, `{"status":"complete"}`},
		{IsCompleteReply{Status: "incomplete", Indent: new("")}, `{"status":"incomplete","indent":""}`},
		{CommInfoReply{ReplyStatus: OK}, `{"status":"ok","comms":{}}`},
		{CommInfoReply{ReplyStatus: OK, Comms: map[string]CommInfo{"c": {"t"}}}, `{"status":"ok","comms":{"c":{"target_name":"t"}}}`},
		{CommOpen{CommID: "c", TargetName: "t"}, `{"comm_id":"c","target_name":"t","data":{}}`},
		{CommMsg{CommID: "c"}, `{"comm_id":"c","data":{}}`},
		{CommClose{CommID: "c"}, `{"comm_id":"c","data":{}}`},
		{ShutdownReply{OK, true}, `{"status":"ok","restart":true}`},
		{InterruptReply{OK}, `{"status":"ok"}`},
		{ConnectReply{OK, 1, 2, 3, 4, 5}, `{"status":"ok","shell_port":1,"iopub_port":2,"stdin_port":3,"hb_port":4,"control_port":5}`},
		{DebugReply{json.RawMessage(`{"seq":1}`)}, `{"seq":1}`},
		{DebugEvent{json.RawMessage(`{"seq":1}`)}, `{"seq":1}`},
		{CreateSubshellReply{OK, "s"}, `{"status":"ok","subshell_id":"s"}`},
		{DeleteSubshellReply{OK}, `{"status":"ok"}`},
		{ListSubshellReply{ReplyStatus: OK}, `{"status":"ok","subshell_id":[]}`},
		{InputRequest{"name: ", true}, `{"prompt":"name: ","password":true}`},
		{ExecuteInput{"x", 1}, `{"code":"x","execution_count":1}`},
		{ExecuteResult{ExecutionCount: 1, Data: map[string]any{"text/html": "<b>&</b>"}}, `{"execution_count":1,"data":{"text/html":"<b>&</b>"},"metadata":{}}`},
		{Stream{"stdout", "a\tü\u2028\x1b[0m\xff"}, `{"name":"stdout","text":"a\tü\u2028\u001b[0m\ufffd"}`},
		{DisplayData{}, `{"data":{},"metadata":{},"transient":{}}`},
		{UpdateDisplayData{Transient: Transient{"d"}}, `{"data":{},"metadata":{},"transient":{"display_id":"d"}}`},
		{ClearOutput{true}, `{"wait":true}`},
		{mistake, `{"ename":"panic","evalue":"","traceback":[]}`},
		{Status{"busy"}, `{"execution_state":"busy"}`},
		{IOPubWelcome{"topic"}, `{"subscription":"topic"}`},
	} {
		frames, err := codec(t, "").Encode(&Message{Content: tt.content})
		if err != nil {
			t.Errorf("%T: %v", tt.content, err)
			continue
		}
		if got := string(frames[5]); got != tt.want {
			t.Errorf("%T\n got %s\nwant %s", tt.content, got, tt.want)
		}
		if parent, metadata := string(frames[3]), string(frames[4]); parent != "{}" || metadata != "{}" {
			t.Errorf("%T: parent %s, metadata %s", tt.content, parent, metadata)
		}
	}
	if mistake.Traceback != nil {
		t.Error("encoding changed the content")
	}
}

func TestKernelInfoReply(t *testing.T) {
	b, err := encode(KernelInfoReply{ReplyStatus: OK, ProtocolVersion: Version, LanguageInfo: LanguageInfo{Name: "go"}})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"status":"ok","protocol_version":"5.5","implementation":"","implementation_version":"",` +
		`"language_info":{"name":"go","version":"","mimetype":"","file_extension":"","pygments_lexer":"","codemirror_mode":"","nbconvert_exporter":""},` +
		`"banner":"","debugger":false,"help_links":[],"supported_features":[]}`
	if string(b) != want {
		t.Errorf("got %s\nwant %s", b, want)
	}
}

func TestEncodeError(t *testing.T) {
	m := NewSession("").Message("display_data", nil, DisplayData{Data: map[string]any{"x": math.NaN()}})
	_, err := codec(t, "").Encode(m)
	if err == nil || err.Error() != "wire: display_data: json: unsupported value: NaN" {
		t.Error(err)
	}
}

func TestHistoryItem(t *testing.T) {
	for _, items := range [][]HistoryItem{
		{{Session: 1, Line: 2, Input: "x"}},
		{{Session: 1, Line: 2, Input: "x", WithOutput: true, Output: new("7")}, {WithOutput: true}},
	} {
		b, err := json.Marshal(items)
		if err != nil {
			t.Fatal(err)
		}
		var got []HistoryItem
		if err := json.Unmarshal(b, &got); err != nil || !reflect.DeepEqual(got, items) {
			t.Errorf("%s became %+v, %v", b, got, err)
		}
	}
	for _, bad := range []string{"1", "[]", "[1,2]", "[1,2,3]", "[1,2,null]", `[1,2,["x"]]`, `["a",2,"x"]`} {
		if err := json.Unmarshal([]byte(bad), new(HistoryItem)); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

// The replies of a kernel can be read again, with their error or without.
func TestReplyStatus(t *testing.T) {
	for _, want := range []ReplyStatus{OK, Aborted, Failed(Error{"panic", "boom", []string{"1:2"}})} {
		b, _ := encode(ExecuteReply{ReplyStatus: want})
		var got ExecuteReply
		if err := json.Unmarshal(b, &got); err != nil || !reflect.DeepEqual(got.ReplyStatus, want) {
			t.Errorf("%s: %+v, %v", b, got.ReplyStatus, err)
		}
	}
}

// Tags of the contents are those of the protocol: lower case, one each.
func TestTags(t *testing.T) {
	for kind, blank := range contents {
		r := reflect.TypeOf(blank()).Elem()
		for i := range r.NumField() {
			f := r.Field(i)
			if name := f.Tag.Get("json"); !f.Anonymous && (name == "" || name != strings.ToLower(name)) {
				t.Errorf("%s: field %s has tag %q", kind, f.Name, name)
			}
			if f.Tag.Get("wire") == "required" && strings.Contains(f.Tag.Get("json"), ",") {
				t.Errorf("%s: required field %s has options", kind, f.Name)
			}
		}
	}
}
