// Package load loads compiled cells into this process: the child's side of
// package build. It links cgo in, and importing it makes every exported symbol
// of the program visible to the dynamic linker: measured, 8 MB of program and
// 10 MB of memory, no time.
package load

import (
	"errors"
	"fmt"
	"path/filepath"
	"plugin"
	"regexp"
	"sync"
)

// A Loaded is a compiled cell in this process.
type Loaded struct {
	// Unit is the table by which a cell is entered: the package variable that
	// build.Package.Entry names. It holds what the cell put there.
	Unit map[string]any
}

// A process has one dynamic linker and one table of plugins, and so has this package.
var loaded = struct {
	sync.Mutex
	units  map[string]string // import path -> contents of what is loaded by it
	room   room
	failed map[string]error // shared objects whose initialisers did not end
}{units: map[string]string{}, failed: map[string]error{}}

// Open loads the shared object that package build made; the same file again
// gives the same cell. It runs the initialisers of the package variables of
// packages that were not loaded before. The error is a sentence.
func Open(so string) (*Loaded, error) {
	linesOfC()
	loaded.Lock()
	defer loaded.Unlock()
	if err := loaded.failed[so]; err != nil {
		return nil, err
	}
	m, err := ReadManifest(so)
	if err != nil {
		return nil, err
	}
	if err := loaded.room.take(); err != nil {
		return nil, err
	}
	if m != nil {
		return m.open(so)
	}
	p, err := open(so)
	if err != nil {
		return nil, err
	}
	unit, units, err := symbols(p)
	if err != nil {
		return nil, err
	}
	if err := enter(units); err != nil {
		return nil, err
	}
	return &Loaded{Unit: unit}, nil
}

// open is plugin.Open, but that a panic is an error.
func open(so string) (p *plugin.Plugin, err error) {
	done := false
	defer func() {
		if done {
			return
		}
		// plugin.Open would wait for ever for initialisers that have not ended.
		err = fmt.Errorf("compiled cell: panic in an initialiser of a package variable: %v", recover())
		loaded.failed[so] = err
	}()
	settle := ownItabs(so)
	if err := settle(); err != nil {
		done = true
		return nil, err
	}
	p, err = plugin.Open(so)
	done = true
	if err != nil {
		return nil, explain(err)
	}
	return p, settle() // the runtime may have made some in between
}

// ownItabs maps a shared object that has itabs, and gives what makes it use those of this
// process. What cannot be read or mapped is for plugin.Open to tell.
func ownItabs(so string) (settle func() error) {
	list, err := slots(so)
	if err != nil || len(list) == 0 {
		return func() error { return nil }
	}
	path, err := filepath.EvalSymlinks(so) // as package plugin has it
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err == nil {
		if base := mapped(path); base != nil {
			return func() error { return unify(base, list) }
		}
	}
	return func() error { return nil }
}

// symbols gives what the stub of package build exports.
func symbols(p *plugin.Plugin) (unit map[string]any, units []string, err error) {
	a, err := p.Lookup("Unit")
	if err != nil {
		return nil, nil, explain(err)
	}
	b, err := p.Lookup("Units")
	if err != nil {
		return nil, nil, explain(err)
	}
	table, ok := a.(*map[string]any)
	list, too := b.(*[]string)
	if !ok || !too || *table == nil {
		return nil, nil, errors.New("compiled cell: it has no table to enter it by")
	}
	return *table, *list, nil
}

// enter notes what units, paths and contents in turn, are now in the process.
// The dynamic linker binds a symbol to the first unit that has it: one of the
// same path and other contents would silently be the earlier one.
func enter(units []string) error {
	if err := fits(units); err != nil {
		return err
	}
	for i := 0; i+1 < len(units); i += 2 {
		loaded.units[units[i]] = units[i+1]
	}
	return nil
}

// fits tells whether units may be loaded beside what is loaded.
func fits(units []string) error {
	for i := 0; i+1 < len(units); i += 2 {
		path, contents := units[i], units[i+1]
		if have, ok := loaded.units[path]; ok && have != contents {
			return fmt.Errorf("compiled cell: package %s is in this process with other contents: restart the kernel", path)
		}
	}
	return nil
}

const again = "run ./install.sh again and restart the kernel"

var undefined = regexp.MustCompile(`undefined symbol: (\w+)$`)

var different = regexp.MustCompile(`built with a different version of package (\S+)`)

// explain words an error of package plugin. Source: plugin_dlopen.go, plugin_stubs.go
// and runtime/plugin.go.
func explain(err error) error {
	text := err.Error()
	switch m := different.FindStringSubmatch(text); {
	case m != nil:
		return fmt.Errorf("compiled cell: package %s is not the one in this process: the Go toolchain, this program or a module was changed: %s", m[1], again)
	case undefined.MatchString(text):
		name := undefined.FindStringSubmatch(text)[1]
		return fmt.Errorf("compiled cell: %s is declared in C, and defined nowhere: define it, or name its library in a line #cgo LDFLAGS: -lNAME", name)
	case text == "plugin: not implemented":
		return errors.New("compiled cell: this program was built without cgo: install gcc, " + again)
	}
	return fmt.Errorf("compiled cell: %w", err)
}
