package embed

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// folder makes a folder of empty files.
func folder(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		file := filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Dir(file), 0o755)
		if err == nil && filepath.Base(name) == "link" {
			err = os.Symlink("a.txt", file)
		} else if err == nil {
			err = os.WriteFile(file, nil, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var patterns = []struct{ pattern, want string }{
	{"a.txt", "a.txt"},
	{"[ab].txt", "a.txt b.txt"},
	{".hidden", ".hidden"},
	{"with space", "with space"},
	{"d", "d/e/z d/x"},
	{"all:d", "d/.h d/_u/y d/e/z d/x"},
	{"d/*", "error: cannot embed directory d/.git: invalid name .git"},
	{"d/[el]*", "error: cannot embed irregular file d/link"},
	{"m/q", "error: cannot embed file m/q: in different module"},
	{"m", "error: cannot embed directory m: in different module"},
	{"link", "error: cannot embed irregular file link"},
	{"nul.txt", "error: cannot embed file nul.txt: invalid name nul.txt"},
	{"semi*", "error: cannot embed file semi;colon: invalid name semi;colon"},
	{"bad", "error: cannot embed file bad/a:b: invalid name a:b"},
	{"empty", "error: cannot embed directory empty: contains no embeddable files"},
	{"all:empty", "empty/.h"},
	{".git/config", "error: cannot embed file .git/config: in invalid directory .git"},
	{"nothing", "error: no matching files found"},
	{"", "error: invalid pattern syntax"},
	{".", "error: invalid pattern syntax"},
	{"../a.txt", "error: invalid pattern syntax"},
	{"/a.txt", "error: invalid pattern syntax"},
	{"d/", "error: invalid pattern syntax"},
	{"[", "error: invalid pattern syntax"},
}

// Each pattern means to us what it means to the go command.
func TestFiles(t *testing.T) {
	dir := folder(t, "a.txt", "b.txt", ".hidden", "with space", "link", "nul.txt", "semi;colon",
		"d/x", "d/.h", "d/_u/y", "d/e/z", "d/link", "d/m/go.mod", "d/m/q", "d/.git/config",
		"m/go.mod", "m/q", "empty/.h", "bad/a:b", ".git/config")
	for name, text := range map[string]string{"go.mod": "module m\n\ngo 1.26\n", "m/go.mod": "module n\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range patterns {
		names, err := Files(os.DirFS(dir), c.pattern)
		got := strings.Join(names, " ")
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != c.want {
			t.Errorf("%q: %s, want %s", c.pattern, got, c.want)
		}
		if testing.Short() {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, "m.go"), fmt.Appendf(nil, "package m\nimport \"embed\"\n//go:embed %q\nvar files embed.FS\n", c.pattern), 0o644); err != nil {
			t.Fatal(err)
		}
		if said := goList(t, dir); said != c.want {
			t.Errorf("%q: the go command says %s, want %s", c.pattern, said, c.want)
		}
	}
}

// goList gives what the go command says of the patterns in a folder.
func goList(t *testing.T, dir string) string {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-f", `{{with .Error}}error: {{.Err}}{{else}}{{join .EmbedFiles " "}}{{end}}`, ".")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text := strings.TrimSpace(string(out))
	if rest, ok := strings.CutPrefix(text, "error: pattern "); ok {
		_, text, _ = strings.Cut(rest, ": ")
		return "error: " + text
	}
	return text
}
