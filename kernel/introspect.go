package kernel

import (
	"interleave/kernel/wire"
)

// complete answers complete_request. Positions go over the wire in code points.
// Source: messaging.rst, "Completion"; the types are JupyterLab's.
func (k *kernel) complete(r *request) any {
	q := r.Content.(*wire.CompleteRequest)
	c := k.evaluator.Complete(q.Code, wire.ByteOffset(q.Code, q.CursorPos))
	start, end := wire.CodePoint(q.Code, c.Start), wire.CodePoint(q.Code, c.End)
	matches := make([]string, len(c.Matches))
	types := make([]map[string]any, len(c.Matches))
	for i, m := range c.Matches {
		matches[i] = m.Text
		types[i] = map[string]any{"text": m.Text, "type": m.Type, "start": start, "end": end, "signature": m.Detail}
	}
	return &wire.CompleteReply{ReplyStatus: wire.OK, Matches: matches, CursorStart: start, CursorEnd: end,
		Metadata: map[string]any{"_jupyter_types_experimental": types}}
}

// inspect answers inspect_request. Source: messaging.rst, "Introspection".
func (k *kernel) inspect(r *request) any {
	q := r.Content.(*wire.InspectRequest)
	reply := &wire.InspectReply{ReplyStatus: wire.OK, Data: map[string]any{}, Metadata: map[string]any{}}
	markdown, text, found := k.evaluator.Inspect(q.Code, wire.ByteOffset(q.Code, q.CursorPos), q.DetailLevel)
	if found {
		reply.Found = true
		reply.Data["text/plain"] = text
		reply.Data["text/markdown"] = markdown
	}
	return reply
}

// isComplete answers is_complete_request. Source: messaging.rst, "Code completeness".
func (k *kernel) isComplete(r *request) any {
	status, indent := k.evaluator.IsComplete(r.Content.(*wire.IsCompleteRequest).Code)
	reply := &wire.IsCompleteReply{Status: status}
	if status == "incomplete" {
		reply.Indent = &indent
	}
	return reply
}
