package headless

import (
	"strings"
	"testing"
)

func TestParseErrors(t *testing.T) {
	const tail = `,"nbformat":4,"nbformat_minor":5}`
	tests := []struct{ name, content, want string }{
		{"empty", " \n", "empty file: not a notebook"},
		{"cut off", "{\n\"cells\": [", "broken JSON, line 2: unexpected EOF"},
		{"merge conflict", "{\"cells\": [\n<<<<<<< HEAD\n]}", "broken JSON, line 2: invalid character '<' looking for beginning of value"},
		{"python's NaN", `{"cells":[NaN]` + tail, "broken JSON, line 1: invalid character 'N' looking for beginning of value"},
		{"more", "{}\n{}", "broken JSON, line 2: more text after the notebook's end"},
		{"latin 1", "{\"a\":\"\xe9\"}", "not a notebook: its text is not UTF-8"},
		{"a program", "package main\n", "broken JSON, line 1: invalid character 'p' looking for beginning of value"},
		{"list", "[]", "not a notebook: its JSON is no object"},
		{"no format", "{}", `not a notebook: no number "nbformat"`},
		{"format as text", `{"nbformat":"4"}`, `not a notebook: no number "nbformat"`},
		{"format 3", `{"nbformat":3,"nbformat_minor":0,"worksheets":[]}`, "nbformat 3 is too old: open and save it in JupyterLab, or run jupyter nbconvert --to notebook"},
		{"format 5", `{"nbformat":5,"cells":[]}`, "nbformat 5 is too new: only format 4 is known"},
		{"no cells", `{"metadata":{}` + tail, `not a notebook: no list "cells"`},
		{"cell as text", `{"cells":["x"]` + tail, "cell 1 of the file is no object"},
		{"no type", `{"cells":[{"source":""}]` + tail, `cell 1 of the file has no "cell_type"`},
		{"no source", `{"cells":[{"cell_type":"raw","source":[]},{"cell_type":"code"}]` + tail, `cell 2 of the file has no "source" that is text`},
		{"source of numbers", `{"cells":[{"cell_type":"code","source":[1]}]` + tail, `cell 1 of the file has no "source" that is text`},
		{"python", `{"cells":[],"metadata":{"kernelspec":{"name":"python3","language":"python"}}` + tail, "notebook of another kernel, in python: run it with jupyter execute"},
		{"python by its info", `{"cells":[],"metadata":{"kernelspec":{"name":"x"},"language_info":{"name":"python"}}` + tail, "notebook of another kernel, in python: run it with jupyter execute"},
		{"unknown kernel", `{"cells":[],"metadata":{"kernelspec":{"name":"x"}}` + tail,
			`notebook of kernel "x" in a language it does not tell: if that is Go, set metadata.kernelspec.language to "go"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			nb, err := parse([]byte(test.content))
			if err == nil {
				t.Fatalf("no error, notebook %v", nb.top)
			}
			if err.Error() != test.want {
				t.Errorf("error %q, want %q", err, test.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Error("more than one line")
			}
		})
	}
}

func TestParseAccepts(t *testing.T) {
	tests := []struct{ name, content, minor string }{
		{"no minor", `{"nbformat":4,"cells":[]}`, "5"},
		{"4.0", `{"nbformat":4,"nbformat_minor":0,"cells":[]}`, "5"},
		{"later minor stays", `{"nbformat":4,"nbformat_minor":7,"cells":[]}`, "7"},
		{"our kernel, no language", `{"nbformat":4,"cells":[],"metadata":{"kernelspec":{"name":"interleave"}}}`, "5"},
		{"another Go kernel", `{"nbformat":4,"cells":[],"metadata":{"kernelspec":{"name":"gonb","language":"Go"}}}`, "5"},
		{"metadata null", `{"nbformat":4,"cells":[],"metadata":null}`, "5"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			nb, err := parse([]byte(test.content))
			if err != nil {
				t.Fatal(err)
			}
			b, err := nb.encode()
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{`"nbformat_minor": ` + test.minor, `"language": "`, `"file_extension": ".go"`} {
				if !strings.Contains(string(b), want) {
					t.Errorf("no %s in\n%s", want, b)
				}
			}
		})
	}
}

func TestIDs(t *testing.T) {
	const content = `{"nbformat":4,"nbformat_minor":5,"cells":[
		{"cell_type":"raw","id":"a-1_B","source":"x"}, {"cell_type":"raw","source":"x"}, {"cell_type":"raw","id":"","source":"x"},
		{"cell_type":"raw","id":"a-1_B","source":"x"}, {"cell_type":"raw","id":7,"source":"x"}]}`
	ids := func() (ids []string) {
		nb, err := parse([]byte(content))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range nb.cells {
			ids = append(ids, c["id"].(string))
		}
		return ids
	}
	first, seen := ids(), map[string]bool{}
	for _, id := range first {
		if seen[id] || !validID.MatchString(id) {
			t.Errorf("id %q is doubled or not valid", id)
		}
		seen[id] = true
	}
	if first[0] != "a-1_B" {
		t.Errorf("first id is %q", first[0])
	}
	if again := ids(); strings.Join(again, " ") != strings.Join(first, " ") {
		t.Errorf("ids differ: %v, %v", first, again)
	}
}

// The cases are those of Python's str.splitlines(keepends=True).
func TestLines(t *testing.T) {
	tests := []struct {
		text  string
		lines []string
	}{
		{"", nil},
		{"a", []string{"a"}},
		{"a\n", []string{"a\n"}},
		{"a\n\nb", []string{"a\n", "\n", "b"}},
		{"a\r\nb\rc\n\rd", []string{"a\r\n", "b\r", "c\n", "\r", "d"}},
		{"a\vb\fc\x1cd\x1de\x1ef", []string{"a\v", "b\f", "c\x1c", "d\x1d", "e\x1e", "f"}},
		{"a\u0085b\u2028c\u2029é", []string{"a\u0085", "b\u2028", "c\u2029", "é"}},
	}
	for _, test := range tests {
		lines := splitLines(test.text)
		if len(lines) != len(test.lines) {
			t.Errorf("%q: %q", test.text, lines)
			continue
		}
		for i, want := range test.lines {
			if lines[i] != want {
				t.Errorf("%q: line %d is %q, want %q", test.text, i, lines[i], want)
			}
		}
		if joined, ok := joinLines(lines); !ok || joined != test.text {
			t.Errorf("%q: joined %q", test.text, joined)
		}
	}
}
