package rewrite

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// A scope is what statements need to know of the function that they are in.
type scope struct {
	sig     *types.Signature // nil for the statements of the cell
	recover string           // what recover() becomes; "" where it is refused
	defers  string           // the list of deferred calls; "" where the interpreter's own does
	defered bool             // it has deferred calls
}

const stopCheck = " if *ꞋꞋstop { ꞋꞋcheck() };"

// newScope completes s for a function with these statements. One deferred
// literal without arguments is the interpreter's work. More than one is not:
// it forgets those that are left when one panics, and sees arguments late.
func (r *rewriter) newScope(s scope, body ...ast.Node) scope {
	simple, all, loops := 0, 0, 0
	var walk func(n ast.Node) bool
	walk = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.FuncDecl:
			return false
		case *ast.ForStmt:
			loops++
			ast.Inspect(n.Body, walk)
			loops--
			return false
		case *ast.RangeStmt:
			loops++
			ast.Inspect(n.Body, walk)
			loops--
			return false
		case *ast.DeferStmt:
			all++
			if lit, ok := ast.Unparen(n.Call.Fun).(*ast.FuncLit); ok && len(n.Call.Args) == 0 && loops == 0 && !r.recoversPair(lit) {
				simple++
			}
		}
		return true
	}
	for _, n := range body {
		if _, decl := n.(*ast.FuncDecl); !decl {
			ast.Inspect(n, walk)
		}
	}
	s.defered = all > 0
	if all > 1 || all > simple {
		s.defers = r.fresh("defers")
	}
	return s
}

// recoversPair tells whether a literal has a recover in what gives a value and whether
// there is one, which is written as a function of its own: there recover is nil.
func (r *rewriter) recoversPair(lit *ast.FuncLit) bool {
	found := false
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if _, nested := n.(*ast.FuncLit); nested || !ok || found {
			return !nested
		}
		if tv := r.ch.Info.Types[e]; tv.Type == nil || !tv.HasOk() || !r.isTuple(e) {
			return true
		}
		ast.Inspect(e, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			found = found || ok && r.builtinName(ast.Unparen(c.Fun)) == "recover"
			return !found
		})
		return true
	})
	return found
}

// prologue is what a function with this scope begins with.
func (s scope) prologue() string {
	if s.defers == "" {
		return ""
	}
	return fmt.Sprintf(" %s := ꞋꞋdefers(); defer func() { ꞋꞋrunDefers(%[1]s, recover()) }();", s.defers)
}

// funcBody writes the body of a function, a look at the stop flag first.
func (r *rewriter) funcBody(body *ast.BlockStmt, s scope) string {
	outer := r.in
	r.in = r.newScope(s, body)
	defer func() { r.in = outer }()
	return r.block(body, stopCheck+r.in.prologue())
}

// funcLit writes a function literal as it stands, for a place where it is called
// at once. recover is what recover() becomes in it.
func (r *rewriter) funcLit(n *ast.FuncLit, recover string) string {
	sig, _ := r.ch.Info.TypeOf(n).(*types.Signature)
	return "func" + r.signature(n.Type) + " " + r.funcBody(n.Body, scope{sig: sig, recover: recover})
}

// closed writes a literal of type t for a place where it is kept. It is made in
// a function of its own: the interpreter gives a literal that is an argument the
// variables of its function as they are when it is called, and puts the place
// where it stood back to what was there before each time that it has been called.
func closed(t, lit string) string {
	return "func() " + t + " { return " + lit + " }()"
}

func (r *rewriter) keptLit(n *ast.FuncLit) string {
	if r.free[n] {
		return r.freeLit(n)
	}
	return closed(r.typeText(n, r.ch.Info.TypeOf(n)), r.funcLit(n, ""))
}

// deferStmt writes a deferred call.
func (r *rewriter) deferStmt(d *ast.DeferStmt) string {
	if r.in.defers == "" {
		lit := ast.Unparen(d.Call.Fun).(*ast.FuncLit)
		return "defer " + r.funcLit(lit, "recover()") + "()"
	}
	if r.mayRecover(ast.Unparen(d.Call.Fun)) {
		return r.refuse(d, "a deferred function that may recover")
	}
	before, call := r.later(d, d.Call, "ꞋꞋtake("+r.in.defers+")")
	return before + "ꞋꞋdefer(" + r.in.defers + ", " + closed("func()", "func() { "+call+" }") + ")"
}

