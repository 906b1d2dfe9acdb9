package modules

import (
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// A folder of a session is locked as long as its process lives, so that the next one can
// remove what a killed one left behind.
const (
	folderPrefix = "interleave-modules-"
	young        = time.Minute // not to be removed: its process may be about to lock it
)

// newFolder makes a folder, and locks it until unlock.
func newFolder() (dir string, unlock func(), err error) {
	sweep(os.TempDir(), time.Now())
	if dir, err = os.MkdirTemp("", folderPrefix); err != nil {
		return "", nil, err
	}
	f, ok := lock(dir)
	if !ok {
		return dir, func() {}, nil // a file system without locks
	}
	return dir, func() { f.Close() }, nil
}

// lock locks a folder; false where another process has.
func lock(dir string) (*os.File, bool) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, false
	}
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		f.Close()
		return nil, false
	}
	return f, true
}

// sweep removes folders whose process has ended.
func sweep(temp string, now time.Time) {
	dirs, _ := filepath.Glob(filepath.Join(temp, folderPrefix+"*"))
	for _, dir := range dirs {
		if st, err := os.Stat(dir); err != nil || now.Sub(st.ModTime()) < young {
			continue
		}
		if f, ok := lock(dir); ok {
			os.RemoveAll(dir)
			f.Close()
		}
	}
}
