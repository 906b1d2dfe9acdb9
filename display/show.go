// Package display shows values in a notebook in rich form: HTML, Markdown, images,
// charts. A cell calls Show; a type of one's own becomes rich by a method
// MIMEBundle() map[string]any. Outside a notebook the plain text is printed.
package display

// Sink is where displays go: the kernel of a notebook. Its methods may be called
// from several goroutines at once.
type Sink interface {
	// Display shows b under id, unique in the session; with update it replaces
	// what was shown under id.
	Display(b Bundle, id string, update bool) error
	// Clear removes the cell's output so far, with wait at its next output.
	Clear(wait bool) error
	// Input asks the user for one line, unseen while typed if password.
	Input(prompt string, password bool) (string, error)
}

// Output is the sink in use; the host sets it before any cell runs. While it is
// nil, plain text goes to standard output and Input reads standard input.
var Output Sink

// Show displays each value on its own: its rich form (see Of), or else its plain
// text (see Plain). The Handle belongs to the last one; that of no values at all
// shows what its first Update gives. A sink that fails has lost its front-end, so
// there is nobody to tell and its error is dropped.
func Show(values ...any) *Handle {
	h := newHandle()
	for i, v := range values {
		if i > 0 {
			h = newHandle()
		}
		h.Update(v)
	}
	return h
}

// Clear removes the cell's output so far; with wait it stays until there is
// something new, which avoids flicker. Without a notebook it does nothing.
func Clear(wait bool) {
	if Output != nil {
		_ = Output.Clear(wait)
	}
}
