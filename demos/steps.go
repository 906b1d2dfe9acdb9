package demos

import "runtime"

// Steps gives how many workers Amdahl tries: one to four, then doubling, to twice
// the number of cores.
func Steps() []int {
	var out []int
	for n := 1; n <= max(4, 2*runtime.NumCPU()); n++ {
		if n > 4 {
			n = 2*n - 2
		}
		out = append(out, n)
	}
	return out
}
