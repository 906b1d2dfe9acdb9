package interp

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// An exported program has the files that it embeds beside it, and its directives mean
// them and no others.
func TestExportEmbeds(t *testing.T) {
	folder, dir := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{"a.txt": "A", "b[1].txt": "B", "sub/c.txt": "C", "sub/.hidden": "H"} {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	e, err := New(Options{Sources: sources(), Dir: folder})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	cells := []string{
		"import (\"embed\"; \"fmt\"; \"io/fs\")",
		"//go:embed *\nvar all embed.FS\n//go:embed sub/c.txt\nvar c string\n",
		"fs.WalkDir(all, \".\", func(name string, d fs.DirEntry, err error) error { fmt.Println(name, err); return nil })\nfmt.Println(c)",
	}
	var requests []Request
	for i, src := range cells {
		requests = append(requests, Request{Code: src, Count: i + 1})
	}
	if _, err := e.Export(t.Context(), requests, dir, &recorder{}); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", ".")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	const want = ". <nil>\na.txt <nil>\nb[1].txt <nil>\nsub <nil>\nsub/c.txt <nil>\nC\n"
	if err != nil || string(out) != want {
		t.Errorf("%v: %q, want %q", err, out, want)
	}
	text, err := os.ReadFile(filepath.Join(dir, "cell000002.go"))
	if err != nil || !strings.Contains(string(text), "//go:embed sub/c.txt\nvar c string\n") {
		t.Errorf("%v: a pattern that can mean one thing only is left as it is:\n%s", err, text)
	}
	if _, err := os.Stat(filepath.Join(dir, "sub/.hidden")); err == nil {
		t.Error("a file that nothing embeds was copied")
	}
}
