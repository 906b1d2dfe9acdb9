// Package cachedir is about the folder of what can be made again. Who prepares one
// for several users lets them write to it; what any of them puts there, the others
// then may use, replace and remove.
package cachedir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Dir gives the folder: interleave below the user's cache directory.
func Dir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("cache directory: %w: set XDG_CACHE_HOME or HOME", err)
	}
	return filepath.Join(base, "interleave"), nil
}

// MkdirAll makes dir, which is root or below it, and the folders on the way. Those
// below root are shared as it is; root itself, where it has to be made, is not.
func MkdirAll(root, dir string) error {
	if st, err := os.Stat(dir); err == nil && st.IsDir() {
		return nil
	}
	if dir == root || dir == filepath.Dir(dir) {
		return os.MkdirAll(dir, 0o755)
	}
	if err := MkdirAll(root, filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil // another process was faster
		}
		return err
	}
	return Share(root, dir)
}

// Share lets those who may read or write in the folder root do so with what this
// process made below it, whatever its umask. Nobody else may do more than before.
func Share(root string, paths ...string) error {
	of, err := os.Stat(root)
	if err != nil {
		return err
	}
	for _, path := range paths {
		st, err := os.Stat(path)
		if err != nil {
			return err
		}
		more := of.Mode().Perm() & 0o077
		if !st.IsDir() && st.Mode()&0o100 == 0 {
			more &^= 0o011 // no program
		}
		if st.Mode()|more == st.Mode() {
			continue
		}
		if err := os.Chmod(path, st.Mode()|more); err != nil {
			return err
		}
	}
	return nil
}

// Touch dates a file now, which tells that it is still used. Who may only write to it
// may do so too: that is why the system is asked for its own now.
// Source: utimensat(2), "Permissions requirements".
func Touch(file string) error {
	const utimeNow = 1<<30 - 1
	now := syscall.Timespec{Nsec: utimeNow}
	return syscall.UtimesNano(file, []syscall.Timespec{now, now})
}
