package page

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
)

// sequence is an escape sequence of a terminal; m ends those that set colours.
// Source: ECMA-48, 5.4.
var sequence = regexp.MustCompile("\x1b\\[([0-9;:]*)[ -/]*([@-~])|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|\x1b[^\\[\\]]?")

// A style is what is set for the text that follows.
type style struct {
	bold, faint, italic, underline, inverse bool
	fore, back                              string // CSS colours; empty: the page's
}

// ansi gives a terminal's text as HTML.
func ansi(text string) string {
	var out strings.Builder
	var now style
	done := 0
	for _, m := range sequence.FindAllStringSubmatchIndex(text, -1) {
		now.span(&out, text[done:m[0]])
		done = m[1]
		if m[2] >= 0 && text[m[4]:m[5]] == "m" {
			now.set(text[m[2]:m[3]])
		}
	}
	now.span(&out, text[done:])
	return out.String()
}

// span writes text in the style.
func (s style) span(out *strings.Builder, text string) {
	if text == "" {
		return
	}
	css := s.css()
	if css == "" {
		out.WriteString(html.EscapeString(text))
		return
	}
	fmt.Fprintf(out, `<span style="%s">%s</span>`, css, html.EscapeString(text))
}

func (s style) css() string {
	if s.inverse {
		s.fore, s.back = orElse(s.back, "var(--back)"), orElse(s.fore, "var(--fore)")
	}
	var parts []string
	for _, p := range []struct {
		on  bool
		css string
	}{
		{s.bold, "font-weight:bold"}, {s.faint, "opacity:.7"}, {s.italic, "font-style:italic"}, {s.underline, "text-decoration:underline"},
		{s.fore != "", "color:" + s.fore}, {s.back != "", "background:" + s.back},
	} {
		if p.on {
			parts = append(parts, p.css)
		}
	}
	return strings.Join(parts, ";")
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// set changes the style by the parameters of a sequence that ends with m.
// Source: ECMA-48, 8.3.117; xterm's control sequences for 38 and 48.
func (s *style) set(parameters string) {
	list := strings.FieldsFunc(parameters, func(r rune) bool { return r == ';' || r == ':' })
	if len(list) == 0 {
		*s = style{}
	}
	for i := 0; i < len(list); i++ {
		n, _ := strconv.Atoi(list[i])
		switch {
		case n == 0:
			*s = style{}
		case n == 1:
			s.bold = true
		case n == 2:
			s.faint = true
		case n == 3:
			s.italic = true
		case n == 4:
			s.underline = true
		case n == 7:
			s.inverse = true
		case n == 22:
			s.bold, s.faint = false, false
		case n == 23:
			s.italic = false
		case n == 24:
			s.underline = false
		case n == 27:
			s.inverse = false
		case n == 38 || n == 48:
			colour, used := extended(list[i+1:])
			i += used
			if n == 38 {
				s.fore = colour
			} else {
				s.back = colour
			}
		default:
			s.basic(n)
		}
	}
}

// basic sets one of the sixteen colours, or the page's own.
func (s *style) basic(n int) {
	switch {
	case n >= 30 && n <= 37:
		s.fore = indexed(n - 30)
	case n >= 90 && n <= 97:
		s.fore = indexed(n - 90 + 8)
	case n == 39:
		s.fore = ""
	case n >= 40 && n <= 47:
		s.back = indexed(n - 40)
	case n >= 100 && n <= 107:
		s.back = indexed(n - 100 + 8)
	case n == 49:
		s.back = ""
	}
}

// extended reads 5;INDEX or 2;RED;GREEN;BLUE, and tells how many parameters that were.
func extended(list []string) (colour string, used int) {
	number := func(i int) int { n, _ := strconv.Atoi(list[i]); return min(n, 255) }
	switch {
	case len(list) >= 2 && list[0] == "5":
		return indexed(number(1)), 2
	case len(list) >= 4 && list[0] == "2":
		return fmt.Sprintf("rgb(%d,%d,%d)", number(1), number(2), number(3)), 4
	}
	return "", len(list)
}

// indexed is one of 256 colours. The first sixteen are the page's, so that they
// can be read on light and on dark.
func indexed(n int) string {
	switch {
	case n < 16:
		return fmt.Sprintf("var(--ansi-%d)", n)
	case n < 232:
		level := func(i int) int { return []int{0, 95, 135, 175, 215, 255}[i%6] }
		n -= 16
		return fmt.Sprintf("rgb(%d,%d,%d)", level(n/36), level(n/6), level(n))
	}
	grey := 8 + 10*(n-232)
	return fmt.Sprintf("rgb(%d,%d,%d)", grey, grey, grey)
}

// overwritten gives what a terminal shows in the end of lines that are written
// over after a carriage return, as progress bars are.
func overwritten(text string) string {
	if !strings.Contains(text, "\r") {
		return text
	}
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		line = strings.TrimRight(line, "\r")
		lines[i] = line[strings.LastIndexByte(line, '\r')+1:]
	}
	return strings.Join(lines, "\n")
}
