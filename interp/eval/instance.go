package eval

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"

	"interleave/demos"
	"interleave/interp/child"
	"interleave/interp/eval/symbols"
)

// instance makes a function that source calls by the name of an instance. What it does
// at once, such as to wait, is done at the place of the instance.
func (s *Session) instance(in child.Instance, imports []string) (reflect.Value, error) {
	t, err := typeOf(in.Type, imports)
	if err != nil {
		return reflect.Value{}, err
	}
	do, ok := untyped[in.Func]
	if !ok {
		f, held := symbols.Generic(in.Func)
		if !held {
			return reflect.Value{}, fmt.Errorf("there is no function %s", in.Func)
		}
		do = func(t reflect.Type, args []reflect.Value) []reflect.Value { return call(f, args) }
	}
	return reflect.MakeFunc(t, func(args []reflect.Value) []reflect.Value {
		if g := s.self(); g != nil && in.Where != "" {
			defer g.at.Store(g.at.Swap(&in.Where))
		}
		return do(t, args)
	}), nil
}

// call calls f with all that it takes, the last one a slice where it is variadic.
func call(f reflect.Value, args []reflect.Value) []reflect.Value {
	if f.Type().IsVariadic() {
		return f.CallSlice(args)
	}
	return f.Call(args)
}

// untyped are functions whose types are known only when a cell runs: t is that of the
// function.
var untyped = map[string]func(t reflect.Type, args []reflect.Value) []reflect.Value{
	"max": func(t reflect.Type, args []reflect.Value) []reflect.Value {
		return []reflect.Value{extreme(args, true)}
	},
	"min": func(t reflect.Type, args []reflect.Value) []reflect.Value {
		return []reflect.Value{extreme(args, false)}
	},
	"demos.Map":    mapTasks,
	"demos.Submit": submit,
	"demos.Then":   then,
}

// extreme is max, or min, of values of one type.
func extreme(args []reflect.Value, greatest bool) reflect.Value {
	out := reflect.New(args[0].Type()).Elem()
	switch {
	case out.CanInt():
		out.SetInt(extremeOf(args, reflect.Value.Int, greatest))
	case out.CanUint():
		out.SetUint(extremeOf(args, reflect.Value.Uint, greatest))
	case out.CanFloat():
		out.SetFloat(extremeOf(args, reflect.Value.Float, greatest))
	default:
		out.SetString(extremeOf(args, reflect.Value.String, greatest))
	}
	return out
}

func extremeOf[T cmp.Ordered](args []reflect.Value, value func(reflect.Value) T, greatest bool) T {
	values := make([]T, len(args))
	for i, a := range args {
		values[i] = value(a)
	}
	if greatest {
		return greatestOf(values...)
	}
	return leastOf(values...)
}

func greatestOf[T cmp.Ordered](values ...T) T {
	found := values[0]
	for _, v := range values[1:] {
		found = max(found, v)
	}
	return found
}

func leastOf[T cmp.Ordered](values ...T) T {
	found := values[0]
	for _, v := range values[1:] {
		found = min(found, v)
	}
	return found
}

// clearAny is clear.
func clearAny(v any) { reflect.ValueOf(v).Clear() }

// builtins are functions of package demo, for the source of a function that stands alone.
var builtins = map[string]any{
	"MaxInt": greatestOf[int64], "MaxUint": greatestOf[uint64], "MaxFloat": greatestOf[float64], "MaxString": greatestOf[string],
	"MinInt": leastOf[int64], "MinUint": leastOf[uint64], "MinFloat": leastOf[float64], "MinString": leastOf[string],
	"Clear": clearAny,
}

// mapTasks is demos.Map(pool, fn, inputs).
func mapTasks(t reflect.Type, args []reflect.Value) []reflect.Value {
	results := reflect.Zero(t.Out(0))
	pool, ok := args[0].Interface().(demos.Pool)
	if !ok {
		return []reflect.Value{results, errorValue(demos.ErrNoHost)}
	}
	out, err := pool.Map(args[1].Interface(), args[2].Interface())
	if out != nil {
		results = reflect.ValueOf(out)
	}
	return []reflect.Value{results, errorValue(err)}
}

// submit is demos.Submit(on, fn, arg).
func submit(t reflect.Type, args []reflect.Value) []reflect.Value {
	fn := args[1]
	submitted := instanceOf("Submitted", t.Out(0))
	inputs := reflect.Append(reflect.New(reflect.SliceOf(t.In(2))).Elem(), args[2])
	do := reflect.MakeFunc(submitted.Type().In(3), func([]reflect.Value) []reflect.Value { return calledByUser(fn, args[2:]) })
	return submitted.Call([]reflect.Value{args[0], anyValue(fn), anyValue(inputs), do})
}

// then is demos.Then(p, next).
func then(t reflect.Type, args []reflect.Value) []reflect.Value {
	following := instanceOf("Following", t.Out(0))
	do := reflect.MakeFunc(following.Type().In(0), func([]reflect.Value) []reflect.Value {
		got := args[0].MethodByName("Result").Call(nil)
		if !got[1].IsNil() {
			return []reflect.Value{reflect.Zero(t.In(1).Out(0)), got[1]}
		}
		return append(calledByUser(args[1], got[:1]), errorValue(nil))
	})
	return following.Call([]reflect.Value{do})
}

// instanceOf is the function of that name that makes a promise: a *demos.Promise[R].
func instanceOf(name string, promise reflect.Type) reflect.Value {
	_, arg, _ := strings.Cut(promise.Elem().Name(), "[")
	f, _ := symbols.Generic(symbols.Instance(name, strings.TrimSuffix(arg, "]")))
	return f
}

// calledByUser calls a function of a cell. It panics as Go does.
func calledByUser(fn reflect.Value, args []reflect.Value) []reflect.Value {
	defer func() {
		if r := recover(); r != nil {
			panic(goPanic(r))
		}
	}()
	return fn.Call(args)
}

// anyValue is v as a parameter of type any takes it.
func anyValue(v reflect.Value) reflect.Value {
	x := v.Interface()
	return reflect.ValueOf(&x).Elem()
}

func errorValue(err error) reflect.Value { return reflect.ValueOf(&err).Elem() }
