// Package page writes a notebook as one HTML file that needs nothing else: no
// network, no Jupyter. Charts are drawn by Vega where its library is given, and
// otherwise shown as the pictures that are saved with them.
package page

import (
	"bufio"
	_ "embed"
	"fmt"
	"html"
	"io"
	"strconv"
	"strings"
)

// Page is the whole.
type Page struct {
	Title string
	Cells []Cell
	Foot  []string // lines of small print
	Vega  string   // a script that defines vegaEmbed; empty: charts are pictures
}

// Kind is the kind of a cell.
type Kind int

// The kinds of cells. Raw ones are for other formats, and not shown.
const (
	Code Kind = iota
	Markdown
	Raw
)

// Cell is one cell. Code is Go.
type Cell struct {
	Kind          Kind
	Source        string
	Count         int // as which code was run; 0: it was not
	SourceHidden  bool
	OutputsHidden bool
	Outputs       []Output

	// Attachments are pictures that Markdown refers to as attachment:NAME, as data: addresses.
	Attachments map[string]string
}

// Output is one output of a cell: a stream, or else an error, or else a MIME bundle.
type Output struct {
	Stream string         // "stdout" or "stderr"
	Error  bool           // Text is a traceback
	Text   string         // may have ANSI colours
	Data   map[string]any // MIME type to text, or to a JSON value
}

//go:embed page.css
var css string

//go:embed page.js
var script string

// policy keeps the page from asking for anything: what a cell put out may try to.
// Source: Content Security Policy Level 3.
const policy = "default-src 'none'; img-src data: blob:; media-src data:; font-src data:; object-src data:; frame-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

// Write writes the page.
func Write(w io.Writer, p Page) error {
	b := bufio.NewWriter(w)
	vega := p.Vega != "" && p.hasCharts()
	rules := policy
	if vega {
		rules += " 'unsafe-eval'" // Vega compiles the expressions of a chart
	}
	fmt.Fprintf(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"+
		"<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n"+
		"<meta name=\"viewport\" content=\"width=device-width\">\n<title>%s</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n",
		html.EscapeString(rules), html.EscapeString(p.Title), css)
	for i, c := range p.Cells {
		c.write(b, i, vega)
	}
	b.WriteString("</main>\n")
	if len(p.Foot) > 0 {
		fmt.Fprintf(b, "<footer>%s</footer>\n", strings.Join(escaped(p.Foot), "<br>"))
	}
	if vega {
		fmt.Fprintf(b, "<script>(function () {\n%s\n})();</script>\n<script>\n%s</script>\n", inScript(p.Vega), script)
	}
	b.WriteString("</body>\n</html>\n")
	return b.Flush()
}

func escaped(lines []string) (out []string) {
	for _, l := range lines {
		out = append(out, html.EscapeString(l))
	}
	return out
}

// inScript keeps text from ending the script element that it is put into.
// Source: html.spec.whatwg.org, restrictions for contents of script elements.
func inScript(text string) string {
	return strings.NewReplacer("</script", `<\/script`, "<!--", `<\!--`).Replace(text)
}

func (p Page) hasCharts() bool {
	for _, c := range p.Cells {
		for _, o := range c.Outputs {
			if _, ok := o.chart(); ok {
				return true
			}
		}
	}
	return false
}

// write writes the cell with that index.
func (c Cell) write(b *bufio.Writer, index int, vega bool) {
	switch c.Kind {
	case Markdown:
		fmt.Fprintf(b, "<section class=\"text\">\n%s</section>\n", markdown(c.Source, c.Attachments))
	case Code:
		fmt.Fprintf(b, "<section class=\"code\" id=\"cell-%d\">\n", index+1)
		if strings.TrimSpace(c.Source) != "" {
			c.writeSource(b)
		}
		if len(c.Outputs) > 0 {
			fold(b, c.OutputsHidden, "output", func() {
				b.WriteString("<div class=\"outputs\">\n")
				for _, o := range c.Outputs {
					o.write(b, vega)
				}
				b.WriteString("</div>\n")
			})
		}
		b.WriteString("</section>\n")
	}
}

func (c Cell) writeSource(b *bufio.Writer) {
	fold(b, c.SourceHidden, "code", func() {
		count := " "
		if c.Count > 0 {
			count = strconv.Itoa(c.Count)
		}
		fmt.Fprintf(b, "<div class=\"source\"><span class=\"count\">[%s]</span><pre><code>%s</code></pre></div>\n", count, highlight(c.Source))
	})
}

// fold puts what write writes behind a line to click on, where it is hidden.
func fold(b *bufio.Writer, hidden bool, name string, write func()) {
	if hidden {
		fmt.Fprintf(b, "<details><summary>%s</summary>\n", name)
		defer b.WriteString("</details>\n")
	}
	write()
}
