package demos

// OpenPool starts n worker processes, which run functions of cells, as
// multiprocessing.Pool does; 0: one for each core. Close ends them; so does the end
// of the kernel.
func OpenPool(n int) (Pool, error) {
	if err := within("OpenPool", n, 256); err != nil {
		return nil, err
	}
	if Runner == nil {
		return nil, ErrNoHost
	}
	return Runner.Pool(n)
}

// Map has the workers of a pool call fn with each element of inputs, and gives the
// results in their order. The errors of tasks are joined; the others' results are
// there.
func Map[A, R any](pool Pool, fn func(A) R, inputs []A) ([]R, error) {
	if pool == nil {
		return nil, ErrNoHost
	}
	out, err := pool.Map(fn, inputs)
	results, _ := out.([]R)
	return results, err
}
