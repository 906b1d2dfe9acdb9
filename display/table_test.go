package display

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

type person struct {
	Name string
	age  int
	Tags []string
}

func TestTable(t *testing.T) {
	var none *person
	for _, test := range []struct {
		name string
		v    any
		want string
	}{
		{"structs", []person{{"Ann", 7, nil}, {"Bo", 12, []string{"x"}}}, "Name  age  Tags\nAnn     7  []\nBo     12  [x]"},
		{"pointers, one nil", []*person{{Name: "Ann"}, none}, "Name  age  Tags\nAnn     0  []\n"},
		{"array", [2]person{{Name: "a"}, {Name: "b"}}, "Name  age  Tags\na       0  []\nb       0  []"},
		{"no structs", []person{}, "Name  age  Tags"},
		{"any", []any{person{Name: "q"}, 3}, "Name  age  Tags\nq       0  []\n"},
		{"maps", []map[string]int{{"a": 1}, {"b": 22}}, "a   b\n1\n   22"},
		{"map", map[string]float64{"b": 2, "a": 1.5}, "key  value\na      1.5\nb        2"},
		{"map by number", map[int]bool{10: true, 9: false}, "key  value\n  9  false\n 10  true"},
		{"struct", person{"Ann", 7, nil}, "field  value\nName   Ann\nage    7\nTags   []"},
		{"slices, ragged", [][]int{{1, 2}, {3}}, "0  1\n1  2\n3"},
		{"numbers", []int{5, 6}, "   value\n0      5\n1      6"},
		{"durations", []time.Duration{time.Second}, "   value\n0     1s"},
		{"letters that are two bytes", []string{"é", "ab"}, "   value\n0  é\n1  ab"},
		{"lines in a cell", []string{"a\nb"}, "   value\n0  a b"},
		{"no table", 3, "3"},
		{"nil", nil, "<nil>"},
		{"nil pointer", none, "<nil>"},
		{"function in it", map[string]error{"e": fmt.Errorf("bad")}, "key  value\ne    bad"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Table(test.v).Data[mimeText]; got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// The HTML has what the text has, escaped; what is too long is counted.
func TestTableHTML(t *testing.T) {
	html := Table([]map[string]string{{"<h>": "<b>"}}).Data[mimeHTML].(string)
	if !strings.Contains(html, "&lt;h&gt;</th>") || !strings.Contains(html, "&lt;b&gt;</td>") {
		t.Errorf("not escaped: %s", html)
	}
	b := Table(make([]int, tableRows+5))
	for _, mime := range []string{mimeText, mimeHTML} {
		if text := b.Data[mime].(string); !strings.Contains(text, "… and 5 more rows of 1005") {
			t.Errorf("%s does not tell what is left out: …%s", mime, text[len(text)-60:])
		}
	}
	if rows := strings.Count(b.Data[mimeHTML].(string), "<tr>"); rows != tableRows+1 {
		t.Errorf("%d rows", rows)
	}
}

func ExampleTable() {
	fmt.Println(Table([]struct {
		Tool string
		Ms   float64
	}{{"async", 41.5}, {"serial", 1200}}).Data["text/plain"])
	// Output:
	// Tool      Ms
	// async   41.5
	// serial  1200
}

func TestCode(t *testing.T) {
	for _, test := range []struct{ language, source, want string }{
		{"go", "x := 1\n", "```go\nx := 1\n```\n"},
		{"", "a ``` b", "````\na ``` b\n````\n"},
		{"python", "", "```python\n\n```\n"},
	} {
		b := Code(test.language, test.source)
		if b.Data[mimeMarkdown] != test.want || b.Data[mimeText] != test.source {
			t.Errorf("Code(%q, %q) = %q", test.language, test.source, b.Data)
		}
	}
}

func TestLink(t *testing.T) {
	for _, test := range []struct{ url, text, plain, html string }{
		{"https://go.dev", "", "https://go.dev", `>https://go.dev</a>`},
		{"https://go.dev/?a&b", "<Go>", "<Go> (https://go.dev/?a&b)", `href="https://go.dev/?a&amp;b" target="_blank" rel="noopener">&lt;Go&gt;</a>`},
		{"files/a.txt", "a", "a (files/a.txt)", `<a href="files/a.txt"`},
		{"JavaScript:alert(1)", "x", "x (JavaScript:alert(1))", "x (JavaScript:alert(1))"},
		{`"><script>`, "x", `x ("><script>)`, `<a href="&#34;&gt;&lt;script&gt;"`},
	} {
		b := Link(test.url, test.text)
		if html := b.Data[mimeHTML].(string); b.Data[mimeText] != test.plain || !strings.Contains(html, test.html) {
			t.Errorf("Link(%q, %q) = %q", test.url, test.text, b.Data)
		}
	}
	if html := Link("javascript:alert(1)", "x").Data[mimeHTML].(string); strings.Contains(html, "<a") {
		t.Errorf("a link that runs a script: %s", html)
	}
}
