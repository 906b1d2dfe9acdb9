package headless

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"interleave/kernel/page"
)

// HTML writes each notebook as a page that needs no network, beside the notebook
// or to o.Output. Where there is no o.Vega, charts are the pictures that were saved
// with them. The error names every notebook
// that failed.
func HTML(paths []string, o Options) error {
	if o.Output != "" && len(paths) > 1 {
		return errors.New("-o names one file: give one notebook with it")
	}
	var vega string
	if o.Vega != "" {
		library, err := os.ReadFile(o.Vega)
		if err != nil {
			return fmt.Errorf("%s: %w", o.Vega, reason(err))
		}
		vega = string(library)
	}
	var failed []error
	for _, path := range paths {
		if err := o.htmlFile(path, vega); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", path, err))
		}
	}
	return errors.Join(failed...)
}

func (o Options) htmlFile(path, vega string) error {
	nb, _, err := read(path)
	if err != nil {
		return err
	}
	name := orElse(o.Output, strings.TrimSuffix(path, ".ipynb")+".html")
	to, err := o.output(name, path)
	if err != nil {
		return err
	}
	if own, _ := target(path); to == own {
		return fmt.Errorf("%s is the notebook itself: give another name with -o", name)
	}
	p := nb.page(filepath.Base(strings.TrimSuffix(path, ".ipynb")))
	p.Vega = vega
	var b bytes.Buffer
	if err := page.Write(&b, p); err != nil {
		return err
	}
	if err := replace(to, path, b.Bytes()); err != nil {
		return fmt.Errorf("page not written: %w", reason(err))
	}
	fmt.Fprintln(o.Log, "wrote", name)
	return nil
}

// page gives the notebook as a page; title is for one without a heading.
func (nb *notebook) page(title string) page.Page {
	p := page.Page{Title: title}
	for i := len(nb.cells) - 1; i >= 0; i-- {
		if heading := nb.cells[i].heading(); heading != "" {
			p.Title = heading
		}
	}
	for _, c := range nb.cells {
		p.Cells = append(p.Cells, c.page())
	}
	p.Foot = nb.foot()
	return p
}

// heading is the first line of a cell of Markdown where that is a heading of the
// first level, without marks.
func (c cell) heading() string {
	line := firstLine(strings.TrimSpace(c.code()))
	if c["cell_type"] != "markdown" || !strings.HasPrefix(line, "# ") {
		return ""
	}
	return strings.TrimSpace(strings.NewReplacer("#", "", "*", "", "`", "").Replace(line))
}

// pageKinds are the types of cells; another is as raw.
var pageKinds = map[any]page.Kind{"code": page.Code, "markdown": page.Markdown}

func (c cell) page() page.Cell {
	kind, known := pageKinds[c["cell_type"]]
	if !known {
		return page.Cell{Kind: page.Raw}
	}
	meta, _ := c["metadata"].(map[string]any)
	jupyter, _ := meta["jupyter"].(map[string]any)
	p := page.Cell{Kind: kind, Source: c.code(), Count: c.count(), Attachments: c.attachments()}
	p.SourceHidden, _ = jupyter["source_hidden"].(bool)
	p.OutputsHidden, _ = jupyter["outputs_hidden"].(bool)
	for _, o := range c.outputs() {
		p.Outputs = append(p.Outputs, pageOutput(o))
	}
	return p
}

func pageOutput(o map[string]any) page.Output {
	switch o["output_type"] {
	case "stream":
		name, _ := o["name"].(string)
		text, _ := joinLines(o["text"])
		return page.Output{Stream: orElse(name, "stdout"), Text: text}
	case "error":
		var lines []string
		list, _ := o["traceback"].([]any)
		for _, l := range list {
			s, _ := l.(string)
			lines = append(lines, s)
		}
		return page.Output{Error: true, Text: orElse(strings.Join(lines, "\n"), failure(o))}
	}
	data, _ := o["data"].(map[string]any)
	p := page.Output{Data: map[string]any{}}
	for mime, value := range data {
		p.Data[mime] = value
		if text, ok := joinLines(value); ok && !strings.HasSuffix(mime, "json") {
			p.Data[mime] = text
		}
	}
	return p
}

// attachments gives the pictures of a cell as addresses that hold them.
// Source: nbformat's format_description.rst, cell attachments.
func (c cell) attachments() map[string]string {
	all, _ := c["attachments"].(map[string]any)
	found := map[string]string{}
	for name, v := range all {
		forms, _ := v.(map[string]any)
		for mime, value := range forms {
			if data, ok := joinLines(value); ok {
				found[name] = "data:" + mime + ";base64," + strings.Join(strings.Fields(data), "")
			}
		}
	}
	return found
}

// foot tells what the notebook was run with.
func (nb *notebook) foot() []string {
	meta, _ := nb.top["metadata"].(map[string]any)
	own, _ := meta[pinsKey].(map[string]any)
	if own["kernel"] == nil {
		return nil
	}
	line := fmt.Sprintf("Run with interleave %v, Go %v, on %v", own["kernel"], own["go"], own["system"])
	if own["cpu"] != nil {
		line += fmt.Sprintf(", %v", own["cpu"])
	}
	return []string{line + fmt.Sprintf(", cores: %v", own["cores"])}
}
