package kernel

import (
	"encoding/json"

	"interleave/kernel/wire"
)

// interruptRequest answers interrupt_request.
// Source: messaging.rst, "Kernel interrupt".
func (k *kernel) interruptRequest(*request) any {
	k.cells.interrupt(k.evaluator.Kill)
	return &wire.InterruptReply{ReplyStatus: wire.OK}
}

// shutdown answers shutdown_request, and tells other clients on iopub. The kernel
// ends when the reply is on its way. Source: messaging.rst, "Kernel shutdown".
func (k *kernel) shutdown(r *request) any {
	reply := &wire.ShutdownReply{ReplyStatus: wire.OK, Restart: r.Content.(*wire.ShutdownRequest).Restart}
	k.publish("shutdown_reply", r.Message, reply)
	r.last = true
	return reply
}

// debug answers debug_request as the Debug Adapter Protocol says no.
// Source: messaging.rst, "Debug request".
func (k *kernel) debug(r *request) any {
	var q struct {
		Seq     int    `json:"seq"`
		Command string `json:"command"`
	}
	_ = json.Unmarshal(r.RawContent, &q) // what is missing is missing in the answer
	return map[string]any{
		"type": "response", "seq": q.Seq, "request_seq": q.Seq, "command": q.Command, "success": false,
		"message": "this kernel has no debugger", "body": map[string]any{},
	}
}
