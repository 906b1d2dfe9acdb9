package eval

import (
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"unsafe"
)

// unitName is a compiled cell's package, as the runtime knows it.
var unitName = regexp.MustCompile(regexp.QuoteMeta(unitPrefix) + `c[0-9]+(x[0-9]+)?\.`)

// asInMain gives r, a value that recover gave, with the names that the user knows: in its
// own errors the runtime names a method of a compiled cell as the unit does, and its
// package.
func asInMain(r any) any {
	if e, ok := r.(*runtime.TypeAssertionError); ok && e != nil {
		if name := missing(e); strings.HasPrefix(*name, methodMark) {
			named := *e
			*missing(&named) = strings.TrimPrefix(*name, methodMark)
			return &named
		}
		return r
	}
	if _, ok := r.(runtime.Error); !ok {
		return r
	}
	v := reflect.ValueOf(r)
	if v.Kind() != reflect.String || v.Type().PkgPath() != "runtime" || !unitName.MatchString(v.String()) {
		return r
	}
	named := reflect.New(v.Type()).Elem()
	named.SetString(strings.ReplaceAll(unitName.ReplaceAllString(v.String(), "main."), methodMark, ""))
	return named.Interface()
}

// methodMark begins the names of lower-case methods in compiled cells.
const methodMark = "Ꞌ"

// missing is the field of that name. Source: runtime/error.go.
func missing(e *runtime.TypeAssertionError) *string {
	f := reflect.ValueOf(e).Elem().FieldByName("missingMethod")
	if f.Kind() != reflect.String {
		return new(string)
	}
	return (*string)(unsafe.Pointer(f.UnsafeAddr()))
}
