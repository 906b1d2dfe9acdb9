package build

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"interleave/interp/cachedir"
	"interleave/interp/native/fast"
)

// Options tell what a Toolchain works with. The zero value works.
type Options struct {
	Dir     string           // what is made is kept below it; "": the user's cache, as package exports has it
	Sources map[string]fs.FS // packages of this program that cells may import, by path: their .go files
	Program string           // this program, which knows ToolexecRole; "": the file that it was started from
	Trial   bool             // cells are linked against this program whatever the verdict: see Verify
}

// A Toolchain is a Go toolchain that builds plugins for this very program. It is
// safe for concurrent use.
type Toolchain struct {
	root    string   // GOROOT
	tools   string   // directory of compile, link, cgo, pack
	command string   // the go command
	cc      []string // C compiler, with flags
	flavour *flavour
	stamp   string // tells whether it was exchanged since
	cache   string // where several toolchains have theirs
	dir     string // of this toolchain and flavour
	cells   string // cache of what is compiled with it
	sources map[string]fs.FS
	program string // to be started in ToolexecRole
	linker  *systemLinker
	trial   bool

	mu     sync.Mutex
	std    map[string]string // import path -> archive, once read
	shared map[string]string // of sources, once compiled

	holds map[string]bool // packages in program, once read

	recipes map[string]int // file of the cache -> index of what makes it
	again   []func(context.Context) error

	fast    *fast.Linker // links against this program; nil: fastErr says why not
	fastErr error
	copies  error // why cells get a copy of packages of modules, always
}

// ErrMissing is the error where Prepare has not been called for this toolchain.
var ErrMissing = errors.New("library for compiled cells: missing: run interleave prepare")

const install = "install Go 1.26 or later, https://go.dev/dl"

// Find finds the toolchain on PATH. The error says in a sentence what is missing
// and what to install.
func Find(o Options) (*Toolchain, error) {
	f, err := ownFlavour()
	if err != nil {
		return nil, err
	}
	command, err := exec.LookPath("go")
	if err != nil {
		return nil, errors.New("go command: not found on PATH: " + install)
	}
	t := &Toolchain{command: command, flavour: f, sources: o.Sources, program: o.Program, trial: o.Trial}
	if t.program == "" {
		if t.program, err = os.Executable(); err != nil {
			return nil, err
		}
	}
	if err := t.ask(); err != nil {
		return nil, err
	}
	if t.stamp, err = stampOf(t.tool("compile")); err != nil {
		return nil, fmt.Errorf("go command: %s is not whole: %w: %s", t.root, err, install)
	}
	t.linker = findLinker(t.cc)
	base := o.Dir
	if base == "" {
		if base, err = cachedir.Dir(); err != nil {
			return nil, err
		}
	}
	t.cache = base
	t.dir = filepath.Join(base, "native-"+t.key())
	t.cells = filepath.Join(t.dir, "cells")
	return t, nil
}

// ask asks the go command what it would build with.
func (t *Toolchain) ask() error {
	var is struct{ GOVERSION, GOROOT, GOTOOLDIR, CC string }
	cmd := t.exec(context.Background(), t.command, "env", "-json", "GOVERSION", "GOROOT", "GOTOOLDIR", "CC")
	out, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(out, &is)
	}
	if err != nil {
		return fmt.Errorf("go command: %s env: %w: %s", t.command, err, install)
	}
	// An experiment is part of runtime.Version, but not always of GOVERSION.
	have, _, _ := strings.Cut(is.GOVERSION, " ")
	want, _, _ := strings.Cut(t.flavour.version, " ")
	if have != want {
		return fmt.Errorf("go command: %s found, this program was built with %s: run ./install.sh again", have, want)
	}
	t.root, t.tools, t.cc = is.GOROOT, is.GOTOOLDIR, strings.Fields(is.CC)
	if len(t.cc) == 0 {
		t.cc = []string{"gcc"}
	}
	if _, err = exec.LookPath(t.cc[0]); err != nil {
		return fmt.Errorf("C compiler: %s not found on PATH: install gcc", t.cc[0])
	}
	return nil
}

// key names what archives of one toolchain have in common.
func (t *Toolchain) key() string {
	h := sha256.New()
	version, _ := os.ReadFile(filepath.Join(t.root, "VERSION")) // tells a toolchain from the next
	fmt.Fprintln(h, layout, t.flavour, t.root, t.cc)
	h.Write(version)
	return fmt.Sprintf("%s-%s-%x", strings.ReplaceAll(runtime.Version(), " ", "_"), runtime.GOARCH, h.Sum(nil)[:6])
}

// layout is the version of what lies below a toolchain's directory.
const layout = "native 2"

// tool gives the path of a tool, such as "compile".
func (t *Toolchain) tool(name string) string { return filepath.Join(t.tools, name) }

// stampOf tells one file from another of the same name.
func stampOf(file string) (string, error) {
	st, err := os.Stat(file)
	if err != nil {
		return "", err
	}
	return fmt.Sprint(st.Size(), " ", st.ModTime().UnixNano()), nil
}

// same gives an error when the toolchain was exchanged since Find.
func (t *Toolchain) same() error {
	if now, err := stampOf(t.tool("compile")); err != nil || now != t.stamp {
		return fmt.Errorf("go toolchain in %s: was changed while this program runs: run ./install.sh again and restart the kernel", t.root)
	}
	return nil
}
