package build

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"interleave/interp/cachedir"
	"interleave/interp/native/fast"
	"interleave/interp/native/load"
)

// LinkEnv is the environment variable that, with the value "ordinary", has cells
// linked with a copy of the library, always; with the value "modules", with a copy
// of the packages of modules that they use.
const LinkEnv = "INTERLEAVE_LINK"

// sharedFlag is the flag of the compiler that a program has to be built with for
// cells to be linked against it, and the cells too. See package fast.
const sharedFlag = "-linkshared"

// known are the versions of Go whose linker, object files and descriptors of types
// package fast was written from.
var known = []string{"go1.26"}

// ownProgram is the file of this very program, also when another has its name by now.
const ownProgram = "/proc/self/exe"

// A verdict, in a file of the folder of what is made for a program, tells whether
// cells may be linked against it: see good, or why not.
const verdictFile = "verdict"

// errUnverified is the reason where Verify has not been called for this program.
var errUnverified = errors.New("not verified on this machine: run interleave prepare")

// Fast tells whether cells are linked against this program; the error says why not.
func (t *Toolchain) Fast(ctx context.Context) error {
	_, err := t.fastLinker(ctx)
	return err
}

// fastLinker gives what links cells against this program, made at the first call.
func (t *Toolchain) fastLinker(ctx context.Context) (*fast.Linker, error) {
	own, err := t.ownPackages(ctx)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fast == nil && t.fastErr == nil {
		t.fast, t.fastErr = t.openFast(own)
	}
	return t.fast, t.fastErr
}

// openFast is fastLinker at the first call. t.mu is held.
func (t *Toolchain) openFast(own map[string]string) (*fast.Linker, error) {
	if err := t.fastPossible(); err != nil {
		return nil, err
	}
	program, err := fast.Open(ownProgram)
	if err != nil {
		return nil, err
	}
	good, err := t.good()
	if err != nil {
		program.Close()
		return nil, err
	}
	dir := t.fastDir(program)
	verdict, err := os.ReadFile(filepath.Join(dir, verdictFile))
	switch {
	case t.trial:
	case err != nil || strings.HasPrefix(string(verdict), goodPrefix) && string(verdict) != good:
		err = errUnverified
	case string(verdict) != good:
		err = errors.New(strings.TrimSpace(string(verdict)))
	}
	if err != nil && !t.trial {
		program.Close()
		return nil, err
	}
	if os.Getenv(LinkEnv) == "modules" {
		t.copies = errors.New("as " + LinkEnv + " asks")
	}
	l, err := fast.New(program, dir, t.fastTools(), t.programLibrary(own))
	if err != nil {
		program.Close()
		return nil, err
	}
	return l, nil
}

// fastPossible tells why cells cannot be linked against this program on this system.
func (t *Toolchain) fastPossible() error {
	switch {
	case os.Getenv(LinkEnv) == "ordinary":
		return errors.New("as " + LinkEnv + " asks")
	case unproven(runtime.GOOS, runtime.GOARCH) != nil:
		return unproven(runtime.GOOS, runtime.GOARCH)
	case !slices.Contains(known, t.lang()) || !strings.HasPrefix(t.flavour.version, t.lang()):
		return errors.New("unknown for " + t.flavour.version)
	case !t.flavour.shared:
		return errors.New("this program was built without -gcflags=all=" + sharedFlag + ": run ./install.sh again")
	case t.flavour.tool() != nil:
		return errors.New("this program was built with " + strings.Join(t.flavour.tool(), " "))
	case !t.linker.usable():
		return errors.New("no ld on PATH: install binutils")
	}
	this, err := os.Stat(ownProgram)
	if err != nil {
		return err
	}
	if named, err := os.Stat(t.program); err != nil || !os.SameFile(this, named) {
		return errors.New("another program has the name of this one by now: restart the kernel")
	}
	return nil
}

