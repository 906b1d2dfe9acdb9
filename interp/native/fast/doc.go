// Package fast links a compiled cell against the running program, in place of a
// copy of the library: a cell is then some ten KB, and linked in 30 ms whatever
// it imports. The toolchain and ld are as installed.
//
// cmd/link has a mode, -linkshared, in which packages lie in a shared library
// that is there at run time. Here the library is this program, which holds the
// whole standard library for the interpreter's sake. It is not a shared library;
// so, for each cell, cmd/link is shown a stub: an ELF file that declares, of all
// that the program has, what the cell mentions. A cell takes these steps:
//
//	objects   what do the archives of the cell and of the units below it refer to?
//	stub      an ELF file with those symbols of the program          (stub.go)
//	cmd/link  with -linkshared, to one object                        (link.go)
//	mend      names in that object; is each symbol that it lacks one
//	          that was promised?                                     (object.go)
//	ld        that object to a shared object
//
// Binding is by name, by the dynamic linker, at once (-z now). What could bind
// wrongly without a word is a function called by a convention that it does not
// have: the program has one name for both. So only functions of which it is known
// are promised (abi.go); a cell with another one is linked the ordinary way, as is
// every cell for which a step fails. That packages are the same on both sides the
// runtime checks, by fingerprints of their export data (runtime/plugin.go).
//
// Packages of modules the program does not have. The unit that loads them, before
// the first cell that imports one, is linked so that it keeps all of them (keep.go);
// the stubs of later cells show its symbols beside those of the program
// (library.go), so that these link nothing of it again. A symbol that both have is
// the program's, as it is for the dynamic linker. Where that cannot be done, for
// the unit or for a cell, cells are linked with the archives of what they import: the
// dynamic linker binds each to the copy that was loaded first.
//
// The program has to be compiled with -linkshared too: the flag changes
// fingerprints, and has objects refer to symbols by name where they otherwise
// refer by number to what may not be there.
package fast
