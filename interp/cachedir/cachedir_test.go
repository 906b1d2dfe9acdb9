package cachedir

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// What is made is as open as the root, and never more, whatever the umask.
func TestShared(t *testing.T) {
	for _, c := range []struct {
		umask                 int
		root                  fs.FileMode
		folder, file, program fs.FileMode
	}{
		{0o022, 0o755, 0o755, 0o644, 0o755},
		{0o077, 0o700, 0o700, 0o600, 0o700},
		{0o022, 0o777, 0o777, 0o666, 0o777},
		{0o077, 0o777, 0o777, 0o666, 0o777},
		{0o077, 0o770, 0o770, 0o660, 0o770},
		{0o022, 0o775 | fs.ModeSetgid, 0o775 | fs.ModeSetgid, 0o664, 0o775},
	} {
		root := filepath.Join(t.TempDir(), "root")
		if err := os.Mkdir(root, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(root, c.root); err != nil {
			t.Fatal(err)
		}
		old := syscall.Umask(c.umask)
		dir := filepath.Join(root, "a", "b")
		file, program := filepath.Join(dir, "file"), filepath.Join(dir, "program")
		err := MkdirAll(root, dir)
		os.WriteFile(file, nil, 0o666)
		os.WriteFile(program, nil, 0o777)
		syscall.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		if err := Share(root, file, program); err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]fs.FileMode{filepath.Dir(dir): c.folder, dir: c.folder, file: c.file, program: c.program} {
			st, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if got := st.Mode() &^ fs.ModeDir; got != want {
				t.Errorf("umask %o, root %v: %s is %v, want %v", c.umask, c.root, filepath.Base(path), got, want)
			}
		}
	}
}

// A root that has to be made is not as open as the folder it is in, which may be /tmp.
func TestNewRootIsPrivate(t *testing.T) {
	open := filepath.Join(t.TempDir(), "open")
	if err := os.Mkdir(open, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o777|fs.ModeSticky); err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(open, "cache", "interleave")
	if err := MkdirAll(root, filepath.Join(root, "a")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Dir(root), root, filepath.Join(root, "a")} {
		if st, err := os.Stat(path); err != nil || st.Mode().Perm()&0o022 != 0 {
			t.Errorf("%s: %v, %v", path, st.Mode(), err)
		}
	}
}

func TestTouch(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-24 * time.Hour)
	if err := os.Chtimes(file, long, long); err != nil {
		t.Fatal(err)
	}
	if err := Touch(file); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(file); err != nil || time.Since(st.ModTime()) > time.Hour {
		t.Errorf("dated %v, %v", st.ModTime(), err)
	}
}
