package wire

// CommOpen opens a comm. Either side may send it, and the next two.
type CommOpen struct {
	CommID       string         `json:"comm_id" wire:"required"`
	TargetName   string         `json:"target_name" wire:"required"`
	TargetModule string         `json:"target_module,omitempty"`
	Data         map[string]any `json:"data"`
}

// CommMsg carries data over a comm.
type CommMsg struct {
	CommID string         `json:"comm_id" wire:"required"`
	Data   map[string]any `json:"data"`
}

// CommClose ends a comm.
type CommClose struct {
	CommID string         `json:"comm_id" wire:"required"`
	Data   map[string]any `json:"data"`
}

// CommInfoRequest asks which comms are open, TargetName's only unless empty.
type CommInfoRequest struct {
	TargetName string `json:"target_name"`
}

// CommInfoReply has the open comms by id.
type CommInfoReply struct {
	ReplyStatus
	Comms map[string]CommInfo `json:"comms"`
}

// CommInfo describes an open comm.
type CommInfo struct {
	TargetName string `json:"target_name"`
}
