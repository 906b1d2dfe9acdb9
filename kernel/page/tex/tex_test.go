package tex

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestMathML(t *testing.T) {
	const prime = `<mo lspace="0" rspace="0">′</mo>`
	const paren, close = `<mo stretchy="false">(</mo>`, `<mo stretchy="false">)</mo>`
	for source, want := range map[string]string{
		`x`:                "<mi>x</mi>",
		`a-1.5<b`:          "<mrow><mi>a</mi><mo>−</mo><mn>1.5</mn><mo>&lt;</mo><mi>b</mi></mrow>",
		`e^{i\pi}+1=0`:     "<mrow><msup><mi>e</mi><mrow><mi>i</mi><mi>π</mi></mrow></msup><mo>+</mo><mn>1</mn><mo>=</mo><mn>0</mn></mrow>",
		`x_1^2`:            "<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup>",
		`x^10`:             "<mrow><msup><mi>x</mi><mn>1</mn></msup><mn>0</mn></mrow>",
		`f''(x)`:           "<mrow><msup><mi>f</mi><mrow>" + prime + prime + "</mrow></msup>" + paren + "<mi>x</mi>" + close + "</mrow>",
		`f'^2`:             "<msup><mi>f</mi><mrow>" + prime + "<mn>2</mn></mrow></msup>",
		`{}_2 y`:           "<mrow><msub><mrow></mrow><mn>2</mn></msub><mi>y</mi></mrow>",
		`\frac12`:          "<mfrac><mn>1</mn><mn>2</mn></mfrac>",
		`\frac{a}{b_i}`:    "<mfrac><mi>a</mi><msub><mi>b</mi><mi>i</mi></msub></mfrac>",
		`\sqrt2`:           "<msqrt><mn>2</mn></msqrt>",
		`\sqrt[3]{x}`:      "<mroot><mi>x</mi><mn>3</mn></mroot>",
		`\sum_{i=1}^n`:     `<munderover><mo movablelimits="true">∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>`,
		`\int_0^1`:         "<msubsup><mo>∫</mo><mn>0</mn><mn>1</mn></msubsup>",
		`\int\limits_0`:    "<munder><mo>∫</mo><mn>0</mn></munder>",
		`\binom nk`:        `<mrow><mo fence="true" stretchy="true" form="prefix">(</mo><mfrac linethickness="0"><mi>n</mi><mi>k</mi></mfrac><mo fence="true" stretchy="true" form="postfix">)</mo></mrow>`,
		`\left(x\right.`:   `<mrow><mo fence="true" stretchy="true" form="prefix">(</mo><mi>x</mi></mrow>`,
		`\bar x`:           `<mover accent="true"><mi>x</mi><mo stretchy="false">¯</mo></mover>`,
		`\underbrace{x}_n`: `<munder><munder accentunder="true"><mi>x</mi><mo stretchy="true">⏟</mo></munder><mi>n</mi></munder>`,
		`\text{if  }x`:     "<mrow><mtext>if\u00a0\u00a0</mtext><mi>x</mi></mrow>",
		`\mathbb{R}`:       `<mi mathvariant="normal">ℝ</mi>`,
		`\mathbf{A1}`:      `<mi mathvariant="normal">𝐀𝟏</mi>`,
		`\mathrm d x`:      `<mrow><mi mathvariant="normal">d</mi><mi>x</mi></mrow>`,
		`50\%\ x % note`:   `<mrow><mn>50</mn><mo>%</mo><mspace width="0.333em"></mspace><mi>x</mi></mrow>`,
		`\begin{pmatrix}1&0\\[2pt]0&1\\\end{pmatrix}`: `<mrow><mo fence="true" stretchy="true" form="prefix">(</mo><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr>` +
			`<mtr><mtd><mn>0</mn></mtd><mtd><mn>1</mn></mtd></mtr></mtable><mo fence="true" stretchy="true" form="postfix">)</mo></mrow>`,
		`\begin{align*}a&=b\end{align*}`: `<mrow><mtable displaystyle="true" class="aligned"><mtr><mtd><mi>a</mi></mtd><mtd><mo>=</mo><mi>b</mi></mtd></mtr></mtable></mrow>`,
		``:                               "<mrow></mrow>",
	} {
		if got, err := MathML(source, false); err != nil || got != "<math>"+want+"</math>" {
			t.Errorf("%s:\n%s, %v, want\n%s", source, got, err, want)
		}
	}
	if got, _ := MathML("x", true); got != `<math display="block"><mi>x</mi></math>` {
		t.Error(got)
	}
}

// What would be drawn otherwise than TeX does is refused.
func TestUnknown(t *testing.T) {
	for source, want := range map[string]string{
		`\foo{x}`: `unknown command \foo`, `{x`: "no }", `x}`: "} stands", `\frac1`: "missing", `x_1_2`: "two subscripts", `a & b`: "& stands",
		`\left(x`: `no \right`, `\left x\right)`: `"x" is no bracket`, `\begin{tikz}\end{tikz}`: "unknown environment tikz",
		`\begin{cases}x`: `no \end`, `\begin{cases}x\end{matrix}`: `no \end{cases}`, `\text{a $b$}`: "text with", `\mathbb{é}`: "alphabet", `a \\ b`: `unknown command \\`,
		`$x`: "$ stands", "\xff": "cannot be shown", "\x00": "cannot be shown", `a \over b`: `\over`, `\`: `unknown command \`, strings.Repeat("{", 1000): "groups", strings.Repeat(`\sqrt`, 1000): "groups",
	} {
		if got, err := MathML(source, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %s, %v, want an error with %s", source, got, err, want)
		}
	}
}

// Whatever the formula, what comes is whole, and no markup of the formula's own.
func FuzzMathML(f *testing.F) {
	for _, seed := range []string{`\frac{a}{b}^2_i`, `\begin{cases}x&\text{<b>}\\y\end{cases}`, `\left\{x\right.`, "\xff<", `\hat\sqrt[3]{é}`, `\sum'_n`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		got, err := MathML(source, true)
		if err != nil {
			return
		}
		elements := xml.NewDecoder(strings.NewReader(got))
		for {
			token, err := elements.Token()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatalf("%q: %s: %v", source, got, err)
			}
			if e, ok := token.(xml.StartElement); ok && !strings.HasPrefix(e.Name.Local, "m") {
				t.Fatalf("%q: %s", source, got)
			}
		}
	})
}
