package load

import (
	"iter"
	"maps"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unique"
	"weak"
)

// kept are instances of generic functions and types of the library. The program
// holds the library otherwise, for the interpreter; of what is generic it holds
// what is instantiated, and cells that are linked against it need what those
// instances are made of, such as the type of coroutines.
var kept = []any{
	iter.Pull[int], iter.Pull2[int, int],
	unique.Make[string], (*unique.Handle[string])(nil), weak.Make[thing], (*weak.Pointer[thing])(nil), runtime.AddCleanup[thing, int],
	sync.OnceFunc, sync.OnceValue[int], sync.OnceValues[int, int], (*atomic.Pointer[int])(nil),
	maps.Keys[map[string]int], maps.Clone[map[string]int], slices.Sort[[]int], slices.SortFunc[[]int], slices.SortStableFunc[[]int], slices.Collect[int],
	reflect.TypeFor[int], rand.N[int], strings.SplitSeq,
	helped, hashed[[0]int], hashed[int8], hashed[int16], hashed[int32], hashed[int64], hashed[[2]int64], hashed[string], hashed[any],
	hashed[error], hashed[float32], hashed[float64], hashed[complex64], hashed[complex128], hashed[thing], hashed[[3]int64],
}

// hashed has the runtime's functions that hash and compare keys of a type, of which
// there is one for each size; unnamed types of modules need them.
func hashed[K comparable](m map[K]struct{}, c *[2]chan K, a any) bool {
	k, same := a.(K)
	_, has := m[k]
	return same && has && c[0] == c[1] && a == any(k) && any(struct{ a, b K }{k, k}) == a
}

// thing has a pointer, as what is referred to weakly needs.
type thing struct{ p *int }

// helped is compiled to calls of functions of the runtime that the language needs
// and this program otherwise does not use.
// Source: cmd/compile/internal/typecheck/_builtin/runtime.go.
func helped(a, b string, x, y float64, n int64, large map[int][2000]byte, each iter.Seq[int], v any, s interface{ String() string }) []any {
	for i := range each {
		defer func() { n += int64(i) }()
	}
	print(v, s)
	_, ok := large[int(n)]
	size := uint64(n)
	return []any{
		min(a, b), max(a, b), min(x, y), max(x, y), min(float32(x), float32(y)), max(float32(x), float32(y)), large[int(n)], ok,
		make([]int, n), make([]int, size), make(chan int, n), make(chan int, size), make(map[int]int, n), v.(interface{ String() string }),
		complex(x, y) / complex(y, x), s == v,
	}
}
