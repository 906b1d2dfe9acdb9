package fast

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"interleave/interp/native/load"
)

// Tools start programs in dir and give what they wrote.
type Tools struct {
	Go  func(ctx context.Context, dir, tool string, args ...string) (string, error) // of the toolchain: link, asm
	Ld  func(ctx context.Context, dir string, args ...string) (string, error)
	Yes string // the program true
}

// A Linker links cells against a program. It is safe for concurrent use.
type Linker struct {
	program     *Program
	tools       Tools
	abis        map[string]uint16 // function -> ABI
	runtime     string            // object with what a plugin must have of runtime
	library     map[string]string // import path -> archive, of packages of the program and others
	held        map[string]bool   // import paths of packages of the program
	fingerprint []byte            // of runtime

	mu        sync.Mutex
	objects   recent
	libraries map[string]*opened // shared object -> what was read of it
}

// A Cell is a unit to link.
type Cell struct {
	Path      string            // import path
	Archive   string            // of it
	Entry     string            // variable of type map[string]any that it is entered by
	Units     map[string]string // import path -> archive, of units that it may import
	Contents  map[string]string // import path -> what tells the contents of a unit, Path too
	Whole     bool              // keep all of Units, for cells that have the output among their Libraries
	Libraries []Library         // that are loaded before it: of their packages nothing is linked in
}

// Output is the file that Link makes.
const Output = "cell.so"

// A way is how a link is done: which archives are linked in.
type way struct {
	archives map[string]string // import path -> archive
	objects  []*object
	read     map[string]*object // import path -> object
	parts    []string           // those of archives that are no units
	shared   map[string]bool    // packages of libraries
}

// Link links c to Output in the folder work, for package load; packages of the
// library of which the program lacks something are linked in. The error says why
// the cell has to be linked in the ordinary way.
func (l *Linker) Link(ctx context.Context, c Cell, work string) error {
	inline := map[string]string{}
	for {
		err := l.try(ctx, c, work, inline)
		var missing *MissingError
		if !errors.As(err, &missing) {
			return err
		}
		if !l.more(inline, missing.Symbols) {
			return err
		}
	}
}

// more adds to inline the packages of symbols; false where that would not help.
func (l *Linker) more(inline map[string]string, symbols []string) bool {
	for _, s := range symbols {
		path := packageOf(s)
		archive := l.library[path]
		if archive == "" || inline[path] != "" || !inlinable(path) || len(inline) >= mostInline {
			return false
		}
		inline[path] = archive
	}
	return true
}

// mostInline packages are linked in; with more, the ordinary way is as good.
const mostInline = 3

// inlinable tells whether a package may be linked in: what works hand in hand with
// the runtime is not.
func inlinable(path string) bool {
	return path != "runtime" && !strings.HasPrefix(path, "runtime/") && !strings.HasPrefix(path, "internal/") && !strings.HasPrefix(path, "sync/")
}

// packageOf gives the import path of a function's or variable's package, as far
// as its name tells.
func packageOf(name string) string {
	path, _, _ := strings.Cut(strings.TrimLeft(strings.TrimPrefix(name, "type:"), "*[]"), "[")
	slash := strings.LastIndexByte(path, '/')
	if dot := strings.IndexByte(path[slash+1:], '.'); dot >= 0 {
		return path[:slash+1+dot]
	}
	return ""
}

// try links c with the packages inline linked in too.
func (l *Linker) try(ctx context.Context, c Cell, work string, inline map[string]string) error {
	w, err := l.way(c, inline)
	if err != nil {
		return err
	}
	libraries, err := l.open(c.Libraries)
	if err != nil {
		return err
	}
	in := scope{l.program, l.abis, libraries}
	promises := in.promises(w.objects)
	stub := filepath.Join(work, stubName)
	if err := in.writeStub(stub, promises, l.fingerprint); err != nil {
		return err
	}
	whole, err := w.keepUnits(c, work)
	if err != nil {
		return err
	}
	if err := l.importcfg(filepath.Join(work, importcfg), w, stub); err != nil {
		return err
	}
	// cmd/link would start the C compiler: the program true agrees to everything,
	// and leaves the object where it is.
	out, err := l.tools.Go(ctx, work, "link", "-importcfg", importcfg, "-buildmode", "plugin", "-linkshared", "-pluginpath", c.Path,
		"-installsuffix", "dynlink", "-s", "-w", "-buildid=", "-extld", l.tools.Yes, "-tmpdir", work, "-o", Output, w.archives[c.Path])
	if err != nil {
		return linkError(err, out)
	}
	if err := mend(filepath.Join(work, "go.o"), promises); err != nil {
		return err
	}
	out, err = l.tools.Ld(ctx, work, "-m", l.program.machine.emulation, "-shared", "-s", "-z", "relro", "-z", "now", "-z", "nocopyreloc", "-z", "noexecstack",
		"--export-dynamic", "--hash-style=gnu", "-o", Output, "go.o")
	if err != nil {
		return fmt.Errorf("ld: %w: %s", err, out)
	}
	m := load.Manifest{Entry: c.Path + "." + c.Entry, Parts: w.parts, Whole: whole}
	for _, path := range slices.Sorted(maps.Keys(w.archives)) {
		if id := c.Contents[path]; id != "" {
			m.Units = append(m.Units, path, id)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(w.shared)) {
		if id := c.Contents[path]; id != "" {
			m.Units = append(m.Units, path, id)
		}
	}
	return load.Seal(filepath.Join(work, Output), m)
}

// keepUnits has all of the units that are linked in kept, where c asks for that, and gives their paths.
func (w *way) keepUnits(c Cell, work string) (paths []string, err error) {
	if !c.Whole {
		return nil, nil
	}
	var symbols []symbol
	seen := map[symbol]bool{}
	for _, path := range slices.Sorted(maps.Keys(w.archives)) {
		if path == c.Path || c.Units[path] == "" {
			continue
		}
		paths = append(paths, path)
		for _, s := range w.read[path].keep {
			if !seen[s] {
				seen[s] = true
				symbols = append(symbols, s)
			}
		}
	}
	archive := filepath.Join(work, "whole.a")
	if err := keepAll(c.Archive, archive, symbols); err != nil {
		return nil, err
	}
	w.archives[c.Path] = archive
	return paths, nil
}

// unresolved is how cmd/link words that a symbol is missing, where it does not
// leave that to ld. Source: relocsym in cmd/link/internal/ld/data.go.
var unresolved = regexp.MustCompile(`(?:missing section for relocation target|relocation target) (.+?)(?: not defined.*|: .*)?$`)

// linkError makes an error of what cmd/link printed: a *MissingError where that is all.
func linkError(err error, out string) error {
	missing := &MissingError{}
	for line := range strings.Lines(out) {
		if m := unresolved.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			missing.Symbols = append(missing.Symbols, m[1])
		}
	}
	if missing.Symbols == nil {
		first, _, _ := strings.Cut(out, "\n") // of a trace, where it crashed: such as of a type that the program lacks
		return fmt.Errorf("cmd/link: %w: %s", err, first)
	}
	return missing
}

