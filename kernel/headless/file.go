package headless

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// target is the file that path stands for: a link's end, so that replacing the
// file keeps the link. Errors: no folder to write to, or not a regular file.
func target(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Dir(path)); err != nil {
			return "", fmt.Errorf("%s: no such folder: make it first", filepath.Dir(path))
		}
		return path, nil
	}
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(real); err != nil {
		return "", err
	} else if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s: not a regular file: give the name of a notebook", path)
	}
	return real, nil
}

// replace puts data in the place of the file at path in one step: whoever reads
// it, and a crash at any moment, finds the old file or the new one, whole. A new
// file has the permissions of like, an old one keeps its own.
func replace(path, like string, data []byte) (err error) {
	old, statErr := os.Stat(path)
	if statErr != nil {
		if old, err = os.Stat(like); err != nil {
			return err
		}
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	if owner, ok := old.Sys().(*syscall.Stat_t); ok && statErr == nil {
		_ = tmp.Chown(int(owner.Uid), int(owner.Gid)) // only root can give a file away
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Chmod(old.Mode().Perm()), tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	if err = os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	syncDir(filepath.Dir(path))
	return nil
}

// syncDir makes a rename in dir last through a crash of the machine, where the
// file system can.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
