package headless

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"interleave/interp"
)

// ignores tells whether a cell's outputs are not compared. The tags are nbval's.
func (o Options) ignores(c cell) bool {
	return c.tagged("nbval-ignore-output") || c.tagged("nbval-skip")
}

// A shown is what one cell shows: the text of each stream, whose parts may come
// in another order the next time, then all else in order.
type shown struct {
	streams map[string]string
	rest    []map[string]any
}

func show(c cell) shown {
	s := shown{streams: map[string]string{}}
	for _, o := range c.outputs() {
		if o["output_type"] == "stream" {
			name, _ := o["name"].(string)
			text, _ := joinLines(o["text"])
			s.streams[name] += text
			continue
		}
		if !blank(o) {
			s.rest = append(s.rest, o)
		}
	}
	return s
}

// differences tells in a sentence each how a cell shows other things than it did.
func (o Options) differences(saved, fresh cell) (found []string) {
	a, b := show(saved), show(fresh)
	for _, name := range []string{"stdout", "stderr"} {
		if d := o.differ(a.streams[name], b.streams[name]); d != "" {
			found = append(found, name+d)
		}
	}
	for i := range max(len(a.rest), len(b.rest)) {
		switch {
		case i >= len(b.rest):
			found = append(found, "does not show "+brief(a.rest[i])+" any more")
		case i >= len(a.rest):
			found = append(found, "shows "+brief(b.rest[i])+", which is not saved")
		default:
			found = append(found, o.outputs(a.rest[i], b.rest[i])...)
		}
	}
	return found
}

// outputs compares two outputs that are no streams.
func (o Options) outputs(a, b map[string]any) []string {
	if a["output_type"] != b["output_type"] {
		return []string{fmt.Sprintf("shows %s, saved is %s", brief(b), brief(a))}
	}
	if a["output_type"] == "error" {
		if d := o.differ(failure(a), failure(b)); d != "" {
			return []string{"its error" + d}
		}
		return nil
	}
	was, is := bundleText(a), bundleText(b)
	if x, y := mimes(was), mimes(is); x != y {
		return []string{fmt.Sprintf("shows %s, saved is %s", y, x)}
	}
	for _, mime := range slices.Sorted(maps.Keys(is)) {
		if d := o.differ(was[mime], is[mime]); d != "" {
			return []string{mime + d}
		}
	}
	return nil
}

// bundleText gives the forms of an output as texts.
func bundleText(o map[string]any) map[string]string {
	data, _ := o["data"].(map[string]any)
	texts := map[string]string{}
	for mime, value := range data {
		text, ok := joinLines(value)
		if !ok {
			text = canonical(value)
		}
		texts[mime] = strings.TrimRight(text, "\n") // front-ends differ in the last one
	}
	return texts
}

// blank tells whether an output is of a display that was cleared: it has forms, and
// all of them are empty.
func blank(o map[string]any) bool {
	forms := bundleText(o)
	for _, text := range forms {
		if text != "" {
			return false
		}
	}
	return o["output_type"] == "display_data" && len(forms) > 0
}

// canonical gives a JSON value as text, the same for the same value.
func canonical(v any) string {
	b, err := json.Marshal(v)
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(b))
		d.UseNumber()
		if err = d.Decode(&v); err == nil {
			b, err = json.Marshal(v)
		}
	}
	if err != nil {
		return err.Error() // it was read from JSON, or made as such: this does not come
	}
	return string(b)
}

func mimes(m map[string]string) string { return strings.Join(slices.Sorted(maps.Keys(m)), " and ") }

func failure(o map[string]any) string { return fmt.Sprintf("%v: %v", o["ename"], o["evalue"]) }

// brief names an output.
func brief(o map[string]any) string {
	switch o["output_type"] {
	case "error":
		return "the error " + firstLine(failure(o))
	case "execute_result":
		return "the value " + strconv.Quote(short(bundleText(o)["text/plain"]))
	}
	return "an output of " + mimes(bundleText(o))
}

