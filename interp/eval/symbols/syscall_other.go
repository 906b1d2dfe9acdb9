//go:build !(linux && amd64)

package symbols

// syscallTable is empty where the generated one, with its numbers of another
// machine, would be wrong. Cells that use syscall are compiled there.
func syscallTable() []row { return nil }
