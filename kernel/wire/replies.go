package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// ReplyStatus is how a request went; every reply has one. Error is there when
// Status is "error".
type ReplyStatus struct {
	Status string `json:"status"` // ok, error or aborted
	*Error
}

// OK is the status of a request that went well.
var OK = ReplyStatus{Status: "ok"}

// Aborted is the status of a cell that was not run since one before it failed.
var Aborted = ReplyStatus{Status: "aborted"}

// Failed is the status of a request that ended in e.
func Failed(e Error) ReplyStatus {
	if e.Traceback == nil {
		e.Traceback = []string{}
	}
	return ReplyStatus{Status: "error", Error: &e}
}

// KernelInfoReply says who the kernel is.
type KernelInfoReply struct {
	ReplyStatus
	ProtocolVersion       string       `json:"protocol_version"`
	Implementation        string       `json:"implementation"`
	ImplementationVersion string       `json:"implementation_version"`
	LanguageInfo          LanguageInfo `json:"language_info"`
	Banner                string       `json:"banner"`
	Debugger              bool         `json:"debugger"`
	HelpLinks             []HelpLink   `json:"help_links"`
	SupportedFeatures     []string     `json:"supported_features"`
}

// LanguageInfo tells front-ends and converters how to treat the code.
type LanguageInfo struct {
	Name              string `json:"name"`
	Version           string `json:"version"`
	Mimetype          string `json:"mimetype"`
	FileExtension     string `json:"file_extension"`
	PygmentsLexer     string `json:"pygments_lexer"`
	CodemirrorMode    string `json:"codemirror_mode"`
	NbconvertExporter string `json:"nbconvert_exporter"`
}

// HelpLink is an entry of the Help menu. NewBrowserTab is no part of the protocol:
// JupyterLab passes it on to what opens the link, and without it shows the page in a
// frame, which go.dev forbids.
type HelpLink struct {
	Text          string `json:"text"`
	URL           string `json:"url"`
	NewBrowserTab bool   `json:"newBrowserTab"`
}

// ExecuteReply ends a cell. Every status has an ExecutionCount.
type ExecuteReply struct {
	ReplyStatus
	ExecutionCount  int            `json:"execution_count"`
	UserExpressions map[string]any `json:"user_expressions"` // per name an Expression, or a ReplyStatus with an error
	Payload         []any          `json:"payload"`
}

// Expression is the value of a user expression.
type Expression struct {
	ReplyStatus
	Data     map[string]any `json:"data"`
	Metadata map[string]any `json:"metadata"`
}

// InspectReply describes a name, if it was found.
type InspectReply struct {
	ReplyStatus
	Found    bool           `json:"found"`
	Data     map[string]any `json:"data"`
	Metadata map[string]any `json:"metadata"`
}

// CompleteReply lists what may replace the code from CursorStart to CursorEnd.
type CompleteReply struct {
	ReplyStatus
	Matches     []string       `json:"matches"`
	CursorStart int            `json:"cursor_start"` // Unicode code points
	CursorEnd   int            `json:"cursor_end"`   // Unicode code points
	Metadata    map[string]any `json:"metadata"`
}

// HistoryReply lists earlier cells.
type HistoryReply struct {
	ReplyStatus
	History []HistoryItem `json:"history"`
}

// HistoryItem is a cell of the history, on the wire [session, line, input], or
// [session, line, [input, output]] when WithOutput is set.
type HistoryItem struct {
	Session, Line int
	Input         string
	WithOutput    bool
	Output        *string // nil for none
}

// MarshalJSON returns the item as an array.
func (h HistoryItem) MarshalJSON() ([]byte, error) {
	if h.WithOutput {
		return json.Marshal([]any{h.Session, h.Line, []any{h.Input, h.Output}})
	}
	return json.Marshal([]any{h.Session, h.Line, h.Input})
}

// UnmarshalJSON reads either form of the array.
func (h *HistoryItem) UnmarshalJSON(b []byte) error {
	var input json.RawMessage
	if err := tuple(b, &h.Session, &h.Line, &input); err != nil {
		return err
	}
	if h.WithOutput = bytes.HasPrefix(input, []byte("[")); h.WithOutput {
		return tuple(input, &h.Input, &h.Output)
	}
	return json.Unmarshal(input, &h.Input)
}

// tuple decodes the array b, which has as many elements as there are fields.
func tuple(b []byte, fields ...any) error {
	want := len(fields)
	if err := json.Unmarshal(b, &fields); err != nil {
		return err
	}
	if len(fields) != want {
		return fmt.Errorf("array of %d elements, want %d", len(fields), want)
	}
	return nil
}

// IsCompleteReply has a status of its own kind.
type IsCompleteReply struct {
	Status string  `json:"status"`           // complete, incomplete, invalid or unknown
	Indent *string `json:"indent,omitempty"` // incomplete: what the next line begins with
}

// ShutdownReply says goodbye.
type ShutdownReply struct {
	ReplyStatus
	Restart bool `json:"restart"`
}

// InterruptReply tells that the interrupt was delivered.
type InterruptReply struct{ ReplyStatus }

// ConnectReply has the kernel's ports.
type ConnectReply struct {
	ReplyStatus
	ShellPort   int `json:"shell_port"`
	IOPubPort   int `json:"iopub_port"`
	StdinPort   int `json:"stdin_port"`
	HBPort      int `json:"hb_port"`
	ControlPort int `json:"control_port"`
}

// DebugReply is a response of the Debug Adapter Protocol.
type DebugReply struct{ json.RawMessage }

// CreateSubshellReply names the new subshell.
type CreateSubshellReply struct {
	ReplyStatus
	SubshellID string `json:"subshell_id"`
}

// DeleteSubshellReply tells that the subshell is gone.
type DeleteSubshellReply struct{ ReplyStatus }

// ListSubshellReply has the ids of the subshells.
type ListSubshellReply struct {
	ReplyStatus
	SubshellID []string `json:"subshell_id"`
}

// InputRequest asks the front-end for a line; it goes out on stdin.
type InputRequest struct {
	Prompt   string `json:"prompt"`
	Password bool   `json:"password"`
}
