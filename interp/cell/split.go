package cell

import (
	"go/scanner"
	"go/token"
	"regexp"
	"strings"
)

// A tok is one token of the source, with its byte offsets.
type tok struct {
	tok      token.Token
	off, end int
	lit      string
}

// A span is a stretch of source, in byte offsets.
type span struct{ from, to int }

// A splitter scans the tokens of a cell and finds what go/parser cannot take in
// a function body: magics, the package clause, imports, function declarations.
type splitter struct {
	src    string
	code   []byte // src with magics and package clause blanked
	pkg    string
	magics []Magic
	cuts   []span // imports and function declarations, with the comments before them
	strays []int  // closing braces without an opening one
	errs   []fault

	first    bool  // no statement has been seen
	stmt     []tok // tokens of the statement being read
	comments []span
	open     []token.Token // brackets that are open
	last     tok           // the last token that is not a comment or an automatic semicolon
	bodyless bool          // the last statement was a function declaration without a body
}

// A fault is an error at a byte offset.
type fault struct {
	off int
	msg string
}

func split(src string) *splitter {
	s := &splitter{src: src, code: []byte(src), first: true}
	if strings.HasPrefix(src, "\ufeff") {
		blank(s.code[:len("\ufeff")])
	}
	for from := 0; from < len(src); {
		from = s.scan(from)
	}
	s.endStatement(tok{off: len(src), end: len(src)})
	return s
}

// scan reads tokens from an offset, up to the end or past a magic. It returns
// the offset where scanning goes on: a magic is no Go, so the scanner starts
// anew behind it.
func (s *splitter) scan(from int) int {
	f := token.NewFileSet().AddFile("", -1, len(s.src)-from)
	var sc scanner.Scanner
	sc.Init(f, s.code[from:], nil, scanner.ScanComments)
	for {
		pos, kind, lit := sc.Scan()
		t := tok{tok: kind, off: from + f.Offset(pos), lit: lit}
		t.end = t.off + len(lit)
		if lit == "" {
			t.end = t.off + len(kind.String())
		}
		switch {
		case kind == token.EOF:
			return len(s.src)
		case kind == token.COMMENT:
			s.comment(t.off)
		case s.isMagic(t):
			return s.magic(t.off)
		default:
			s.token(t)
		}
	}
}

// comment keeps a comment that has its line to itself, as it may be the doc
// comment of what follows. Its end is looked up, as the scanner drops \r.
func (s *splitter) comment(off int) {
	line := s.src[strings.LastIndexByte(s.src[:off], '\n')+1 : off]
	if strings.TrimSpace(line) != "" {
		return
	}
	end, mark := len(s.src), "\n"
	if strings.HasPrefix(s.src[off:], "/*") {
		mark = "*/"
	}
	if i := strings.Index(s.src[off+2:], mark); i >= 0 {
		end = off + 2 + i + len(mark)
	}
	s.comments = append(s.comments, span{off, end})
}

// isMagic tells whether t begins a magic: % or ! in the first column where a
// statement could start, or a question.
func (s *splitter) isMagic(t tok) bool {
	if len(s.stmt) > 0 || len(s.open) > 0 || t.off > 0 && s.src[t.off-1] != '\n' {
		return false
	}
	switch t.tok {
	case token.REM, token.REM_ASSIGN, token.NOT, token.NEQ:
		return true
	case token.IDENT, token.ILLEGAL:
		line, _, _ := strings.Cut(s.src[t.off:], "\n")
		_, ok := questioned(line)
		return ok
	}
	return false
}

// question asks for the documentation of a name: "fmt.Println?" or "?fmt.Println"; two
// marks ask for more.
var question = regexp.MustCompile(`^(\?{0,2})([\pL_][\pL\p{Nd}_.]*)(\?{0,2})\s*$`)

// questioned makes a magic of a question; a plain name is none.
func questioned(line string) (m Magic, ok bool) {
	parts := question.FindStringSubmatch(line)
	if parts == nil || parts[1]+parts[3] == "" {
		return m, false
	}
	marks := parts[1] + parts[3]
	return Magic{Name: marks[:min(2, len(marks))], Args: parts[2]}, true
}

