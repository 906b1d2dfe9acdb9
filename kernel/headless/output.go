package headless

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"interleave/display"
	"interleave/interp"
)

// recorder keeps what the cells of one notebook put out. A goroutine may put out
// more after its cell has ended, hence the lock.
type recorder struct {
	mu    sync.Mutex
	shown map[string][]*output // by display_id, in any cell
	log   io.Writer            // of progress
}

// cellOutput is the output of one cell; it is the cell's interp.Output.
type cellOutput struct {
	rec     *recorder
	outputs []*output
	clear   bool   // the next output replaces what is there
	size    int    // bytes of text so far
	full    func() // called when there is more than a notebook can hold; may be nil
}

// most is how much text one cell may put into a notebook, in bytes: more than
// front-ends can show.
const most = 64 << 20

// output is one entry of a cell's list of outputs.
type output struct {
	fields map[string]any   // as the notebook has it, without text
	name   string           // of a stream, else empty
	text   *strings.Builder // of a stream, else nil
	id     string           // display_id, or empty
}

// errNoInput is worded as a cell's error; the evaluator gives it its name.
var errNoInput = errors.New("nobody is there to answer: run this cell in a notebook")

func (r *recorder) cell() *cellOutput { return &cellOutput{rec: r} }

// Progress is for who waits, not for the notebook.
func (c *cellOutput) Progress(line string) { fmt.Fprintln(c.rec.log, line) }

// Stream adds text to the last output where that is the same stream.
func (c *cellOutput) Stream(name, text string) {
	if text == "" {
		return
	}
	c.rec.mu.Lock()
	defer c.rec.mu.Unlock()
	c.clearNow(c.clear)
	if text = c.fit(text); text == "" {
		return
	}
	if n := len(c.outputs); n == 0 || c.outputs[n-1].text == nil || c.outputs[n-1].name != name {
		c.outputs = append(c.outputs, &output{
			fields: map[string]any{"output_type": "stream", "name": name},
			name:   name, text: new(strings.Builder),
		})
	}
	c.outputs[len(c.outputs)-1].text.WriteString(text)
}

// fit cuts off what is too much. The lock is held.
func (c *cellOutput) fit(text string) string {
	if room := most - c.size; len(text) > room {
		text = strings.ToValidUTF8(text[:room], "")
		c.size = most
		if c.full != nil {
			c.full()
		}
		return text
	}
	c.size += len(text)
	return text
}

// Display adds b, or with update replaces what any cell showed under id. As in a
// front-end, showing an id again also changes where it was shown before.
func (c *cellOutput) Display(b display.Bundle, id string, update bool) {
	c.rec.mu.Lock()
	defer c.rec.mu.Unlock()
	data, metadata := plainJSON(b)
	if id != "" {
		for _, o := range c.rec.shown[id] {
			o.fields["data"], o.fields["metadata"] = data, metadata
		}
	}
	if update {
		return
	}
	c.add(&output{id: id, fields: map[string]any{"output_type": "display_data", "data": data, "metadata": metadata}})
}

// Clear drops the cell's outputs, with wait not before the next one comes.
func (c *cellOutput) Clear(wait bool) {
	c.rec.mu.Lock()
	defer c.rec.mu.Unlock()
	c.clear = true
	c.clearNow(!wait)
}

// Input fails: no one is asked in a run without a front-end.
func (c *cellOutput) Input(string, bool) (string, error) { return "", errNoInput }

// result adds the value of cell number count.
func (c *cellOutput) result(b display.Bundle, count int) {
	c.rec.mu.Lock()
	defer c.rec.mu.Unlock()
	data, metadata := plainJSON(b)
	c.add(&output{fields: map[string]any{
		"output_type": "execute_result", "execution_count": count, "data": data, "metadata": metadata,
	}})
}

// failure adds the error that ended the cell.
func (c *cellOutput) failure(e *interp.Error) {
	c.rec.mu.Lock()
	defer c.rec.mu.Unlock()
	traceback := e.Traceback
	if traceback == nil {
		traceback = []string{}
	}
	c.add(&output{fields: map[string]any{
		"output_type": "error", "ename": e.Name, "evalue": e.Value, "traceback": traceback,
	}})
}

// add appends o, after a clear that waited for it. The lock is held.
func (c *cellOutput) add(o *output) {
	c.clearNow(c.clear)
	c.outputs = append(c.outputs, o)
	if o.id != "" {
		c.rec.shown[o.id] = append(c.rec.shown[o.id], o)
	}
}

// clearNow drops the outputs if due. The lock is held.
func (c *cellOutput) clearNow(due bool) {
	if !due {
		return
	}
	for _, o := range c.outputs {
		if o.id != "" {
			others := c.rec.shown[o.id]
			c.rec.shown[o.id] = slices.DeleteFunc(others, func(x *output) bool { return x == o })
		}
	}
	c.outputs, c.clear, c.size = nil, false, 0
}

// json gives the cell's list of outputs as the notebook has it: without what was
// cleared, such as progress, of which a run that is faster has none.
func (c *cellOutput) json() []any {
	c.rec.mu.Lock()
	defer c.rec.mu.Unlock()
	list := []any{}
	for _, o := range c.outputs {
		if blank(o.fields) {
			continue
		}
		fields := maps.Clone(o.fields)
		if o.text != nil {
			fields["text"] = splitLines(o.text.String())
		}
		if data, ok := fields["data"].(map[string]any); ok {
			data = maps.Clone(data)
			splitMIME(data)
			fields["data"] = data
		}
		list = append(list, fields)
	}
	return list
}

// plainJSON copies b's two maps, with values that can be written: text as text,
// all else as JSON. What encoding/json refuses is left out.
func plainJSON(b display.Bundle) (data, metadata map[string]any) {
	return encodable(b.Data), encodable(b.Metadata)
}

func encodable(m map[string]any) map[string]any {
	fit := map[string]any{}
	for key, value := range m {
		if s, ok := value.(string); ok {
			fit[key] = s
		} else if raw, err := json.Marshal(value); err == nil {
			fit[key] = json.RawMessage(raw)
		}
	}
	return fit
}
