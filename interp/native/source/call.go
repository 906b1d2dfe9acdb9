package source

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"interleave/interp/exports"
)

// shims are the library functions that a cell gets in another form, by the path
// of the runtime unit that has it under the same name: output goes to its own
// cell, input is asked for, timers are counted for the deadlock detector, and
// exits end a cell only.
var shims = map[string]map[string]bool{
	"fmt":       set("Print", "Printf", "Println", "Fprint", "Fprintf", "Fprintln", "Scan", "Scanf", "Scanln"),
	"io":        set("WriteString", "Copy"),
	"os":        set("Exit"),
	"log":       set("Fatal", "Fatalf", "Fatalln"),
	"time":      set("Sleep", "AfterFunc", "After", "NewTimer", "Tick", "NewTicker"),
	"context":   set("WithTimeout", "WithDeadline", "WithTimeoutCause", "WithDeadlineCause"),
	"os/signal": set("Notify", "NotifyContext"),
}

func set(names ...string) map[string]bool {
	m := map[string]bool{}
	for _, n := range names {
		m[n] = true
	}
	return m
}

// A blocker is a library function or method that waits, or that starts
// goroutines: where it is called, the runtime's takes its place.
type blocker struct{ unit, name, verb string }

var blockers = map[string]blocker{
	"time.Sleep":             {"time", "SleepAt", ""},
	"time.AfterFunc":         {"time", "AfterFuncAt", ""},
	"(*time.Timer).Reset":    {"time", "ResetAt", ""},
	"(*sync.WaitGroup).Go":   {"sync", "GoAt", ""},
	"(*sync.WaitGroup).Wait": {"sync", "WaitAt", "wait for "},
	"(*sync.Mutex).Lock":     {"sync", "LockAt", "lock "},
	"(*sync.RWMutex).Lock":   {"sync", "LockWriteAt", "lock "},
	"(sync.Locker).Lock":     {"sync", "LockerAt", "lock "},
	"(*sync.RWMutex).RLock":  {"sync", "LockReadAt", "lock for reading "},
	"(*sync.Cond).Wait":      {"sync", "CondAt", "wait for a signal of "},
}

// namers are methods of package runtime that give names of functions, by the name that
// they have in its runtime unit.
var namers = map[string]string{"(*runtime.Func).Name": "Name", "(*runtime.Frames).Next": "Next"}

// starters are methods of modules that start a goroutine with the function that
// they get, which gives an error.
var starters = set("(*golang.org/x/sync/errgroup.Group).Go", "(*golang.org/x/sync/errgroup.Group).TryGo")

// call writes a call.
func (r *rewriter) call(c *ast.CallExpr) (string, bool) {
	if s, ok := r.measure(c); ok {
		return s, true
	}
	if b, ok := r.callee(c).(*types.Builtin); ok && b.Name() == "recover" && !r.deferred[c] {
		return r.rt("", "Recovered") + "(recover())", true
	}
	if tv := r.ch.Info.Types[c.Fun]; tv.IsType() && len(c.Args) == 1 {
		return r.conversion(c, tv.Type)
	}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	f, ok := r.ch.Info.Uses[sel.Sel].(*types.Func)
	if !ok {
		return "", false
	}
	if starters[exports.Plain(f.FullName())] && len(c.Args) == 1 {
		return r.text(c.Fun) + "(" + r.rt("", "BindErr") + "(" + r.where(c) + ", " + r.text(c.Args[0]) + "))", true
	}
	s := r.ch.Info.Selections[sel]
	if name := namers[f.FullName()]; name != "" && s.Kind() == types.MethodVal {
		return r.rt("runtime", name) + "(" + r.receiver(sel, s) + ")", true
	}
	b, ok := blockers[f.FullName()]
	if !ok {
		return "", false
	}
	args := []string{r.where(c)}
	if b.verb != "" {
		args = append(args, r.what(b.verb, sel.X))
	}
	if s != nil {
		if s.Kind() != types.MethodVal {
			return "", false
		}
		args = append(args, r.receiver(sel, s))
	}
	for _, a := range c.Args {
		args = append(args, r.text(a))
	}
	return r.rt(b.unit, b.name) + "(" + strings.Join(args, ", ") + ")", true
}

// measure writes len(a) and the like as a number where it is a constant and would
// be none with an accessor in it. Otherwise it stands as it is: it may be the one use
// of a variable.
func (r *rewriter) measure(c *ast.CallExpr) (string, bool) {
	tv := r.ch.Info.Types[c]
	b, ok := tv.Type.(*types.Basic)
	if _, builtin := r.callee(c).(*types.Builtin); !ok || !builtin || tv.Value == nil {
		return "", false
	}
	calls := r.calls
	if r.text(c.Args[0]); r.calls == calls {
		return "", false
	}
	switch b.Kind() {
	case types.Int, types.Uintptr: // len, cap; Sizeof, Offsetof, Alignof
		return r.universe(b.Name()) + "(" + literal(b, tv.Value) + ")", true
	}
	return "", false
}

