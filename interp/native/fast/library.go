package fast

import (
	"debug/elf"
	"fmt"
	"os"
	"slices"

	"interleave/interp/native/load"
)

// A Library is a shared object that Link made of a Cell with Whole: it is loaded
// before the cells that are linked against it.
type Library struct {
	Object   string            // the file
	Archives map[string]string // import path -> archive, of the packages that it holds whole
	Contents map[string]string // import path -> what tells their contents
}

// An opened is what is known of a Library.
type opened struct {
	*image
	abis map[string]uint16 // function -> ABI
	defs map[symbol]bool   // what its packages define
}

// open reads those that a cell is linked against, in the order in which they are loaded.
func (l *Linker) open(all []Library) ([]*opened, error) {
	var out []*opened
	for _, a := range all {
		b, err := l.one(a)
		if err != nil {
			return nil, fmt.Errorf("modules linked before: %w", err)
		}
		out = append(out, b)
	}
	return out, nil
}

// one opens a Library, once.
func (l *Linker) one(a Library) (*opened, error) {
	l.mu.Lock()
	b := l.libraries[a.Object]
	l.mu.Unlock()
	if b != nil {
		return b, nil
	}
	if err := a.whole(); err != nil {
		return nil, err
	}
	b = &opened{abis: map[string]uint16{}, defs: map[symbol]bool{}}
	for path, archive := range a.Archives {
		o, err := l.object(archive)
		if err != nil {
			return nil, fmt.Errorf("package %s: %w", path, err)
		}
		for s, function := range o.defs {
			b.define(s, function)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if b := l.libraries[a.Object]; b != nil { // another was faster
		return b, nil
	}
	var err error
	if b.image, err = openLibrary(a.Object, apartBy*uint64(len(l.libraries)+1)); err != nil {
		return nil, err
	}
	l.libraries[a.Object] = b
	return b, nil
}

// define notes a symbol of a package, and by which convention the plain name of a
// function goes: see decide.
func (b *opened) define(s symbol, function bool) {
	b.defs[s] = function
	name := mangled(s.name)
	switch _, known := b.abis[name]; {
	case function && s.abi == abiInternal:
		b.abis[name] = abiInternal
	case !known:
		b.abis[name] = abi0
	}
}

// whole tells whether a holds its packages, all of each, as they are in their archives.
func (a Library) whole() error {
	m, err := load.ReadManifest(a.Object)
	if err != nil {
		return err
	}
	if m == nil {
		return fmt.Errorf("%s: is not linked against the program", a.Object)
	}
	contents := map[string]string{}
	for i := 0; i+1 < len(m.Units); i += 2 {
		contents[m.Units[i]] = m.Units[i+1]
	}
	for path := range a.Archives {
		if !slices.Contains(m.Whole, path) || contents[path] == "" || contents[path] != a.Contents[path] {
			return fmt.Errorf("%s: does not hold package %s whole", a.Object, path)
		}
	}
	return nil
}

// openLibrary opens a shared object whose addresses begin at base.
func openLibrary(file string, base uint64) (*image, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	m := &image{f: f, base: base}
	e, err := elf.NewFile(f)
	if err == nil {
		err = m.read(e)
	}
	if err == nil {
		err = m.readRelocations(e)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return m, nil
}

// A scope is what one link is against.
type scope struct {
	program   *Program
	abis      map[string]uint16
	libraries []*opened
}

// space is what descriptors of types lie in.
func (s scope) space() space {
	out := space{s.program.image}
	for _, b := range s.libraries {
		out = append(out, b.image)
	}
	return out
}

// find tells how r is promised; false where nothing has such a symbol, or it is
// not known that it is what r means. What the program has comes first, as it does
// for the dynamic linker.
func (s scope) find(r symbol) (promise, bool) {
	if numbered(r.name) {
		return promise{}, false
	}
	name := mangled(r.name)
	if p, ok, has := promised(r, name, s.program.image, s.abis); has {
		return p, ok
	}
	for _, b := range s.libraries {
		p, ok, has := promised(r, name, b.image, b.abis)
		if _, defined := b.defs[r]; has {
			return p, ok && defined
		}
	}
	return promise{}, false
}
