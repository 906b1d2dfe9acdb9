package source

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"interleave/interp/check"
)

// register notes what the cell declares, before anything is written.
func (r *rewriter) register() {
	r.registerC()
	for _, b := range r.ch.Declared {
		switch b.Kind {
		case check.Type:
			r.registerType(b)
		case check.Func:
			if b.Node.(*ast.FuncDecl).Type.TypeParams != nil {
				r.registerGeneric(b)
			}
		}
	}
	r.changed()
	var structs []*ast.StructType
	for _, it := range r.ch.Cell.Items {
		r.noteBodies(it.Node)
		ast.Inspect(it.Node, func(n ast.Node) bool {
			if st, ok := n.(*ast.StructType); ok && !r.bodies[st] {
				structs = append(structs, st)
			}
			return true
		})
	}
	for _, st := range slices.Backward(structs) { // the inner ones first
		r.registerAnon(st)
	}
}

// noteBodies tells struct types that are the body of a type declaration from
// unnamed ones.
func (r *rewriter) noteBodies(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok && !spec.Assign.IsValid() {
			if lit, ok := ast.Unparen(spec.Type).(*ast.StructType); ok {
				r.bodies[lit] = true
			}
		}
		return true
	})
}

func (r *rewriter) registerType(b *check.Binding) {
	name := b.Object.(*types.TypeName)
	r.u.homes[name] = home{r.u.Path, Mark + b.Name}
	spec, ok := b.Node.(*ast.TypeSpec)
	if !ok || spec.Assign.IsValid() {
		return
	}
	if _, lit := ast.Unparen(spec.Type).(*ast.StructType); !lit {
		return
	}
	if st, ok := name.Type().Underlying().(*types.Struct); ok {
		for f := range st.Fields() {
			r.u.fields[f.Origin()] = owner{home{r.u.Path, Mark + b.Name}, name}
		}
	}
}

// registerAnon gives an unnamed struct type with lower-case fields a name, so
// that all units mean the same type, where it is the first of its kind.
func (r *rewriter) registerAnon(n *ast.StructType) {
	t, ok := r.ch.Info.TypeOf(n).(*types.Struct)
	if !ok || !hasHidden(t) {
		return
	}
	if _, known := r.findAnon(t); known {
		return
	}
	w := typeWriter{r: r, closed: true}
	w.fields(t)
	if w.why != "" {
		return // it has no name at top level, so no other cell can have it
	}
	a := anon{t, home{r.u.Path, fmt.Sprintf("%s%sanon%d", Mark, Mark, len(r.anonOut)+1)}}
	r.anonOut = append(r.anonOut, a)
	r.u.anons = append(r.u.anons, a)
}

func hasHidden(t *types.Struct) bool {
	for f := range t.Fields() {
		if hidden(f) {
			return true
		}
	}
	return false
}

// findAnon finds the name of an unnamed struct type.
func (r *rewriter) findAnon(t *types.Struct) (home, bool) {
	if !hasHidden(t) {
		return home{}, false
	}
	for _, list := range [][]anon{r.s.anons, r.u.anons} {
		for _, a := range list {
			if types.Identical(a.typ, t) {
				return a.home, true
			}
		}
	}
	return home{}, false
}

// structType writes an unnamed struct type that another unit gave a name.
func (r *rewriter) structType(n *ast.StructType) (string, bool) {
	if t, ok := r.ch.Info.TypeOf(n).(*types.Struct); ok && !r.bodies[n] {
		if a, ok := r.findAnon(t); ok && a.path != r.u.Path {
			return r.alias(a.path) + "." + a.name, true
		}
	}
	return "", false
}

// owner finds where the accessors of field f of type t are; the zero owner
// stands for a type declared in a function, whose fields are at hand.
func (r *rewriter) owner(t types.Type, f *types.Var) owner {
	if st, ok := types.Unalias(deref(t)).(*types.Struct); ok {
		a, _ := r.findAnon(st)
		return owner{home: a}
	}
	if o, ok := r.u.fields[f.Origin()]; ok {
		return o
	}
	return r.s.fields[f.Origin()]
}

