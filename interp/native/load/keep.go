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
}

// thing has a pointer, as what is referred to weakly needs.
type thing struct{ p *int }
