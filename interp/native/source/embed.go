package source

import (
	"fmt"
	"strconv"
	"strings"

	"interleave/interp/cell"
	"interleave/interp/check"
)

// embedded writes a variable that has its value from files: the compiler gives that to
// one of the unit, the cell to the one in storage, in its turn. Bytes are copied: they
// are the unit's, which may run again.
func (r *rewriter) embedded(e *cell.Embed) string {
	id := e.Spec.Names[0]
	b := r.ch.Uses[id]
	if b == nil {
		return ""
	}
	t := r.typeText(e.Spec, b.Object.Type())
	name := fmt.Sprintf("ꞋꞋembed%d", len(r.embeds))
	r.embeds = append(r.embeds, r.line(e.Spec.Pos())+directive(e)+"\nvar "+name+" "+t+"\n")
	if check.EmbedsBytes(b.Object.Type()) {
		name = "(" + t + ")(" + r.universe("string") + "(" + name + "))"
	}
	return r.target(id) + " = " + name
}

// directive writes the directive of a variable.
func directive(e *cell.Embed) string {
	var b strings.Builder
	b.WriteString("//go:embed")
	for _, p := range e.Patterns {
		b.WriteString(" " + strconv.Quote(p.Text))
	}
	return b.String()
}