// magic takes the magic at an offset and returns where the next line starts.
func (s *splitter) magic(off int) int {
	rest := s.src[off:]
	line, body, more := strings.Cut(rest, "\n")
	end := off + len(line)
	m, asked := questioned(line)
	m.Line = 1 + strings.Count(s.src[:off], "\n")
	switch {
	case asked:
	case line[0] == '!':
		m.Name, m.Args = "!", strings.TrimSpace(line[1:])
	default:
		m.Cell = strings.HasPrefix(line, "%%")
		name := strings.TrimSpace(strings.TrimLeft(line, "%"))
		if i := strings.IndexAny(name, " \t"); i >= 0 {
			name, m.Args = name[:i], strings.TrimSpace(name[i:])
		}
		m.Name = name
	}
	if m.Cell {
		m.Body, end = body, len(s.src)
	}
	blank(s.code[off:end])
	s.magics = append(s.magics, m)
	s.first, s.comments = false, nil
	if more && !m.Cell {
		end++
	}
	return end
}

// token takes one token of Go into the statement being read.
func (s *splitter) token(t tok) {
	if s.bodyless && len(s.stmt) == 0 && t.tok == token.LBRACE {
		s.errs = append(s.errs, fault{t.off, "unexpected semicolon or newline before {"})
	}
	s.bodyless = false
	switch t.tok {
	case token.LPAREN, token.LBRACK, token.LBRACE:
		s.open = append(s.open, t.tok)
	case token.RPAREN, token.RBRACK, token.RBRACE:
		if n := len(s.open); n > 0 {
			s.open = s.open[:n-1]
		} else if t.tok == token.RBRACE {
			s.errs = append(s.errs, fault{t.off, "unexpected }"})
			s.strays = append(s.strays, t.off)
		}
	case token.SEMICOLON:
		if len(s.open) == 0 {
			s.endStatement(t)
		}
		if t.lit != "\n" {
			s.last = t
		}
		return
	}
	s.last = t
	s.stmt = append(s.stmt, t)
}

// endStatement decides what the statement that ends before t was.
func (s *splitter) endStatement(t tok) {
	stmt, comments, first := s.stmt, s.comments, s.first
	s.stmt, s.comments = s.stmt[:0], s.comments[:0]
	if len(stmt) == 0 {
		return
	}
	s.first = false
	cut := span{stmt[0].off, t.off}
	if t.lit == ";" {
		cut.to = t.end
	}
	switch {
	case stmt[0].tok == token.PACKAGE && first && len(stmt) == 2 && stmt[1].tok == token.IDENT:
		s.pkg = stmt[1].lit
		blank(s.code[cut.from:cut.to])
	case stmt[0].tok == token.IMPORT, isFuncDecl(stmt):
		s.cuts = append(s.cuts, before(comments, cut.from)...)
		s.cuts = append(s.cuts, cut)
		s.bodyless = stmt[0].tok == token.FUNC && stmt[len(stmt)-1].tok != token.RBRACE
	}
}

// before gives the comments that lie wholly before an offset: those inside a
// declaration are cut with it.
func before(comments []span, off int) []span {
	for i, c := range comments {
		if c.to > off {
			return comments[:i]
		}
	}
	return comments
}

// isFuncDecl tells a declaration, "func name" or "func (recv) name(", from a
// function literal.
func isFuncDecl(stmt []tok) bool {
	if len(stmt) < 2 || stmt[0].tok != token.FUNC {
		return false
	}
	if stmt[1].tok == token.IDENT {
		return true
	}
	depth := 0
	for i, t := range stmt[1:] {
		switch t.tok {
		case token.LPAREN:
			depth++
		case token.RPAREN:
			depth--
		}
		if depth == 0 {
			rest := stmt[i+2:]
			return len(rest) >= 2 && rest[0].tok == token.IDENT && rest[1].tok == token.LPAREN
		}
	}
	return false
}

// blank overwrites b with spaces; ends of lines stay.
func blank(b []byte) {
	for i, c := range b {
		if c != '\n' {
			b[i] = ' '
		}
	}
}
