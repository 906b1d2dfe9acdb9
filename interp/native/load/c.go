package load

/*
#cgo LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

// interleave_left_c is called by cells whenever control goes from C to Go.
void interleave_left_c(void) {
	if (__fpending(stdout)) fflush(stdout);
}

static void byLine(void) { setvbuf(stdout, NULL, _IOLBF, BUFSIZ); }

// openC loads a shared object for all that are loaded later, and gives why it cannot.
static char *openC(const char *so) {
	return dlopen(so, RTLD_NOW | RTLD_GLOBAL) ? NULL : dlerror();
}
*/
import "C"

import (
	"fmt"
	"sync"
	"unsafe"
)

var lines sync.Once

// FlushC writes out what C has printed and not ended with a line's end yet.
func FlushC() { C.interleave_left_c() }

// linesOfC has C print line by line from now on.
func linesOfC() { lines.Do(func() { C.byLine() }) }

// OpenC loads a shared object of C or C++ code, whose functions the units that are
// opened later can call.
func OpenC(so string) error {
	linesOfC()
	name := C.CString(so)
	defer C.free(unsafe.Pointer(name))
	if why := C.openC(name); why != nil {
		return fmt.Errorf("compiled C: %s", C.GoString(why))
	}
	return nil
}
