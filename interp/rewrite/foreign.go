package rewrite

import (
	"go/ast"
	"go/types"
	"reflect"
	"unsafe"

	"interleave/interp/check"
	"interleave/interp/eval/symbols"
)

// Foreign gives a type of a cell, as its source has it, that this program does not
// hold, "" where it holds them all. The interpreter would have such a type made by
// reflection, and a compiled cell brings its own: a type assertion or a switch of the
// one would not know a value of the other.
func Foreign(ch *check.Checked) string {
	found := ""
	for _, item := range ch.Cell.Items {
		called := map[ast.Expr]bool{}
		ast.Inspect(item.Node, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				called[ast.Unparen(call.Fun)] = true // which is no value
			}
			e, ok := n.(ast.Expr)
			if tv := ch.Info.Types[e]; ok && found == "" && !called[e] && tv.Type != nil && !held(tv.Type) {
				found = types.TypeString(tv.Type, func(p *types.Package) string { return p.Name() })
			}
			return found == ""
		})
	}
	return found
}

// held tells whether this program holds t. Types that the interpreter has not are
// refused elsewhere.
func held(t types.Type) (ok bool) {
	defer func() {
		if recover() != nil { // reflection has limits of its own, such as for elements of channels
			ok = false
		}
	}()
	switch types.Unalias(t).(type) {
	case *types.Pointer, *types.Slice, *types.Array, *types.Map, *types.Chan, *types.Signature, *types.Struct:
	default:
		return true
	}
	if unfit(t, map[types.Type]bool{}) != "" {
		return true
	}
	made, ok := reflected(t)
	return !ok || !isMade(made)
}

// isMade tells a type that was made by reflection from one that lies in a program:
// its name does too, at an offset that is not negative.
// Source: internal/abi.Type; reflect.addReflectOff, runtime.reflectOffs.
func isMade(t reflect.Type) bool {
	const nameOffset = 40 // of abi.Type.Str, on 64-bit machines
	header := (*[2]unsafe.Pointer)(unsafe.Pointer(&t))[1]
	return *(*int32)(unsafe.Add(header, nameOffset)) < 0
}

// reflected gives t as reflection has it. It is false for what it does not know.
func reflected(t types.Type) (made reflect.Type, ok bool) {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		made, ok = predeclared[types.Default(t).(*types.Basic).Kind()]
		return made, ok
	case *types.Named:
		return reflectedNamed(t)
	case *types.Pointer:
		return composed(reflect.PointerTo, t.Elem())
	case *types.Slice:
		return composed(reflect.SliceOf, t.Elem())
	case *types.Array:
		return composed(func(e reflect.Type) reflect.Type { return reflect.ArrayOf(int(t.Len()), e) }, t.Elem())
	case *types.Chan:
		return composed(func(e reflect.Type) reflect.Type { return reflect.ChanOf(direction[t.Dir()], e) }, t.Elem())
	case *types.Map:
		key, ok := reflected(t.Key())
		if !ok {
			return nil, false
		}
		return composed(func(e reflect.Type) reflect.Type { return reflect.MapOf(key, e) }, t.Elem())
	case *types.Signature:
		in, inOK := reflectedAll(t.Params())
		out, outOK := reflectedAll(t.Results())
		if !inOK || !outOK {
			return nil, false
		}
		return reflect.FuncOf(in, out, t.Variadic()), true
	case *types.Struct:
		return reflectedStruct(t)
	case *types.Interface:
		return reflect.TypeFor[any](), t.Empty()
	}
	return nil, false
}

var direction = map[types.ChanDir]reflect.ChanDir{
	types.SendRecv: reflect.BothDir, types.SendOnly: reflect.SendDir, types.RecvOnly: reflect.RecvDir,
}

var predeclared = map[types.BasicKind]reflect.Type{
	types.Bool: reflect.TypeFor[bool](), types.String: reflect.TypeFor[string](), types.UnsafePointer: reflect.TypeFor[unsafe.Pointer](),
	types.Int: reflect.TypeFor[int](), types.Int8: reflect.TypeFor[int8](), types.Int16: reflect.TypeFor[int16](),
	types.Int32: reflect.TypeFor[int32](), types.Int64: reflect.TypeFor[int64](),
	types.Uint: reflect.TypeFor[uint](), types.Uint8: reflect.TypeFor[uint8](), types.Uint16: reflect.TypeFor[uint16](),
	types.Uint32: reflect.TypeFor[uint32](), types.Uint64: reflect.TypeFor[uint64](), types.Uintptr: reflect.TypeFor[uintptr](),
	types.Float32: reflect.TypeFor[float32](), types.Float64: reflect.TypeFor[float64](),
	types.Complex64: reflect.TypeFor[complex64](), types.Complex128: reflect.TypeFor[complex128](),
}

func composed(of func(reflect.Type) reflect.Type, elem types.Type) (reflect.Type, bool) {
	e, ok := reflected(elem)
	if !ok {
		return nil, false
	}
	return of(e), true
}

func reflectedAll(list *types.Tuple) (out []reflect.Type, ok bool) {
	for v := range list.Variables() {
		t, ok := reflected(v.Type())
		if !ok {
			return nil, false
		}
		out = append(out, t)
	}
	return out, true
}

// reflectedNamed finds a library type in the symbol tables, where it stands as a nil
// pointer.
func reflectedNamed(t *types.Named) (reflect.Type, bool) {
	obj := t.Obj()
	if obj.Pkg() == nil {
		return reflect.TypeFor[error](), obj.Name() == "error"
	}
	_, table, _ := symbols.Lookup(obj.Pkg().Path())
	name := obj.Name()
	if t.TypeArgs().Len() > 0 {
		name, _ = instanceName(t)
	}
	v := table[name]
	if !v.IsValid() || v.Kind() != reflect.Pointer || !v.IsNil() {
		return nil, false
	}
	return v.Type().Elem(), true
}

func reflectedStruct(t *types.Struct) (reflect.Type, bool) {
	var fields []reflect.StructField
	for i := range t.NumFields() {
		f, ok := reflected(t.Field(i).Type())
		if !ok {
			return nil, false
		}
		fields = append(fields, reflect.StructField{Name: t.Field(i).Name(), Type: f, Tag: reflect.StructTag(t.Tag(i))})
	}
	return reflect.StructOf(fields), true
}
