package process

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// As go run -race wrote it, but that the paths are shorter.
const report = `==================
WARNING: DATA RACE
Read at 0x00c000014128 by goroutine 9:
  runtime.mapaccess1_fast64()
      runtime/map.go:1 +0x0
  main.(*counter).inc()
      session/cell 2:5 +0x2b
  main.main.gowrap1()
      cell 4:6 +0x44

Previous write at 0x00c000014128 by main goroutine:
  main.main()
      cell 4:7 +0x3d

Goroutine 9 (running) created at:
  main.main()
      cell 4:6 +0x93

Goroutine 8 (finished) created at:
  sync.(*WaitGroup).Go()
      sync/waitgroup.go:238 +0x72
==================
`

func TestRaces(t *testing.T) {
	dir := t.TempDir()
	other := strings.ReplaceAll(strings.ReplaceAll(report, "goroutine 9", "goroutine 19"), "Goroutine 9", "Goroutine 19")
	text := report + "Found 1 data race(s)\n" + other + strings.ReplaceAll(report, "cell 2:5", "cell 2:6")
	if err := os.WriteFile(filepath.Join(dir, "race.123"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	races := Races(dir)
	if len(races) != 2 {
		t.Fatalf("%d races, want 2: %v", len(races), races)
	}
	want := []string{
		"cell 2:5: read by goroutine 9, in (*counter).inc", "cell 4:7: previous write by main goroutine",
		"cell 4:6: goroutine 9 was started", "goroutine 8 was started, in sync.(*WaitGroup).Go, outside of cells",
	}
	for i, e := range races[0] {
		if e.String() != want[i] {
			t.Errorf("got %q, want %q", e, want[i])
		}
	}
	if races[1][0].Where != "cell 2:6" {
		t.Errorf("second race is %v", races[1])
	}
	if r := Races(t.TempDir()); r != nil {
		t.Errorf("no report gives %v", r)
	}
}

func TestPlainName(t *testing.T) {
	for symbol, want := range map[string]string{
		"main.main()": "", "main.init.0()": "", "main.f()": "f", "main.main.func1()": "", "main.main.func1.2()": "", "main.(*T).m()": "(*T).m",
		"net/http.Get()": "http.Get", "main.f.func2()": "f.func2",
	} {
		if got := plainName(symbol); got != want {
			t.Errorf("%s is %q, want %q", symbol, got, want)
		}
	}
}
