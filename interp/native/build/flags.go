package build

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// A flavour is how this program was built, as far as plugins have to be built
// likewise. The runtime compares the export data of each package that both
// hold, and what is listed here changes it, or how code is generated.
type flavour struct {
	version    string   // as runtime.Version gives it
	flags      []string // of the go command, the compiler and the linker alike
	env        []string // of all of them
	shared     bool     // compiled with sharedFlag, so that cells can be linked against it
	moduleRoot string   // where the files of this module lay, as positions tell it
}

// ownFlavour reads how this program was built. The error says why no plugin can
// be loaded into it.
func ownFlavour() (*flavour, error) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil, errors.New("this program: does not tell how it was built: build it with the go command")
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	return flavourOf(runtime.Version(), settings)
}

// variants are the settings that are passed on by the environment. Source: go help environment.
var variants = []string{"GOEXPERIMENT", "GOAMD64", "GOARM64", "GOARM", "GO386", "GOPPC64", "GORISCV64", "GOFIPS140"}

// foreign are settings whose library cannot be had by compiling it with what is known.
var foreign = []string{"-asan", "-msan", "-gcflags", "-asmflags"}

func flavourOf(version string, settings map[string]string) (*flavour, error) {
	if settings["CGO_ENABLED"] == "0" {
		return nil, errors.New("this program: built without cgo, so that it cannot load compiled cells: install gcc and build it again (./install.sh)")
	}
	shared := settings["-gcflags"] == "all="+sharedFlag
	for _, name := range foreign {
		if name == "-gcflags" && shared {
			continue
		}
		if settings[name] != "" {
			return nil, fmt.Errorf("this program: built with %s, so that it cannot load compiled cells: build it without", name)
		}
	}
	f := &flavour{version: version, shared: shared, env: []string{"GOOS=" + runtime.GOOS, "GOARCH=" + runtime.GOARCH, "CGO_ENABLED=1"}}
	for _, name := range variants {
		f.env = append(f.env, name+"="+settings[name])
	}
	for _, name := range []string{"-race", "-trimpath"} {
		if settings[name] == "true" {
			f.flags = append(f.flags, name)
		}
	}
	_, file, _, _ := runtime.Caller(0)
	f.moduleRoot = path.Join(filepath.ToSlash(file), "../../../..")
	return f, nil
}

// tool gives the flags that the compiler and the linker have of those.
func (f *flavour) tool() []string {
	for _, flag := range f.flags {
		if flag == "-race" {
			return []string{flag}
		}
	}
	return nil
}

// compile gives the flags that the compiler has of those, the linker not.
func (f *flavour) compile() []string {
	if f.shared {
		return []string{sharedFlag}
	}
	return nil
}

// gcflags gives flags of the compiler with those.
func (f *flavour) gcflags(flags string) string {
	return strings.Join(append(f.compile(), flags), " ")
}

// String tells flavours apart.
func (f *flavour) String() string {
	return f.version + " " + strings.Join(slices.Concat(f.flags, f.compile()), " ") + " " + strings.Join(f.env, " ")
}
