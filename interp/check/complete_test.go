package check

import (
	"slices"
	"strings"
	"testing"
)

// split cuts the cursor, written |, out of code.
func splitCursor(t testing.TB, code string) (string, int) {
	t.Helper()
	before, after, ok := strings.Cut(code, "|")
	if !ok {
		t.Fatalf("no cursor in %q", code)
	}
	return before + after, len(before)
}

func TestComplete(t *testing.T) {
	earlier := []string{
		"import (\n\t\"fmt\"\n\t\"net/http\"\n\t\"strings\"\n\tr \"math/rand/v2\"\n)",
		"type inner struct{ deep int }\nfunc (i *inner) touch() {}\ntype point struct{ inner; x, Y int }\nfunc (p point) area() int { return 0 }\nfunc (p *point) move() {}",
		"srv := &http.Server{}\ntotal := 1\ntotals := []int{}\npt := point{}\nvar err error\nvar sb strings.Builder",
		"import . \"bytes\"",
		"func half(n int) int { return n/2 }\nconst limit = 5\nvar pts []*point\ntype list[T any] struct{ head T }\nl := list[point]{}\n0",
		"0",
	}
	tests := []struct {
		name, code string
		want       string // of the matches: those named here; -name is not there
	}{
		{"dot import of an earlier cell", "NewBu|", "NewBuffer:function"},
		{"label", "outer:\nfor {\n\tfor {\n\t\tbreak o|\n\t}\n}", "outer:label: -total"},
		{"label, nothing typed", "outer:\nfor {\n\tcontinue |\n}", "outer:label: -total -if"},
		{"label of another function", "outer:\nfor {\n\tf := func() {\n\t\tfor {\n\t\t\tbreak |\n", "-outer -total"},
		{"label of a goto", "func f() {\n\tgoto e|\nelse1:\n\tfor {\n\tend:\n\t}\n}", "end:label: else1:label: -err"},
		{"fields that are left", "point{x: 1, |}", "Y:field:int inner:field:inner -x -total"},
		{"field that is being typed", "point{x: 1, Y|: 2}", "Y:field:int -x"},
		{"asked for", "?tot|", "total:variable:int totals:variable:[]int"},
		{"member asked for", "x := 1\n??strings.HasP|", "HasPrefix:function:func(s string, prefix string) bool"},
		{"number", "y := 3.|", "-total -if"},
		{"name that ends with a digit", "p2 := pt\np2.|", "area:method:func() int"},
		{"dot import", "import . \"strings\"\nHasP|", "HasPrefix:function:func(s string, prefix string) bool"},
		{"our package, not imported", "display.HT|", "HTML:function"},
		{"package member", "strings.HasP|", "HasPrefix:function:func(s string, prefix string) bool -HasSuffix"},
		{"all members", "strings.|", "Builder:type:struct HasPrefix:function ToUpper:function -explode"},
		{"member in a call", "fmt.Println(strings.HasP|", "HasPrefix"},
		{"member in a whole call", "fmt.Println(strings.HasP|)\nx := 1", "HasPrefix"},
		{"member in the middle", "strings.Has|Prefix(1)", "HasPrefix HasSuffix"},
		{"renamed import", "r.Int|", "IntN:function Int"},
		{"import of this cell", "import \"os\"\nos.Exi|", "Exit:function"},
		{"not imported", "sort.Sl|", "Slice:function"},
		{"not imported, version", "rand.Per|", "Perm"},
		{"other case", "strings.hasp|", "HasPrefix"},
		{"constant", "http.StatusNotF|", "StatusNotFound:const:untyped int"},
		{"pointer's methods", "srv.Lis|", "ListenAndServe:method ListenAndServeTLS -Handler"},
		{"pointer's fields", "srv.Ha|", "Handler:field:http.Handler"},
		{"addressable value", "sb.Wri|", "WriteString:method WriteByte"},
		{"interface", "err.|", "Error:method"},
		{"own fields and methods", "pt.|", "x:field:int Y:field inner:field deep:field area:method move:method touch:method"},
		{"element", "pts[0].m|", "move"},
		{"call result", "strings.NewReader(``).Rea|", "Read:method ReadByte"},
		{"generic", "l.head.a|", "area"},
		{"method expression", "point.|", "area:method -x -move"},
		{"chain", "pt.inner.t|", "touch"},
		{"private fields of the library", "sb.|", "Len -buf -addr"},
		{"condition", "if strings.HasP|", "HasPrefix"},
		{"loop condition", "for i := 0; i < pt.|", "x"},
		{"range", "for _, v := range pt.|", "x"},
		{"switch", "switch pt.|", "x"},
		{"case", "switch 1 {\ncase pt.|", "x"},
		{"go", "go srv.Lis|", "ListenAndServe"},
		{"defer", "defer srv.Clo|", "Close"},
		{"open blocks", "func f() {\n\tfor i := range 3 {\n\t\tif pt.|", "x"},
		{"literal", "x := []int{pt.|", "x"},
		{"closure", "go func() {\n\tsrv.Lis|", "ListenAndServe"},
		{"second line of a broken cell", "x := ) 5\npt.|", "x"},
		{"before other lines", "pt.|\ny := 1\ny", "x"},
		{"parameter type", "func f(b strings.Bui|", "Builder"},
		{"field type", "type t struct {\n\tb strings.Bui|", "Builder"},
		{"names", "tot|", "total:variable:int totals:variable:[]int -point"},
		{"function", "ha|", "half:function:func(n int) int"},
		{"constant name", "lim|", "limit:const"},
		{"type name", "var p poi|", "point:type:struct"},
		{"import name", "stri|", "strings:module:strings string:type"},
		{"builtin", "app|", "append:function"},
		{"keyword", "ret|", "return:keyword"},
		{"nothing yet", "|", "total strings half for append"},
		{"local", "func f(argument int) {\n\tlocal := 1\n\tif true {\n\t\tnested := local\n\t\t_ = nested\n\t}\n\t|", "argument local total -nested"},
		{"local prefix", "for index, value := range totals {\n\tind|", "index:variable:int"},
		{"later local", "func f() {\n\tlo|\n\tlocal := 1\n}", "-local"},
		{"import below", "sor|\nimport \"sort\"", "sort:module:sort"},
		{"own name", "abacus := 1\naba|", "abacus:variable:int"},
		{"later name", "aba|\nabacus := 1", "-abacus"},
		{"later name in a function", "func f() {\n\taba|\n}\nabacus := 1", "abacus"},
		{"later function", "help|\nfunc helper() {}", "helper:function"},
		{"shadowing", "func f(total string) {\n\ttot|", "total:variable:string"},
		{"name with two meanings", "total := \"a\"\ntotal := 2.5\ntot|", "total:variable:float64"},
		{"struct literal key", "point{|", "x:field Y:field inner:field total"},
		{"struct literal key with a letter", "pt = point{x: 1, Y|", "Y:field"},
		{"key before a value", "pt = point{x|: 1}", "x:field -total"},
		{"value in a literal", "point{x: tot|", "total"},
		{"import path", "import \"net/ht|", "net/http:module net/http/httptest -net/http/internal"},
		{"import path in a group", "import (\n\t\"fmt\"\n\tm \"mat|", "math math/rand/v2"},
		{"import path with its end", "import \"stri|\"", "strings"},
		{"import of ours", "import \"inter|", "interleave/display:module -internal/abi"},
		{"string", "x := \"tot|", ""},
		{"raw string", "x := `a\ntot|", ""},
		{"rune", "x := 't|", ""},
		{"comment", "// tot|", ""},
		{"block comment", "/* x\ntot|", ""},
		{"after a comment", "// x\ntot|", "total"},
		{"magic", "%go|", "goroutines:magic -goto"},
		{"all magics", "x := 1\n%|", "goroutines help"},
		{"argument of a magic", "%time tot|", ""},
		{"shell", "!ls tot|", ""},
		{"after a magic", "%time 'x\ntot|", "total"},
		{"after a shell line", "!echo \"(\npt.|", "x"},
		{"number", "5|", ""},
		{"unknown", "nowhere.|", ""},
		{"letters", "größe := 1\ngrö|", "größe:variable"},
	}
	s := newTestSession()
	if _, err := run(t, s, earlier...); err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, offset := splitCursor(t, tt.code)
			got := s.Complete(code, offset)
			if got.End != offset || got.Start > got.End || got.Start < 0 {
				t.Errorf("replaces %d:%d", got.Start, got.End)
			}
			if tt.want == "" && len(got.Matches) > 0 {
				t.Errorf("got %v, want nothing", got.Matches)
			}
			checkMatches(t, got.Matches, tt.want)
		})
	}
}

