package rewrite

import (
	"go/ast"
	"go/types"
	"strings"
)

// call writes a call. The interpreter replaces variables to which it assigns
// the function that a call gives, so that closures do not see the new one:
// such results take the way of an assertion.
func (r *rewriter) call(c *ast.CallExpr) string {
	fun := ast.Unparen(c.Fun)
	if tv := r.ch.Info.Types[fun]; tv.IsType() {
		return r.conversion(c, tv.Type)
	}
	text := r.callText(c, fun)
	if t := r.ch.Info.TypeOf(c); t != nil {
		if _, isFunc := t.Underlying().(*types.Signature); isFunc {
			return r.typed(c, t, "ꞋꞋany("+text+")")
		}
	}
	return text
}

func (r *rewriter) callText(c *ast.CallExpr, fun ast.Expr) string {
	if name := r.builtinName(fun); name != "" {
		return r.builtin(c, name)
	}
	if r.instance(fun) {
		return r.genericFunc(c, fun) + "(" + r.args(c) + ")"
	}
	if s, ok := r.waitingMethod(c, fun); ok {
		return s
	}
	if s, ok := r.blocking(c, fun); ok {
		return s
	}
	var f string
	if lit, ok := fun.(*ast.FuncLit); ok {
		f = r.calledLit(lit, "")
	} else {
		f = r.text(c.Fun)
	}
	return f + r.gap(c.Fun.End(), c.Lparen) + "(" + r.args(c) + ")"
}

// args writes the arguments of c. A variadic function of a cell sees nil where
// there are none for it.
func (r *rewriter) args(c *ast.CallExpr) string {
	sig := r.ch.Info.TypeOf(c.Fun).Underlying().(*types.Signature)
	var b strings.Builder
	at := c.Lparen + 1
	for i, a := range c.Args {
		b.WriteString(r.gap(at, a.Pos()))
		switch {
		case !r.isNil(a):
			b.WriteString(r.text(a))
		case c.Ellipsis.IsValid() && i == len(c.Args)-1:
			b.WriteString(r.typeText(a, sig.Params().At(i).Type()) + "(nil)")
		default:
			b.WriteString(r.nilArg(a, sig, i))
		}
		at = a.End()
	}
	none := sig.Variadic() && !r.fromLibrary(c.Fun) && len(c.Args) == sig.Params().Len()-1
	if none && (len(c.Args) != 1 || !r.isTuple(c.Args[0])) {
		if len(c.Args) > 0 {
			b.WriteString(", ")
		}
		return b.String() + r.typeText(c, sig.Params().At(len(c.Args)).Type()) + "(nil)..."
	}
	return b.String() + r.gap(at, c.Rparen)
}

// nilArg writes nil as the i-th argument: of an interface type with methods the
// interpreter does not take it as it stands.
func (r *rewriter) nilArg(a ast.Expr, sig *types.Signature, i int) string {
	t := sig.Params().At(min(i, sig.Params().Len()-1)).Type()
	if s, ok := t.(*types.Slice); ok && sig.Variadic() && i >= sig.Params().Len()-1 {
		t = s.Elem()
	}
	if u, ok := t.Underlying().(*types.Interface); ok && !u.Empty() {
		return "*new(" + r.typeText(a, t) + ")"
	}
	return "nil"
}

func (r *rewriter) texts(list []ast.Expr) []string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = r.text(e)
	}
	return out
}

func (r *rewriter) isTuple(e ast.Expr) bool {
	_, ok := r.ch.Info.TypeOf(e).(*types.Tuple)
	return ok
}

