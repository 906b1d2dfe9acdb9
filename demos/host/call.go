package host

import (
	"context"
	"fmt"
	"reflect"
	"strconv"

	"interleave/demos/work"
)

// caller gives what calls fn with the i-th of inputs. Package demos has checked that
// they fit.
func caller(fn any, inputs reflect.Value) func(context.Context, int, work.Watch) (any, error) {
	if f, ok := fn.(func(int) int); ok {
		if in, ok := inputs.Interface().([]int); ok {
			return func(_ context.Context, i int, _ work.Watch) (any, error) { return f(in[i]), nil }
		}
	}
	f := reflect.ValueOf(fn)
	return func(_ context.Context, i int, _ work.Watch) (any, error) {
		out := f.Call([]reflect.Value{inputs.Index(i)})
		if len(out) == 2 && !out[1].IsNil() {
			return nil, out[1].Interface().(error)
		}
		return out[0].Interface(), nil
	}
}

// same tells whether two results are the same, whatever language they are from.
func same(a, b any) bool { return canonical(a) == canonical(b) }

// canonical writes a result so that equal ones are written alike: 2.0 as 2.
func canonical(v any) string {
	r := reflect.ValueOf(v)
	switch {
	case !r.IsValid():
		return "nil"
	case r.CanFloat():
		return strconv.FormatFloat(r.Float(), 'f', -1, 64)
	}
	return fmt.Sprint(v)
}
