// Package tex gives formulas in TeX as MathML, which browsers draw by themselves:
// the part of LaTeX's mathematics that notebooks use. What it does not know is an
// error, never a formula that says something else.
// Source: MathML Core; LaTeX2e unofficial reference manual, "Math formulas".
package tex

import (
	"errors"
	"fmt"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// deepest is how far groups may lie in one another.
const deepest = 100

// MathML gives a formula, without the dollars around it; block for one that has
// a line of its own.
func MathML(source string, block bool) (string, error) {
	if !utf8.ValidString(source) || strings.ContainsFunc(source, invisible) {
		return "", errors.New("formula: a character that cannot be shown")
	}
	p := &parser{rest: source}
	row, err := p.row("")
	if err != nil {
		return "", fmt.Errorf("formula: %w", err)
	}
	display := ""
	if block {
		display = ` display="block"`
	}
	return "<math" + display + ">" + group(row) + "</math>", nil
}

func invisible(r rune) bool { return !unicode.IsGraphic(r) && !unicode.IsSpace(r) }

// A parser reads a formula from its start to its end.
type parser struct {
	rest  string
	depth int
}

// next takes a token: a command with its backslash, a number, or a character;
// "" at the end.
func (p *parser) next() string {
	p.rest = strings.TrimLeftFunc(p.rest, unicode.IsSpace)
	n := tokenLength(p.rest)
	token := p.rest[:n]
	p.rest = p.rest[n:]
	if token == "%" { // a comment
		_, p.rest, _ = strings.Cut(p.rest, "\n")
		return p.next()
	}
	return token
}

// peek is next, but that it leaves the token.
func (p *parser) peek() string {
	ahead := *p
	return ahead.next()
}

func tokenLength(s string) int {
	if s == "" {
		return 0
	}
	end := func(from int, in func(byte) bool) int {
		for from < len(s) && in(s[from]) {
			from++
		}
		return from
	}
	switch {
	case s[0] == '\\' && len(s) > 1 && letter(s[1]):
		return end(1, letter)
	case s[0] == '\\' && len(s) > 1:
		_, size := utf8.DecodeRuneInString(s[1:])
		return 1 + size
	case digit(s[0]):
		n := end(0, digit)
		if n+1 < len(s) && s[n] == '.' && digit(s[n+1]) {
			n = end(n+1, digit)
		}
		return n
	}
	_, size := utf8.DecodeRuneInString(s)
	return size
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }

// row reads up to the token end, which it takes: elements one after the other.
func (p *parser) row(end string) (elements []string, err error) {
	for {
		token := p.peek()
		if token == end {
			p.next()
			return elements, nil
		}
		if token == "" {
			return nil, fmt.Errorf("no %s", end)
		}
		element, err := p.scripted()
		if err != nil {
			return nil, err
		}
		elements = append(elements, element)
	}
}

// group makes one element of several.
func group(elements []string) string {
	if len(elements) == 1 {
		return elements[0]
	}
	return "<mrow>" + strings.Join(elements, "") + "</mrow>"
}

// scripted reads an element with what is above and below it.
func (p *parser) scripted() (string, error) {
	base, limits := "<mrow></mrow>", false
	if t := p.peek(); t != "_" && t != "^" && t != "'" {
		var err error
		limits = large[t] || strings.HasPrefix(t, `\under`) || strings.HasPrefix(t, `\overbrace`)
		if base, err = p.element(); err != nil {
			return "", err
		}
	}
	var below, above string
	for {
		var err error
		switch t := p.peek(); {
		case t == `\limits` || t == `\nolimits`:
			p.next()
			limits = t == `\limits`
		case t == "'":
			p.next()
			above += `<mo lspace="0" rspace="0">′</mo>`
		case t == "_" && below == "":
			p.next()
			below, err = p.argument()
		case t == "^":
			p.next()
			var more string
			more, err = p.argument()
			if above += more; above != more {
				above = "<mrow>" + above + "</mrow>"
			}
		case t == "_":
			return "", fmt.Errorf("two subscripts of one thing")
		default:
			return scripts(base, below, above, limits), nil
		}
		if err != nil {
			return "", err
		}
	}
}

func scripts(base, below, above string, limits bool) string {
	name := map[bool]string{false: "sub sup subsup", true: "under over underover"}[limits]
	names := strings.Fields(name)
	if strings.Count(above, "′") > 1 && !strings.HasPrefix(above, "<mrow>") {
		above = "<mrow>" + above + "</mrow>"
	}
	switch {
	case below != "" && above != "":
		return "<m" + names[2] + ">" + base + below + above + "</m" + names[2] + ">"
	case below != "":
		return "<m" + names[0] + ">" + base + below + "</m" + names[0] + ">"
	case above != "":
		return "<m" + names[1] + ">" + base + above + "</m" + names[1] + ">"
	}
	return base
}

// argument is element, but that of a number it takes one digit, as TeX does: \frac12
// is a half.
func (p *parser) argument() (string, error) {
	if t := p.peek(); t != "" && digit(t[0]) {
		p.next()
		p.rest = t[1:] + p.rest
		return "<mn>" + t[:1] + "</mn>", nil
	}
	return p.element()
}

// element reads one thing: a group, a command with its arguments, a number, or a
// character.
func (p *parser) element() (string, error) {
	if p.depth++; p.depth > deepest {
		return "", fmt.Errorf("more than %d groups in one another", deepest)
	}
	defer func() { p.depth-- }()
	token := p.next()
	switch {
	case token == "":
		return "", fmt.Errorf("something is missing at the end")
	case token == "{":
		row, err := p.row("}")
		return group(row), err
	case strings.ContainsAny(token, "}&$#^_") && len(token) == 1:
		return "", fmt.Errorf("%s stands where it cannot", token)
	case token[0] == '\\':
		return p.command(token)
	case digit(token[0]):
		return "<mn>" + token + "</mn>", nil
	case token == "-":
		return "<mo>−</mo>", nil
	case token == "~":
		return space("0.333em"), nil
	}
	r, _ := utf8.DecodeRuneInString(token)
	if unicode.IsLetter(r) {
		return "<mi>" + token + "</mi>", nil
	}
	return operator(token), nil
}

// operator is a sign as it is written; brackets grow with what is between them
// by \left and \right alone.
func operator(sign string) string {
	attribute := ""
	if strings.ContainsAny(sign, "()[]{}|‖/⟨⟩⌈⌉⌊⌋") {
		attribute = ` stretchy="false"`
	}
	return "<mo" + attribute + ">" + html.EscapeString(sign) + "</mo>"
}

func space(width string) string { return `<mspace width="` + width + `"></mspace>` }
