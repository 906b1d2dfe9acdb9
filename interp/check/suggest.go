package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// suggest gives, as " (...)", what to do about a name that is undefined or no field at
// p: the import that it wants, or the names that it resembles. "" where nothing is known.
func (u *unit) suggest(p token.Pos) string {
	path, id := identAt(u.c, u.c.Offset(p))
	if id == nil || len(path) == 0 {
		return ""
	}
	sel, ok := path[len(path)-1].(*ast.SelectorExpr)
	if ok && sel.Sel == id {
		return didYouMean(id.Name, u.members(sel.X), "")
	}
	if ok {
		if pkg := u.s.importer.named(id.Name); pkg != nil {
			return fmt.Sprintf(" (to use the package, import %q)", pkg.Path())
		}
	}
	if id.Name == "None" || id.Name == "null" {
		return " (did you mean nil?)"
	}
	matches := slices.DeleteFunc(u.visible(p, inFuncDecl(path), ""), func(m Match) bool {
		return m.Type == "keyword" || (m.Type == "module") != ok
	})
	return didYouMean(id.Name, matches, "")
}

// suggestPath is suggest for an import path that the standard library has not.
func (p *packages) suggestPath(path string) string {
	var paths, same []Match
	for _, have := range p.known() {
		switch {
		case internal(have):
		case base(have) == path:
			same = append(same, Match{Text: have})
		default:
			paths = append(paths, Match{Text: have})
		}
	}
	if len(same) > 0 {
		return didYouMean("", same, `"`)
	}
	return didYouMean(path, paths, `"`)
}

// mostMeant is how many names are suggested at most.
const mostMeant = 3

// didYouMean names the matches that are nearest to a name, each between quotes.
func didYouMean(name string, matches []Match, quote string) string {
	var best []string
	most := len(name) / 4
	if quote != "" {
		most = max(1, most) // all paths are whole words
	}
	for _, m := range matches {
		n := 0
		if name != "" {
			n = distance(strings.ToLower(name), strings.ToLower(m.Text), most)
		}
		if n > most || m.Text == name {
			continue
		}
		if n < most {
			best, most = nil, n
		}
		best = append(best, quote+m.Text+quote)
	}
	if len(best) == 0 || len(best) > mostMeant {
		return ""
	}
	slices.Sort(best)
	text, last := "", best[len(best)-1]
	if n := len(best); n > 1 {
		text = strings.Join(best[:n-1], ", ") + " or "
	}
	return " (did you mean " + text + last + "?)"
}

// distance counts the letters to put in, leave out, change, or swap with the next that
// make b of a; more than most is any number above it.
func distance(a, b string, most int) int {
	x, y := []rune(a), []rune(b)
	if d := len(x) - len(y); d > most || -d > most {
		return most + 1
	}
	rows := [3][]int{make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := range x {
		before, last, row := rows[0], rows[1], rows[2]
		row[0] = i + 1
		for j := range y {
			change := 1
			if x[i] == y[j] {
				change = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+change)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		rows = [3][]int{last, row, before}
	}
	return rows[1][len(y)]
}

// noPackage words that the standard library has no package of that path.
func (p *packages) noPackage(path string) error {
	return fmt.Errorf("no package %q in the standard library%s", path, p.suggestPath(path))
}
