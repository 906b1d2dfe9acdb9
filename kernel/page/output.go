package page

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"strings"
)

// longest is how much of one text is shown, in bytes: a page has to open.
const longest = 1 << 20

// A form is a way to show a MIME type, the richest first: the order of front-ends,
// but that a chart comes first where it can be drawn.
type form struct {
	mime string
	show func(b *bufio.Writer, o Output, text string)
}

var forms = []form{
	{"text/html", showHTML},
	{"image/svg+xml", showSVG},
	{"image/png", showImage("image/png")},
	{"image/jpeg", showImage("image/jpeg")},
	{"image/gif", showImage("image/gif")},
	{"text/markdown", showMarkdown},
	{"text/latex", showLatex},
	{"application/json", showJSON},
	{"text/plain", showText},
}

// chartTypes are those that Vega 5 draws, and JupyterLab too.
var chartTypes = []string{"application/vnd.vegalite.v5+json", "application/vnd.vegalite.v4+json", "application/vnd.vega.v5+json"}

// chart gives the specification of a chart, as JSON, where o is one.
func (o Output) chart() (string, bool) {
	if _, html := o.Data["text/html"]; html {
		return "", false
	}
	for _, mime := range chartTypes {
		spec, ok := o.Data[mime]
		if !ok {
			continue
		}
		text, err := json.Marshal(spec)
		return string(text), err == nil
	}
	return "", false
}

// write writes one output.
func (o Output) write(b *bufio.Writer, vega bool) {
	switch {
	case o.Stream != "":
		fmt.Fprintf(b, "<pre class=\"stream %s\">%s</pre>\n", html.EscapeString(o.Stream), ansi(short(overwritten(o.Text))))
		return
	case o.Error:
		fmt.Fprintf(b, "<pre class=\"error\">%s</pre>\n", ansi(short(o.Text)))
		return
	}
	spec, chart := o.chart()
	if chart && vega {
		fmt.Fprintf(b, "<div class=\"chart\"><script type=\"application/json\">%s</script>\n<div>", inScript(spec))
		defer b.WriteString("</div></div>\n")
	}
	for _, f := range forms {
		if value, ok := o.Data[f.mime]; ok {
			f.show(b, o, asText(value))
			return
		}
	}
	fmt.Fprintf(b, "<pre>%s</pre>\n", "an output that has no form for a page")
}

// asText gives text as it is, and all else as JSON.
func asText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// short cuts a text that is too long for a page.
func short(s string) string {
	if len(s) <= longest {
		return s
	}
	return strings.ToValidUTF8(s[:longest], "") + fmt.Sprintf("\n... and %d bytes more, which the notebook has", len(s)-longest)
}

func showText(b *bufio.Writer, _ Output, text string) {
	fmt.Fprintf(b, "<pre>%s</pre>\n", ansi(short(text)))
}

func showLatex(b *bufio.Writer, _ Output, text string) {
	fmt.Fprintf(b, "<div class=\"latex\">%s</div>\n", latex(short(text)))
}

// showHTML trusts the notebook's author; the page's policy keeps it from the network.
func showHTML(b *bufio.Writer, _ Output, text string) {
	fmt.Fprintf(b, "<div class=\"html\">%s</div>\n", text)
}

func showMarkdown(b *bufio.Writer, _ Output, text string) {
	fmt.Fprintf(b, "<div class=\"html\">%s</div>\n", markdown(text, nil))
}

// showSVG shows a picture as a document of its own: what it says when pointed at
// is shown, and its names and styles stay its own.
func showSVG(b *bufio.Writer, o Output, text string) {
	plain, _ := o.Data["text/plain"].(string)
	fmt.Fprintf(b, "<object type=\"image/svg+xml\" data=\"data:image/svg+xml;base64,%s\" aria-label=\"%s\">%s</object>\n",
		base64.StdEncoding.EncodeToString([]byte(text)), html.EscapeString(plain), html.EscapeString(plain))
}

func showImage(mime string) func(*bufio.Writer, Output, string) {
	return func(b *bufio.Writer, o Output, text string) {
		plain, _ := o.Data["text/plain"].(string)
		data := strings.Join(strings.Fields(text), "")
		fmt.Fprintf(b, "<img src=\"data:%s;base64,%s\" alt=\"%s\">\n", mime, html.EscapeString(data), html.EscapeString(plain))
	}
}

// showJSON shows a value as JSON in lines.
func showJSON(b *bufio.Writer, o Output, _ string) {
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(o.Data["application/json"]); err != nil {
		text.WriteString(err.Error())
	}
	showText(b, o, strings.TrimSpace(text.String()))
}
