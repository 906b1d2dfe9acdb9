package build

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const embedSource = `package cell

import "embed"

//go:embed a.txt
var a string

//go:embed *.txt
var files embed.FS

var Unit = map[string]any{"get": func() (string, string) {
	b, _ := files.ReadFile("b.txt")
	return a, string(b)
}}
`

func embedUnit(a string) Package {
	p := unit("embed", embedSource)
	p.Embed = Embed{
		Patterns: map[string][]string{"a.txt": {"a.txt"}, "*.txt": {"a.txt", "b.txt"}},
		Files:    map[string]string{"a.txt": a, "b.txt": strings.Repeat("b", 5000)}, // which is too much to lie in a symbol's name
	}
	return p
}

func TestEmbed(t *testing.T) {
	a, b := open(t, embedUnit("A"))["get"].(func() (string, string))()
	if a != "A" || len(b) != 5000 {
		t.Errorf("embedded %q and %d bytes", a, len(b))
	}
	p := mustBuild(t, embedUnit("A"))
	if !p.Cached {
		t.Error("the same files again are not compiled again")
	}
	if tools.flavour.shared && p.Apart != nil {
		t.Errorf("it was linked with a copy of the library: %v", p.Apart)
	}
	if p := mustBuild(t, embedUnit("B")); p.Cached {
		t.Error("a file of another content is compiled anew")
	}
}

// Nothing of where the files lay is in the archive.
func TestEmbedReproduces(t *testing.T) {
	own, err := tools.ownPackages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var archives [][]byte
	for range 2 {
		work := t.TempDir()
		if err := tools.compile(t.Context(), embedUnit("A"), own, work, ""); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(work, "unit.a"))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte(work)) {
			t.Error("the archive names the folder that it was made in")
		}
		archives = append(archives, data)
	}
	if !bytes.Equal(archives[0], archives[1]) {
		t.Error("the same files give two archives")
	}
}
