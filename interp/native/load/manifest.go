package load

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
)

// A Manifest tells of a shared object that was linked against this program what
// the stub of package build exports otherwise. It stands behind its last byte,
// where the dynamic linker does not look.
type Manifest struct {
	Entry string   // symbol of the table that the cell is entered by, a map[string]any
	Units []string // import paths and contents in turn
	Parts []string // packages of the library that had to be linked in, since this program lacks something of them
	Whole []string `json:",omitempty"` // packages of modules that it keeps all of, for later ones to be linked against
}

// sealed ends a shared object with a manifest; before it is the manifest's length.
const sealed = "interleave manifest 1\n"

// mostManifest is the length of the longest manifest that is read.
const mostManifest = 1 << 20

// Seal adds m to the shared object so.
func Seal(so string, m Manifest) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(so, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	tail := append(binary.LittleEndian.AppendUint32(text, uint32(len(text))), sealed...)
	_, err = f.Write(tail)
	return errors.Join(err, f.Close())
}

// ReadManifest reads the manifest of so; nil where it has none.
func ReadManifest(so string) (*Manifest, error) {
	f, err := os.Open(so)
	if err != nil {
		return nil, fmt.Errorf("compiled cell: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("compiled cell: %w", err)
	}
	tail := make([]byte, 4+len(sealed))
	at := st.Size() - int64(len(tail))
	if _, err := f.ReadAt(tail, max(at, 0)); err != nil || string(tail[4:]) != sealed {
		return nil, nil // what is not whole, plugin.Open refuses
	}
	n := int64(binary.LittleEndian.Uint32(tail))
	if n > mostManifest || n > at {
		return nil, fmt.Errorf("compiled cell: %s: is damaged: delete it", so)
	}
	text := make([]byte, n)
	if _, err := f.ReadAt(text, at-n); err != nil {
		return nil, fmt.Errorf("compiled cell: %w", err)
	}
	m := &Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("compiled cell: %s: is damaged: delete it", so)
	}
	return m, nil
}

// open loads the shared object so, whose manifest m is. It is no plugin with
// exported symbols: the dynamic linker finds its table by name.
func (m *Manifest) open(so string) (*Loaded, error) {
	if err := fits(m.Units); err != nil {
		return nil, err
	}
	runtime.KeepAlive(kept) // that is: the linker sees it used
	if _, err := open(so); err != nil {
		return nil, err
	}
	table := find(m.Entry)
	if table == nil || *(*map[string]any)(table) == nil {
		return nil, errors.New("compiled cell: it has no table to enter it by")
	}
	return &Loaded{Unit: *(*map[string]any)(table)}, enter(m.Units)
}
