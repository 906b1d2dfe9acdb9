// Package interp runs cells of Go. An Evaluator checks each cell against the
// session, chooses how it runs, and keeps a child process that runs it.
package interp

import "interleave/display"

// A Request is one cell to run.
type Request struct {
	Code  string // source as the user typed it
	Count int    // execution count; names the cell in positions: "cell 3:5" is line 5 of In[3]
}

// Output takes what a cell publishes. There is one per cell. It stays valid
// after the cell has ended, for goroutines that live on; calls for one cell
// never overlap.
type Output interface {
	// Stream publishes text on "stdout" or "stderr". text is valid UTF-8.
	Stream(name, text string)
	// Display publishes b. With update, it replaces what was displayed under id.
	Display(b display.Bundle, id string, update bool)
	// Clear clears the cell's output; with wait, when the next output comes.
	Clear(wait bool)
	// Input asks the user for a line. It fails at once where the front-end
	// does not allow input.
	Input(prompt string, password bool) (string, error)
}

// A Pager is an Output that can show documentation apart from what the cell puts
// out. Any other has it displayed.
type Pager interface{ Page(b display.Bundle) }

// Progress is what an Output may have besides: it takes a line about something
// that takes long, which is not the cell's output. Without it such a line goes to stdout.
type Progress interface{ Progress(line string) }

// Error is what went wrong in a cell, as the protocol reports it.
type Error struct {
	Name      string   // ename, such as "panic" or "CompileError"
	Value     string   // evalue, one or a few lines
	Traceback []string // lines, with ANSI colours
}

func (e *Error) Error() string { return e.Name + ": " + e.Value }
