package kernel

import (
	"fmt"

	"interleave/kernel/history"
	"interleave/kernel/wire"
)

// historyAccess are the ways to ask for the history.
// Source: messaging.rst, "History".
var historyAccess = map[string]func(*history.Store, *wire.HistoryRequest) []history.Entry{
	"tail": func(s *history.Store, q *wire.HistoryRequest) []history.Entry { return s.Tail(q.N) },
	"search": func(s *history.Store, q *wire.HistoryRequest) []history.Entry {
		return s.Search(q.Pattern, q.N, q.Unique)
	},
	"range": func(s *history.Store, q *wire.HistoryRequest) []history.Entry {
		stop := 0
		if q.Stop != nil {
			stop = *q.Stop
		}
		return s.Range(q.Session, q.Start, stop)
	},
}

// historyRequest answers history_request.
func (k *kernel) historyRequest(r *request) any {
	q := r.Content.(*wire.HistoryRequest)
	access := historyAccess[q.AccessType]
	if access == nil {
		return &wire.HistoryReply{ReplyStatus: failed("HistoryError",
			fmt.Sprintf("hist_access_type %q: want tail, range or search", q.AccessType))}
	}
	entries := access(k.history, q)
	items := make([]wire.HistoryItem, len(entries))
	for i, e := range entries {
		items[i] = wire.HistoryItem{Session: e.Session, Line: e.Line, Input: e.Input, WithOutput: q.Output}
		if e.Output != "" {
			items[i].Output = &e.Output
		}
	}
	return &wire.HistoryReply{ReplyStatus: wire.OK, History: items}
}
