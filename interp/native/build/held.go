package build

import (
	"debug/elf"
	"errors"
	"fmt"
	"strings"
)

// hashSymbol begins the name of the symbol by which a program that loads plugins tells which
// build of a package it holds. Source: genhash in cmd/link/internal/ld/lib.go.
const hashSymbol = "go:link.pkghash."

// ownModule is the module of this program.
const ownModule = "interleave"

// held gives the packages of modules that the program holds, which loads what is built.
func (t *Toolchain) held() (map[string]bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.holds != nil {
		return t.holds, nil
	}
	f, err := elf.Open(t.program)
	if err != nil {
		return nil, fmt.Errorf("packages of this program: %w", err)
	}
	defer f.Close()
	symbols, err := f.DynamicSymbols()
	if err != nil && !errors.Is(err, elf.ErrNoSymbols) { // without symbols it holds none that cells would be bound to
		return nil, fmt.Errorf("packages of this program: %s: %w", t.program, err)
	}
	holds := map[string]bool{}
	for _, s := range symbols {
		path, ok := strings.CutPrefix(s.Name, hashSymbol)
		if first, _, _ := strings.Cut(path, "/"); ok && (strings.Contains(first, ".") || first == ownModule) {
			holds[path] = true
		}
	}
	t.holds = holds
	return holds, nil
}
