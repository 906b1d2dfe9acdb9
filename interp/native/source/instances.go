package source

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// An interface value keeps the type that it was made with. Where a cell declares a type
// again, the host gives such values the new type: of generic types that needs the
// instances that cells use, which the unit of the new type has in its table.

// instances collects the instances of generic types of the user that the cell
// mentions, generic functions and methods that it uses included.
func (r *rewriter) instances() map[string]*types.Named {
	c := instances{r: r, found: map[string]*types.Named{}, seen: map[types.Type]bool{}, done: map[string]bool{}}
	for _, tv := range r.own.Info.Types {
		c.collect(tv.Type)
	}
	for id, i := range r.own.Info.Instances {
		c.collect(i.Type)
		c.follow(r.own.Info.Uses[id], i.TypeArgs, &again{}, 0)
	}
	for len(c.todo) > 0 && len(c.found) < mostInstances {
		t := c.todo[0]
		c.todo = c.todo[1:]
		c.methods(t)
	}
	return c.found
}

// mostInstances is far more than a cell uses.
const mostInstances = 1000

// instances are those that can be reached from some types, by their text.
type instances struct {
	r     *rewriter
	found map[string]*types.Named
	todo  []*types.Named // whose methods are to be followed
	seen  map[types.Type]bool
	done  map[string]bool // generic functions with their arguments
}

func byName(p *types.Package) string { return p.Name() }

func (c *instances) collect(t types.Type) {
	if t == nil || c.seen[t] {
		return
	}
	c.seen[t] = true
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		for a := range t.TypeArgs().Types() {
			c.collect(a)
		}
		if t.TypeArgs().Len() > 0 && usersOwn(t.Obj()) && closed(t) {
			text := types.TypeString(t, byName)
			if c.found[text] == nil {
				c.todo = append(c.todo, t)
			}
			c.found[text] = t
		}
	case *types.Map:
		c.collect(t.Key())
		c.collect(t.Elem())
	case interface{ Elem() types.Type }: // pointers, slices, arrays, channels
		c.collect(t.Elem())
	case *types.Signature:
		c.collect(t.Params())
		c.collect(t.Results())
	case *types.Tuple:
		for v := range t.Variables() {
			c.collect(v.Type())
		}
	case *types.Struct:
		for f := range t.Fields() {
			c.collect(f.Type())
		}
	}
}

func usersOwn(obj *types.TypeName) bool { return obj.Pkg() != nil && obj.Pkg().Path() == "main" }

// closed tells whether a type has no type parameters in it.
func closed(t types.Type) bool {
	_, ok := (&again{}).of(t)
	return ok
}

// An again gives types with others in the place of those that have their names, and
// with arguments in the place of type parameters.
type again struct {
	now     map[string]*types.TypeName
	params  map[*types.TypeParam]types.Type
	changed bool
}

// of gives t so; false for a type that it cannot, such as a type parameter.
func (a *again) of(t types.Type) (types.Type, bool) {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return t, true
	case *types.TypeParam:
		now, ok := a.params[t]
		return now, ok
	case *types.Named:
		return a.named(t)
	case *types.Pointer:
		e, ok := a.of(t.Elem())
		return types.NewPointer(e), ok
	case *types.Slice:
		e, ok := a.of(t.Elem())
		return types.NewSlice(e), ok
	case *types.Array:
		e, ok := a.of(t.Elem())
		return types.NewArray(e, t.Len()), ok
	case *types.Chan:
		e, ok := a.of(t.Elem())
		return types.NewChan(t.Dir(), e), ok
	case *types.Map:
		k, kOK := a.of(t.Key())
		e, eOK := a.of(t.Elem())
		return types.NewMap(k, e), kOK && eOK
	case *types.Interface:
		return t, t.Empty()
	case *types.Struct:
		return t, t.NumFields() == 0
	case *types.Signature:
		params, pOK := a.tuple(t.Params())
		results, rOK := a.tuple(t.Results())
		if !pOK || !rOK || t.Variadic() && !endsInSlice(params) {
			return t, false
		}
		return types.NewSignatureType(nil, nil, nil, params, results, t.Variadic()), true
	}
	return t, false
}

// endsInSlice tells whether a function with these parameters may be variadic; that of
// append with a string is written otherwise.
func endsInSlice(params *types.Tuple) bool {
	if params.Len() == 0 {
		return false
	}
	_, ok := params.At(params.Len() - 1).Type().(*types.Slice)
	return ok
}

func (a *again) tuple(t *types.Tuple) (*types.Tuple, bool) {
	var vars []*types.Var
	for v := range t.Variables() {
		now, ok := a.of(v.Type())
		if !ok {
			return nil, false
		}
		vars = append(vars, types.NewVar(v.Pos(), v.Pkg(), v.Name(), now))
	}
	return types.NewTuple(vars...), true
}

func (a *again) named(t *types.Named) (types.Type, bool) {
	origin := t.Origin()
	if now := a.now[t.Obj().Name()]; now != nil && usersOwn(t.Obj()) {
		n, ok := types.Unalias(now.Type()).(*types.Named)
		if !ok {
			return nil, false
		}
		origin, a.changed = n, true
	}
	if origin.TypeParams().Len() != t.TypeArgs().Len() {
		return nil, false
	}
	if t.TypeArgs().Len() == 0 {
		return origin, true
	}
	var args []types.Type
	for arg := range t.TypeArgs().Types() {
		now, ok := a.of(arg)
		if !ok {
			return nil, false
		}
		args = append(args, now)
	}
	made, err := types.Instantiate(nil, origin, args, true)
	return made, err == nil
}

// renewed writes the table of the instances of generic types that the session knows
// and that are others now, since the cell declares types in them again.
func (r *rewriter) renewed() string {
	now := map[string]*types.TypeName{}
	for _, b := range r.ch.Declared {
		if obj, ok := b.Object.(*types.TypeName); ok && slices.Contains(r.ch.Retyped, b.Name) {
			now[b.Name] = obj
		}
	}
	if len(now) == 0 {
		return ""
	}
	var b strings.Builder
	for _, text := range slices.Sorted(maps.Keys(r.s.instances)) {
		a := again{now: now}
		t, ok := a.of(r.s.instances[text])
		if !ok || !a.changed {
			continue
		}
		if text, why := r.tryType(t); why == "" {
			fmt.Fprintf(&b, "\t\t(*%s)(nil),\n", text)
			r.u.instances[types.TypeString(t, byName)] = t.(*types.Named)
		}
	}
	return b.String()
}
