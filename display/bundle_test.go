package display

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	"strings"
	"testing"
)

func pngFile(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegFile(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, width, height)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Every constructor gives its MIME type beside one line of plain text.
func TestBundles(t *testing.T) {
	long := strings.Repeat("word ", 100)
	for _, test := range []struct {
		name        string
		bundle      Bundle
		mime, plain string
		rich        string // prefix of the rich form as JSON
	}{
		{"html", HTML("<b>hi</b>"), "text/html", "hi", `"\u003cb\u003ehi`},
		{"html without text", HTML("<hr>"), "text/html", "HTML", `"\u003chr`},
		{"html, entities and comments", HTML("<!-- a > b --><i>x</i> &lt; y\n<script>if (1 < 2) f()</script>"), "text/html", "x < y", `"`},
		{"html, no tag", HTML("1 < 2 > 0"), "text/html", "1 < 2 > 0", `"1`},
		{"html, script in style", HTML("<style>a</script>b</style>c"), "text/html", "c", `"`},
		{"html, long", HTML(long), "text/html", long[:79] + "…", `"word`},
		{"markdown", Markdown("# Title\n\ntext"), "text/markdown", "# Title text", `"# Title\n`},
		{"markdown, empty", Markdown(""), "text/markdown", "Markdown", `""`},
		{"latex", Latex("$x^2$"), "text/latex", "$x^2$", `"$x^2$"`},
		{"svg", SVG("<svg></svg>"), "image/svg+xml", "SVG image", `"\u003csvg`},
		{"png", PNG(pngFile(t, 64, 48)), "image/png", "PNG image 64x48", `"iVBORw0KGgo`},
		{"png, broken", PNG([]byte("no")), "image/png", "PNG image, 2 bytes", `"bm8="`},
		{"jpeg", JPEG(jpegFile(t, 8, 9)), "image/jpeg", "JPEG image 8x9", `"/9j/`},
		{"jpeg, empty", JPEG(nil), "image/jpeg", "JPEG image, 0 bytes", `""`},
		{"json", JSON(map[string]int{"a": 1}), "application/json", `{"a":1}`, `{"a":1}`},
		{"json text", JSON(json.RawMessage(`[1, 2]`)), "application/json", `[1,2]`, `[1,2]`},
		{"json with tags", JSON([]string{"<b>&"}), "application/json", `["<b>&"]`, `["\u003cb\u003e`},
		{"json of nothing", JSON(nil), "application/json", "null", "null"},
		{"vega", VegaLite(`{"mark": "bar"}`), mimeVegaLite, "Vega-Lite chart", `{"mark":"bar"}`},
		{"vega, bytes", VegaLite([]byte(` {"mark":"bar"}`)), mimeVegaLite, "Vega-Lite chart", `{"mark"`},
		{"vega, raw", VegaLite(json.RawMessage(`{}`)), mimeVegaLite, "Vega-Lite chart", `{}`},
		{"vega, value", VegaLite(map[string]any{"title": "Speed\n of it"}), mimeVegaLite, "Vega-Lite chart: Speed of it", `{"title"`},
		{"vega, title of parts", VegaLite(`{"title": {"text": "x"}}`), mimeVegaLite, "Vega-Lite chart", `{"title"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.bundle.Data["text/plain"]; got != test.plain {
				t.Errorf("text/plain is %q, want %q", got, test.plain)
			}
			rich, err := json.Marshal(test.bundle.Data[test.mime])
			if err != nil || !strings.HasPrefix(string(rich), test.rich) || len(test.bundle.Data) != 2 {
				t.Errorf("%s is %.80s (%v), want %s…", test.mime, rich, err, test.rich)
			}
		})
	}
}

// What cannot be shown richly says why in plain text, and has no other form.
func TestBundlesOfBadInput(t *testing.T) {
	for name, test := range map[string]struct {
		bundle Bundle
		want   string
	}{
		"json, channel":  {JSON(make(chan int)), "display.JSON: json: unsupported type: chan int"},
		"json, NaN":      {JSON(math.NaN()), "display.JSON: json: unsupported value: NaN"},
		"vega, empty":    {VegaLite(""), "display.VegaLite: "},
		"vega, cut":      {VegaLite("{\n\"mark\":"), "display.VegaLite: the spec is no JSON: line 2: unexpected end of JSON input"},
		"vega, quotes":   {VegaLite("{\n\"data\": {},\nmark: 1\n}"), "display.VegaLite: the spec is no JSON: line 3: invalid character 'm'"},
		"vega, nil":      {VegaLite(nil), "display.VegaLite: the spec is not a JSON object: null"},
		"vega, array":    {VegaLite(`[1]`), "display.VegaLite: the spec is not a JSON object: [1]"},
		"vega, function": {VegaLite(func() {}), "display.VegaLite: json: unsupported type: func()"},
	} {
		plain, _ := test.bundle.Data["text/plain"].(string)
		if !strings.HasPrefix(plain, test.want) || len(test.bundle.Data) != 1 {
			t.Errorf("%s: %v, want only text/plain %q", name, test.bundle.Data, test.want)
		}
	}
}

func TestText(t *testing.T) {
	const s = "two\n  lines\n"
	if b := Text(s); b.Data["text/plain"] != s || len(b.Data) != 1 {
		t.Errorf("Text changes its text: %v", b.Data)
	}
}

type shape struct{ Sides int }

func (s shape) MIMEBundle() map[string]any {
	return map[string]any{"text/html": fmt.Sprintf("<b>%d sides</b>", s.Sides)}
}

func ExampleOf() {
	b, ok := Of(shape{4}) // which has a method MIMEBundle
	fmt.Println(ok, b.Data["text/html"], b.Data["text/plain"])
	_, ok = Of(4)
	fmt.Println(ok)
	// Output:
	// true <b>4 sides</b> {4}
	// false
}

func ExampleHTML() {
	b := HTML("<b>hi</b>")
	fmt.Println(b.Data["text/html"], b.Data["text/plain"])
	// Output: <b>hi</b> hi
}

func ExampleVegaLite() {
	b := VegaLite(map[string]any{
		"title":    "Squares",
		"data":     map[string]any{"values": []map[string]int{{"x": 1, "y": 1}, {"x": 2, "y": 4}}},
		"mark":     "line",
		"encoding": map[string]any{"x": map[string]string{"field": "x"}, "y": map[string]string{"field": "y"}},
	})
	fmt.Println(b.Data["text/plain"])
	// Output: Vega-Lite chart: Squares
}
