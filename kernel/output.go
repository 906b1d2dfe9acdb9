package kernel

import (
	"context"

	"interleave/display"
	"interleave/kernel/wire"
)

// A cell is an execute_request that runs, and the interp.Output of what it
// publishes, also after its end, with its own request as the parent.
type cell struct {
	k           *kernel
	r           *request
	silent      bool // publishes nothing
	allowStdin  bool
	stopOnError bool
	ctx         context.Context // ends with the first interrupt
	cancel      context.CancelFunc
	ended       chan struct{} // closed when the cell has ended
	payload     []any         // of the reply
}

// Stream publishes stream. Source: messaging.rst, "Streams".
func (c *cell) Stream(name, text string) {
	c.publish("stream", &wire.Stream{Name: name, Text: text})
}

// Display publishes display_data or update_display_data.
// Source: messaging.rst, "Display data", "Update Display Data".
func (c *cell) Display(b display.Bundle, id string, update bool) {
	kind := "display_data"
	if update {
		kind = "update_display_data"
	}
	c.publish(kind, &wire.DisplayData{Data: b.Data, Metadata: b.Metadata, Transient: wire.Transient{DisplayID: id}})
}

// Clear publishes clear_output. Source: messaging.rst, "Clear output".
func (c *cell) Clear(wait bool) {
	c.publish("clear_output", &wire.ClearOutput{Wait: wait})
}

// Page puts documentation into the reply, for a front-end to show beside the
// notebook. It is called while the cell runs, by the kernel's own part of it.
// Source: messaging.rst, "Payloads (DEPRECATED)", which nothing has replaced.
func (c *cell) Page(b display.Bundle) {
	c.payload = append(c.payload, map[string]any{"source": "page", "data": b.Data, "start": 0})
}

func (c *cell) publish(kind string, content any) {
	if !c.silent {
		c.k.publish(kind, c.r.Message, content)
	}
}
