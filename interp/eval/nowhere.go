package eval

import "io/fs"

// nowhere is the file system in which yaegi looks for packages that are not in
// its tables: there are none.
type nowhere struct{}

func (nowhere) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}
