package rewrite

import "go/types"

// unaliased gives t without aliases that cells declared, which the interpreter does
// not know, and with the symbols of instances in place of generic types. t is one that unfit lets pass.
func unaliased(t types.Type) types.Type {
	switch t := t.(type) {
	case *types.Alias:
		if obj := t.Obj(); obj.Pkg() == nil || obj.Pkg().Path() != "main" {
			return t
		}
		return unaliased(types.Unalias(t))
	case *types.Named:
		if t.TypeArgs().Len() == 0 {
			return t
		}
		name, _ := instanceName(t) // as it stands in the tables
		return types.NewNamed(types.NewTypeName(0, t.Obj().Pkg(), name, nil), types.NewStruct(nil, nil), nil)
	case *types.Pointer:
		return types.NewPointer(unaliased(t.Elem()))
	case *types.Slice:
		return types.NewSlice(unaliased(t.Elem()))
	case *types.Array:
		return types.NewArray(unaliased(t.Elem()), t.Len())
	case *types.Chan:
		return types.NewChan(t.Dir(), unaliased(t.Elem()))
	case *types.Map:
		return types.NewMap(unaliased(t.Key()), unaliased(t.Elem()))
	case *types.Signature:
		return types.NewSignatureType(nil, nil, nil, unaliasedAll(t.Params()), unaliasedAll(t.Results()), t.Variadic())
	case *types.Struct:
		fields, tags := make([]*types.Var, t.NumFields()), make([]string, t.NumFields())
		for i := range fields {
			f := t.Field(i)
			fields[i], tags[i] = types.NewField(f.Pos(), f.Pkg(), f.Name(), unaliased(f.Type()), f.Embedded()), t.Tag(i)
		}
		return types.NewStruct(fields, tags)
	}
	return t
}

func unaliasedAll(t *types.Tuple) *types.Tuple {
	var out []*types.Var
	for v := range t.Variables() {
		out = append(out, types.NewParam(v.Pos(), v.Pkg(), v.Name(), unaliased(v.Type())))
	}
	return types.NewTuple(out...)
}
