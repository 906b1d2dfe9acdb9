package tex

import (
	"fmt"
	"html"
	"strings"
)

// command gives what a command stands for.
func (p *parser) command(name string) (string, error) {
	if sign, ok := symbols[name]; ok {
		return sign, nil
	}
	if width, ok := spaces[name]; ok {
		return space(width), nil
	}
	if sign, ok := accents[name]; ok {
		return p.accent(sign)
	}
	if convert, ok := alphabets[name]; ok {
		return p.letters(convert)
	}
	switch name {
	case `\frac`, `\dfrac`, `\tfrac`, `\cfrac`:
		return p.wrap("mfrac", 2)
	case `\binom`:
		inner, err := p.wrap("mfrac", 2)
		return fenced("(", strings.Replace(inner, "<mfrac>", `<mfrac linethickness="0">`, 1), ")"), err
	case `\sqrt`:
		return p.root()
	case `\mathrm`:
		return p.letters(func(r rune) rune { return r })
	case `\text`, `\textrm`, `\textit`, `\textbf`, `\mbox`:
		text, err := p.text()
		return "<mtext>" + html.EscapeString(text) + "</mtext>", err
	case `\operatorname`:
		text, err := p.text()
		return "<mi>" + html.EscapeString(text) + "</mi>", err
	case `\pmod`:
		arg, err := p.argument()
		return space("1em") + "<mrow>" + operator("(") + "<mi>mod</mi>" + space("0.333em") + arg + operator(")") + "</mrow>", err
	case `\left`:
		return p.fence()
	case `\begin`:
		return p.environment()
	case `\displaystyle`, `\textstyle`, `\nonumber`, `\notag`:
		return "", nil
	}
	return "", fmt.Errorf("unknown command %s", name)
}

// wrap makes an element of the next n things.
func (p *parser) wrap(name string, n int) (string, error) {
	var b strings.Builder
	for range n {
		arg, err := p.argument()
		if err != nil {
			return "", err
		}
		b.WriteString(arg)
	}
	return "<" + name + ">" + b.String() + "</" + name + ">", nil
}

// root reads \sqrt, with [3] for a third one.
func (p *parser) root() (string, error) {
	if p.peek() != "[" {
		return p.wrap("msqrt", 1)
	}
	p.next()
	index, err := p.row("]")
	if err != nil {
		return "", err
	}
	of, err := p.argument()
	return "<mroot>" + of + group(index) + "</mroot>", err
}

// accent puts a sign above or below the next thing.
func (p *parser) accent(a accent) (string, error) {
	arg, err := p.argument()
	sign := `<mo stretchy="` + map[bool]string{true: "true", false: "false"}[a.wide] + `">` + a.sign + "</mo>"
	if a.below {
		return `<munder accentunder="true">` + arg + sign + "</munder>", err
	}
	return `<mover accent="true">` + arg + sign + "</mover>", err
}

// text reads a group as it is written, spaces and all.
func (p *parser) text() (string, error) {
	if p.next() != "{" {
		return "", fmt.Errorf("text without {")
	}
	inner, rest, ok := strings.Cut(p.rest, "}")
	if !ok || strings.ContainsAny(inner, `\{$`) {
		return "", fmt.Errorf("text with commands, or without }")
	}
	p.rest = rest
	return strings.ReplaceAll(inner, " ", "\u00a0"), nil
}

// letters reads a group of letters in another alphabet.
func (p *parser) letters(convert func(rune) rune) (string, error) {
	text, err := "", error(nil)
	if p.peek() == "{" {
		text, err = p.text()
	} else {
		text = p.next()
	}
	if err != nil {
		return "", err
	}
	for _, r := range text {
		if r > 127 || !letter(byte(r)) && !digit(byte(r)) {
			return "", fmt.Errorf("%q in another alphabet", r)
		}
	}
	return `<mi mathvariant="normal">` + strings.Map(convert, text) + "</mi>", nil
}

// fence reads \left up to its \right.
func (p *parser) fence() (string, error) {
	left, err := p.delimiter()
	if err != nil {
		return "", err
	}
	row, err := p.row(`\right`)
	if err != nil {
		return "", err
	}
	right, err := p.delimiter()
	return fenced(left, strings.Join(row, ""), right), err
}

func fenced(left, inner, right string) string {
	edge := func(sign, form string) string {
		if sign == "" {
			return ""
		}
		return `<mo fence="true" stretchy="true" form="` + form + `">` + html.EscapeString(sign) + "</mo>"
	}
	return "<mrow>" + edge(left, "prefix") + inner + edge(right, "postfix") + "</mrow>"
}

// delimiter reads what stands after \left or \right.
func (p *parser) delimiter() (string, error) {
	token := p.next()
	if sign, ok := delimiters[token]; ok {
		return sign, nil
	}
	return "", fmt.Errorf("%q is no bracket", token)
}

// environment reads \begin{NAME} up to its \end: a table.
func (p *parser) environment() (string, error) {
	name, err := p.text()
	if err != nil {
		return "", err
	}
	env, known := environments[strings.TrimSuffix(name, "*")]
	if !known {
		return "", fmt.Errorf("unknown environment %s", name)
	}
	if strings.TrimSuffix(name, "*") == "array" {
		if _, err := p.text(); err != nil { // how columns are aligned
			return "", err
		}
	}
	table, err := p.table()
	if err != nil {
		return "", err
	}
	if end, err := p.text(); err != nil || end != name {
		return "", fmt.Errorf("no \\end{%s}", name)
	}
	open := "<mtable>"
	if env.class != "" {
		open = `<mtable class="` + env.class + `">`
	}
	if env.display {
		open = strings.Replace(open, "<mtable", `<mtable displaystyle="true"`, 1)
	}
	return fenced(env.left, open+table+"</mtable>", env.right), nil
}

// table reads rows up to \end, which it takes.
func (p *parser) table() (string, error) {
	var rows []string
	row, cell := "", ""
	for {
		switch token := p.peek(); token {
		case "":
			return "", fmt.Errorf(`no \end`)
		case "&", `\\`, `\end`:
			p.next()
			row += "<mtd>" + cell + "</mtd>"
			cell = ""
			if _, rest, ok := strings.Cut(p.rest, "]"); ok && token == `\\` && strings.HasPrefix(p.rest, "[") { // how far down
				p.rest = rest
			}
			if token != "&" {
				rows = append(rows, "<mtr>"+row+"</mtr>")
				row = ""
			}
			if token == `\end` {
				if rows[len(rows)-1] == "<mtr><mtd></mtd></mtr>" { // after a last \\
					rows = rows[:len(rows)-1]
				}
				return strings.Join(rows, ""), nil
			}
		case `\hline`:
			p.next()
		default:
			element, err := p.scripted()
			if err != nil {
				return "", err
			}
			cell += element
		}
	}
}
