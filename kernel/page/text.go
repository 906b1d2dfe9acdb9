package page

import (
	"bytes"
	"go/scanner"
	"go/token"
	"html"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	render "github.com/yuin/goldmark/renderer/html"
)

// markdown gives source as HTML: CommonMark with tables, task lists and the like,
// HTML and formulas in it, as front-ends show it. Go in fences is highlighted.
func markdown(source string, attachments map[string]string) string {
	for name, data := range attachments {
		source = strings.ReplaceAll(source, "attachment:"+name, data)
	}
	convert := goldmark.New(append(formulas,
		goldmark.WithExtensions(extension.GFM, extension.Footnote),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(render.WithUnsafe()),
		fences,
	)...)
	var b bytes.Buffer
	if err := convert.Convert([]byte(source), &b); err != nil {
		return "<pre>" + html.EscapeString(source) + "</pre>\n"
	}
	return b.String()
}

// highlight gives Go as HTML, its tokens in spans. Text that is no Go, such as a
// magic, stays as it is: no byte is lost whatever the scanner says.
func highlight(source string) string {
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(source))
	var s scanner.Scanner
	s.Init(file, []byte(source), func(token.Position, string) {}, scanner.ScanComments)
	var out strings.Builder
	done := 0
	for {
		pos, tok, literal := s.Scan()
		class := class(tok, literal)
		at := file.Offset(pos)
		if tok == token.EOF {
			break
		}
		end := at + len(literal)
		if class == "" || at < done || end > len(source) || source[at:end] != literal {
			continue // what it is made of comes with the next
		}
		out.WriteString(html.EscapeString(source[done:at]))
		out.WriteString(`<span class="` + class + `">` + html.EscapeString(literal) + `</span>`)
		done = end
	}
	return out.String() + html.EscapeString(source[done:])
}

// class is the style of a token; "" for none.
func class(tok token.Token, literal string) string {
	switch {
	case tok == token.COMMENT:
		return "c"
	case tok == token.STRING || tok == token.CHAR:
		return "s"
	case tok == token.INT || tok == token.FLOAT || tok == token.IMAG:
		return "n"
	case tok.IsKeyword():
		return "k"
	case tok == token.IDENT && predeclared[literal]:
		return "p"
	}
	return ""
}

// predeclared are names that Go has without an import.
// Source: the language's specification, predeclared identifiers.
var predeclared = func() map[string]bool {
	names := map[string]bool{}
	for name := range strings.FieldsSeq(`any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64
		rune string uint uint8 uint16 uint32 uint64 uintptr true false iota nil append cap clear close complex copy delete imag len
		make max min new panic print println real recover`) {
		names[name] = true
	}
	return names
}()
