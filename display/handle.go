package display

import (
	"fmt"
	"math/rand/v2"
	"sync"
)

// Handle is a displayed value that can be replaced in place, also from a later
// cell. Several goroutines may use it.
type Handle struct {
	id    string
	mu    sync.Mutex // keeps a handle's displays in order
	shown bool
}

// newHandle gives a handle that shows nothing yet, under an id that neither this
// nor another process has given.
func newHandle() *Handle {
	return &Handle{id: fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64())}
}

// ID gives the display_id under which front-ends know the value.
func (h *Handle) ID() string { return h.id }

// Update shows v in place of what the handle showed.
func (h *Handle) Update(v any) {
	b, ok := Of(v)
	if !ok {
		b = Text(Plain(v))
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if Output == nil {
		fmt.Println(b.Data[mimeText])
		return
	}
	_ = Output.Display(b, h.id, h.shown)
	h.shown = true
}

// Clear takes away what the handle shows; its place stays, and Update shows
// something there again. Before the first Update, and outside a notebook, it does
// nothing.
func (h *Handle) Clear() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if Output == nil || !h.shown {
		return
	}
	_ = Output.Display(Bundle{Data: map[string]any{mimeText: "", mimeHTML: ""}}, h.id, true)
}
