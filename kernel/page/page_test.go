package page

import (
	"html"
	"regexp"
	"strings"
	"testing"
)

func TestANSI(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"plain <b>", "plain &lt;b&gt;"},
		{"\x1b[31mred\x1b[0m.", `<span style="color:var(--ansi-1)">red</span>.`},
		{"\x1b[1;4;92mx\x1b[22my\x1b[mz", `<span style="font-weight:bold;text-decoration:underline;color:var(--ansi-10)">x</span><span style="text-decoration:underline;color:var(--ansi-10)">y</span>z`},
		{"\x1b[7mx\x1b[27;3my\x1b[23mz", `<span style="color:var(--back);background:var(--fore)">x</span><span style="font-style:italic">y</span>z`},
		{"\x1b[38;5;208;48;2;1;2;999mx\x1b[39;49my", `<span style="color:rgb(255,135,0);background:rgb(1,2,255)">x</span>y`},
		{"\x1b[38;5;244;2mx", `<span style="opacity:.7;color:rgb(128,128,128)">x</span>`},
		{"\x1b[41;101mx\x1b[38mz", `<span style="background:var(--ansi-9)">x</span><span style="background:var(--ansi-9)">z</span>`},
		{"a\x1b[2Kb\x1b[10;5Hc\x1b]0;title\x07d\x1b(e", "abcde"},
		{"cut off \x1b[3", "cut off [3"},
	} {
		if got := ansi(test.text); got != test.want {
			t.Errorf("%q:\n%s, want\n%s", test.text, got, test.want)
		}
	}
}