// checkMatches compares matches with "name:type:detail ..." and "-name".
func checkMatches(t *testing.T, got []Match, want string) {
	t.Helper()
	var all []string
	for _, m := range got {
		all = append(all, m.Text+":"+m.Type+":"+m.Detail)
	}
	seen := map[string]bool{}
	for _, m := range got {
		if seen[m.Text] {
			t.Errorf("%s comes twice", m.Text)
		}
		seen[m.Text] = true
		if strings.Contains(m.Text, mark) || strings.Contains(m.Text, dot) {
			t.Errorf("hidden name %s", m.Text)
		}
	}
	for _, w := range wants(want) {
		name, absent := strings.CutPrefix(w, "-")
		found := slices.ContainsFunc(all, func(s string) bool { return s == name || strings.HasPrefix(s, name+":") })
		if found == absent {
			t.Errorf("%s: got %q", w, all[:min(len(all), 40)])
		}
	}
}

// wants cuts a list at spaces that begin a new name, not at those in a type.
func wants(list string) []string {
	var out []string
	depth, from := 0, 0
	for i, r := range list + " " {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ' ' && depth == 0:
			word := (list + " ")[from:i]
			if n := len(out); n > 0 && (word == "bool" || word == "int" && strings.HasSuffix(out[n-1], ")") || word == "int" && strings.HasSuffix(out[n-1], "untyped")) {
				out[n-1] += " " + word
			} else if word != "" {
				out = append(out, word)
			}
			from = i + 1
		}
	}
	return out
}

