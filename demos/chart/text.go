package chart

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// signs are what kinds are drawn with in a terminal, in the order of the legend.
var signs = []rune("█░▒▚")

// Text draws the figure's bars for a terminal, width runes wide: a line for each
// category, most at most.
func (f *Figure) Text(width, most int) string {
	x0, x1, _, _ := f.bounds()
	names := 0
	for _, c := range f.Y.Categories {
		names = max(names, utf8.RuneCountInString(c))
	}
	rows := make([][]rune, min(len(f.Y.Categories), most))
	for i := range rows {
		rows[i] = []rune(strings.Repeat("·", width))
	}
	for _, b := range f.Bars {
		if int(b.Y) < len(rows) {
			f.strike(rows[int(b.Y)], b, x0, x1)
		}
	}
	var out strings.Builder
	for i, row := range rows {
		name := f.Y.Categories[i]
		fmt.Fprintf(&out, "%s%s |%s|%s\n", name, strings.Repeat(" ", names-utf8.RuneCountInString(name)), string(row), f.beside(i))
	}
	if n := len(f.Y.Categories) - len(rows); n > 0 {
		fmt.Fprintf(&out, "… and %d more\n", n)
	}
	out.WriteString(f.legend())
	return strings.TrimRight(out.String(), "\n")
}

// strike draws a bar over a row.
func (f *Figure) strike(row []rune, b Bar, x0, x1 float64) {
	scale := float64(len(row)) / (x1 - x0)
	from := int((b.X0 - x0) * scale)
	to := int(math.Ceil((b.X1 - x0) * scale))
	sign := signs[0]
	for i, k := range f.Kinds {
		if k.Name == b.Kind {
			sign = signs[i%len(signs)]
		}
	}
	for i := max(from, 0); i < min(max(to, from+1), len(row)); i++ {
		row[i] = sign
	}
}

// beside is the label of a category.
func (f *Figure) beside(i int) string {
	for _, l := range f.Labels {
		if int(l.Y) == i && l.Text != "" {
			return " " + l.Text
		}
	}
	return ""
}

func (f *Figure) legend() string {
	var parts []string
	for i, k := range f.Kinds {
		parts = append(parts, string(signs[i%len(signs)])+" "+k.Name)
	}
	if f.X.Title != "" {
		_, x1, _, _ := f.bounds()
		parts = append(parts, fmt.Sprintf("0 to %.4g: %s", x1, f.X.Title))
	}
	return strings.Join(parts, "  ")
}
