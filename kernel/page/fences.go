package page

import (
	"html"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// fences highlights the fenced blocks of Markdown that are Go.
var fences = goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(fence{}, 100)))

type fence struct{}

func (f fence) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindFencedCodeBlock, f.render)
}

func (fence) render(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	block := n.(*ast.FencedCodeBlock)
	text := string(block.Lines().Value(source))
	shown := html.EscapeString(text)
	if language := string(block.Language(source)); language == "go" || language == "golang" {
		shown = highlight(text)
	}
	_, err := w.WriteString("<pre><code>" + shown + "</code></pre>\n")
	return ast.WalkContinue, err
}