// receiver writes what a method is called with, as a pointer: x, or the field
// that has the method.
func (r *rewriter) receiver(e *ast.SelectorExpr, s *types.Selection) string {
	v := r.value(e.X)
	for _, i := range s.Index()[:len(s.Index())-1] {
		v = r.hop(e, v, i)
	}
	if isPointer(v.typ) || types.IsInterface(v.typ) {
		return v.text
	}
	return "&" + v.text
}

// conversion writes T(x) between struct types whose lower-case fields are of
// different units: the same type to the user, not to the compiler.
func (r *rewriter) conversion(c *ast.CallExpr, to types.Type) (string, bool) {
	a, ok := r.layoutOwner(to)
	b, ok2 := r.layoutOwner(r.ch.Info.TypeOf(c.Args[0]))
	if !ok || !ok2 || a.path == b.path {
		return "", false
	}
	r.calls++
	return r.rt("", "Cast") + "[" + r.text(c.Fun) + "](" + r.text(c.Args[0]) + ")", true
}

// layoutOwner gives the unit that the lower-case fields of a struct type, or of
// what it points to, are of.
func (r *rewriter) layoutOwner(t types.Type) (home, bool) {
	st, ok := deref(t).Underlying().(*types.Struct)
	if !ok || !hasHidden(st) {
		return home{}, false
	}
	for f := range st.Fields() {
		if hidden(f) {
			o := r.owner(deref(t), f)
			if o.path == "" { // declared in a function
				return home{path: r.u.Path}, true
			}
			return o.home, true
		}
	}
	return home{}, false
}

// goStmt writes a go statement as a call: function and arguments are evaluated
// first, a panic is the cell's.
func (r *rewriter) goStmt(n *ast.GoStmt) string {
	c := n.Call
	if lit, ok := ast.Unparen(c.Fun).(*ast.FuncLit); ok && len(c.Args) == 0 && lit.Type.Results.NumFields() == 0 {
		return r.rt("", "Go") + "(" + r.where(n) + ", " + r.text(lit) + ")"
	}
	if s, ok := r.call(c); ok {
		return r.rt("", "Go") + "(" + r.where(n) + ", func() { " + s + " })"
	}
	h := hoister{r: r}
	f := ""
	if r.static(c.Fun) {
		f = r.text(c.Fun)
	} else {
		f = h.hoist(r.text(c.Fun))
	}
	pre, args := h.arguments(c)
	return fmt.Sprintf("{ %s%s(%s, func() { %s(%s) }) }", pre, r.rt("", "Go"), r.where(n), f, args)
}

// static tells whether the function of a call needs no evaluation, or cannot be a value.
func (r *rewriter) static(fun ast.Expr) bool {
	switch f := ast.Unparen(fun).(type) {
	case *ast.FuncLit:
		return true
	case *ast.Ident:
		switch o := r.ch.Info.Uses[f].(type) {
		case *types.Builtin:
			return true
		case *types.Func:
			return o.Signature().TypeParams() != nil
		}
	case *ast.IndexExpr:
		return r.ch.Info.Types[f.Index].IsType()
	case *ast.IndexListExpr:
		return true
	case *ast.SelectorExpr:
		return r.ch.Info.Selections[f] == nil
	}
	return false
}

// A hoister evaluates expressions into local variables.
type hoister struct {
	r            *rewriter
	names, exprs []string
}

func (h *hoister) hoist(expr string) string {
	name := fmt.Sprintf("%s%sa%d", Mark, Mark, len(h.names))
	h.names = append(h.names, name)
	h.exprs = append(h.exprs, expr)
	return name
}

func (h *hoister) assignment() string {
	if len(h.names) == 0 {
		return ""
	}
	return strings.Join(h.names, ", ") + " := " + strings.Join(h.exprs, ", ") + "; "
}

// arguments writes the evaluation of a call's arguments, and the arguments.
func (h *hoister) arguments(c *ast.CallExpr) (pre, args string) {
	info := h.r.ch.Info
	if len(c.Args) == 1 {
		if t, ok := info.TypeOf(c.Args[0]).(*types.Tuple); ok {
			pre = h.assignment()
			var names []string
			for range t.Len() {
				names = append(names, h.hoist(""))
			}
			args = strings.Join(names, ", ")
			return pre + args + " := " + h.r.text(c.Args[0]) + "; ", args
		}
	}
	var list []string
	for _, a := range c.Args {
		tv := info.Types[a]
		if id, ok := a.(*ast.Ident); tv.Value != nil || tv.IsNil() || tv.IsType() || ok && h.r.static(id) {
			list = append(list, h.r.text(a))
			continue
		}
		list = append(list, h.hoist(h.r.typed(a, tv.Type)))
	}
	args = strings.Join(list, ", ")
	if c.Ellipsis.IsValid() {
		args += "..."
	}
	return h.assignment(), args
}

// typed writes an operand that may have no type of its own, such as a == b or 1<<n,
// with the type that its place gives it.
func (r *rewriter) typed(e ast.Expr, t types.Type) string {
	switch ast.Unparen(e).(type) {
	case *ast.BinaryExpr, *ast.UnaryExpr:
		if _, basic := t.Underlying().(*types.Basic); basic {
			if text, why := r.tryType(t); why == "" {
				return text + "(" + r.text(e) + ")"
			}
		}
	}
	return r.text(e)
}