// foreign tells whether f can only be reached by the accessors of o.
func (r *rewriter) foreign(o owner, f *types.Var) bool {
	return hidden(f) && o.path != "" && o.path != r.u.Path
}

func deref(t types.Type) types.Type {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

func isPointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

// selector writes x.f.
func (r *rewriter) selector(e *ast.SelectorExpr) (string, bool) {
	if id, ok := e.X.(*ast.Ident); ok {
		if pkg, ok := r.ch.Info.Uses[id].(*types.PkgName); ok && isC(pkg.Imported()) {
			return r.cName(e), true
		} else if ok {
			return r.library(pkg.Imported().Path(), e.Sel.Name), true
		}
	}
	sel := r.ch.Info.Selections[e]
	switch {
	case sel == nil:
		return "", false
	case sel.Kind() == types.FieldVal && r.needsAccessor(sel):
		v := r.value(e.X)
		for _, i := range sel.Index() {
			v = r.hop(e, v, i)
		}
		return v.text, true
	case sel.Kind() == types.FieldVal:
		return r.text(e.X) + r.gap(e.X.End(), e.Sel.Pos()) + e.Sel.Name, true
	}
	name, ok := r.method(sel.Obj().(*types.Func))
	if !ok {
		name = e.Sel.Name
	}
	return r.text(e.X) + r.gap(e.X.End(), e.Sel.Pos()) + name, true
}

// needsAccessor tells whether a field on the way is another unit's. The way to an
// exported field is open to every package.
func (r *rewriter) needsAccessor(sel *types.Selection) bool {
	if !hidden(sel.Obj()) {
		return false
	}
	t := sel.Recv()
	for _, i := range sel.Index() {
		f := deref(t).Underlying().(*types.Struct).Field(i)
		if r.foreign(r.owner(t, f), f) {
			return true
		}
		t = f.Type()
	}
	return false
}

// A value is an expression on the way to a field.
type value struct {
	text        string
	typ         types.Type
	addressable bool
}

func (r *rewriter) value(e ast.Expr) value {
	tv := r.ch.Info.Types[e]
	return value{r.text(e), tv.Type, tv.Addressable()}
}

// hop writes field i of v.
func (r *rewriter) hop(n ast.Node, v value, i int) value {
	f := deref(v.typ).Underlying().(*types.Struct).Field(i)
	o := r.owner(v.typ, f)
	pointer := isPointer(v.typ)
	out := value{"", f.Type(), v.addressable || pointer}
	if !r.foreign(o, f) {
		out.text = v.text + "." + f.Name()
		return out
	}
	r.calls++
	home := r.alias(o.path) + "." + o.name
	accessor, other := home+Mark+f.Name(), r.borrowed(n, v.typ, o)
	switch {
	case !out.addressable && other:
		out.text = accessor + Mark + "v(" + home + "(" + v.text + "))"
		return out
	case !out.addressable:
		out.text = accessor + Mark + "v(" + v.text + ")"
		return out
	case !pointer:
		v.text = "&" + v.text
	}
	if other {
		v.text = "(*" + home + ")(" + v.text + ")"
	}
	out.text = "(*" + accessor + "(" + v.text + "))"
	return out
}

// borrowed tells whether t has its fields from the declaration of another type,
// as in type T2 T1.
func (r *rewriter) borrowed(n ast.Node, t types.Type, o owner) bool {
	named, ok := types.Unalias(deref(t)).(*types.Named)
	if !ok || o.named == nil || named.Origin().Obj() == o.named {
		return false
	}
	if orig, ok := o.named.Type().(*types.Named); ok && orig.TypeParams().Len() > 0 {
		r.refuse(n, "fields of %s, whose struct is that of the generic type %s of another cell: declare it as a struct type", named.Obj().Name(), o.named.Name())
	}
	return true
}
