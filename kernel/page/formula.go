package page

import (
	"bytes"
	"html"
	"regexp"
	"strings"

	"interleave/kernel/page/tex"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// showFormula gives a formula without the dollars around it; one that cannot be
// drawn as its source, marked as such.
func showFormula(source string, block bool) string {
	shown, err := tex.MathML(source, block)
	if err == nil {
		return shown
	}
	around := "$"
	if block {
		around = "$$"
	}
	return `<code class="tex" title="` + html.EscapeString(err.Error()) + `">` + html.EscapeString(around+strings.TrimSpace(source)+around) + "</code>"
}

// inLatex are the formulas of an output in LaTeX; what is around them is text.
var inLatex = regexp.MustCompile(`(?s)\$\$(.+?)\$\$|\\\[(.+?)\\\]|(\\begin\{.+\\end\{[^}]*\})|\$(.+?)\$|\\\((.+?)\\\)`)

func latex(source string) string {
	var b strings.Builder
	done := 0
	for _, m := range inLatex.FindAllStringSubmatchIndex(source, -1) {
		b.WriteString(html.EscapeString(source[done:m[0]]))
		done = m[1]
		for i := 1; i < len(m)/2; i++ {
			if m[2*i] >= 0 {
				b.WriteString(showFormula(source[m[2*i]:m[2*i+1]], i <= 3))
			}
		}
	}
	return b.String() + html.EscapeString(source[done:])
}

// formulas reads $...$, $$...$$ and \begin{...} in Markdown, as JupyterLab does, but
// that $5 and $6 stays what it is: within one, a dollar touches what it encloses.
var formulas = []goldmark.Option{
	goldmark.WithParserOptions(
		parser.WithInlineParsers(util.Prioritized(inlineFormula{}, 150)), // before emphasis
		parser.WithBlockParsers(util.Prioritized(blockFormula{}, 150)),   // before lists and headings
	),
	goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(formulaRenderer{}, 100))),
}

var (
	kindFormula      = ast.NewNodeKind("Formula")
	kindFormulaBlock = ast.NewNodeKind("FormulaBlock")
)

// A formula stands in a line of text.
type formula struct {
	ast.BaseInline
	source string
	block  bool
}

func (*formula) Kind() ast.NodeKind              { return kindFormula }
func (n *formula) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// A formulaBlock has lines of its own, dollars included.
type formulaBlock struct {
	ast.BaseBlock
	end  string // what its last line ends with
	done bool
}

func (*formulaBlock) Kind() ast.NodeKind              { return kindFormulaBlock }
func (*formulaBlock) IsRaw() bool                     { return true }
func (n *formulaBlock) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

type inlineFormula struct{}

func (inlineFormula) Trigger() []byte { return []byte{'$'} }

// Parse reads a formula from its first dollar; nil where none ends in the paragraph.
func (inlineFormula) Parse(_ ast.Node, in text.Reader, _ parser.Context) ast.Node {
	line, from := in.Position()
	first, _ := in.PeekLine()
	dollars := 1
	if bytes.HasPrefix(first, []byte("$$")) {
		dollars = 2
	}
	in.Advance(dollars)
	var source []byte
	for {
		rest, _ := in.PeekLine()
		if rest == nil {
			in.SetPosition(line, from)
			return nil
		}
		at := closing(rest, dollars)
		if at < 0 {
			source = append(source, rest...)
			in.AdvanceLine()
			continue
		}
		source = append(source, rest[:at]...)
		after := rest[at+dollars:]
		if dollars == 1 && (!touches(source) || len(after) > 0 && after[0] >= '0' && after[0] <= '9') || len(bytes.TrimSpace(source)) == 0 {
			in.SetPosition(line, from)
			return nil
		}
		in.Advance(at + dollars)
		return &formula{source: string(source), block: dollars == 2}
	}
}

// closing is where so many dollars stand that no backslash escapes; -1 for nowhere.
func closing(line []byte, dollars int) int {
	for i := 0; i+dollars <= len(line); i++ {
		switch {
		case line[i] == '\\':
			i++
		case line[i] == '$' && line[i+dollars-1] == '$':
			return i
		}
	}
	return -1
}

// touches tells whether no space stands at the edges.
func touches(source []byte) bool { return len(bytes.TrimSpace(source)) == len(source) }

type blockFormula struct{}

func (blockFormula) Trigger() []byte { return []byte{'$', '\\'} }

var begins = regexp.MustCompile(`^ {0,3}(?:(\$\$)|\\begin(\{[a-zA-Z]+\*?\}))`)

func (blockFormula) Open(_ ast.Node, in text.Reader, _ parser.Context) (ast.Node, parser.State) {
	line, segment := in.PeekLine()
	m := begins.FindSubmatch(line)
	if m == nil {
		return nil, parser.NoChildren
	}
	n := &formulaBlock{end: "$$"}
	if m[2] != nil {
		n.end = `\end` + string(m[2])
	}
	if m[1] != nil {
		inner := bytes.TrimSpace(line)[2:]
		if at := closing(inner, 2); at >= 0 {
			if len(bytes.TrimSpace(inner[at+2:])) > 0 {
				return nil, parser.NoChildren // text goes on after it
			}
			n.done = true
		}
	} else {
		n.done = bytes.HasSuffix(bytes.TrimSpace(line), []byte(n.end))
	}
	n.Lines().Append(segment)
	in.AdvanceToEOL()
	return n, parser.NoChildren
}

func (blockFormula) Continue(node ast.Node, in text.Reader, _ parser.Context) parser.State {
	n := node.(*formulaBlock)
	line, segment := in.PeekLine()
	if n.done || util.IsBlank(line) {
		return parser.Close
	}
	n.Lines().Append(segment)
	in.AdvanceToEOL()
	n.done = bytes.HasSuffix(bytes.TrimSpace(line), []byte(n.end))
	return parser.Continue | parser.NoChildren
}

func (blockFormula) Close(ast.Node, text.Reader, parser.Context) {}
func (blockFormula) CanInterruptParagraph() bool                 { return true }
func (blockFormula) CanAcceptIndentedLine() bool                 { return false }

type formulaRenderer struct{}

func (formulaRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(kindFormula, func(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			n := node.(*formula)
			w.WriteString(showFormula(n.source, n.block))
		}
		return ast.WalkContinue, nil
	})
	r.Register(kindFormulaBlock, func(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			lines := strings.TrimSpace(string(node.Lines().Value(source)))
			w.WriteString("<p>" + showFormula(strings.TrimSuffix(strings.TrimPrefix(lines, "$$"), "$$"), true) + "</p>\n")
		}
		return ast.WalkContinue, nil
	})
}
