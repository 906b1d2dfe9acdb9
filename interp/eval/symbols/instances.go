package symbols

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"interleave/demos"
)

// A generic function or type with its types filled in: the name that Instance gives,
// and a nil pointer to the type, or the function.
type instance struct {
	name  string
	value any
}

// Instance is the name of a generic function or type of package demos, or of a method,
// such as "Promise.Result", with the type argument arg, which is written as package
// reflect does: "[]time.Duration".
func Instance(name, arg string) string {
	return name + "Ꞌ" + strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '_'
	}, arg)
}

// Generic gives a function of that name; false where this program holds none.
func Generic(name string) (reflect.Value, bool) {
	f, ok := generics()[name]
	return f, ok && f.Kind() == reflect.Func
}

// generics are all instances. Reflection can make none of a generic type, and one that
// this program holds is the same for interpreted and for compiled cells.
var generics = sync.OnceValue(func() map[string]reflect.Value {
	table := map[string]reflect.Value{}
	for _, i := range demosInstances() {
		table[i.name] = reflect.ValueOf(i.value)
	}
	return table
})

// genericTypes are rows for the instances of types.
func genericTypes() (rows []row) {
	for name, v := range generics() {
		if v.Kind() == reflect.Pointer {
			rows = append(rows, row{name, typename, v.Interface()})
		}
	}
	return rows
}

// demosInstances are for what functions mostly give: a promise of another type has to
// be one of any. Each takes 30 KB of the program.
func demosInstances() []instance {
	return slices.Concat(
		nested[string](), nested[int](), nested[float64](), nested[any](),
		results[bool](), results[error](), results[time.Duration](), results[time.Time](), results[map[string]int](),
		results[int32](), results[int64](), results[uint8](), results[uint64](), results[float32](),

		shared[int](), shared[int32](), shared[int64](), shared[uint8](), shared[uint64](), shared[float32](), shared[float64](), shared[bool](),
	)
}

// results are for promises of a type, and of slices of it.
func results[R any]() []instance {
	return slices.Concat(promise[R](), all[R](), promise[[]R]())
}

// nested are results, and for promises of slices of slices.
func nested[R any]() []instance {
	return slices.Concat(results[R](), all[[]R](), promise[[][]R]())
}

func promise[R any]() []instance {
	return named[R](map[string]any{
		"Promise": (*demos.Promise[R])(nil), "Promise.Result": (*demos.Promise[R]).Result, "Promise.ResultWithin": (*demos.Promise[R]).ResultWithin,
		"Submitted": demos.Submitted[R], "Following": demos.Following[R], "Any": demos.Any[R], "AsCompleted": demos.AsCompleted[R],
	})
}

func all[R any]() []instance { return named[R](map[string]any{"All": demos.All[R]}) }

func shared[T any]() []instance {
	return named[T](map[string]any{"Shared": (*demos.Shared[T])(nil), "NewShared": demos.NewShared[T]})
}

func named[T any](table map[string]any) (out []instance) {
	for name, v := range table {
		out = append(out, instance{Instance(name, reflect.TypeFor[T]().String()), v})
	}
	return out
}
