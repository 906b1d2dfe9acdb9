package eval

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"interleave/interp/child"
)

// The interpreter tells a function that a panic passes by "cell 3:5:2: panic: main.f(...)".
// The function is right. The line is not: it is that of the first operation of the
// function that has the same code in the interpreter, say its first call. So
//   - operations of this package that panic tell where they stand: a mark;
//   - the cell's own statements keep their line in the cell, see rewrite's lineNote;
//   - what else passed a function of several lines is told by the line where the function
//     begins.

// spans are the functions of interpreted cells that have several lines.
type spans struct{ m sync.Map } // number of the cell to []child.Span

func (s *spans) note(p *child.Program) {
	if len(p.Spans) > 0 {
		s.m.Store(p.Cell, p.Spans)
	}
}

// begin makes "cell 3:5" of a position inside of a function that begins there.
func (s *spans) begin(pos string) string {
	var cell, line int
	fmt.Sscanf(pos, "cell %d:%d", &cell, &line)
	v, _ := s.m.Load(cell)
	list, _ := v.([]child.Span)
	first := line
	for _, span := range list { // outer ones come first
		if span.From <= line && line <= span.To {
			first = span.From
		}
	}
	return fmt.Sprintf("cell %d:%d", cell, first)
}

// interpretedFrame is what yaegi calls for each call of an interpreted function.
const interpretedFrame = "github.com/traefik/yaegi/interp.runCfg"

// maxCallers is how deep a panic is traced.
const maxCallers = 1 << 12

// traceback gives the positions that a panic of c passed, innermost first: of compiled
// cells and of interpreted ones. It is called by the deferred function that recovered it.
func (s *Session) traceback(c *cell) []string {
	return shorten(passed(s.frames(c.takeFrames(), c.ownPosition(s.self()))))
}

// passed gives the positions in cells on the stack, innermost first: of compiled ones, and
// what words say of each interpreted function.
func passed(words []string) []string {
	pcs := make([]uintptr, maxCallers)
	list := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	var out []string
	for f, more := list.Next(); ; f, more = list.Next() {
		if file := filepath.Base(f.File); strings.HasPrefix(file, "cell ") {
			out = append(out, fmt.Sprintf("%s:%d%s", file, f.Line, userFunction(f.Function)))
		} else if f.Function == interpretedFrame && len(words) > 0 {
			out, words = append(out, words[0]), words[1:]
		}
		if !more {
			break
		}
	}
	out = append(out, words...)
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// ownPosition is "cell 3:5" for the statement of c that runs, where g runs those of an
// interpreted cell; else "".
func (c *cell) ownPosition(g *goroutine) string {
	if g == nil || !g.main || g.cell != c || c.line == 0 {
		return ""
	}
	return fmt.Sprintf("cell %d:%d", c.n, c.line)
}

// frames makes "cell 3:5: main.f" of each of yaegi's words, innermost first, and "" of
// one that is nothing of the user's. A mark is exact and stands for yaegi's word of the
// same function, which comes next; so does own for the last word.
func (s *Session) frames(lines []string, own string) []string {
	var out []string
	mark := ""
	for _, l := range lines {
		if where, ok := strings.CutPrefix(l, markSign); ok {
			mark = where
			continue
		}
		frame := mark
		pos, fn, ok := strings.Cut(strings.TrimSpace(l), ": panic: ")
		if frame == "" && ok && strings.HasPrefix(pos, "cell ") && !written(pos) {
			frame = s.spans.begin(pos) + userName(fn)
		}
		if n := len(out); n > 0 && frame == out[n-1] && !strings.Contains(frame, ": main.") {
			frame = "" // of a function that the rewriter put round a literal
		}
		out, mark = append(out, frame), ""
	}
	if mark != "" {
		out = append(out, mark)
	} else if n := len(out); n > 0 && own != "" {
		out[n-1] = own
	}
	return out
}

// Of a long traceback the ends are shown.
const (
	firstFrames = 20
	lastFrames  = 10
)

// shorten counts frames that repeat, and cuts what is long.
func shorten(list []string) []string {
	var out []string
	for i := 0; i < len(list); {
		n := 1
		for i+n < len(list) && list[i+n] == list[i] {
			n++
		}
		out = append(out, list[i])
		if n == 2 {
			out = append(out, list[i])
		} else if n > 2 {
			out = append(out, fmt.Sprintf("... %d more of this", n-1))
		}
		i += n
	}
	if more := len(out) - firstFrames - lastFrames; more > 1 {
		out = slices.Concat(out[:firstFrames], []string{fmt.Sprintf("... %d more", more)}, out[len(out)-lastFrames:])
	}
	return out
}

// userName is ": main.f" of yaegi's "main.f(...)"; "" for the cell's own statements
// and functions without a name in them.
func userName(fn string) string {
	if strings.Contains(fn, operationPrefix) {
		return ""
	}
	return ": " + strings.TrimSuffix(fn, "(...)")
}

// written tells whether "cell 3:1000004:1" is in what the rewriter added.
func written(pos string) bool {
	var cell, line int
	fmt.Sscanf(pos, "cell %d:%d", &cell, &line)
	return line >= child.Prologue
}

// cutColumn makes "cell 3:5" of "cell 3:5:12".
func cutColumn(pos string) string {
	if i := strings.IndexByte(pos, ':'); i >= 0 {
		if j := strings.IndexByte(pos[i+1:], ':'); j >= 0 {
			return pos[:i+1+j]
		}
	}
	return pos
}