// unproven tells why cells are not linked against a program of a system, whatever
// package fast could do there.
func unproven(system, arch string) error {
	if system == "linux" && arch == "amd64" {
		return nil
	}
	return fmt.Errorf("on %s/%s it has not been proven to work, only on linux/amd64", system, arch)
}

// good is the verdict that cells may be linked against a program, with the ld that
// is there now. The folder says with which toolchain.
func (t *Toolchain) good() (string, error) {
	stamp, err := stampOf(t.linker.ld)
	return goodPrefix + t.linker.ld + " " + stamp + "\n", err
}

const goodPrefix = "verified with "

func (t *Toolchain) fastDir(p *fast.Program) string { return filepath.Join(t.dir, "program-"+p.ID) }

// programLibrary has the archives of all packages that this program may hold, those of
// the library and own ones. t.std was read.
func (t *Toolchain) programLibrary(own map[string]string) map[string]string {
	all := maps.Clone(t.std)
	maps.Copy(all, own)
	return all
}

func (t *Toolchain) fastTools() fast.Tools {
	return fast.Tools{
		Yes: t.linker.yes,
		Go: func(ctx context.Context, dir, tool string, args ...string) (string, error) {
			cmd := t.exec(ctx, t.tool(tool), args...)
			cmd.Dir = dir
			return short(ctx, cmd)
		},
		Ld: func(ctx context.Context, dir string, args ...string) (string, error) {
			cmd := t.exec(ctx, t.linker.ld, args...)
			cmd.Dir = dir
			return run(ctx, cmd)
		},
	}
}

// Verify makes what linking against this program needs, has test link cells with a
// Toolchain of Options.Trial and look at what they do, and keeps the verdict for
// every Toolchain that is made later. A program for which it is good is not tried
// again. The error tells why cells are linked in the ordinary way.
func (t *Toolchain) Verify(ctx context.Context, test func(context.Context) error) error {
	if t.Fast(ctx) == nil {
		return nil
	}
	if err := t.fastPossible(); err != nil {
		return err
	}
	own, err := t.ownPackages(ctx)
	if err != nil {
		return err
	}
	program, err := fast.Open(ownProgram)
	if err != nil {
		return err
	}
	defer program.Close()
	dir := t.fastDir(program)
	if err := cachedir.MkdirAll(t.cache, dir); err != nil {
		return err
	}
	t.trimPrograms(dir)
	err = fast.Prepare(ctx, program, dir, t.fastTools(), t.programLibrary(own))
	if err == nil {
		err = test(ctx)
	}
	if ctx.Err() != nil {
		return ctx.Err() // this says nothing about the program
	}
	text, stampErr := t.good()
	if err = errors.Join(err, stampErr); err != nil {
		text = err.Error() + "\n"
	}
	t.mu.Lock()
	t.fast, t.fastErr = nil, nil // by the verdict
	t.mu.Unlock()
	return errors.Join(err, os.WriteFile(filepath.Join(dir, verdictFile), []byte(text), 0o644), t.shareFiles(dir))
}

// trimPrograms removes what was made for other programs, and not lately.
func (t *Toolchain) trimPrograms(own string) {
	dirs, _ := filepath.Glob(filepath.Join(t.dir, "program-*"))
	for _, dir := range dirs {
		if st, err := os.Stat(dir); err == nil && dir != own && time.Since(st.ModTime()) > unused {
			os.RemoveAll(dir)
		}
	}
}

