//go:build !cgo

package load

import "errors"

// A program that was built without a C compiler loads no C, and no plugins either.

// FlushC does nothing: there is no C that could have printed.
func FlushC() {}

func linesOfC() {}

// OpenC fails.
func OpenC(string) error {
	return errors.New("compiled C: this program was built without C: install gcc and build it again")
}
