package work

import (
	"fmt"
	"reflect"
)

// GoSource gives the task of a ready-made job that computes as Go source for the
// interpreter: a function of that name of one index, and all indexes.
func GoSource(s Spec) (source, name string, indexes reflect.Value) {
	all := make([]int, s.N)
	for i := range all {
		all[i] = i
	}
	return fmt.Sprintf(goTasks[s.Kind], s.N, s.Size), "task", reflect.ValueOf(all)
}

// goTasks are functions of work.go as the interpreter gets them, which has no
// Watch. A test compares their results.
var goTasks = map[string]string{
	"primes": `func task(i int) int {
	const n, size = %d, %d
	count := 0
	from, to := size*i/n, size*(i+1)/n
	if from < 2 {
		from = 2
	}
	for k := from; k < to; k++ {
		prime := true
		for d := 2; d*d <= k; d++ {
			if k%%d == 0 {
				prime = false
				break
			}
		}
		if prime {
			count++
		}
	}
	return count
}`,
	"roots": `import "math"

func task(i int) float64 {
	const n, size = %d, %d
	sum := 0.0
	for k := size * i / n; k < size*(i+1)/n; k++ {
		sum += math.Sqrt(float64(k))
	}
	return sum
}`,
	"mandelbrot": `func task(i int) int {
	const n, width, most = %d, %d, 200
	ci := -1.25 + 2.5*float64(i)/float64(n)
	sum := 0
	for p := 0; p < width; p++ {
		cr := -2 + 2.5*float64(p)/float64(width)
		zr, zi, k := 0.0, 0.0, 0
		for k < most && zr*zr+zi*zi <= 4 {
			zr, zi = zr*zr-zi*zi+cr, 2*zr*zi+ci
			k++
		}
		sum += k
	}
	return sum
}`,
}
