package cell

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
)

// What go/parser gets before and after a cell's text. It takes a comment on the
// line of another token for that token's, so the text has its first line to itself.
const (
	filePrefix = "package p\n"
	bodyPrefix = "package p\nfunc _() {\n"
	bodySuffix = "\n}"
)

// importsFirst is go/parser's complaint of an import below a declaration.
const importsFirst = "imports must appear before other declarations"

// Parse parses the source of cell n. An error is an *Errors; the cell is then
// partial, as far as the parser came, and never nil.
func Parse(n int, src string) (*Cell, error) {
	c, s := parse(n, src)
	if len(s.errs) == 0 {
		return c, nil
	}
	list := make([]Diagnostic, len(s.errs))
	for i, e := range s.errs {
		list[i] = c.Diagnostic(c.Pos(e.off), e.msg)
	}
	return c, NewErrors(src, list)
}

func parse(n int, src string) (*Cell, *splitter) {
	s := split(src)
	c := &Cell{N: n, Src: src, Code: string(s.code), Package: s.pkg, Magics: s.magics}
	c.Fset, c.file = newFile(n, src)
	for i := range c.Magics {
		c.Magics[i].N, c.Magics[i].Src = n, src
	}
	body := []byte(c.Code)
	for _, at := range s.strays {
		body[at] = ' '
	}
	if len(s.cuts) > 0 {
		decls := []byte(c.Code)
		blank(decls)
		for _, cut := range s.cuts {
			copy(decls[cut.from:cut.to], body[cut.from:cut.to])
			blank(body[cut.from:cut.to])
		}
		s.decls(c, decls)
	}
	if strings.TrimSpace(string(body)) != "" {
		s.body(c, body)
	}
	slices.SortStableFunc(c.Items, func(a, b Item) int { return cmp.Compare(a.Node.Pos(), b.Node.Pos()) })
	c.Own = len(c.Items)
	slices.SortStableFunc(s.errs, func(a, b fault) int { return a.off - b.off })
	return c, s
}

// decls parses imports and functions, everything else being blank.
func (s *splitter) decls(c *Cell, text []byte) {
	f := s.parseFile(c, filePrefix, text, "")
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			c.Items = append(c.Items, Item{d})
		case *ast.GenDecl:
			c.addImports(d)
		}
	}
}

func (c *Cell) addImports(d *ast.GenDecl) {
	for _, spec := range d.Specs {
		is, ok := spec.(*ast.ImportSpec)
		if !ok {
			continue
		}
		if is.Doc == nil && len(d.Specs) == 1 {
			is.Doc = d.Doc
		}
		c.Imports = append(c.Imports, is)
	}
}

// body parses the statements, as the body of a function.
func (s *splitter) body(c *Cell, text []byte) {
	f := s.parseFile(c, bodyPrefix, text, bodySuffix)
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil || c.Has(fn.Pos()) {
			continue
		}
		for _, stmt := range fn.Body.List {
			switch stmt := stmt.(type) {
			case *ast.EmptyStmt:
			case *ast.DeclStmt:
				c.Items = append(c.Items, Item{stmt.Decl})
			default:
				c.Items = append(c.Items, Item{stmt})
			}
		}
	}
}

// parseFile parses prefix+text+suffix so that a node at byte i of text has the
// position c.Pos(i): the file begins len(prefix) positions before the cell's.
func (s *splitter) parseFile(c *Cell, prefix string, text []byte, suffix string) *ast.File {
	fset := token.NewFileSet()
	fset.AddFile("", c.file.Base()-len(prefix)-1, 0)
	src := make([]byte, 0, len(prefix)+len(text)+len(suffix))
	src = append(append(append(src, prefix...), text...), suffix...)
	f, err := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
	list, _ := err.(scanner.ErrorList)
	atEnd := false
	for _, e := range list {
		off, msg := e.Pos.Offset-len(prefix), e.Msg
		if msg == importsFirst && s.pkg == "" {
			continue // in a cell they may stand anywhere; the parser has taken it
		}
		if off >= len(text) { // in the suffix, which the user did not type
			if atEnd || len(s.errs) > 0 && len(s.open) == 0 { // a consequence
				continue
			}
			atEnd = true
			msg = strings.Replace(msg, "found '}'", "found 'EOF'", 1)
		}
		s.errs = append(s.errs, fault{min(max(off, 0), len(text)), compilers(msg)})
	}
	return f
}
