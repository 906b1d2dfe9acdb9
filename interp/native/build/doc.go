// Package build makes a Go plugin of one rewritten cell, with the toolchain
// that this program was built with, as it was installed.
//
// The go command is asked once a toolchain, by Prepare: it compiles the
// standard library as plugins need it (-dynlink), and the archives are kept out
// of its build cache, which it trims. From then on a cell is
//
//	go tool compile   the unit, a package that is not main
//	go tool compile   a stub, package main, that exports the unit's table
//	go tool link      all of it, and the library that it uses, to one object
//	ld                that object to a shared object
//
// cmd/link would start gcc four times, three of them only to learn what it can
// do. It is given the program "true" in its place, which agrees to everything,
// and its last command, which it prints, is carried out by us (system.go). That
// takes half the time; where it fails, cmd/link starts gcc itself.
//
// Where this very program was verified (fast.go), the third and fourth steps are
// those of package fast: the cell is linked against the program in place of a copy
// of the library, and without the stub. What that cannot do goes the way above,
// with the same archives, into the same process.
//
// A plugin fits a program only when both were built from the same library with
// the same flags; so the flags are read off this very program (flags.go).
package build
