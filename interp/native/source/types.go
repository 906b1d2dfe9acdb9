package source

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"interleave/interp/check"
)

// typeText writes a type for package level. One that has no name there is refused.
func (r *rewriter) typeText(n ast.Node, t types.Type) string {
	text, why := r.tryType(t)
	if why != "" {
		return r.refuse(n, "%s", why)
	}
	return text
}

// tryType writes a type for package level, or says why that cannot be.
func (r *rewriter) tryType(t types.Type) (text, why string) {
	w := typeWriter{r: r}
	text = w.write(t)
	return text, w.why
}

// A typeWriter writes types by names that mean the same everywhere in the unit.
type typeWriter struct {
	r      *rewriter
	why    string
	closed bool // type parameters have no name here
}

func (w *typeWriter) bad(format string, args ...any) string {
	if w.why == "" {
		w.why = fmt.Sprintf(format, args...)
	}
	return ""
}

func (w *typeWriter) write(t types.Type) string {
	switch t := t.(type) {
	case *types.Basic:
		return w.basic(t)
	case *types.Alias:
		if t.Obj().Pkg() == nil {
			return w.r.universe(t.Obj().Name())
		}
		return w.write(types.Unalias(t))
	case *types.Named:
		return w.named(t)
	case *types.TypeParam:
		if w.closed {
			return w.bad("type parameter %s", t.Obj().Name())
		}
		return t.Obj().Name()
	case *types.Pointer:
		return "*" + w.write(t.Elem())
	case *types.Slice:
		return "[]" + w.write(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), w.write(t.Elem()))
	case *types.Map:
		return "map[" + w.write(t.Key()) + "]" + w.write(t.Elem())
	case *types.Chan:
		return [...]string{"chan ", "chan<- ", "<-chan "}[t.Dir()] + "(" + w.write(t.Elem()) + ")"
	case *types.Signature:
		return "func" + w.signature(t)
	case *types.Struct:
		return w.structure(t)
	case *types.Interface:
		return w.iface(t)
	case *types.Union:
		return w.union(t)
	}
	return w.bad("type %s has no name outside its declaration", t)
}

// universe writes a name of Go itself, by another where the cell gives that one a meaning.
func (r *rewriter) universe(name string) string {
	if r.shadow[name] {
		return r.rt("", "T_"+name)
	}
	return name
}

func (w *typeWriter) basic(t *types.Basic) string {
	switch t.Kind() {
	case types.UnsafePointer:
		return w.r.alias("unsafe") + ".Pointer"
	case types.UntypedNil:
		return w.r.universe("any")
	}
	return w.r.universe(types.Default(t).(*types.Basic).Name())
}

func (w *typeWriter) named(t *types.Named) string {
	obj := t.Obj()
	name := ""
	switch {
	case obj.Pkg() == nil:
		name = w.r.universe(obj.Name())
	case obj.Pkg().Path() == "main":
		name = w.sessionType(obj)
	case !obj.Exported() || obj.Parent() != obj.Pkg().Scope():
		w.bad("type %s.%s is not exported, so a top-level variable cannot have it: use a variable of an interface type", obj.Pkg().Name(), obj.Name())
	default:
		name = w.r.alias(obj.Pkg().Path()) + "." + obj.Name()
	}
	if t.TypeArgs().Len() == 0 {
		return name
	}
	return name + w.list(t.TypeArgs())
}

func (w *typeWriter) list(l *types.TypeList) string {
	args := make([]string, l.Len())
	for i := range args {
		args[i] = w.write(l.At(i))
	}
	return "[" + strings.Join(args, ", ") + "]"
}

// sessionType writes a type that a cell declared.
func (w *typeWriter) sessionType(obj *types.TypeName) string {
	h, ok := w.r.u.homes[obj]
	if !ok {
		h, ok = w.r.s.homes[obj]
	}
	switch {
	case !ok:
		w.bad("type %s is declared inside a function, so nothing at top level can have it: declare it at top level", obj.Name())
	case h.path != w.r.u.Path:
		return w.r.alias(h.path) + "." + h.name
	}
	return h.name
}

func (w *typeWriter) signature(t *types.Signature) string {
	s := "(" + strings.Join(w.tuple(t.Params(), t.Variadic()), ", ") + ")"
	if t.Results().Len() > 0 {
		s += " (" + strings.Join(w.tuple(t.Results(), false), ", ") + ")"
	}
	return s
}