// linkAgainst links p against this program. The error says why p has to be linked in the ordinary way.
func (t *Toolchain) linkAgainst(ctx context.Context, p Package, own map[string]string) (linked, error) {
	l, err := t.fastLinker(ctx)
	switch {
	case err != nil:
		return linked{}, err
	case p.Cgo:
		return linked{}, errors.New("it has C in it")
	case !declaresEntry(p):
		return linked{}, errors.New("it has no variable " + p.Entry)
	case namesSymbols(p.Files):
		return linked{}, errors.New("it has a go:linkname line")
	}
	c := fast.Cell{Path: p.Path, Archive: p.Imports[p.Path], Entry: p.Entry, Units: p.Imports, Contents: map[string]string{}}
	for path, archive := range p.Imports {
		if c.Contents[path], err = t.identity(archive); err != nil {
			return linked{}, err
		}
	}
	if !p.Whole && len(p.Libraries) == 0 {
		return t.linkCell(ctx, l, c, p, own)
	}
	// What is linked so depends on more, and may fail for more reasons.
	sharing := c
	sharing.Whole, sharing.Libraries = p.Whole, make([]fast.Library, len(p.Libraries))
	for i, b := range p.Libraries {
		contents := map[string]string{}
		for path, archive := range b.Packages {
			if contents[path], err = t.identity(archive); err != nil {
				return linked{}, err
			}
		}
		sharing.Libraries[i] = fast.Library{Object: b.SharedObject, Archives: b.Packages, Contents: contents}
	}
	why := t.copies
	if why == nil {
		out, err := t.linkCell(ctx, l, sharing, p, own)
		if err == nil || ctx.Err() != nil {
			out.whole = p.Whole
			return out, err
		}
		why = err
	}
	out, err := t.linkCell(ctx, l, c, p, own)
	out.copied = why
	return out, err
}

// linkCell links c, of p, once.
func (t *Toolchain) linkCell(ctx context.Context, l *fast.Linker, c fast.Cell, p Package, own map[string]string) (out linked, err error) {
	what, err := t.inputs("link against "+l.Program(), p, own)
	if err != nil {
		return out, err
	}
	what = append(what, fmt.Sprint(c.Whole, len(c.Libraries)))
	for _, b := range c.Libraries { // of the cache, where names tell contents
		what = append(what, b.Object)
	}
	out.so, out.hit, err = t.cached(ctx, fast.Output, what, func(ctx context.Context, work string) error {
		return l.Link(ctx, c, work)
	})
	return out, err
}

// How tells how p was linked.
func (p *Plugin) How() string {
	if p.Apart != nil {
		return "linked with a copy of the library: " + p.Apart.Error()
	}
	how := "linked against this program"
	if p.Copied != nil {
		how += ", with a copy of its modules: " + p.Copied.Error()
	}
	if m, err := load.ReadManifest(p.SharedObject); err == nil && m != nil && len(m.Parts) > 0 {
		how += ", and with " + strings.Join(m.Parts, ", ") + ", of which it lacks something"
	}
	return how
}

// namesSymbols tells whether a file reaches for symbols by name, which cmd/link
// refuses only where it sees both sides.
func namesSymbols(files map[string]string) bool {
	for _, text := range files {
		if strings.Contains(text, "go:linkname") {
			return true
		}
	}
	return false
}

// anchorFile is a file that is added to a unit with a variable to enter it by. It
// keeps that variable, which nothing in the unit need refer to; and what cmd/link
// needs of itself is imported, so that the fingerprints are compared.
const anchorFile = "interleave-anchor.go"

// It has no name of Go's own, which the unit may have given another meaning.
const anchor = `package %[1]s

import (
	_ "runtime"
	_ "runtime/cgo"
	ꞋꞋunsafe "unsafe"
)

//go:noinline
func ꞋꞋanchor(ꞋꞋunsafe.Pointer) {}

func init() { ꞋꞋanchor(ꞋꞋunsafe.Pointer(&%[2]s)) }

// It is a map[string]any.
func _() { %[2]s[""] = struct{}{}; %[2]s[""] = 1.5; for k := range %[2]s { _ = k + "" } }
`

// declaresEntry tells whether p has such a variable.
func declaresEntry(p Package) bool {
	for _, text := range p.Files {
		if strings.Contains(text, "\nvar "+p.Entry+" ") {
			return true
		}
	}
	return false
}

// anchored gives the files of p with that one.
func anchored(p Package) (map[string]string, error) {
	name, err := packageName(p.Files)
	if err != nil {
		return nil, err
	}
	files := maps.Clone(p.Files)
	files[anchorFile] = fmt.Sprintf(anchor, name, p.Entry)
	return files, nil
}
