package eval

import (
	"fmt"
	"go/ast"
	"go/parser"
	"reflect"
	"strconv"

	"interleave/interp/child"
	"interleave/interp/eval/symbols"
)

// typeOf makes the type that text tells in Go's notation. Packages are written
// by their alias; see child.Alias.
func typeOf(text string, imports []string) (reflect.Type, error) {
	e, err := parser.ParseExpr(text)
	if err != nil {
		return nil, fmt.Errorf("type %s: %w", text, err)
	}
	r := typeReader{imports: imports}
	t := r.read(e)
	if r.err != nil {
		return nil, fmt.Errorf("type %s: %w", text, r.err)
	}
	return t, nil
}

type typeReader struct {
	imports []string
	err     error
}

var basic = map[string]reflect.Type{
	"bool": reflect.TypeFor[bool](), "string": reflect.TypeFor[string](), "error": reflect.TypeFor[error](), "any": reflect.TypeFor[any](),
	"int": reflect.TypeFor[int](), "int8": reflect.TypeFor[int8](), "int16": reflect.TypeFor[int16](), "int32": reflect.TypeFor[int32](), "int64": reflect.TypeFor[int64](), "rune": reflect.TypeFor[rune](),
	"uint": reflect.TypeFor[uint](), "uint8": reflect.TypeFor[uint8](), "uint16": reflect.TypeFor[uint16](), "uint32": reflect.TypeFor[uint32](), "uint64": reflect.TypeFor[uint64](), "byte": reflect.TypeFor[byte](), "uintptr": reflect.TypeFor[uintptr](),
	"float32": reflect.TypeFor[float32](), "float64": reflect.TypeFor[float64](), "complex64": reflect.TypeFor[complex64](), "complex128": reflect.TypeFor[complex128](),
}

func (r *typeReader) fail(format string, args ...any) reflect.Type {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
	return basic["int"]
}

func (r *typeReader) read(e ast.Expr) reflect.Type {
	switch e := e.(type) {
	case *ast.Ident:
		if t, ok := basic[e.Name]; ok {
			return t
		}
	case *ast.ParenExpr:
		return r.read(e.X)
	case *ast.StarExpr:
		return reflect.PointerTo(r.read(e.X))
	case *ast.ArrayType:
		return r.array(e)
	case *ast.MapType:
		return reflect.MapOf(r.read(e.Key), r.read(e.Value))
	case *ast.ChanType:
		return reflect.ChanOf(direction(e.Dir), r.read(e.Value))
	case *ast.FuncType:
		return r.function(e)
	case *ast.StructType:
		return r.structure(e)
	case *ast.SelectorExpr:
		return r.named(e)
	case *ast.InterfaceType:
		if e.Methods == nil || len(e.Methods.List) == 0 {
			return basic["any"]
		}
	}
	return r.fail("no such type here: %T", e)
}

func direction(d ast.ChanDir) reflect.ChanDir {
	switch d {
	case ast.SEND:
		return reflect.SendDir
	case ast.RECV:
		return reflect.RecvDir
	}
	return reflect.BothDir
}

func (r *typeReader) array(e *ast.ArrayType) reflect.Type {
	if e.Len == nil {
		return reflect.SliceOf(r.read(e.Elt))
	}
	lit, ok := e.Len.(*ast.BasicLit)
	if !ok {
		return r.fail("array length %T", e.Len)
	}
	n, err := strconv.Atoi(lit.Value)
	if err != nil {
		return r.fail("array length %s", lit.Value)
	}
	return reflect.ArrayOf(n, r.read(e.Elt))
}

func (r *typeReader) function(e *ast.FuncType) reflect.Type {
	var in, out []reflect.Type
	variadic := false
	for t := range fieldTypes(e.Params) {
		if v, ok := t.(*ast.Ellipsis); ok {
			variadic = true
			in = append(in, reflect.SliceOf(r.read(v.Elt)))
			continue
		}
		in = append(in, r.read(t))
	}
	for t := range fieldTypes(e.Results) {
		out = append(out, r.read(t))
	}
	return reflect.FuncOf(in, out, variadic)
}

// fieldTypes yields a type for each name of a parameter list.
func fieldTypes(l *ast.FieldList) func(func(ast.Expr) bool) {
	return func(yield func(ast.Expr) bool) {
		if l == nil {
			return
		}
		for _, f := range l.List {
			for range max(1, len(f.Names)) {
				if !yield(f.Type) {
					return
				}
			}
		}
	}
}

func (r *typeReader) structure(e *ast.StructType) reflect.Type {
	var fields []reflect.StructField
	for _, f := range e.Fields.List {
		for _, n := range f.Names {
			sf := reflect.StructField{Name: n.Name, Type: r.read(f.Type)}
			if f.Tag != nil {
				tag, _ := strconv.Unquote(f.Tag.Value)
				sf.Tag = reflect.StructTag(tag)
			}
			if !n.IsExported() {
				return r.fail("field %s is not exported", n.Name)
			}
			fields = append(fields, sf)
		}
	}
	return reflect.StructOf(fields)
}

// named finds a library type in the symbol tables, where it stands as a nil pointer.
func (r *typeReader) named(e *ast.SelectorExpr) reflect.Type {
	alias, ok := e.X.(*ast.Ident)
	if !ok {
		return r.fail("no such type here: %T", e.X)
	}
	for i, path := range r.imports {
		if child.Alias(i) != alias.Name {
			continue
		}
		_, table, ok := symbols.Lookup(path)
		if v := table[e.Sel.Name]; ok && v.IsValid() && v.Kind() == reflect.Pointer && v.IsNil() {
			return v.Type().Elem()
		}
		return r.fail("no type %s in package %q", e.Sel.Name, path)
	}
	return r.fail("no import %s", alias.Name)
}
