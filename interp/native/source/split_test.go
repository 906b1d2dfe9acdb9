package source_test

import (
	"go/ast"
	"go/token"
	"strings"
	"testing"

	"interleave/interp/cell"
)

// whole are the scenarios that mean something else when their cells are split.
var whole = map[string]string{
	"declarations":        "defer runs at the end of a cell",
	"main_func":           "main runs at the end of a cell",
	"maps_slices_strings": "defer runs at the end of a cell",
	"panics":              "the numbers of cells change",
	"positions":           "the numbers of cells change",
	"stopping":            "the cell that says that it is ready is another",
}

// split makes a session of cells with one item each; types, with their methods,
// and constants are together at the head of what was their cell.
func split(t *testing.T, cells []string) []string {
	var out []string
	for i, src := range cells {
		c, err := cell.Parse(i+1, src)
		if err != nil {
			t.Fatal(err)
		}
		for _, is := range c.Imports {
			out = append(out, "import "+c.Text(is))
		}
		var head, rest []string
		for _, it := range c.Items {
			if belongsToHead(it.Node) {
				head = append(head, c.Text(it.Node))
			} else {
				rest = append(rest, c.Text(it.Node))
			}
		}
		if len(head) > 0 {
			out = append(out, strings.Join(head, "\n"))
		}
		out = append(out, rest...)
	}
	return out
}

func belongsToHead(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncDecl:
		return n.Recv != nil
	case *ast.GenDecl:
		return n.Tok == token.TYPE || n.Tok == token.CONST
	}
	return false
}

// TestSplit runs the scenarios with each item in a cell of its own: everything
// that an item uses is another unit's.
func TestSplit(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program of all scenarios")
	}
	b := newBuild(t)
	var all []*scenario
	for _, s := range readScenarios(t) {
		if whole[s.name] != "" || refused[s.name] != "" {
			continue
		}
		cells := split(t, s.cells)
		s.name += "_split"
		units, err := rewrite(t, prefix+s.name+"/", cells)
		if err != nil {
			t.Logf("%s: the items need each other: %v", s.name, err)
			continue
		}
		s.units = units
		b.add(s)
		all = append(all, s)
	}
	if len(all) < 35 {
		t.Errorf("only %d scenarios can be split", len(all))
	}
	binary := b.build()
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			if got, want := withoutResults(runScenario(t, binary, s.name)), withoutResults(s.output); got != want {
				t.Errorf("printed:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// withoutResults leaves out the values of last expressions: splitting makes more of them.
func withoutResults(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "=> ") {
			b.WriteString(line)
		}
	}
	return b.String()
}
