package display

import (
	"fmt"
	"html"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// tableRows is how many rows Table shows; the line below it tells how many there are.
const tableRows = 1000

// Table gives rows and columns: of a slice or array of structs, of pointers to
// structs, of maps with string keys, or of slices; of a map (key, value); of a
// struct (field, value); of a slice of anything else (index, value). Lower-case
// fields are shown too. Numbers stand on the right. What is no table is shown as
// its plain text.
func Table(v any) Bundle {
	t, ok := tableOf(reflect.ValueOf(v))
	if !ok {
		return Text(Plain(v))
	}
	return Bundle{Data: map[string]any{mimeText: t.text(), mimeHTML: t.html()}}
}

// A table is what is shown: cells[row][column], and how many rows are left out.
type table struct {
	head  []string
	cells [][]string
	right []bool // by column: all are numbers
	more  int
}

func tableOf(v reflect.Value) (*table, bool) {
	v = concrete(v)
	if !v.IsValid() {
		return nil, false
	}
	t := &table{}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		t.ofSlice(v)
	case reflect.Map:
		t.head = []string{"key", "value"}
		keys := sortedKeys(v)
		t.more = max(0, len(keys)-tableRows)
		for _, k := range keys[:len(keys)-t.more] {
			t.cells = append(t.cells, []string{format(k), format(v.MapIndex(k))})
		}
	case reflect.Struct:
		t.head = []string{"field", "value"}
		for i := range v.NumField() {
			t.cells = append(t.cells, []string{v.Type().Field(i).Name, format(v.Field(i))})
		}
	default:
		return nil, false
	}
	t.align()
	return t, true
}

// ofSlice takes a row from each element; the first one tells the kind of all.
func (t *table) ofSlice(v reflect.Value) {
	t.more = max(0, v.Len()-tableRows)
	rows := make([]reflect.Value, v.Len()-t.more)
	for i := range rows {
		rows[i] = concrete(v.Index(i))
	}
	elem := v.Type().Elem()
	for elem.Kind() == reflect.Pointer {
		elem = elem.Elem()
	}
	if elem.Kind() == reflect.Interface && len(rows) > 0 && rows[0].IsValid() {
		elem = rows[0].Type()
	}
	switch {
	case elem.Kind() == reflect.Struct:
		t.ofStructs(elem, rows)
	case elem.Kind() == reflect.Map && elem.Key().Kind() == reflect.String:
		t.ofMaps(rows)
	case elem.Kind() == reflect.Slice || elem.Kind() == reflect.Array:
		t.ofSlices(rows)
	default:
		t.head = []string{"", "value"}
		for i, r := range rows {
			t.cells = append(t.cells, []string{fmt.Sprint(i), format(r)})
		}
	}
}

func (t *table) ofStructs(elem reflect.Type, rows []reflect.Value) {
	for i := range elem.NumField() {
		t.head = append(t.head, elem.Field(i).Name)
	}
	for _, r := range rows {
		cells := make([]string, len(t.head))
		for i := range cells {
			if r.IsValid() && r.Type() == elem {
				cells[i] = format(r.Field(i))
			}
		}
		t.cells = append(t.cells, cells)
	}
}

// ofMaps has a column for each key of any row.
func (t *table) ofMaps(rows []reflect.Value) {
	names := map[string]bool{}
	for _, r := range rows {
		if r.Kind() != reflect.Map {
			continue
		}
		for _, k := range r.MapKeys() {
			names[k.String()] = true
		}
	}
	t.head = slices.Sorted(maps.Keys(names))
	for _, r := range rows {
		cells := make([]string, len(t.head))
		for i, name := range t.head {
			if r.Kind() != reflect.Map {
				continue
			}
			if v := r.MapIndex(reflect.ValueOf(name).Convert(r.Type().Key())); v.IsValid() {
				cells[i] = format(v)
			}
		}
		t.cells = append(t.cells, cells)
	}
}

func (t *table) ofSlices(rows []reflect.Value) {
	for _, r := range rows {
		var cells []string
		if r.IsValid() && (r.Kind() == reflect.Slice || r.Kind() == reflect.Array) {
			for i := range r.Len() {
				cells = append(cells, format(r.Index(i)))
			}
		}
		t.cells = append(t.cells, cells)
		for len(t.head) < len(cells) {
			t.head = append(t.head, fmt.Sprint(len(t.head)))
		}
	}
	for i, cells := range t.cells {
		t.cells[i] = append(cells, make([]string, len(t.head)-len(cells))...)
	}
}

// align finds the columns of numbers.
func (t *table) align() {
	t.right = make([]bool, len(t.head))
	for c := range t.head {
		t.right[c] = len(t.cells) > 0 && !slices.ContainsFunc(t.cells, func(row []string) bool { return !numeric(row[c]) })
	}
}

// numeric tells whether s is empty, or begins as a number or a duration does.
func numeric(s string) bool {
	s = strings.TrimLeft(s, "+-~")
	return s == "" || s[0] >= '0' && s[0] <= '9'
}

// concrete follows pointers and interfaces; a nil one gives no value.
func concrete(v reflect.Value) reflect.Value {
	for v.IsValid() && (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) {
		v = v.Elem()
	}
	return v
}

func sortedKeys(v reflect.Value) []reflect.Value {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int {
		switch {
		case a.CanInt() && b.CanInt():
			return int(min(1, max(-1, a.Int()-b.Int())))
		case a.CanFloat() && b.CanFloat() && a.Float() != b.Float():
			if a.Float() < b.Float() {
				return -1
			}
			return 1
		}
		return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
	})
	return keys
}

// format is one cell: a line of at most 80 runes.
func format(v reflect.Value) string {
	if !v.IsValid() {
		return ""
	}
	if v.CanInterface() {
		return oneLine(fmt.Sprint(shorten(v.Interface())), "")
	}
	return oneLine(fmt.Sprint(v), "") // a lower-case field: fmt reads what Interface would not give
}

func (t *table) note() string {
	if t.more == 0 {
		return ""
	}
	return fmt.Sprintf("… and %d more rows of %d", t.more, t.more+len(t.cells))
}

func (t *table) text() string {
	widths := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.cells...) {
		for c, s := range row {
			widths[c] = max(widths[c], utf8.RuneCountInString(s))
		}
	}
	var b strings.Builder
	for i, row := range append([][]string{t.head}, t.cells...) {
		if i > 0 {
			b.WriteByte('\n')
		}
		line := make([]string, len(row))
		for c, s := range row {
			pad := strings.Repeat(" ", widths[c]-utf8.RuneCountInString(s))
			if t.right[c] {
				line[c] = pad + s
			} else {
				line[c] = s + pad
			}
		}
		b.WriteString(strings.TrimRight(strings.Join(line, "  "), " "))
	}
	if n := t.note(); n != "" {
		b.WriteString("\n" + n)
	}
	return b.String()
}

func (t *table) html() string {
	var b strings.Builder
	row := func(tag string, cells []string) {
		b.WriteString("<tr>")
		for c, s := range cells {
			style := ` style="text-align:left"`
			if t.right[c] {
				style = ` style="text-align:right"`
			}
			fmt.Fprintf(&b, "<%s%s>%s</%s>", tag, style, html.EscapeString(s), tag)
		}
		b.WriteString("</tr>")
	}
	b.WriteString("<table><thead>")
	row("th", t.head)
	b.WriteString("</thead><tbody>")
	for _, cells := range t.cells {
		row("td", cells)
	}
	b.WriteString("</tbody></table>")
	if n := t.note(); n != "" {
		b.WriteString("<p>" + n + "</p>")
	}
	return b.String()
}
