package display

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
)

// MIME types of the bundles made here.
const (
	mimeText     = "text/plain"
	mimeHTML     = "text/html"
	mimeMarkdown = "text/markdown"
	mimeLatex    = "text/latex"
	mimeSVG      = "image/svg+xml"
	mimePNG      = "image/png"
	mimeJPEG     = "image/jpeg"
	mimeJSON     = "application/json"
	mimeVegaLite = "application/vnd.vegalite.v5+json"
)

// Bundle is one thing to display in several forms, of which a front-end takes
// the richest it can draw. Data maps a MIME type to a string (text as it is,
// binary as base64) or to a JSON value; text/plain should always be there.
// Metadata maps a MIME type to hints for it, such as {"width": 640}; it may be nil.
// Source: messaging.rst, display_data.
type Bundle struct {
	Data     map[string]any
	Metadata map[string]any
}

// Text gives s as plain text, unchanged.
func Text(s string) Bundle { return bundle(s, "", nil) }

// HTML gives a fragment of HTML; its plain text is one line of what it says.
func HTML(s string) Bundle { return bundle(stripTags(s, "HTML"), mimeHTML, s) }

// Markdown gives a text in Markdown.
func Markdown(s string) Bundle { return bundle(oneLine(s, "Markdown"), mimeMarkdown, s) }

// Latex gives a text in LaTeX; a formula stands between dollars: $x^2$.
func Latex(s string) Bundle { return bundle(oneLine(s, "LaTeX"), mimeLatex, s) }

// SVG gives a drawing, s being the whole <svg> element.
func SVG(s string) Bundle { return bundle("SVG image", mimeSVG, s) }

// PNG gives an image from the bytes of a PNG file, which are not checked.
func PNG(b []byte) Bundle {
	config, err := png.DecodeConfig(bytes.NewReader(b))
	return bundle(describe("PNG", len(b), config, err), mimePNG, base64.StdEncoding.EncodeToString(b))
}

// JPEG gives an image from the bytes of a JPEG file, which are not checked.
func JPEG(b []byte) Bundle {
	config, err := jpeg.DecodeConfig(bytes.NewReader(b))
	return bundle(describe("JPEG", len(b), config, err), mimeJPEG, base64.StdEncoding.EncodeToString(b))
}

// JSON gives v, anything that encoding/json takes, as a tree to unfold; text that
// is JSON already is passed as a json.RawMessage. A value that cannot be encoded
// gives a bundle with the error as its plain text.
func JSON(v any) Bundle {
	raw, err := encode(v)
	if err != nil {
		return Text("display.JSON: " + err.Error())
	}
	return bundle(oneLine(string(raw), "JSON"), mimeJSON, raw)
}

// VegaLite gives a chart in Vega-Lite version 5. The spec is its JSON as a string,
// []byte or json.RawMessage, or a value that encoding/json turns into it. What is
// not a JSON object gives a bundle with the error as its plain text.
func VegaLite(spec any) Bundle {
	raw, err := specJSON(spec)
	if err != nil {
		return Text("display.VegaLite: " + err.Error())
	}
	var head struct{ Title any }
	if err := json.Unmarshal(raw, &head); err != nil || raw[0] != '{' {
		return Text("display.VegaLite: the spec is not a JSON object: " + oneLine(string(raw), "empty"))
	}
	plain := "Vega-Lite chart"
	if title, ok := head.Title.(string); ok {
		plain += ": " + oneLine(title, "")
	}
	return bundle(plain, mimeVegaLite, raw)
}

// specJSON gives the JSON text of a chart's specification.
func specJSON(spec any) (json.RawMessage, error) {
	switch s := spec.(type) {
	case string:
		spec = json.RawMessage(s)
	case []byte:
		spec = json.RawMessage(s)
	}
	if raw, ok := spec.(json.RawMessage); ok {
		if err := wellFormed(raw); err != nil {
			return nil, err
		}
	}
	return encode(spec)
}

// wellFormed tells in which line a text is no JSON.
func wellFormed(raw []byte) error {
	var v any
	err := json.Unmarshal(raw, &v)
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return err
	}
	before := raw[:min(int(syntax.Offset), len(raw))]
	return fmt.Errorf("the spec is no JSON: line %d: %w", 1+bytes.Count(bytes.TrimRight(before, "\n"), []byte("\n")), err)
}

// encode gives v as JSON text without white space around it and with < > & as they
// are, since people read it; a json.RawMessage is checked and compacted.
func encode(v any) (json.RawMessage, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(text.Bytes()), err
}

// bundle pairs plain text with one richer form; mime may be empty.
func bundle(plain, mime string, rich any) Bundle {
	data := map[string]any{mimeText: plain}
	if mime != "" {
		data[mime] = rich
	}
	return Bundle{Data: data}
}

// describe says in one line what an image file of size bytes is; err tells that
// its header could not be read.
func describe(format string, size int, config image.Config, err error) string {
	if err != nil {
		return fmt.Sprintf("%s image, %d bytes", format, size)
	}
	return fmt.Sprintf("%s image %dx%d", format, config.Width, config.Height)
}
