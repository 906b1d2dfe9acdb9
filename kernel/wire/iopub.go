package wire

import "encoding/json"

// ExecuteInput tells every front-end which cell runs.
type ExecuteInput struct {
	Code           string `json:"code"`
	ExecutionCount int    `json:"execution_count"`
}

// ExecuteResult is the value of a cell.
type ExecuteResult struct {
	ExecutionCount int            `json:"execution_count"`
	Data           map[string]any `json:"data"` // by MIME type
	Metadata       map[string]any `json:"metadata"`
}

// Stream is text that a cell printed.
type Stream struct {
	Name string `json:"name"` // stdout or stderr
	Text string `json:"text"`
}

// DisplayData shows something.
type DisplayData struct {
	Data      map[string]any `json:"data"` // by MIME type
	Metadata  map[string]any `json:"metadata"`
	Transient Transient      `json:"transient"`
}

// Transient is what a notebook does not store.
type Transient struct {
	DisplayID string `json:"display_id,omitempty"`
}

// UpdateDisplayData shows something in place of what has the same display id.
type UpdateDisplayData DisplayData

// ClearOutput removes a cell's output, with Wait when the next one comes.
type ClearOutput struct {
	Wait bool `json:"wait"`
}

// Error is what a cell ended in.
type Error struct {
	Ename     string   `json:"ename"`
	Evalue    string   `json:"evalue"`
	Traceback []string `json:"traceback"`
}

// Status tells what the kernel does.
type Status struct {
	ExecutionState string `json:"execution_state"` // starting, busy or idle
}

// IOPubWelcome greets a new subscriber. Source: JEP 65.
type IOPubWelcome struct {
	Subscription string `json:"subscription"`
}

// DebugEvent is an event of the Debug Adapter Protocol.
type DebugEvent struct{ json.RawMessage }
