// Package child holds both ends of the pipe between the kernel process and
// its evaluator child, the process that runs user code and may die of it.
//
// Requests go down descriptor 3 and events come up descriptor 4, one JSON
// value a line. Descriptors 1 and 2 are pipes, so that what C, child processes
// and a dying runtime write is seen too; 0 is a pipe whose other end is the
// child's own descriptor 5.
//
// Order: an event that has a place among the output carries a number in Ack.
// The goroutine that sent it waits until the kernel has read what the pipes
// held at that moment, has published it and then the event, and has answered.
package child

import "strconv"

// A Program is one cell, rewritten for the interpreter.
type Program struct {
	ID        int        // names this run in requests and events; unique in the session
	Cell      int        // execution count, names the cell in positions
	Front     bool       // in the foreground: what it prints goes to descriptors 1 and 2
	Source    string     // what the interpreter compiles: package main with func ꞋꞋrun
	Imports   []string   // import paths that Source uses
	Vars      []Var      // storage that Source reaches by pointer
	Funcs     []Func     // functions that Source declares, to be put into their slots
	Instances []Instance `json:",omitempty"` // functions that Source calls and that are made for it
	Declare   bool       // declare the functions only, run nothing
	Compiled  int        `json:",omitempty"` // the number that positions in Units have, where the cell runs again unchanged
	Retyped   []string   `json:",omitempty"` // types that it declares again, over the same storage
	Stdin     bool       `json:",omitempty"` // it reads standard input
	HideNil   bool       `json:",omitempty"` // of a compiled cell: a last value of nil is an error that is none
	InC       []string   `json:",omitempty"` // those of Units that hold C
	Libraries []string   `json:",omitempty"` // shared objects that Units call
	Units     []string   `json:",omitempty"` // of a compiled cell: shared objects, those that it imports first; Source is empty then
	Spans     []Span     `json:",omitempty"` // of an interpreted cell: its functions that have several lines, outer ones first
	// Literals are the function literals of the cell, for package demos.
	Literals []Literal `json:",omitempty"`
	// Raced is what came of the cell under the race detector; nil where it does not ask.
	Raced *Raced `json:",omitempty"`
}

// Raced is what came of a cell that ran under the race detector.
type Raced struct {
	Found    string    // the races, or why it could not run there; ""; neither
	Verdicts []Verdict // of calls of grade.NoRace, in the order of their ends
	End      string    // how the process ended
}

// A Verdict is what came of one call of grade.NoRace.
type Verdict struct{ What, Failed string }

// A Literal is a function literal: the line where it begins, the variables outside of
// it that it uses, by name, and the functions of the session, by key.
type Literal struct {
	Line     int
	Captures []string `json:",omitempty"`
	Uses     []string `json:",omitempty"`
}

// A Span is from a line to another, inclusive.
type Span struct{ From, To int }

// LiteralPrefix begins the name of a Func that is a function literal, which the user
// gave no name.
const LiteralPrefix = "ꞋꞋliteral"

// HooksUnit is the name under which the first of Program.Units holds the hooks
// of the runtime units: a map of package to operations.
const HooksUnit = "hooks"

// A Var is a variable or a function slot outside the interpreter.
type Var struct {
	Key  string // storage identity in the session, such as "x.3"
	Name string // exported name by which Source reaches the pointer
	Type string // type in Go's notation, packages by import path in quotes
}

// An Instance is a function whose types are those of one place in the source: a generic
// function, a method of a generic type, or a built-in one that the interpreter lacks.
type Instance struct {
	Name  string // by which Source calls it
	Func  string // which it is: "max", "demos.Map"; or the symbol of package demos that holds it
	Type  string // as of a Var
	Where string // position of the call, of one that may wait; else ""
}

// A Func puts the function that Source declares as Name into the slot Key.
type Func struct {
	Key, Name, Type string
	Uses            []string `json:",omitempty"` // keys of the storage that it uses
	// Text is its Go source, as the user wrote it but for some built-in functions, Imports
	// what that imports, local name to path, and Constants those of the session that it
	// uses: name to type and value. Package demos interprets it, to show how long that takes.
	Text      string            `json:",omitempty"`
	Imports   map[string]string `json:",omitempty"`
	Constants map[string]string `json:",omitempty"`
}

// Kinds of requests.
const (
	Run    = "run"    // Program: declare and run
	Stop   = "stop"   // ID: stop that run and the goroutines it started
	Ack    = "ack"    // Ack: published
	Answer = "answer" // Ack, Text, Refused: the answer to an Input event
	List   = "list"   // tell the goroutines that user code started
)

// A Request goes from the kernel to the child.
type Request struct {
	Kind    string
	ID      int      `json:",omitempty"`
	Program *Program `json:",omitempty"`
	Ack     uint64   `json:",omitempty"`
	Text    string   `json:",omitempty"`
	Refused *Failure `json:",omitempty"` // why there is no answer; nil where there is one
}

// Kinds of events.
const (
	Ready   = "ready"   // the child takes requests
	Stream  = "stream"  // Name, Text: output of a cell that is not in the foreground
	Display = "display" // Data, Metadata, DisplayID, Update
	Clear   = "clear"   // Wait
	Input   = "input"   // Text: prompt; Password
	Mapped  = "mapped"  // Text: shared object of a unit with C; Address: where it begins in memory
	Done    = "done"    // Result: the cell has ended
	Listed  = "listed"  // Goroutines
)

// An Event goes from the child to the kernel.
type Event struct {
	Kind       string
	Run        int            `json:",omitempty"` // ID of the program it belongs to
	Ack        uint64         `json:",omitempty"` // the sender waits for an answer with this number
	Name       string         `json:",omitempty"` // stdout or stderr
	Text       string         `json:",omitempty"`
	Data       map[string]any `json:",omitempty"`
	Metadata   map[string]any `json:",omitempty"`
	DisplayID  string         `json:",omitempty"`
	Update     bool           `json:",omitempty"`
	Wait       bool           `json:",omitempty"`
	Address    uint64         `json:",omitempty"`
	Password   bool           `json:",omitempty"`
	Result     *Result        `json:",omitempty"`
	Goroutines []Goroutine    `json:",omitempty"`
}

// A Result tells how a cell ended.
type Result struct {
	Loaded   bool           // the program compiled, and its functions are in their slots
	Reached  int            // items that completed
	Data     map[string]any `json:",omitempty"` // value of the last expression, nil for none
	Metadata map[string]any `json:",omitempty"`
	Err      *Failure       `json:",omitempty"`
}

// A Failure is a run-time error of a cell, the child being alive.
type Failure struct {
	Name   string   // panic, Interrupt, Deadlock, ExitStatus, ...
	Value  string   // what the runtime says
	Frames []string `json:",omitempty"` // "cell 3:5: main.f", innermost first
}

// NotTaken is the Name of the Failure of a program that the interpreter does not take;
// nothing of it has run then.
const NotTaken = "InterpreterError"

// A Goroutine is one that a cell started and that has not ended.
type Goroutine struct {
	Cell  int
	Where string // "cell 2:1", where it was started
	State string // "running" or what it waits for: "waits to receive at cell 2:3"
}

// Alias is how the source of a program names its i-th import.
func Alias(i int) string { return "Ꞌp" + strconv.Itoa(i) }

// Prologue is the first line number of source that no user wrote.
const Prologue = 1_000_000
