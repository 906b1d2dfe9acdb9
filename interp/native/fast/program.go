package fast

import (
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
)

// A Program is the file of a program that loads cells: its dynamic symbols, and
// the data of its types. It stays open, so that a file put in its place later
// changes nothing. It is safe for concurrent use.
type Program struct {
	ID string // hash of its build ID, as text

	*image
	machine machine
}

// Open opens a program. The error tells why nothing can be linked against it.
func Open(path string) (*Program, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	p := &Program{image: &image{f: f}}
	if err := p.read(); err != nil {
		f.Close()
		return nil, fmt.Errorf("program %s: %w", path, err)
	}
	return p, nil
}

// Close closes the file.
func (p *Program) Close() error { return p.f.Close() }

func (p *Program) read() error {
	f, err := elf.NewFile(p.f)
	if err != nil {
		return err
	}
	var known bool
	switch p.machine, known = machineOf(f); {
	case !known:
		return fmt.Errorf("is for %v, which is not known", f.Machine)
	case f.Type != elf.ET_EXEC: // of others, data of types is made at run time
		return errors.New("is position-independent")
	}
	if err := p.image.read(f); err != nil {
		return err
	}
	id := f.Section(".note.go.buildid")
	if id == nil {
		return errors.New("has no build ID")
	}
	note, err := id.Data()
	if err != nil || len(note) < 32 {
		return errors.New("has no build ID")
	}
	sum := sha256.Sum256(note)
	p.ID = hex.EncodeToString(sum[:10])
	return nil
}