// mayRecover tells whether fun may call recover, by which it would get nothing: it is not
// the interpreter's function that is deferred, but one that calls it. For literals, and
// built-in functions, recover is written otherwise.
func (r *rewriter) mayRecover(fun ast.Expr) bool {
	if _, lit := fun.(*ast.FuncLit); lit || r.builtinName(fun) != "" || r.fromLibrary(fun) {
		return false
	}
	if id, ok := fun.(*ast.Ident); ok && r.ch.Uses[id] != nil {
		if fd, ok := r.ch.Uses[id].Node.(*ast.FuncDecl); ok {
			return mentionsRecover(fd)
		}
	}
	named, ok := types.Unalias(r.ch.Info.TypeOf(fun)).(*types.Named)
	return !ok || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() == "main" // as context.CancelFunc is not
}

func mentionsRecover(fd *ast.FuncDecl) bool {
	found := false
	ast.Inspect(fd, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == "recover"
		return !found
	})
	return found
}

// later writes c as a call whose function and arguments are evaluated before, by
// the statements before.
func (r *rewriter) later(n ast.Stmt, c *ast.CallExpr, recover string) (before, call string) {
	if r.header[n] {
		return "", r.refuse(n, "a label on a go or defer statement")
	}
	fun := ast.Unparen(c.Fun)
	if tv := r.ch.Info.Types[fun]; tv.IsType() || r.instance(fun) {
		return "", r.refuse(n, "a go or defer statement with this call")
	}
	if len(c.Args) == 1 && r.isTuple(c.Args[0]) {
		return "", r.refuse(n, "a go or defer statement with a call of several results as its arguments")
	}
	l := &evaluated{r: r}
	if name := r.builtinName(fun); name != "" {
		call = l.builtin(c, name)
		return l.String(), call
	}
	if sel, ok := fun.(*ast.SelectorExpr); ok && r.blocks(sel) {
		receiver := ""
		if r.ch.Info.Selections[sel] != nil {
			receiver = l.temp(r.address(sel.X))
		}
		call = r.blockingText(c, sel, receiver, l.args(c.Args))
		return l.String(), call
	}
	f := l.function(fun, recover)
	dots := ""
	if c.Ellipsis.IsValid() {
		dots = "..."
	}
	args := l.args(c.Args)
	call = f + "(" + strings.Join(args, ", ") + dots + ")"
	if sig := r.ch.Info.TypeOf(fun).Underlying().(*types.Signature); sig.Variadic() && !r.fromLibrary(fun) && len(args) == sig.Params().Len()-1 {
		call = f + "(" + strings.Join(append(args, r.typeText(c, sig.Params().At(len(args)).Type())+"(nil)..."), ", ") + ")"
	}
	return l.String(), call
}

// evaluated collects statements that give temporaries their values.
type evaluated struct {
	r *rewriter
	b strings.Builder
}

func (l *evaluated) String() string { return l.b.String() }

func (l *evaluated) temp(text string) string {
	t := l.r.fresh("a")
	fmt.Fprintf(&l.b, "%s := %s; ", t, text)
	return t
}

func (l *evaluated) args(list []ast.Expr) []string {
	var out []string
	for _, a := range list {
		if l.r.isNil(a) || l.r.ch.Info.Types[a].Value != nil {
			out = append(out, l.r.text(a))
			continue
		}
		out = append(out, l.temp(l.r.text(a)))
	}
	return out
}

func (l *evaluated) builtin(c *ast.CallExpr, name string) string {
	args := l.args(c.Args)
	switch name {
	case "close", "clear":
		return "ꞋꞋ" + name + "(" + args[0] + ")"
	case "panic":
		return "ꞋꞋpanic(" + l.r.frame(c) + ", " + args[0] + ")"
	case "delete":
		return "delete(" + strings.Join(args, ", ") + ")"
	}
	return l.r.refuse(c, "a go or defer statement with the built-in function %s", name)
}

// function evaluates the function of a call, or the receiver of a method.
func (l *evaluated) function(fun ast.Expr, recover string) string {
	switch f := fun.(type) {
	case *ast.FuncLit:
		return l.r.calledLit(f, recover)
	case *ast.Ident:
		if l.r.itself(f) {
			return l.r.text(f)
		}
	case *ast.SelectorExpr:
		s := l.r.ch.Info.Selections[f]
		if s == nil {
			return l.r.text(f) // of a package
		}
		if s.Kind() == types.MethodVal {
			return l.temp(l.receiver(f, s)) + "." + f.Sel.Name
		}
	}
	return l.temp(l.r.text(fun))
}