// importcfg is the name of the table of packages for cmd/link.
const importcfg = "importcfg"

func (l *Linker) importcfg(file string, w *way, stub string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "packagefile runtime=%s\n", l.runtime)
	for path, archive := range w.archives {
		fmt.Fprintf(&b, "packagefile %s=%s\n", path, archive)
	}
	for path := range l.held {
		if path != "runtime" && w.archives[path] == "" {
			fmt.Fprintf(&b, "packageshlib %s=%s\n", path, stub)
		}
	}
	for path := range w.shared {
		fmt.Fprintf(&b, "packageshlib %s=%s\n", path, stub)
	}
	return os.WriteFile(file, []byte(b.String()), 0o644)
}

// way finds the archives to link: those of c, of units below it, and of packages
// that the program does not have or that are inline.
func (l *Linker) way(c Cell, inline map[string]string) (*way, error) {
	w := &way{archives: map[string]string{}, read: map[string]*object{}, shared: map[string]bool{}}
	for _, b := range c.Libraries {
		for path, id := range b.Contents {
			if c.Contents[path] != "" && c.Contents[path] != id {
				return nil, fmt.Errorf("package %s: was linked before with other contents", path)
			}
			w.shared[path] = true
		}
	}
	var visit func(path, archive string) error
	visit = func(path, archive string) error {
		if w.archives[path] != "" {
			return nil
		}
		w.archives[path] = archive
		o, err := l.object(archive)
		if err != nil {
			return fmt.Errorf("package %s: %w", path, err)
		}
		switch {
		case o.foreign != "":
			return fmt.Errorf("package %s: has C in it", path)
		case o.indexed != "":
			return fmt.Errorf("package %s: refers to %s by number", path, o.indexed)
		}
		w.objects = append(w.objects, o)
		w.read[path] = o
		if c.Units[path] == "" {
			w.parts = append(w.parts, path)
		}
		for _, p := range o.imports {
			if w.shared[p] {
				continue
			}
			archive, err := l.archive(p, c, inline)
			if err == nil && archive != "" {
				err = visit(p, archive)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	return w, visit(c.Path, c.Archive)
}

// archive gives the archive that is linked in for a package; "" for one that the
// program has.
func (l *Linker) archive(path string, c Cell, inline map[string]string) (string, error) {
	switch {
	case c.Units[path] != "":
		return c.Units[path], nil
	case inline[path] != "":
		return inline[path], nil
	case l.held[path] || path == "unsafe":
		return "", nil
	case l.library[path] != "" && inlinable(path):
		return l.library[path], nil
	}
	return "", fmt.Errorf("package %s: is not in the program", path)
}

// object reads an archive, once where it is asked for again before long.
func (l *Linker) object(archive string) (*object, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if o := l.objects.get(archive); o != nil {
		return o, nil
	}
	data, err := os.ReadFile(archive)
	if err != nil {
		return nil, err
	}
	o, err := readArchive(data)
	if err == nil {
		l.objects.put(archive, o)
	}
	return o, err
}

// recent are the objects that were asked for last, by archive: of late, and before.
type recent struct{ late, before map[string]*object }

// mostRecent objects of late make those of before be forgotten.
const mostRecent = 200

func (r *recent) get(archive string) *object {
	if o := r.late[archive]; o != nil {
		return o
	}
	o := r.before[archive]
	if o != nil {
		r.put(archive, o)
	}
	return o
}

func (r *recent) put(archive string, o *object) {
	if r.late == nil || len(r.late) >= mostRecent {
		r.late, r.before = map[string]*object{}, r.late
	}
	r.late[archive] = o
}

// Program tells the program from others, as Program.ID does.
func (l *Linker) Program() string { return l.program.ID }
