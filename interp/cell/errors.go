package cell

import (
	"fmt"
	"go/token"
	"slices"
	"strings"
)

// MaxErrors is how many errors of a cell are told; the others are counted.
const MaxErrors = 10

// A Diagnostic is one error in a cell, in Go's words.
type Diagnostic struct {
	Cell, Line, Col int    // Line and Col count from 1, Col in bytes
	Offset          int    // byte offset in the cell's source
	Msg             string // lower case, may have more than one line
}

// Errors is why a cell does not parse or does not compile. List is never empty,
// sorted by position, and holds at most MaxErrors.
type Errors struct {
	List []Diagnostic
	More int // errors that List leaves out

	src string
}

// NewErrors sorts list, drops repetitions, and keeps the first MaxErrors.
// src is the source of the cell, for the lines that Traceback shows.
func NewErrors(src string, list []Diagnostic) *Errors {
	slices.SortStableFunc(list, func(a, b Diagnostic) int { return a.Offset - b.Offset })
	list = slices.Compact(list)
	more := max(0, len(list)-MaxErrors)
	return &Errors{List: list[:len(list)-more], More: more, src: src}
}

// Diagnostic makes an error at p.
func (c *Cell) Diagnostic(p token.Pos, msg string) Diagnostic {
	at := c.Position(p)
	return Diagnostic{at.Cell, at.Line, at.Col, c.Offset(p), msg}
}

// DiagnosticAt makes an error at a line and a column, which count from 1.
func (c *Cell) DiagnosticAt(line, col int, msg string) Diagnostic {
	offset := 0
	for range line - 1 {
		i := strings.IndexByte(c.Src[offset:], '\n')
		if i < 0 {
			break
		}
		offset += i + 1
	}
	return Diagnostic{c.N, line, col, min(offset+col-1, len(c.Src)), msg}
}

// Error gives the first error, and how many there are besides.
func (e *Errors) Error() string {
	d := e.List[0]
	s := fmt.Sprintf("%s:%d: %s", name(d.Cell), d.Line, d.Msg)
	switch more := len(e.List) - 1 + e.More; more {
	case 0:
		return s
	case 1:
		return s + "\n... and 1 more error"
	default:
		return fmt.Sprintf("%s\n... and %d more errors", s, more)
	}
}

// Colours of a traceback: bold red for what is wrong, cyan for where.
const (
	red, cyan, plain = "\x1b[1;31m", "\x1b[36m", "\x1b[0m"
)

// Traceback tells each error in three entries: place and message, the source
// line, and a caret under the column. With color it has ANSI colours.
func (e *Errors) Traceback(color bool) []string {
	paint := func(c, s string) string {
		if !color {
			return s
		}
		return c + s + plain
	}
	lines := strings.Split(e.src, "\n")
	var out []string
	for _, d := range e.List {
		place := fmt.Sprintf("%s:%d:%d:", name(d.Cell), d.Line, d.Col)
		out = append(out, paint(cyan, place)+" "+paint(red, d.Msg))
		if d.Line < 1 || d.Line > len(lines) {
			continue
		}
		line := strings.TrimSuffix(lines[d.Line-1], "\r")
		out = append(out, "    "+line, "    "+indentTo(line, d.Col)+paint(red, "^"))
	}
	if e.More > 0 {
		out = append(out, fmt.Sprintf("... and %d more", e.More))
	}
	return out
}

// indentTo gives white space as wide as the first col-1 bytes of line: tabs
// stay tabs, and every other rune is one space.
func indentTo(line string, col int) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, line[:min(max(col-1, 0), len(line))])
}

func name(n int) string { return fmt.Sprintf("cell %d", n) }
