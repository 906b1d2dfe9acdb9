package wire

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// reference is what encoding/json makes of s.
func reference(t testing.TB, s any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Each byte, at each place of a word and beyond it, as encoding/json has it.
func TestAppendString(t *testing.T) {
	for c := range 256 {
		for before := range 17 {
			s := strings.Repeat("a", before) + string([]byte{byte(c)}) + strings.Repeat("b", 16-before)
			if got, want := string(appendString(nil, s)), reference(t, s); got != want {
				t.Fatalf("%q: got %s, want %s", s, got, want)
			}
		}
	}
}

func FuzzAppendStream(f *testing.F) {
	f.Add("stdout", "a\tü\u2028\x1b[0m\xff<&>\"\\ 世界🎉\n")
	f.Add("", "12345678\x00\x1f\x20\x7f\x80")
	f.Fuzz(func(t *testing.T, name, text string) {
		s := Stream{name, text}
		if got, want := string(appendStream(nil, s)), reference(t, s); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func BenchmarkAppendStream(b *testing.B) {
	s := Stream{"stdout", strings.Repeat("a line of output <with> 40 characters \"\n\" or so\n", 1<<20/48)}
	for name, encode := range map[string]func(){
		"ours":          func() { appendStream(make([]byte, 0, len(s.Text)*2), s) },
		"encoding-json": func() { reference(b, s) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s.Text)))
			for b.Loop() {
				encode()
			}
		})
	}
}
