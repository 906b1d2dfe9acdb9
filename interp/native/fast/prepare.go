package fast

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Files of a folder that Prepare makes.
const (
	tableFile   = "functions"
	runtimeFile = "runtime.o"
)

// Prepare makes in dir what a Linker for the program needs: the table of its
// functions, in some seconds, and what a plugin must have of runtime.
func Prepare(ctx context.Context, program *Program, dir string, tools Tools, library map[string]string) error {
	abis, err := decide(program, slices.Collect(maps.Values(library)))
	if err != nil {
		return err
	}
	if err := assemble(ctx, program, dir, tools); err != nil {
		return err
	}
	of, err := tableOf(program, dir)
	if err != nil {
		return err
	}
	return writeTable(filepath.Join(dir, tableFile), of, abis)
}

// tableOf is what a table is of: the program, and what is linked beside it.
func tableOf(program *Program, dir string) (string, error) {
	data, err := os.ReadFile(filepath.Join(dir, runtimeFile))
	return fmt.Sprintf("%s-%x", program.ID, sha256.Sum256(data)), err
}

func assemble(ctx context.Context, program *Program, dir string, tools Tools) error {
	next, err := space{program.image}.nextModule()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "runtime.s"), fmt.Appendf(nil, program.machine.runtime, next), 0o644); err != nil {
		return err
	}
	if out, err := tools.Go(ctx, dir, "asm", "-p", "runtime", "-dynlink", "-o", runtimeFile, "runtime.s"); err != nil {
		return fmt.Errorf("asm: %w: %s", err, out)
	}
	return nil
}

// New makes a Linker for program of what Prepare made in dir. library has the
// archives of all packages of the library, by import path.
func New(program *Program, dir string, tools Tools, library map[string]string) (*Linker, error) {
	l := &Linker{program: program, tools: tools, library: library, runtime: filepath.Join(dir, runtimeFile), held: map[string]bool{}, libraries: map[string]*opened{}}
	of, err := tableOf(program, dir)
	if err != nil {
		return nil, err
	}
	if l.abis, err = readTable(filepath.Join(dir, tableFile), of); err != nil {
		return nil, err
	}
	for path := range library {
		_, l.held[path] = program.lookup("go:link.pkghash." + path)
	}
	maps.DeleteFunc(l.held, func(_ string, held bool) bool { return !held })
	hash, ok := program.lookup("go:link.pkghashbytes.runtime")
	if !ok || hash.size != 8 {
		return nil, errors.New("program: tells no fingerprint of package runtime")
	}
	l.fingerprint, err = program.data(hash.value, hash.size)
	return l, err
}