// Wherever the cursor is in whatever code, there is an answer.
func TestCompleteEverywhere(t *testing.T) {
	s := newTestSession()
	if _, err := run(t, s, "import \"strings\"\ntype p struct{ x int }", "0"); err != nil {
		t.Fatal(err)
	}
	codes := []string{
		"func f(a ...int) (x int) {\n\tdefer func() { recover() }()\n\tgo strings.Map(nil, `a`)\n\treturn p{x: 1}.x\n}",
		"import (\n\t\"fmt\"\n)\ntype t[T any] interface{ ~int | m() }\nvar ( a, b = 1, 2 )\nL: for { select { case <-a: break L } }",
		"%magic\n!shell (\n}}})))\nx.y.z[", "日本 := \"語\"\n日本.x", "\ufeffx := 1\r\nx.", "x := y.(type", "func (", "p{{}}.x",
	}
	for _, code := range codes {
		for i := -1; i <= len(code)+1; i++ {
			got := s.Complete(code, i)
			if got.Start < 0 || got.Start > got.End || got.End > len(code) {
				t.Errorf("%q at %d: %d:%d", code, i, got.Start, got.End)
			}
			s.Inspect(code, i, 0)
		}
	}
}

func BenchmarkComplete(b *testing.B) {
	s := longSession(b, 1000)
	if ch, err := s.Check(mustParse(b, 1001, "import (\"net/http\"; \"strings\")\nsrv := &http.Server{}")); err != nil {
		b.Fatal(err)
	} else {
		s.Commit(ch, 1)
	}
	for _, tt := range [][2]string{
		{"package", "strings.Ha|"}, {"big package", "http.|"}, {"methods", "srv.|"}, {"names", "tot|"}, {"broken", "for i := range 3 {\n\tfmt.Println(srv.|"},
	} {
		b.Run(tt[0], func(b *testing.B) {
			code, offset := splitCursor(b, tt[1])
			for b.Loop() {
				if got := s.Complete(code, offset); len(got.Matches) == 0 {
					b.Fatal("no match")
				}
			}
		})
	}
}
