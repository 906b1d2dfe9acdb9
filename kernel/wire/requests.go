package wire

import "encoding/json"

// contents has a row for each message that a kernel receives: a pointer to its
// content with the defaults set. Fields tagged wire:"required" must be there.
var contents = map[string]func() any{
	"kernel_info_request":     func() any { return new(KernelInfoRequest) },
	"execute_request":         func() any { return &ExecuteRequest{StoreHistory: true, AllowStdin: true, StopOnError: true} },
	"inspect_request":         func() any { return new(InspectRequest) },
	"complete_request":        func() any { return new(CompleteRequest) },
	"history_request":         func() any { return new(HistoryRequest) },
	"is_complete_request":     func() any { return new(IsCompleteRequest) },
	"comm_info_request":       func() any { return new(CommInfoRequest) },
	"comm_open":               func() any { return new(CommOpen) },
	"comm_msg":                func() any { return new(CommMsg) },
	"comm_close":              func() any { return new(CommClose) },
	"shutdown_request":        func() any { return new(ShutdownRequest) },
	"interrupt_request":       func() any { return new(InterruptRequest) },
	"connect_request":         func() any { return new(ConnectRequest) },
	"debug_request":           func() any { return new(DebugRequest) },
	"create_subshell_request": func() any { return new(CreateSubshellRequest) },
	"delete_subshell_request": func() any { return new(DeleteSubshellRequest) },
	"list_subshell_request":   func() any { return new(ListSubshellRequest) },
	"input_reply":             func() any { return new(InputReply) },
}

// KernelInfoRequest asks who the kernel is.
type KernelInfoRequest struct{}

// ExecuteRequest asks to run a cell.
type ExecuteRequest struct {
	Code            string            `json:"code" wire:"required"`
	Silent          bool              `json:"silent"`
	StoreHistory    bool              `json:"store_history"` // true unless given; see Stores
	UserExpressions map[string]string `json:"user_expressions"`
	AllowStdin      bool              `json:"allow_stdin"`   // true unless given
	StopOnError     bool              `json:"stop_on_error"` // true unless given
}

// Stores tells whether the cell is counted and kept: a silent one never is.
func (r *ExecuteRequest) Stores() bool { return r.StoreHistory && !r.Silent }

// InspectRequest asks about the name at CursorPos.
type InspectRequest struct {
	Code        string `json:"code" wire:"required"`
	CursorPos   int    `json:"cursor_pos" wire:"required"` // Unicode code points
	DetailLevel int    `json:"detail_level"`               // 0 or 1
}

// CompleteRequest asks what may stand at CursorPos.
type CompleteRequest struct {
	Code      string `json:"code" wire:"required"`
	CursorPos int    `json:"cursor_pos" wire:"required"` // Unicode code points
}

// HistoryRequest asks for earlier cells.
type HistoryRequest struct {
	Output     bool   `json:"output"`
	Raw        bool   `json:"raw"`
	AccessType string `json:"hist_access_type" wire:"required"` // range, tail or search
	Session    int    `json:"session"`                          // range: 0 this one, negative counts back
	Start      int    `json:"start"`                            // range: first line
	Stop       *int   `json:"stop"`                             // range: line after the last; nil to the end
	N          int    `json:"n"`                                // tail, search: how many, the newest; 0 all
	Pattern    string `json:"pattern"`                          // search: a glob with * and ?
	Unique     bool   `json:"unique"`                           // search: no repetitions
}

// IsCompleteRequest asks whether code is a whole cell.
type IsCompleteRequest struct {
	Code string `json:"code" wire:"required"`
}

// ShutdownRequest asks the kernel to end.
type ShutdownRequest struct {
	Restart bool `json:"restart"`
}

// InterruptRequest asks to stop the cell that runs.
type InterruptRequest struct{}

// ConnectRequest asks for the kernel's ports.
type ConnectRequest struct{}

// DebugRequest is a request of the Debug Adapter Protocol.
type DebugRequest struct{ json.RawMessage }

// CreateSubshellRequest asks for a new subshell.
type CreateSubshellRequest struct{}

// DeleteSubshellRequest asks to end a subshell.
type DeleteSubshellRequest struct {
	SubshellID string `json:"subshell_id" wire:"required"`
}

// ListSubshellRequest asks which subshells there are.
type ListSubshellRequest struct{}

// InputReply brings what the user typed.
type InputReply struct {
	Value string `json:"value" wire:"required"`
}
