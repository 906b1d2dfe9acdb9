package modules

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What a killed process left is removed; what is in use, or young, or of others is not.
func TestSweep(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	used, unlock, err := newFolder()
	if err != nil {
		t.Fatal(err)
	}
	left, unlockLeft, err := newFolder()
	if err != nil {
		t.Fatal(err)
	}
	unlockLeft() // as the end of its process does
	other := filepath.Join(temp, "other")
	if err := os.Mkdir(other, 0o755); err != nil {
		t.Fatal(err)
	}
	exists := func(dir string) bool { _, err := os.Stat(dir); return err == nil }
	sweep(temp, time.Now())
	if !exists(left) {
		t.Error("a young folder is gone")
	}
	sweep(temp, time.Now().Add(2*young))
	if exists(left) || !exists(used) || !exists(other) {
		t.Errorf("left behind %t, in use %t, other %t", exists(left), exists(used), exists(other))
	}
	unlock()
	sweep(temp, time.Now().Add(2*young))
	if exists(used) {
		t.Error("a folder stays after its process")
	}
}
