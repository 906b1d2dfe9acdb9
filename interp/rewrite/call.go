package rewrite

import (
	"go/ast"
	"go/types"
	"strings"
)

// call writes a call.
func (r *rewriter) call(c *ast.CallExpr) string {
	fun := ast.Unparen(c.Fun)
	if tv := r.ch.Info.Types[fun]; tv.IsType() {
		return r.conversion(c, tv.Type)
	}
	if id, ok := fun.(*ast.Ident); ok {
		if _, builtin := r.ch.Info.Uses[id].(*types.Builtin); builtin {
			return r.builtin(c, id.Name)
		}
	}
	if r.instance(fun) {
		return r.refuse(c, "the generic function %s", r.ch.Cell.Text(fun))
	}
	if s, ok := r.blocking(c, fun); ok {
		return s
	}
	return r.plain(c)
}

// instance tells whether fun is an instance of a generic function.
func (r *rewriter) instance(fun ast.Expr) bool {
	switch f := fun.(type) {
	case *ast.IndexExpr:
		tv := r.ch.Info.Types[f.Index]
		return tv.IsType()
	case *ast.Ident:
		_, ok := r.ch.Info.Instances[f]
		return ok
	case *ast.SelectorExpr:
		_, ok := r.ch.Info.Instances[f.Sel]
		return ok
	}
	return false
}

func (r *rewriter) conversion(c *ast.CallExpr, t types.Type) string {
	text := r.typeText(c, t)
	from := r.ch.Info.TypeOf(c.Args[0])
	if types.IsInterface(t) && !t.Underlying().(*types.Interface).Empty() && t.String() != "error" {
		return r.refuse(c, "converting to the interface type %s", t)
	}
	if _, ok := from.Underlying().(*types.Slice); ok {
		switch t.Underlying().(type) {
		case *types.Array, *types.Pointer:
			return r.refuse(c, "converting a slice to an array")
		}
	}
	if s, ok := r.unsafeConversion(c, from, t, text); ok {
		return s
	}
	if strings.HasPrefix(text, "*") || strings.HasPrefix(text, "<-") || strings.HasPrefix(text, "func") {
		text = "(" + text + ")"
	}
	return text + "(" + r.text(c.Args[0]) + ")"
}

// unsafeConversion writes a conversion from or to unsafe.Pointer.
func (r *rewriter) unsafeConversion(c *ast.CallExpr, from, to types.Type, text string) (string, bool) {
	x := func() string { return r.text(c.Args[0]) }
	switch {
	case isUnsafe(to) && isUnsafe(from):
		return x(), true
	case isUnsafe(to):
		return "ꞋꞋpointer(" + x() + ")", true
	case !isUnsafe(from):
		return "", false
	}
	if _, ok := to.Underlying().(*types.Pointer); ok {
		return "ꞋꞋpointerTo(" + x() + ", (" + text + ")(nil)).(" + text + ")", true
	}
	return "ꞋꞋaddress(" + x() + ")", true
}

func isUnsafe(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Kind() == types.UnsafePointer
}

// builtin writes a call of a built-in function.
func (r *rewriter) builtin(c *ast.CallExpr, name string) string {
	switch name {
	case "len", "cap", "copy", "delete", "real", "imag", "complex", "make":
		return r.plain(c)
	case "append":
		return r.appendCall(c)
	case "panic":
		return "ꞋꞋpanic(" + r.frame(c) + ", " + r.text(c.Args[0]) + ")"
	case "close":
		return "ꞋꞋclose(" + r.text(c.Args[0]) + ")"
	case "recover":
		return "ꞋꞋrecovered(recover())"
	case "new":
		if tv := r.ch.Info.Types[c.Args[0]]; !tv.IsType() {
			return r.refuse(c, "new of a value")
		}
		return r.plain(c)
	}
	return r.refuse(c, "the built-in function %s", name)
}

func (r *rewriter) appendCall(c *ast.CallExpr) string {
	if r.isNil(c.Args[0]) {
		return r.refuse(c, "append to nil")
	}
	return r.plain(c)
}

// blockers are the library's functions and methods that wait, or that start
// goroutines, and the evaluator's own in their place.
var blockers = map[string]struct{ op, verb string }{
	"time.Sleep":             {"ꞋꞋsleep", ""},
	"time.AfterFunc":         {"ꞋꞋafterFunc", ""},
	"(*sync.WaitGroup).Go":   {"ꞋꞋwgGo", ""},
	"(*sync.WaitGroup).Wait": {"ꞋꞋwait", "wait for "},
	"(*sync.Mutex).Lock":     {"ꞋꞋlock", "lock "},
	"(*sync.RWMutex).Lock":   {"ꞋꞋlock", "lock "},
	"(sync.Locker).Lock":     {"ꞋꞋlock", "lock "},
	"(*sync.RWMutex).RLock":  {"ꞋꞋrlock", "lock for reading "},
	"(*sync.Cond).Wait":      {"ꞋꞋcondWait", "wait for a signal of "},
	"(*time.Timer).Reset":    {"ꞋꞋreset", ""},
}

// blocking writes a call of one of the blockers.
func (r *rewriter) blocking(c *ast.CallExpr, fun ast.Expr) (string, bool) {
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	f, ok := r.ch.Info.Uses[sel.Sel].(*types.Func)
	if !ok {
		return "", false
	}
	b, ok := blockers[f.FullName()]
	if !ok {
		return "", false
	}
	args := []string{quote(r.where(c))}
	if s := r.ch.Info.Selections[sel]; s != nil {
		if len(s.Index()) > 1 {
			return r.refuse(c, "a promoted method of package sync"), true
		}
		if b.verb != "" {
			args = append(args, r.what(b.verb, sel.X))
		}
		args = append(args, r.address(sel.X))
	}
	for _, a := range c.Args {
		args = append(args, r.text(a))
	}
	return b.op + "(" + strings.Join(args, ", ") + ")", true
}

// address writes a receiver as a pointer.
func (r *rewriter) address(e ast.Expr) string {
	t := r.ch.Info.TypeOf(e)
	if _, ok := t.Underlying().(*types.Pointer); ok || types.IsInterface(t) {
		return r.text(e)
	}
	return "&" + r.text(e)
}

// arguments writes the function and arguments of a go statement for a
// call by way of reflection.
func (r *rewriter) arguments(c *ast.CallExpr) string {
	fun := ast.Unparen(c.Fun)
	if id, ok := fun.(*ast.Ident); ok {
		if _, builtin := r.ch.Info.Uses[id].(*types.Builtin); builtin {
			return r.refuse(c, "a go statement with a built-in function")
		}
	}
	tv := r.ch.Info.Types[fun]
	if tv.IsType() || r.instance(fun) {
		return r.refuse(c, "a go statement with this call")
	}
	if c.Ellipsis.IsValid() {
		return r.refuse(c, "a go statement with ... arguments")
	}
	if len(c.Args) == 1 {
		if t, ok := r.ch.Info.TypeOf(c.Args[0]).(*types.Tuple); ok && t.Len() > 1 {
			return r.refuse(c, "a go statement with a call of several results as its arguments")
		}
	}
	if s, ok := r.blocking(c, fun); ok {
		return "func() { " + s + " }"
	}
	parts := []string{r.text(c.Fun)}
	for _, a := range c.Args {
		parts = append(parts, r.text(a))
	}
	return strings.Join(parts, ", ")
}
