package check

import (
	"go/scanner"
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A cursor is what the tokens before an offset tell of it. Code that is being
// typed is broken more often than not, so this asks no parser.
type cursor struct {
	open      []frame // brackets around it, outermost first; open[0] is the cell
	inComment bool
	inString  bool
	stringAt  int // inString: offset of the quote
}

// A frame is a bracket that is open, and the statement in it.
type frame struct {
	bracket token.Token
	callee  int         // offset of the identifier before the bracket, or -1
	first   token.Token // first token of the statement, ILLEGAL where there is none yet
}

// look scans code up to its end, the cursor. Magics are to be blanked before.
func look(code string) cursor {
	c := cursor{open: []frame{{token.LBRACE, -1, token.ILLEGAL}}}
	f := token.NewFileSet().AddFile("", -1, len(code))
	broken := -1
	var sc scanner.Scanner
	sc.Init(f, []byte(code), func(at token.Position, _ string) { broken = at.Offset }, scanner.ScanComments)
	ident := -1
	for {
		pos, tok, lit := sc.Scan()
		at := f.Offset(pos)
		switch tok {
		case token.EOF:
			return c
		case token.COMMENT:
			line := strings.HasPrefix(lit, "//")
			c.inComment = line && !strings.Contains(code[at:], "\n") || !line && broken == at
			continue
		case token.STRING, token.CHAR:
			if broken == at && (lit[0] == '`' || !strings.Contains(code[at:], "\n")) {
				c.inString, c.stringAt = true, at
			}
		}
		if tok == token.SEMICOLON && at == len(code) {
			continue // the scanner's own, at the end
		}
		c.token(tok, lit, ident)
		ident = -1
		if tok == token.IDENT {
			ident = at
		}
	}
}

// token follows brackets and statements; ident is the offset of the token before
// where that is an identifier.
func (c *cursor) token(tok token.Token, lit string, ident int) {
	top := &c.open[len(c.open)-1]
	switch tok {
	case token.SEMICOLON:
		header := top.first == token.IF || top.first == token.FOR || top.first == token.SWITCH
		if !header || lit == "\n" {
			top.first = token.ILLEGAL
		}
		return
	case token.COLON:
		if top.first == token.CASE || top.first == token.DEFAULT {
			top.first = token.ILLEGAL
			return
		}
	case token.RPAREN, token.RBRACK, token.RBRACE:
		if len(c.open) > 1 {
			c.open = c.open[:len(c.open)-1]
		}
		return
	}
	if top.first == token.ILLEGAL {
		top.first = tok
	}
	switch tok {
	case token.LPAREN, token.LBRACK, token.LBRACE:
		c.open = append(c.open, frame{tok, ident, token.ILLEGAL})
	}
}

// inImport tells whether the cursor is in an import declaration.
func (c *cursor) inImport() bool {
	for _, f := range c.open {
		if f.first == token.IMPORT {
			return true
		}
	}
	return false
}

// closers gives what makes the code before the cursor whole: the rest of the
// statement it is in, and brackets.
func (c *cursor) closers() string {
	var b strings.Builder
	for i := len(c.open) - 1; i >= 0; i-- {
		switch c.open[i].first {
		case token.GO, token.DEFER:
			if i == len(c.open)-1 {
				b.WriteString("()")
			}
		case token.IF, token.FOR, token.SWITCH, token.SELECT:
			if i == len(c.open)-1 || c.open[i+1].bracket != token.LBRACE {
				b.WriteString("{}")
			}
		case token.CASE:
			b.WriteString(":")
		}
		if i > 0 {
			b.WriteString(map[token.Token]string{token.LPAREN: ")", token.LBRACK: "]", token.LBRACE: "}"}[c.open[i].bracket])
		}
	}
	return b.String()
}

// callee gives the offset of the name of the function in whose call's parentheses
// the cursor is, or -1.
func (c *cursor) callee() int {
	for i := len(c.open) - 1; i > 0; i-- {
		switch f := c.open[i]; {
		case f.bracket == token.LBRACE && f.callee < 0:
			return -1
		case f.bracket == token.LPAREN && f.callee >= 0:
			return f.callee
		}
	}
	return -1
}

// identStart and identEnd give the ends of the identifier around an offset.
func identStart(code string, at int) int {
	for at > 0 {
		r, n := utf8.DecodeLastRuneInString(code[:at])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' {
			break
		}
		at -= n
	}
	return at
}

func identEnd(code string, at int) int {
	for at < len(code) {
		r, n := utf8.DecodeRuneInString(code[at:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' {
			break
		}
		at += n
	}
	return at
}
