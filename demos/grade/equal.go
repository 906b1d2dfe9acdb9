package grade

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// unequal is one place in which two values differ.
type unequal struct{ path, found, expected string }

// deepest is how far into a value the place is looked for; it may refer to itself.
const deepest = 20

// difference gives the first place in which the two values differ; nil where there
// is none.
func difference(found, expected any) *unequal {
	if reflect.DeepEqual(found, expected) {
		return nil
	}
	a, ok := found.(error)
	b, both := expected.(error)
	if ok && both && errors.Is(a, b) {
		return nil
	}
	path, x, y := narrow("", reflect.ValueOf(found), reflect.ValueOf(expected), deepest)
	if path != "" {
		path = ", at " + path
	}
	d := &unequal{path, words(x), words(y)}
	if d.found == d.expected {
		d.found, d.expected = typed(x), typed(y)
	}
	return d
}

// narrow follows two unequal values of one type to the first place where they
// differ.
func narrow(path string, x, y reflect.Value, depth int) (string, reflect.Value, reflect.Value) {
	if !x.IsValid() || !y.IsValid() || x.Type() != y.Type() || depth == 0 {
		return path, x, y
	}
	if _, ok := x.Interface().(error); ok {
		return path, x, y
	}
	for step, pair := range parts(x, y) {
		if !same(pair[0], pair[1]) {
			return narrow(path+step, pair[0], pair[1], depth-1)
		}
	}
	return path, x, y
}

// parts yields what x and y, of one type, consist of, in pairs, and how to get there; nothing
// where they are to be shown whole.
func parts(x, y reflect.Value) func(func(string, [2]reflect.Value) bool) {
	return func(yield func(string, [2]reflect.Value) bool) {
		switch x.Kind() {
		case reflect.Slice, reflect.Array:
			for i := 0; x.Len() == y.Len() && i < x.Len(); i++ {
				if !yield(fmt.Sprintf("[%d]", i), [2]reflect.Value{x.Index(i), y.Index(i)}) {
					return
				}
			}
		case reflect.Struct:
			if !open(x.Type()) {
				return
			}
			for i := range x.NumField() {
				if !yield("."+x.Type().Field(i).Name, [2]reflect.Value{x.Field(i), y.Field(i)}) {
					return
				}
			}
		case reflect.Map:
			for _, k := range keys(x, y) {
				if !yield("["+words(k)+"]", [2]reflect.Value{x.MapIndex(k), y.MapIndex(k)}) {
					return
				}
			}
		case reflect.Pointer, reflect.Interface:
			if !x.IsNil() && !y.IsNil() {
				yield("", [2]reflect.Value{x.Elem(), y.Elem()})
			}
		}
	}
}

// keys gives the keys of both maps, each once, ordered by how they are shown.
func keys(x, y reflect.Value) []reflect.Value {
	all := map[string]reflect.Value{}
	for _, k := range append(x.MapKeys(), y.MapKeys()...) {
		all[words(k)] = k
	}
	var list []reflect.Value
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, all[name])
	}
	return list
}

// open tells whether all fields of a struct may be read from here.
func open(t reflect.Type) bool {
	for i := range t.NumField() {
		if !t.Field(i).IsExported() {
			return false
		}
	}
	return true
}

// same is DeepEqual, where a value may be missing.
func same(x, y reflect.Value) bool {
	if !x.IsValid() || !y.IsValid() {
		return x.IsValid() == y.IsValid()
	}
	return reflect.DeepEqual(x.Interface(), y.Interface())
}

// longest is how much of a value is shown, in bytes.
const longest = 200

// words shows a value: strings quoted, errors by their text, nil and nothing by name.
func words(v reflect.Value) string {
	if !v.IsValid() {
		return "nothing"
	}
	switch v.Kind() {
	case reflect.String:
		return cut(fmt.Sprintf("%q", v))
	case reflect.Slice, reflect.Map, reflect.Pointer, reflect.Interface, reflect.Func, reflect.Chan:
		if v.IsNil() {
			return "nil"
		}
	}
	if err, ok := v.Interface().(error); ok {
		return cut(err.Error())
	}
	return cut(fmt.Sprintf("%+v", v))
}

// typed shows a value with its type.
func typed(v reflect.Value) string {
	if !v.IsValid() {
		return "nothing"
	}
	return words(v) + " of type " + v.Type().String()
}

// cut shortens a text that is too long to read.
func cut(s string) string {
	if len(s) <= longest {
		return s
	}
	return strings.ToValidUTF8(s[:longest], "") + fmt.Sprintf("... (%d bytes)", len(s))
}
