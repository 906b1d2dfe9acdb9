package program

import (
	"fmt"
	"go/ast"
	"path"
	"strconv"
	"strings"

	"interleave/interp/cell"
	"interleave/interp/check"
)

// An Embed gives the names of the files that the directives //go:embed of a variable
// mean, sorted, and sees to it that the program has them beside its sources.
type Embed func(ch *check.Checked, e *cell.Embed) ([]string, error)

// embedded writes the directive of a variable, where it has one, for the line above it.
func (w *writer) embedded(spec ast.Node) {
	e := w.ch.EmbedOf(spec)
	if e == nil || w.b.embed == nil {
		return
	}
	names, err := w.b.embed(w.ch, e)
	if err != nil {
		if w.b.wrong == nil {
			w.b.wrong = err
		}
		return
	}
	w.f.blank["embed"] = true
	args := EmbedArguments(names)
	if w.b.plain && !ambiguous(e) {
		args = ""
		for _, p := range e.Patterns {
			args += " " + argument(p.Text)
		}
	}
	w.f.decls.WriteString("//go:embed" + args + "\n")
}

// EmbedArguments gives the arguments of a directive that means just these files: what a
// pattern means here it need not mean beside the sources of a program.
func EmbedArguments(names []string) string {
	var b strings.Builder
	for _, name := range names {
		b.WriteString(" " + argument(escaped.Replace(name)))
	}
	return b.String()
}

// escaped writes what has a meaning in a pattern. Source: path.Match.
var escaped = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

func argument(text string) string {
	if strings.ContainsAny(text, " \t\"`\\") {
		return strconv.Quote(text)
	}
	return text
}

// ambiguous tells whether a pattern may mean files that a program brings itself: those
// of its folder, and of modules.
func ambiguous(e *cell.Embed) bool {
	for _, p := range e.Patterns {
		first, rest, _ := strings.Cut(strings.TrimPrefix(p.Text, "all:"), "/")
		inModules, _ := path.Match(first, "modules")
		if inModules || rest == "" && strings.ContainsAny(first, `*?[\`) {
			return true
		}
	}
	return false
}

// variable writes a variable without a value, at package level.
func (w *writer) variable(spec ast.Node, name, typ string) {
	w.embedded(spec)
	fmt.Fprintf(&w.f.decls, "var %s %s\n", name, typ)
}
