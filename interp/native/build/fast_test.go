package build

import (
	"os"
	"testing"

	"interleave/interp/native/load"
)

// againstProgram skips a test where this program cannot be linked against.
func againstProgram(t testing.TB) {
	t.Helper()
	if !tools.flavour.shared {
		t.Skip("this program was built without -gcflags=all=-linkshared")
	}
}

func TestLinkAgainst(t *testing.T) {
	againstProgram(t)
	for name, src := range map[string]string{
		"tiny": "package cell\n\nvar Unit = map[string]any{\"f\": func(n int) int { return n + 1 }}",
		"fmt":  "package cell\n\nimport \"fmt\"\n\nvar Unit = map[string]any{\"f\": func(n int) int { return len(fmt.Sprint(n)) }}",
		"http": "package cell\n\nimport \"net/http\"\n\nvar Unit = map[string]any{\"f\": func(n int) int { return len(http.StatusText(n)) }}",
	} {
		t.Run(name, func(t *testing.T) {
			p := mustBuild(t, unit("against"+name, src))
			if p.Apart != nil {
				t.Error(p.Apart)
			}
			st, _ := os.Stat(p.SharedObject)
			t.Log(st.Size())
			l, err := load.Open(p.SharedObject)
			if err != nil {
				t.Fatal(err)
			}
			t.Log(l.Unit["f"].(func(int) int)(200))
		})
	}
}
