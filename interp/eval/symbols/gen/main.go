// Command gen writes the symbol tables of package symbols, one file per package,
// for the toolchain that runs it. Run it by go generate in that package's folder.
//
// It does what yaegi's extract package does, in seconds instead of minutes:
// Extract is bound to the importer that type-checks from source, made anew for each
// package, and takes no other; here one importer reads the export data that
// "go list -export" names. It also writes another form (see the table in
// symbols.go): rows of constant data instead of statements in an init function.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

func main() {
	log.SetFlags(0)
	if err := generate("."); err != nil {
		log.Fatal("symbols/gen: ", err)
	}
}

// generate replaces the generated files in dir.
func generate(dir string) error {
	packages, err := load()
	if err != nil {
		return err
	}
	files, err := render(packages, prefix(runtime.Version()))
	if err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(dir, "go1_*.go"))
	if err != nil {
		return err
	}
	for _, name := range old {
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	fmt.Printf("%d files\n", len(files))
	return nil
}

// prefix gives how the files of a toolchain begin: go1_26_ for go1.26.8.
func prefix(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], "_") + "_"
}
