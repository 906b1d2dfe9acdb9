package headless

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"strings"
	"unicode/utf8"

	"interleave/kernel/spec"
)

// notebook is one notebook in memory: the JSON as it was read, numbers as they
// were written, so that fields which nobody here knows are written back.
// Source: nbformat's format_description.rst and nbformat.v4.5.schema.json.
type notebook struct {
	top   map[string]any
	cells []cell
	ran   bool // its outputs are those of a run
}

// cell is one cell's JSON object.
type cell map[string]any

// parse reads a notebook of format 4 and brings it to format 4.5. Errors say
// what is wrong with data; the caller names the file.
func parse(data []byte) (*notebook, error) {
	top, err := decode(data)
	if err != nil {
		return nil, err
	}
	nb := &notebook{top: top}
	if err := nb.checkFormat(); err != nil {
		return nil, err
	}
	if err := nb.readCells(); err != nil {
		return nil, err
	}
	if err := nb.fillMetadata(); err != nil {
		return nil, err
	}
	nb.giveIDs()
	return nb, nil
}

// decode gives the one JSON object that data holds.
func decode(data []byte) (map[string]any, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("empty file: not a notebook")
	}
	if !utf8.Valid(data) {
		return nil, errors.New("not a notebook: its text is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("more text after the notebook's end")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("broken JSON, line %d: %w", errorLine(data, d, err), err)
	}
	top, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("not a notebook: its JSON is no object")
	}
	return top, nil
}

// errorLine is the line, from 1, at which decoding data failed.
func errorLine(data []byte, d *json.Decoder, err error) int {
	at := d.InputOffset()
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.Is(err, io.ErrUnexpectedEOF):
		at = int64(len(data))
	}
	return 1 + bytes.Count(data[:min(int(at), len(data))], []byte("\n"))
}

// checkFormat refuses what is not format 4 and makes 4.0 to 4.4 a 4.5.
func (nb *notebook) checkFormat() error {
	major, ok := number(nb.top["nbformat"])
	if !ok {
		return errors.New(`not a notebook: no number "nbformat"`)
	}
	if major < 4 {
		return fmt.Errorf("nbformat %d is too old: open and save it in JupyterLab, or run jupyter nbconvert --to notebook", major)
	}
	if major > 4 {
		return fmt.Errorf("nbformat %d is too new: only format 4 is known", major)
	}
	if minor, ok := number(nb.top["nbformat_minor"]); !ok || minor < 5 {
		nb.top["nbformat_minor"] = 5
	}
	return nil
}

// number gives the whole number that v is.
func number(v any) (int, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := n.Int64()
	return int(i), err == nil
}

// readCells checks the cells as far as running and writing them needs.
func (nb *notebook) readCells() error {
	list, ok := nb.top["cells"].([]any)
	if !ok {
		return errors.New(`not a notebook: no list "cells"`)
	}
	for i, v := range list {
		fields, ok := v.(map[string]any)
		if !ok {
			return fmt.Errorf("cell %d of the file is no object", i+1)
		}
		c := cell(fields)
		if _, ok := c["cell_type"].(string); !ok {
			return fmt.Errorf(`cell %d of the file has no "cell_type"`, i+1)
		}
		source, ok := joinLines(c["source"])
		if !ok {
			return fmt.Errorf(`cell %d of the file has no "source" that is text`, i+1)
		}
		c["source"] = splitLines(source)
		if _, ok := c["metadata"].(map[string]any); !ok {
			c["metadata"] = map[string]any{}
		}
		if c.isCode() {
			c.fillCode()
		}
		nb.cells = append(nb.cells, c)
	}
	return nil
}

// isCode tells whether c is a cell to run.
func (c cell) isCode() bool { return c["cell_type"] == "code" }

// fillCode adds the fields that the schema wants of a code cell.
func (c cell) fillCode() {
	if _, ok := c["outputs"].([]any); !ok {
		c["outputs"] = []any{}
	}
	if _, ok := c["execution_count"]; !ok {
		c["execution_count"] = nil
	}
}

// code is c's source as one text.
func (c cell) code() string {
	source, _ := joinLines(c["source"])
	return source
}

// tagged tells whether c's metadata has tag.
func (c cell) tagged(tag string) bool {
	meta, _ := c["metadata"].(map[string]any)
	tags, _ := meta["tags"].([]any)
	for _, t := range tags {
		if t == tag {
			return true
		}
	}
	return false
}

// fillMetadata refuses a notebook of another language and adds what is missing
// of kernelspec and language_info.
func (nb *notebook) fillMetadata() error {
	meta := object(nb.top, "metadata")
	kernel, info := object(meta, "kernelspec"), object(meta, "language_info")
	if err := checkLanguage(kernel, info); err != nil {
		return err
	}
	fill(kernel, map[string]any{"name": spec.DefaultName, "display_name": spec.DefaultDisplayName, "language": "go"})
	fill(info, map[string]any{
		"name": "go", "mimetype": "text/x-go", "file_extension": ".go",
		"pygments_lexer": "go", "codemirror_mode": "go", "nbconvert_exporter": "script",
	})
	info["version"] = strings.TrimPrefix(runtime.Version(), "go")
	return nil
}

// checkLanguage tells by the notebook's kernelspec and language_info, either of
// which may be empty, whether it holds Go.
func checkLanguage(kernel, info map[string]any) error {
	name, _ := kernel["name"].(string)
	language, _ := kernel["language"].(string)
	if language == "" {
		language, _ = info["name"].(string)
	}
	switch {
	case strings.EqualFold(language, "go"):
		return nil
	case language != "":
		return fmt.Errorf("notebook of another kernel, in %s: run it with jupyter execute", language)
	case name == "" || name == spec.DefaultName:
		return nil
	}
	return fmt.Errorf(`notebook of kernel %q in a language it does not tell: if that is Go, set metadata.kernelspec.language to "go"`, name)
}

// object gives the object under key, made where there is none.
func object(m map[string]any, key string) map[string]any {
	o, ok := m[key].(map[string]any)
	if !ok {
		o = map[string]any{}
		m[key] = o
	}
	return o
}

// fill sets what m has not.
func fill(m, values map[string]any) {
	for key, value := range values {
		if _, ok := m[key]; !ok {
			m[key] = value
		}
	}
}

var validID = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)

// giveIDs gives an id to cells without a valid one of their own. Ids come from
// place and source, so that the same notebook gets the same ones.
func (nb *notebook) giveIDs() {
	seen := map[string]bool{}
	for _, c := range nb.cells {
		if id, _ := c["id"].(string); validID.MatchString(id) && !seen[id] {
			seen[id] = true
		} else {
			delete(c, "id")
		}
	}
	for i, c := range nb.cells {
		for try := 0; c["id"] == nil; try++ {
			sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %s", i, try, c.code()))
			if id := fmt.Sprintf("%x", sum[:4]); !seen[id] {
				seen[id] = true
				c["id"] = id
			}
		}
	}
}

// encode gives the notebook's file: keys sorted, indented by one space, with a
// line feed at the end, as nbformat writes it.
func (nb *notebook) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(nb.top)
	return b.Bytes(), err
}