func TestOverwritten(t *testing.T) {
	for text, want := range map[string]string{
		"a\nb": "a\nb", "10%\r50%\r100%\nx": "100%\nx", "a\r\nb\r\n": "a\nb\n", "a\r": "a", "a\rb\r": "b",
	} {
		if got := overwritten(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

var tag = regexp.MustCompile(`<[^>]*>`)

func TestHighlight(t *testing.T) {
	for source, want := range map[string]string{
		`x := "a<b"`:            `x := <span class="s">&#34;a&lt;b&#34;</span>`,
		"func f() error":        `<span class="k">func</span> f() <span class="p">error</span>`,
		"1.5 // <note>\n'a'":    "<span class=\"n\">1.5</span> <span class=\"c\">// &lt;note&gt;</span>\n<span class=\"s\">&#39;a&#39;</span>",
		"%tier\n!ls *.md\nx":    "%tier\n!ls *.md\nx",
		"/* never ended":        `<span class="c">/* never ended</span>`,
		"s := `two\r\nlines`":   "s := `two\r\nlines`",
		"größe := len(\x00\xff": "größe := <span class=\"p\">len</span>(\x00\xff",
	} {
		if got := highlight(source); got != want {
			t.Errorf("%q:\n%s, want\n%s", source, got, want)
		}
	}
}

// Whatever the source, the page has all of it.
func FuzzHighlight(f *testing.F) {
	for _, seed := range []string{"x := 1 // a", "`a\rb`", "/*", "'\"", "\xef\xbb\xbffunc", "é\x00\"\\"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		shown := html.UnescapeString(tag.ReplaceAllString(highlight(source), ""))
		if want := html.UnescapeString(html.EscapeString(source)); shown != want {
			t.Errorf("%q became %q", source, shown)
		}
	})
}

func TestMarkdown(t *testing.T) {
	got := markdown("# A *b*\n\n|x|\n|-|\n|1|\n\n- [x] y\n\n<b>raw</b> ![p](attachment:a.png)\n\n```go\nvar x <-chan int\n```\n\n```\n<plain>\n```\n", map[string]string{"a.png": "data:image/png;base64,AA=="})
	for _, want := range []string{
		`<h1 id="a-b">A <em>b</em></h1>`, "<th>x</th>", `type="checkbox"`, "<b>raw</b>", `src="data:image/png;base64,AA=="`,
		`<span class="k">var</span> x &lt;-<span class="k">chan</span>`, "<code>&lt;plain&gt;\n</code>",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

func TestFormulas(t *testing.T) {
	const x, block = "<math><mi>x</mi></math>", `<math display="block"><mi>x</mi></math>`
	for source, want := range map[string]string{
		"a $x$, **b**":                          "<p>a " + x + ", <strong>b</strong></p>\n",
		"$a_1$ and $b_2$":                       "<p><math><msub><mi>a</mi><mn>1</mn></msub></math> and <math><msub><mi>b</mi><mn>2</mn></msub></math></p>\n",
		"from $5 to $6, and US$7":               "<p>from $5 to $6, and US$7</p>\n",
		`a \$x$ b`:                              "<p>a $x$ b</p>\n",
		"`$x$`":                                 "<p><code>$x$</code></p>\n",
		"    $x$":                               "<pre><code>$x$\n</code></pre>\n",
		"a $$x$$ b":                             "<p>a " + block + " b</p>\n",
		"$x\n+1$":                               "<p><math><mrow><mi>x</mi><mo>+</mo><mn>1</mn></mrow></math></p>\n",
		"$x":                                    "<p>$x</p>\n",
		"a\n$$\nx\n$$\nb":                       "<p>a</p>\n<p>" + block + "</p>\n<p>b</p>\n",
		"$$x$$":                                 "<p>" + block + "</p>\n",
		"$$\nx\n- 1\n$$":                        "<p><math display=\"block\"><mrow><mi>x</mi><mo>−</mo><mn>1</mn></mrow></math></p>\n",
		"\\begin{equation}\nx\n\\end{equation}": "<p><math display=\"block\"><mrow><mtable displaystyle=\"true\"><mtr><mtd><mi>x</mi></mtd></mtr></mtable></mrow></math></p>\n",
		`$\foo<y$`:                              `<p><code class="tex" title="formula: unknown command \foo">$\foo&lt;y$</code></p>` + "\n",
		"|a|\n|-|\n|$x$|":                       "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>" + x + "</td>\n</tr>\n</tbody>\n</table>\n",
	} {
		if got := markdown(source, nil); got != want {
			t.Errorf("%q:\n%s, want\n%s", source, got, want)
		}
	}
}

func TestLatex(t *testing.T) {
	const x, block = "<math><mi>x</mi></math>", `<math display="block"><mi>x</mi></math>`
	for source, want := range map[string]string{
		"$x$": x, `\(x\)`: x, "$$x$$": block, `\[x\]`: block, "if <a> $x$ is": "if &lt;a&gt; " + x + " is", "x^2": "x^2",
		`\begin{equation}x\end{equation}`: `<math display="block"><mrow><mtable displaystyle="true"><mtr><mtd><mi>x</mi></mtd></mtr></mtable></mrow></math>`,
		`$$\foo$$`:                        `<code class="tex" title="formula: unknown command \foo">$$\foo$$</code>`,
	} {
		if got := latex(source); got != want {
			t.Errorf("%q:\n%s, want\n%s", source, got, want)
		}
	}
}

// written is the page of these cells, without the head.
func written(t *testing.T, p Page) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, p); err != nil {
		t.Fatal(err)
	}
	_, body, ok := strings.Cut(b.String(), "<main>\n")
	if !ok || !strings.HasSuffix(body, "</body>\n</html>\n") {
		t.Fatalf("no whole page:\n%s", &b)
	}
	return body
}

func TestForms(t *testing.T) {
	chart := map[string]any{"mark": "bar", "x": "</script>"}
	const vegalite = "application/vnd.vegalite.v5+json"
	for name, test := range map[string]struct {
		o    Output
		vega string
		want string // in the page
		not  string // not in it
	}{
		"stdout":             {Output{Stream: "stdout", Text: "a<b"}, "", `<pre class="stream stdout">a&lt;b</pre>`, "error"},
		"error":              {Output{Error: true, Text: "\x1b[1mboom"}, "", `<pre class="error"><span style="font-weight:bold">boom</span></pre>`, "stream"},
		"html wins":          {Output{Data: map[string]any{"text/html": "<i>x</i>", vegalite: chart, "text/plain": "p"}}, "V", "<div class=\"html\"><i>x</i></div>", "class=\"chart\""},
		"svg":                {Output{Data: map[string]any{"image/svg+xml": "<svg/>", "image/png": "AA==", "text/plain": `"p"`}}, "", `data="data:image/svg+xml;base64,PHN2Zy8+" aria-label="&#34;p&#34;">`, "png"},
		"png":                {Output{Data: map[string]any{"image/png": "AA\n==", "text/plain": "p"}}, "", `<img src="data:image/png;base64,AA==" alt="p">`, "<pre>"},
		"png of an attacker": {Output{Data: map[string]any{"image/png": `"><script>`}}, "", `base64,&#34;&gt;&lt;script&gt;"`, "<script>"},
		"json":               {Output{Data: map[string]any{"application/json": []any{"<a>"}}}, "", "<pre>[\n  &#34;&lt;a&gt;&#34;\n]</pre>", "u003c"},
		"latex":              {Output{Data: map[string]any{"text/latex": "$x$", "text/plain": "p"}}, "", "<div class=\"latex\"><math><mi>x</mi></math></div>", ">p<"},
		"plain":              {Output{Data: map[string]any{"text/plain": "p"}}, "", "<pre>p</pre>", "chart"},
		"unknown":            {Output{Data: map[string]any{"application/x": "p"}}, "", "no form for a page", ">p<"},
		"chart":              {Output{Data: map[string]any{vegalite: chart, "image/svg+xml": "<svg/>"}}, "vegaEmbed = 1 // </script>", `<script type="application/json">{"mark":"bar","x":"\u003c/script\u003e"}</script>`, "1 // </script>"},
		"chart, no library":  {Output{Data: map[string]any{vegalite: chart, "image/svg+xml": "<svg/>"}}, "", "<object", "class=\"chart\""},
		"library, no chart":  {Output{Data: map[string]any{"text/plain": "p"}}, "vegaEmbed = 1", "<pre>p</pre>", "vegaEmbed"},
		"huge":               {Output{Stream: "stdout", Text: strings.Repeat("x", longest+7)}, "", "x\n... and 7 bytes more, which the notebook has</pre>", strings.Repeat("x", longest+1)},
	} {
		got := written(t, Page{Vega: test.vega, Cells: []Cell{{Outputs: []Output{test.o}}}})
		if !strings.Contains(got, test.want) || strings.Contains(got, test.not) {
			t.Errorf("%s: got\n%.2000s", name, got)
		}
	}
}

func TestCells(t *testing.T) {
	got := written(t, Page{Foot: []string{"with <care>"}, Cells: []Cell{
		{Kind: Markdown, Source: "*a*"},
		{Kind: Raw, Source: "raw"},
		{Source: "x", Count: 3, OutputsHidden: true, Outputs: []Output{{Stream: "stdout", Text: "o"}}},
		{Source: "y", SourceHidden: true},
		{Source: "\n"},
	}})
	want := `<section class="text">
<p><em>a</em></p>
</section>
<section class="code" id="cell-3">
<div class="source"><span class="count">[3]</span><pre><code>x</code></pre></div>
<details><summary>output</summary>
<div class="outputs">
<pre class="stream stdout">o</pre>
</div>
</details>
</section>
<section class="code" id="cell-4">
<details><summary>code</summary>
<div class="source"><span class="count">[ ]</span><pre><code>y</code></pre></div>
</details>
</section>
<section class="code" id="cell-5">
</section>
</main>
<footer>with &lt;care&gt;</footer>
</body>
</html>
`
	if got != want {
		t.Errorf("got\n%s", got)
	}
}

// Nothing of the page itself asks for anything.
func TestPolicy(t *testing.T) {
	var b strings.Builder
	if err := Write(&b, Page{Title: "<t>"}); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.Contains(got, "default-src &#39;none&#39;") || strings.Contains(got, "http") && !strings.Contains(got, "http-equiv") || !strings.Contains(got, "<title>&lt;t&gt;</title>") {
		t.Error(got)
	}
	for _, own := range []string{css, script} {
		if strings.Contains(own, "http") || strings.Contains(own, "url(") {
			t.Error("the page's own text names an address")
		}
	}
}