func (w *typeWriter) tuple(t *types.Tuple, variadic bool) []string {
	out := make([]string, t.Len())
	for i := range out {
		if s, ok := t.At(i).Type().(*types.Slice); ok && variadic && i == len(out)-1 {
			out[i] = "..." + w.write(s.Elem())
			continue
		}
		out[i] = w.write(t.At(i).Type())
	}
	return out
}

// structure writes an unnamed struct type; one with lower-case fields by its name.
func (w *typeWriter) structure(t *types.Struct) string {
	if a, ok := w.r.findAnon(t); ok {
		if a.path == w.r.u.Path {
			return a.name
		}
		return w.r.alias(a.path) + "." + a.name
	}
	for f := range t.Fields() {
		if !f.Exported() && f.Name() != "_" {
			return w.bad("struct type with lower-case field %s: declare it as a type at top level", f.Name())
		}
	}
	return w.fields(t)
}

// fields writes a struct type field by field.
func (w *typeWriter) fields(t *types.Struct) string {
	out := make([]string, t.NumFields())
	for i := range out {
		f := t.Field(i)
		if f.Embedded() {
			out[i] = w.embedded(f)
		} else {
			out[i] = f.Name() + " " + w.write(f.Type())
		}
		if tag := t.Tag(i); tag != "" {
			out[i] += " " + strconv.Quote(tag)
		}
	}
	return "struct{ " + strings.Join(out, "; ") + " }"
}

// embedded writes an embedded field so that its name is the user's.
func (w *typeWriter) embedded(f *types.Var) string {
	t, star := f.Type(), ""
	if p, ok := t.(*types.Pointer); ok {
		t, star = p.Elem(), "*"
	}
	var obj *types.TypeName
	var args *types.TypeList
	switch t := t.(type) {
	case *types.Alias:
		obj, args = t.Obj(), t.TypeArgs()
	case *types.Named:
		obj, args = t.Obj(), t.TypeArgs()
	}
	if obj == nil || obj.Pkg() == nil { // error, int and the like
		if w.r.declaresTop(f.Name()) {
			return w.bad("an embedded %s in a cell that declares another %[1]s: declare that in a cell of its own", f.Name())
		}
		return star + f.Name()
	}
	if obj.Pkg().Path() != "main" {
		return star + w.write(t)
	}
	if w.sessionType(obj) == "" {
		return ""
	}
	w.r.needType(&ast.Ident{}, obj)
	if args.Len() > 0 {
		return star + f.Name() + w.list(args)
	}
	return star + f.Name()
}

// declaresTop tells whether the cell declares a name at its top level.
func (r *rewriter) declaresTop(name string) bool {
	return slices.ContainsFunc(r.own.Declared, func(b *check.Binding) bool { return b.Name == name })
}

func (w *typeWriter) iface(t *types.Interface) string {
	if t.Empty() {
		return w.r.universe("any")
	}
	var out []string
	for m := range t.ExplicitMethods() {
		name := m.Name()
		if hidden(m) {
			name = Mark + name
		} else if !m.Exported() {
			w.bad("interface type with method %s of package %s", name, m.Pkg().Name())
		}
		out = append(out, name+w.signature(m.Signature()))
	}
	for e := range t.EmbeddedTypes() {
		out = append(out, w.write(e))
	}
	return "interface{ " + strings.Join(out, "; ") + " }"
}

func (w *typeWriter) union(t *types.Union) string {
	var out []string
	for term := range t.Terms() {
		tilde := ""
		if term.Tilde() {
			tilde = token.TILDE.String()
		}
		out = append(out, tilde+w.write(term.Type()))
	}
	return strings.Join(out, " | ")
}

// typeParams writes a list of type parameters, and the same as arguments.
func (r *rewriter) typeParams(n ast.Node, l *types.TypeParamList) (params, args string) {
	if l.Len() == 0 {
		return "", ""
	}
	var p, a []string
	for t := range l.TypeParams() {
		name := t.Obj().Name()
		if name == "_" { // it is an argument here
			name = fmt.Sprintf("%s%st%d", Mark, Mark, len(p))
		}
		p = append(p, name+" "+r.typeText(n, t.Constraint()))
		a = append(a, name)
	}
	return "[" + strings.Join(p, ", ") + "]", "[" + strings.Join(a, ", ") + "]"
}
