package headless

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPins(t *testing.T) {
	path := writeRaw(t, `{"cells":[],"nbformat":4,"metadata":{"interleave":{"go":"1.26.8","require":["a.b/c@v1.0.0"],"sum":["a.b/c v1.0.0 h1:x="]}}}`)
	t.Chdir(filepath.Dir(path))
	for _, name := range []string{path, "elsewhere/nb.ipynb"} { // whole, and from the folder that a server serves
		p, err := Pins(name)
		if err != nil || p.Go != "1.26.8" || strings.Join(p.Require, " ") != "a.b/c@v1.0.0" || len(p.Sum) != 1 {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	for _, none := range []string{"", "console-1", "none.ipynb", "/none/none.ipynb"} {
		if p, err := Pins(none); err != nil || p.Require != nil {
			t.Errorf("%s: %+v, %v", none, p, err)
		}
	}
	if err := os.WriteFile(path, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Pins(path); err == nil || !strings.Contains(err.Error(), "versions of modules of the notebook "+path+": broken JSON") {
		t.Errorf("got %v", err)
	}
}