// receiver writes the receiver of a method as it is kept: by its address where
// the method takes that.
func (l *evaluated) receiver(f *ast.SelectorExpr, s *types.Selection) string {
	if text := l.r.selector(f); text == "" {
		return ""
	}
	sig := s.Obj().(*types.Func).Signature()
	_, byPointer := sig.Recv().Type().Underlying().(*types.Pointer)
	if len(s.Index()) > 1 && !isReference(s.Recv()) {
		return l.r.refuse(f, "a go or defer statement with a promoted method")
	}
	if byPointer && !isReference(s.Recv()) {
		return "&" + l.r.text(f.X)
	}
	return l.r.text(f.X)
}

// itself tells whether id is the function that is being written, called directly.
// Functions with named results are not: the interpreter gives the variable that
// gets a result to the callee as its own. Nor are those that take floats.
func (r *rewriter) itself(id *ast.Ident) bool {
	b := r.ch.Uses[id]
	if b == nil || r.fn == nil || b.Node != ast.Node(r.fn) {
		return false
	}
	for _, f := range fields(r.fn.Type.Results) {
		if len(f.Names) > 0 {
			return false
		}
	}
	return !takesFloat(b.Object.Type())
}

// takesFloat tells whether a function has a parameter that may be or hold -0: where it
// calls an interpreted function directly, the interpreter passes 0.
func takesFloat(fn types.Type) bool {
	sig, ok := fn.Underlying().(*types.Signature)
	if !ok {
		return false
	}
	for v := range sig.Params().Variables() {
		if holdsFloat(v.Type()) {
			return true
		}
	}
	return false
}

func holdsFloat(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Info()&(types.IsFloat|types.IsComplex) != 0
	case *types.Array:
		return holdsFloat(u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			if holdsFloat(f.Type()) {
				return true
			}
		}
	}
	return false
}

// calledLit writes a literal that is called where it stands.
func (r *rewriter) calledLit(n *ast.FuncLit, recover string) string {
	t := r.ch.Info.TypeOf(n)
	if takesFloat(t) {
		return closed(r.typeText(n, t), r.funcLit(n, recover))
	}
	return r.funcLit(n, recover)
}

func fields(l *ast.FieldList) []*ast.Field {
	if l == nil {
		return nil
	}
	return l.List
}

// returnStmt writes results by way of temporaries where the interpreter would
// put the first into its place before it evaluates the next.
func (r *rewriter) returnStmt(n *ast.ReturnStmt) (string, bool) {
	if r.in.sig == nil || r.in.sig.Results().Len() != len(n.Results) || len(n.Results) == 0 {
		return "", false
	}
	named := r.in.sig.Results().At(0).Name() != ""
	l := &evaluated{r: r}
	var out []string
	for i, e := range n.Results {
		t := r.in.sig.Results().At(i).Type()
		text := r.value(e, t)
		if (named || r.in.defered) && len(n.Results) > 1 && !r.isNil(e) && r.ch.Info.Types[e].Value == nil {
			text = l.temp(text)
		}
		out = append(out, text)
	}
	if l.b.Len() > 0 && r.header[n] {
		return r.refuse(n, "a label on a return statement"), true
	}
	return l.String() + "return " + strings.Join(out, ", "), true
}

// signature writes the parameters and results of a function that has a body. All
// parameters get names: the interpreter counts those without wrongly.
func (r *rewriter) signature(t *ast.FuncType) string {
	text := r.fieldList(t.Params, true)
	if t.Results != nil {
		text += r.gap(t.Params.End(), t.Results.Pos()) + r.fieldList(t.Results, false)
	}
	return text
}

func (r *rewriter) fieldList(l *ast.FieldList, named bool) string {
	if !l.Opening.IsValid() {
		return r.text(l.List[0].Type)
	}
	text, at := "(", l.Opening+1
	for _, f := range l.List {
		text += r.gap(at, f.Pos())
		if named && len(f.Names) == 0 {
			text += r.fresh("blank") + " "
		}
		text += r.field(f)
		at = f.End()
	}
	return text + r.gap(at, l.Closing) + ")"
}

// field writes a parameter or result. Those named _ get names.
func (r *rewriter) field(f *ast.Field) string {
	var names []string
	for _, n := range f.Names {
		name := n.Name
		if name == "_" {
			name = r.fresh("blank")
		}
		names = append(names, name)
	}
	return strings.TrimSpace(strings.Join(names, ", ") + " " + r.text(f.Type))
}
