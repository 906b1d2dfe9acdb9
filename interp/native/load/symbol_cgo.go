//go:build cgo && linux

package load

/*
#cgo LDFLAGS: -ldl
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>

// The dynamic linker's own order: the first object that was loaded with a name.
static void *interleave_find(const char *name) { return dlsym(RTLD_DEFAULT, name); }
*/
import "C"

import "unsafe"

// find gives the address of a symbol of this process, nil where there is none.
func find(name string) unsafe.Pointer {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	return C.interleave_find(text)
}