// short is the beginning of a text that is to stand in a sentence.
func short(s string) string {
	const most = 120
	if line := firstLine(s); line != s || len(line) > most {
		return strings.ToValidUTF8(line[:min(len(line), most)], "") + "..."
	}
	return s
}

var (
	// varying is what differs between two runs by nature: addresses, the number of a goroutine, the clock.
	varying = regexp.MustCompile(`\b0x[0-9a-f]{6,}\b|\bgoroutine \d+\b|\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S* \S+ \S+ m=[+-][\d.]+`)
	// timing is a time as package time writes it, or with a space before its unit.
	timing = regexp.MustCompile(`\b(?:\d+(?:\.\d+)?h)?(?:\d+(?:\.\d+)?m)?\d+(?:\.\d+)?(?:e[-+]?\d+)? ?(?:ns|[uµμ]s|ms|s)\b`)
)

// differ tells, as the end of a sentence, how text now differs from saved beyond
// what differs by nature; "" where it does not. Times count as equal within a
// factor of o.Tolerance, and where both are below a second.
func (o Options) differ(saved, now string) string {
	if saved == now {
		return ""
	}
	a, b := strings.Split(ansi.ReplaceAllString(saved, ""), "\n"), strings.Split(ansi.ReplaceAllString(now, ""), "\n")
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(b):
			return fmt.Sprintf(" ends after %s, saved are %d", plural(len(b), "line"), len(a))
		case i >= len(a):
			return fmt.Sprintf(" goes on after the %s saved: %q", plural(len(a), "line"), short(b[i]))
		case !o.sameLine(a[i], b[i]):
			return fmt.Sprintf(", line %d, is %q, saved is %q", i+1, short(b[i]), short(a[i]))
		}
	}
	return ""
}

func (o Options) sameLine(a, b string) bool {
	if a == b {
		return true
	}
	if o.Tolerance <= 1 {
		return false
	}
	a, b = varying.ReplaceAllString(a, "·"), varying.ReplaceAllString(b, "·")
	if timing.ReplaceAllString(a, "·") != timing.ReplaceAllString(b, "·") {
		return false
	}
	was, is := timing.FindAllString(a, -1), timing.FindAllString(b, -1)
	for i := range was {
		if !o.near(seconds(was[i]), seconds(is[i])) {
			return false
		}
	}
	return true
}

// near tells whether two times in seconds are equal within the tolerance: below a
// second, what else the machine does counts for more than the code.
func (o Options) near(a, b float64) bool {
	const small = 1
	low, high := min(a, b), max(a, b)
	return high <= small || high <= low*o.Tolerance
}

// seconds reads what timing matches.
func seconds(text string) float64 {
	d, err := time.ParseDuration(strings.ReplaceAll(text, " ", ""))
	if err != nil { // 1e-06s
		digits := strings.TrimRight(text, "nuµμms ")
		n, _ := strconv.ParseFloat(digits, 64)
		unit, _ := time.ParseDuration("1" + strings.TrimSpace(text[len(digits):]))
		return n * unit.Seconds()
	}
	return d.Seconds()
}

// count is the number as which c was run; 0 where it was not.
func (c cell) count() int {
	n, _ := c["execution_count"].(json.Number)
	i, _ := n.Int64()
	return int(i)
}

// outputs are those of c that are objects.
func (c cell) outputs() (list []map[string]any) {
	all, _ := c["outputs"].([]any)
	for _, o := range all {
		if fields, ok := o.(map[string]any); ok {
			list = append(list, fields)
		}
	}
	return list
}

// fault is the error among c's outputs, or nil.
func (c cell) fault() *interp.Error {
	for _, o := range c.outputs() {
		if o["output_type"] != "error" {
			continue
		}
		name, _ := o["ename"].(string)
		value, _ := o["evalue"].(string)
		e := &interp.Error{Name: name, Value: value}
		switch lines := o["traceback"].(type) {
		case []string:
			e.Traceback = lines
		case []any:
			for _, l := range lines {
				s, _ := l.(string)
				e.Traceback = append(e.Traceback, s)
			}
		}
		return e
	}
	return nil
}
