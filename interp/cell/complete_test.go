package cell

import (
	"go/ast"
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	tests := []struct{ name, src, status, indent string }{
		{"empty", "", "complete", ""},
		{"expression", "1 + 2", "complete", ""},
		{"magic", "%who", "complete", ""},
		{"cell magic", "%%bash\nif [ 1 ]; then (", "complete", ""},
		{"function", "func f() {\n\treturn\n}", "complete", ""},
		{"operator", "x := 1 +", "incomplete", ""},
		{"assignment", "x :=", "incomplete", ""},
		{"comma", "a, ", "incomplete", ""},
		{"open function", "func f() {", "incomplete", "\t"},
		{"open function with a line", "func f() {\n\tx := 1\n", "incomplete", "\t"},
		{"open function on the way", "func f", "incomplete", ""},
		{"function without body", "func f()", "incomplete", ""},
		{"two blocks", "func f() {\n\tfor i := range 3 {\n", "incomplete", "\t\t"},
		{"call", "fmt.Println(1,", "incomplete", "\t"},
		{"call at end of line", "fmt.Println(1\n", "incomplete", "\t"},
		{"imports", "import (\n\t\"fmt\"\n", "incomplete", "\t"},
		{"struct", "type p struct {\n\tx int\n", "incomplete", "\t"},
		{"raw string", "s := `abc\ndef", "incomplete", ""},
		{"comment", "x := 1 /* abc\n", "incomplete", ""},
		{"if without block", "if x > 1", "incomplete", ""},
		{"else", "if x {\n} else", "incomplete", ""},
		{"selector", "fmt.", "incomplete", ""},
		{"stray brace", "x }", "invalid", ""},
		{"two words", "foo bar", "invalid", ""},
		{"string", "s := \"abc", "invalid", ""},
		{"rune", "r := 'a", "invalid", ""},
		{"mistake before the end", "foo bar {\n", "invalid", ""},
		{"wrong bracket", "f(1]", "invalid", ""},
		{"brace on the next line", "func f()\n{\n}", "invalid", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, indent := Complete(tt.src)
			if status != tt.status || indent != tt.indent {
				t.Errorf("%q: got %s %q, want %s %q", tt.src, status, indent, tt.status, tt.indent)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "x := 1", "import \"fmt\"\nfunc f() {}", "%%bash\nx", "!ls\n%x\n}", "func f()\n{", "\ufeff/*\r*/func f(){}",
		"package main; func (p *t) m() {}", "for {", "s := `\n%a", "if x := 1; x > 0 {} else", "//line a:1\nfoo bar", "x\x00\xff",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		c, err := Parse(1, src)
		if c == nil {
			t.Fatal("no cell")
		}
		if len(c.Code) != len(src) || strings.Count(c.Code, "\n") != strings.Count(src, "\n") {
			t.Fatalf("Code %q is not aligned with %q", c.Code, src)
		}
		if e, ok := err.(*Errors); ok {
			e.Traceback(true)
			for _, d := range e.List {
				if d.Offset < 0 || d.Offset > len(src) || d.Line < 1 || d.Col < 1 || d.Cell != 1 {
					t.Errorf("diagnostic %+v lies outside of %q", d, src)
				}
			}
			return
		}
		for _, it := range c.Items {
			ast.Inspect(it.Node, func(n ast.Node) bool {
				// A label at the very end has an empty statement behind it.
				if n == nil {
					return false
				}
				from, to := int(n.Pos())-int(c.Pos(0)), int(n.End())-int(c.Pos(0))
				if from < 0 || to < from || to > len(src)+len(bodySuffix) {
					t.Errorf("%T lies outside of %q", n, src)
				}
				c.Text(n)
				return true
			})
		}
		if status, _ := Complete(src); status == "invalid" {
			t.Errorf("%q parses and is invalid", src)
		}
	})
}
