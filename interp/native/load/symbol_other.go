//go:build !cgo || !linux

package load

import "unsafe"

// find finds nothing: nothing is linked against the program here.
func find(string) unsafe.Pointer { return nil }

// Without cgo nothing is mapped.
func mapped(string) unsafe.Pointer                    { return nil }
func put(*unsafe.Pointer, unsafe.Pointer, bool) error { return nil }
