package cell

import (
	"go/ast"
	"go/scanner"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// An Embed is a variable at the top level of a cell that has its value from files:
// one below a directive //go:embed.
type Embed struct {
	Spec     *ast.ValueSpec // of one name, with a type and without a value
	Patterns []Pattern
	At       token.Pos // of the first directive
}

// A Pattern is an argument of a directive //go:embed.
type Pattern struct {
	Text    string
	At, End token.Pos // quotation marks included
}

// Embeds lists the cell's variables that have their values from files. The
// diagnostics are what the Go compiler says of directives, and in its words, but for
// the types of the variables and the import of package embed.
func (c *Cell) Embeds() (list []Embed, wrong []Diagnostic) {
	directives, wrong := c.directives()
	if len(directives) == 0 {
		return nil, wrong
	}
	specs := c.specs()
	for _, d := range directives {
		s, ok := specs[d.before]
		refuse := func(msg string) { wrong = append(wrong, c.Diagnostic(d.at, msg)) }
		switch {
		case !ok:
			refuse("misplaced go:embed directive")
		case s.older:
		case len(s.spec.Names) > 1:
			refuse("go:embed cannot apply to multiple vars")
		case s.spec.Values != nil:
			refuse("go:embed cannot apply to var with initializer")
		case s.inside:
			refuse("go:embed cannot apply to var inside func")
		default:
			i := slices.IndexFunc(list, func(e Embed) bool { return e.Spec == s.spec })
			if i < 0 {
				i, list = len(list), append(list, Embed{Spec: s.spec, At: d.at})
			}
			list[i].Patterns = append(list[i].Patterns, d.patterns...)
		}
	}
	return list, wrong
}

// A directive is a comment //go:embed.
type directive struct {
	patterns []Pattern
	at       token.Pos
	before   token.Pos // where the next token stands
}

// directives finds the comments //go:embed.
func (c *Cell) directives() (list []directive, wrong []Diagnostic) {
	if !strings.Contains(c.Code, "//go:embed") {
		return nil, nil
	}
	text := []byte(c.Code)
	var s scanner.Scanner
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(text))
	s.Init(file, text, func(token.Position, string) {}, scanner.ScanComments)
	first := 0 // of list, that no token follows yet
	for {
		p, tok, lit := s.Scan()
		at := c.Pos(file.Offset(p))
		switch {
		case tok == token.COMMENT:
			d, ok := ast.ParseDirective(at, lit)
			if !ok || d.Tool != "go" || d.Name != "embed" {
				continue
			}
			args, err := d.ParseArgs()
			if err != nil || len(args) == 0 {
				msg := "usage: //go:embed pattern..."
				if err != nil {
					msg = "invalid quoted string in //go:embed: " + d.Args
				}
				wrong = append(wrong, c.Diagnostic(at, msg))
				continue
			}
			found := directive{at: at, before: token.NoPos}
			for _, a := range args {
				found.patterns = append(found.patterns, Pattern{a.Arg, a.Pos, c.argumentEnd(a)})
			}
			list = append(list, found)
		case tok == token.SEMICOLON && lit == "\n": // not in the source
		default:
			for ; first < len(list); first++ {
				list[first].before = at
			}
			if tok == token.EOF {
				return list, wrong
			}
		}
	}
}

// argumentEnd gives where an argument of a directive ends.
func (c *Cell) argumentEnd(a ast.DirectiveArg) token.Pos {
	from := c.Offset(a.Pos)
	length := len(a.Arg)
	if quote := c.Src[from]; quote == '"' || quote == '`' {
		quoted, _ := strconv.QuotedPrefix(c.Src[from:]) // it was parsed before
		length = len(quoted)
	}
	return c.Pos(from + length)
}

// A place is that of a variable declaration.
type place struct {
	spec   *ast.ValueSpec
	inside bool // of a function
	older  bool // it extends the cell
}

// specs finds the variable declarations, by the position that a directive stands before.
func (c *Cell) specs() map[token.Pos]place {
	out := map[token.Pos]place{}
	for i, it := range c.Items {
		ast.Inspect(it.Node, func(n ast.Node) bool {
			d, ok := n.(*ast.GenDecl)
			if !ok || d.Tok != token.VAR {
				return true
			}
			for _, s := range d.Specs {
				at := s.Pos()
				if !d.Lparen.IsValid() {
					at = d.Pos()
				}
				out[at] = place{s.(*ast.ValueSpec), ast.Node(d) != it.Node, i >= c.Own}
			}
			return true
		})
	}
	return out
}
