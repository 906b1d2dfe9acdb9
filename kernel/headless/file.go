package headless

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// largest is the size of a notebook that is still read, in bytes.
const largest = 512 << 20

// read reads the notebook at path, and gives its text too.
func read(path string) (*notebook, []byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, nil, reason(err)
	case !info.Mode().IsRegular() && !info.IsDir(): // a pipe without a writer is waited for without end
		return nil, nil, errors.New("not a regular file: give the name of a notebook")
	case info.Size() > largest:
		return nil, nil, fmt.Errorf("%d MiB large, more than %d: clear its outputs first, with jupyter nbconvert --clear-output --inplace", info.Size()>>20, largest>>20)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, reason(err)
	}
	nb, err := parse(data)
	return nb, data, err
}

// output is the file to write that path stands for; an empty path stands for the
// notebook in. Errors: as target's, it is there already and no notebook of the
// user's to write into, or its folder cannot be written to.
func (o Options) output(path, in string) (string, error) {
	real, err := target(orElse(path, in))
	if err != nil {
		return "", err
	}
	own, _ := target(in)
	if _, err := os.Stat(real); err == nil && real != own && !o.Force {
		return "", fmt.Errorf("%s is there already: give another name, or --force to replace it", path)
	}
	tmp, err := os.CreateTemp(filepath.Dir(real), "."+filepath.Base(real)+".*.tmp")
	if err != nil {
		return "", fmt.Errorf("folder %s cannot be written to: %w: give another place with -o", filepath.Dir(real), reason(err))
	}
	_ = tmp.Close()
	return real, os.Remove(tmp.Name())
}

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
