//go:build cgo && linux

package load

/*
#cgo LDFLAGS: -ldl
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// The dynamic linker's own order: the first object that was loaded with a name.
static void *interleave_find(const char *name) { return dlsym(RTLD_DEFAULT, name); }

// interleave_map maps a shared object as package plugin does, which finds it mapped then.
// It gives how far its addresses are from those in the file.
static void *interleave_map(const char *so) {
	struct link_map *map;
	void *handle = dlopen(so, RTLD_NOW | RTLD_GLOBAL);
	if (!handle || dlinfo(handle, RTLD_DI_LINKMAP, &map)) return NULL;
	return (void *)map->l_addr;
}

// interleave_put writes a word, to where nobody may write too.
static int interleave_put(uintptr_t at, uintptr_t value, int sealed) {
	long size = sysconf(_SC_PAGESIZE);
	void *page = (void *)(at & ~(uintptr_t)(size - 1));
	if (sealed && mprotect(page, size, PROT_READ | PROT_WRITE)) return -1;
	*(uintptr_t *)at = value;
	return sealed ? mprotect(page, size, PROT_READ) : 0;
}
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// find gives the address of a symbol of this process, nil where there is none.
func find(name string) unsafe.Pointer {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	return C.interleave_find(text)
}

// mapped maps a shared object and gives where; nil where it cannot be mapped.
func mapped(so string) unsafe.Pointer {
	text := C.CString(so)
	defer C.free(unsafe.Pointer(text))
	return C.interleave_map(text)
}

// put writes a word to where the dynamic linker has taken the right to write away, if
// it is sealed.
func put(at *unsafe.Pointer, value unsafe.Pointer, sealed bool) error {
	flag := C.int(0)
	if sealed {
		flag = 1
	}
	if r, err := C.interleave_put(C.uintptr_t(uintptr(unsafe.Pointer(at))), C.uintptr_t(uintptr(value)), flag); r != 0 {
		return fmt.Errorf("compiled cell: mprotect: %w", err)
	}
	return nil
}
