package history

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

// fill makes a database with two earlier sessions and gives a store whose own,
// third session has two entries, of which one is not written.
func fill(t *testing.T) *Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data", "history.db")
	for _, inputs := range [][]string{{"a := 1", "a"}, {"b := 2", "a", "f(\n1)"}} {
		s := New(path, failOn(t))
		for i, input := range inputs {
			s.Add(i+1, input, "")
		}
		s.Flush()
	}
	s := New(path, failOn(t))
	s.delay = time.Hour
	s.Add(1, "a", "1")
	s.Flush()
	s.Add(2, "[x]", "")
	return s
}

func failOn(t *testing.T) func(string) {
	return func(line string) { t.Errorf("log: %s", line) }
}

func text(entries []Entry) string {
	var s []string
	for _, e := range entries {
		s = append(s, fmt.Sprintf("%d.%d %q", e.Session, e.Line, e.Input))
	}
	return strings.Join(s, ", ")
}

func TestQueries(t *testing.T) {
	s := fill(t)
	tests := []struct {
		name, want string
		got        []Entry
	}{
		{"tail 2", `3.1 "a", 3.2 "[x]"`, s.Tail(2)},
		{"tail over sessions", `2.3 "f(\n1)", 3.1 "a", 3.2 "[x]"`, s.Tail(3)},
		{"tail of more than there is", `1.1 "a := 1", 1.2 "a", 2.1 "b := 2", 2.2 "a", 2.3 "f(\n1)", 3.1 "a", 3.2 "[x]"`, s.Tail(100)},
		{"all", `1.1 "a := 1", 1.2 "a", 2.1 "b := 2", 2.2 "a", 2.3 "f(\n1)", 3.1 "a", 3.2 "[x]"`, s.Tail(0)},
		{"range of this session", `3.1 "a", 3.2 "[x]"`, s.Range(0, 0, 0)},
		{"stop is excluded", `3.1 "a"`, s.Range(0, 1, 2)},
		{"session by number", `1.1 "a := 1", 1.2 "a"`, s.Range(1, 1, 10)},
		{"the session before", `2.1 "b := 2", 2.2 "a"`, s.Range(-1, 1, 3)},
		{"the one before that", `1.2 "a"`, s.Range(-2, 2, 0)},
		{"from the end", `2.3 "f(\n1)"`, s.Range(2, -1, 0)},
		{"up to the end", `2.1 "b := 2", 2.2 "a"`, s.Range(2, 1, -1)},
		{"no such session", ``, s.Range(9, 1, 5)},
		{"before the first", ``, s.Range(-9, 1, 5)},
		{"search", `1.2 "a", 2.2 "a", 3.1 "a"`, s.Search("a", 0, false)},
		{"search, n", `2.2 "a", 3.1 "a"`, s.Search("a", 2, false)},
		{"search, unique", `3.1 "a"`, s.Search("a", 5, true)},
		{"search over lines", `2.3 "f(\n1)"`, s.Search("f*1)", 5, false)},
		{"nothing found", ``, s.Search("z*", 5, false)},
	}
	for _, test := range tests {
		if got := text(test.got); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
	if e := s.Tail(2)[0]; e.Output != "1" {
		t.Errorf("output is %q, want 1", e.Output)
	}
}

func TestGlob(t *testing.T) {
	tests := []struct {
		pattern string
		yes, no []string
	}{
		{"*", []string{"", "a\nb"}, nil},
		{"a?c", []string{"abc", "aäc", "a\nc"}, []string{"ac", "abbc"}},
		{"*Println*", []string{"fmt.Println(1)"}, []string{"fmt.Printf(1)"}},
		{"a.c", []string{"a.c"}, []string{"abc"}},
		{"[ab]c", []string{"ac", "bc"}, []string{"cc", "[ab]c"}},
		{"[!ab]c", []string{"cc"}, []string{"ac"}},
		{"[a-c]", []string{"b"}, []string{"-", "d"}},
		{"[]]", []string{"]"}, []string{"["}},
		{`[\d]`, []string{"d", `\`}, []string{"1"}},
		{"a[", []string{"a["}, []string{"a"}},
		{"[", []string{"["}, []string{""}},
		{"[z-a]", []string{"[z-a]"}, []string{"z"}},
		{"(+$", []string{"(+$"}, nil},
	}
	for _, test := range tests {
		match := glob(test.pattern)
		for _, s := range test.yes {
			if !match(s) {
				t.Errorf("%s does not match %q", test.pattern, s)
			}
		}
		for _, s := range test.no {
			if match(s) {
				t.Errorf("%s matches %q", test.pattern, s)
			}
		}
	}
}

// A query makes no database, and an empty session has no number.
func TestNothingYet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	s := New(path, failOn(t))
	if got := s.Tail(5); len(got) > 0 {
		t.Errorf("got %v", got)
	}
	s.Flush()
	if _, err := os.Stat(path); err == nil {
		t.Error("a database was made")
	}
}

// A database that another kernel has only just created is none yet.
func TestJustCreated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := New(path, failOn(t))
	if got := s.Tail(5); len(got) > 0 {
		t.Errorf("got %v", got)
	}
}

// Entries are written without anybody asking.
func TestWrittenInTheBackground(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	s, other := New(path, failOn(t)), New(path, failOn(t))
	s.delay = time.Millisecond
	s.Add(1, "x", "")
	for end := time.Now().Add(10 * time.Second); len(other.Tail(1)) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not written in 10 s")
		}
	}
}

// Kernels that write at the same time each keep their own session, in order.
func TestShared(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	const kernels, lines = 4, 5
	var all sync.WaitGroup
	var stores [kernels]*Store
	for i := range stores {
		stores[i] = New(path, func(string) {}) // one may wait too long for the others
		all.Go(func() {
			for line := range lines {
				stores[i].Add(line+1, "x", "")
				stores[i].Flush()
			}
		})
	}
	all.Wait()
	for _, s := range stores {
		s.Flush()
	}
	s := New(path, failOn(t))
	for session := 1; session <= kernels; session++ {
		if got := s.Range(session, 0, 0); len(got) != lines || got[lines-1].Line != lines {
			t.Errorf("session %d: %s", session, text(got))
		}
	}
}

// Without a usable database a session has its own history, and says so once.
func TestUnusable(t *testing.T) {
	locked := filepath.Join(t.TempDir(), "history.db")
	db, err := bbolt.Open(locked, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	damaged := filepath.Join(t.TempDir(), "history.db")
	if err := os.WriteFile(damaged, []byte(strings.Repeat("not a database ", 10_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, path, want string
		lines            int
	}{
		{"locked", locked, "database is locked by another process", 1},
		{"damaged", damaged, "invalid database", 1},
		{"below a file", filepath.Join(damaged, "history.db"), "not a directory", 1},
		{"no path", "", "", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var log []string
			s := New(test.path, func(line string) { log = append(log, line) })
			s.delay = time.Hour
			s.Add(1, "x", "")
			s.Add(2, "y", "")
			if got := text(s.Tail(5)); got != `0.1 "x", 0.2 "y"` {
				t.Errorf("got %s", got)
			}
			if got := text(s.Range(0, 2, 9)); got != `0.2 "y"` {
				t.Errorf("range: got %s", got)
			}
			s.Flush()
			if len(log) != test.lines || !strings.Contains(strings.Join(log, ""), test.want) {
				t.Errorf("log: %q, want %d lines with %q", log, test.lines, test.want)
			}
		})
	}
}

// A file that lost its end is an error, not the end of the kernel.
func TestTruncated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	s := New(path, failOn(t))
	for line := range 500 {
		s.Add(line+1, strings.Repeat("x", 1000), "")
	}
	s.Flush()
	for _, size := range []int64{0, 100, 4096, 3 * 4096, 5 * 4096, 100 * 4096} {
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		cut := filepath.Join(t.TempDir(), "history.db")
		if err := os.WriteFile(cut, whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		s := New(cut, func(string) {})
		s.Tail(1000)
		s.Add(1, "x", "")
		s.Flush()
		if got := s.Tail(1); text(got) == "" || got[0].Input != "x" {
			t.Errorf("cut to %d bytes: tail is %s", size, text(got))
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	s := New("", nil)
	for line := range keepInMind + 5 {
		s.Add(line+1, "x", "")
	}
	if got := s.Tail(0); len(got) != keepInMind || got[0].Line != 6 {
		t.Errorf("%d entries from line %d", len(got), got[0].Line)
	}
}

func TestDefaultPath(t *testing.T) {
	t.Setenv("HOME", "/home/gopher")
	for data, want := range map[string]string{
		"":         "/home/gopher/.local/share/interleave/history.db",
		"/data":    "/data/interleave/history.db",
		"relative": "/home/gopher/.local/share/interleave/history.db",
	} {
		t.Setenv("XDG_DATA_HOME", data)
		if got := DefaultPath(); got != want {
			t.Errorf("%q: got %s, want %s", data, got, want)
		}
	}
}