// fromLibrary tells whether fun is a function or method that no cell declared.
func (r *rewriter) fromLibrary(fun ast.Expr) bool {
	if r.instance(ast.Unparen(fun)) {
		return true // of this cell's own they are refused
	}
	sel, ok := ast.Unparen(fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	_, ok = r.ch.Info.Uses[sel.Sel].(*types.Func)
	return ok
}

// builtinName is the name of the built-in function that fun is, or "".
func (r *rewriter) builtinName(fun ast.Expr) string {
	if id, ok := fun.(*ast.Ident); ok {
		if _, builtin := r.ch.Info.Uses[id].(*types.Builtin); builtin {
			return id.Name
		}
	}
	return ""
}

// instance tells whether fun is an instance of a generic function.
func (r *rewriter) instance(fun ast.Expr) bool {
	switch f := fun.(type) {
	case *ast.IndexExpr:
		tv := r.ch.Info.Types[f.Index]
		return tv.IsType()
	case *ast.IndexListExpr:
		return true
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
	case isUnsafe(to) && r.isNil(c.Args[0]):
		return r.refuse(c, "nil as an unsafe.Pointer"), true
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
	if len(c.Args) == 1 && r.isTuple(c.Args[0]) {
		return r.refuse(c, "%s of the values of a call", name)
	}
	switch name {
	case "len", "cap", "copy", "real", "imag", "complex":
		return r.plain(c)
	case "delete":
		m := r.ch.Info.TypeOf(c.Args[0]).Underlying().(*types.Map)
		return "delete(" + r.text(c.Args[0]) + ", " + r.key(c.Args[1], m.Key()) + ")"
	case "make":
		return r.makeCall(c)
	case "append":
		return r.appendCall(c)
	case "panic":
		return "ꞋꞋpanic(" + r.frame(c) + ", " + r.text(c.Args[0]) + ")"
	case "close", "clear":
		return "ꞋꞋ" + name + "(" + r.text(c.Args[0]) + ")"
	case "max", "min":
		return r.extreme(c, name)
	case "recover":
		if r.in.recover == "" {
			return r.refuse(c, "recover outside of a deferred function literal")
		}
		return "ꞋꞋrecovered(" + r.in.recover + ")"
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
	s := r.ch.Info.TypeOf(c.Args[0]).Underlying().(*types.Slice)
	several := len(c.Args) > 2
	if c.Ellipsis.IsValid() || !types.IsInterface(s.Elem()) && !several {
		return r.plain(c)
	}
	parts := []string{r.text(c.Args[0])}
	for _, a := range c.Args[1:] {
		parts = append(parts, r.appended(a, s.Elem(), several))
	}
	return "append(" + strings.Join(parts, ", ") + ")"
}

// makeCall writes make, with Go's own panics for sizes that cannot be.
func (r *rewriter) makeCall(c *ast.CallExpr) string {
	t := r.ch.Info.TypeOf(c)
	if ch, ok := t.Underlying().(*types.Chan); ok && ch.Dir() != types.SendRecv {
		return r.refuse(c, "make of a channel of one direction")
	}
	text := "make(" + r.text(c.Args[0])
	if len(c.Args) == 1 {
		return text + ")"
	}
	n := r.integer(c.Args[1])
	op := map[bool]string{true: "ꞋꞋlength", false: "ꞋꞋsize"}
	_, isSlice := t.Underlying().(*types.Slice)
	if len(c.Args) == 2 {
		if _, isMap := t.Underlying().(*types.Map); isMap { // a hint may be anything
			return text + ", ꞋꞋhint(" + n + "))"
		}
		return text + ", " + op[isSlice] + "(" + r.frame(c) + ", " + n + "))"
	}
	if !r.pure(c.Args[1]) {
		return r.refuse(c, "make with a length that a call gives")
	}
	return text + ", " + n + ", ꞋꞋcapacity(" + r.frame(c) + ", " + n + ", " + r.integer(c.Args[2]) + "))"
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

	"interleave/demos.OpenNursery": {"ꞋꞋnursery", ""},
}

// blocking writes a call of one of the blockers.
func (r *rewriter) blocking(c *ast.CallExpr, fun ast.Expr) (string, bool) {
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok || !r.blocks(sel) {
		return "", false
	}
	receiver := ""
	if r.ch.Info.Selections[sel] != nil {
		receiver = r.address(sel.X)
	}
	return r.blockingText(c, sel, receiver, r.texts(c.Args)), true
}

func (r *rewriter) blocks(sel *ast.SelectorExpr) bool {
	f, ok := r.ch.Info.Uses[sel.Sel].(*types.Func)
	if !ok {
		return false
	}
	_, ok = blockers[f.FullName()]
	return ok
}

// blockingText is a call of the blocker sel with its receiver and arguments written.
func (r *rewriter) blockingText(c *ast.CallExpr, sel *ast.SelectorExpr, receiver string, args []string) string {
	b := blockers[r.ch.Info.Uses[sel.Sel].(*types.Func).FullName()]
	parts := []string{quote(r.where(c))}
	if s := r.ch.Info.Selections[sel]; s != nil {
		if len(s.Index()) > 1 {
			return r.refuse(c, "a promoted method of package sync")
		}
		if b.verb != "" {
			parts = append(parts, r.what(b.verb, sel.X))
		}
		parts = append(parts, receiver)
	}
	return b.op + "(" + strings.Join(append(parts, args...), ", ") + ")"
}

// address writes a receiver as a pointer.
func (r *rewriter) address(e ast.Expr) string {
	t := r.ch.Info.TypeOf(e)
	if _, ok := t.Underlying().(*types.Pointer); ok || types.IsInterface(t) {
		return r.text(e)
	}
	return "&" + r.text(e)
}
