package rewrite

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"interleave/interp/check"
	"interleave/interp/eval/symbols"
)

// special writes the nodes that change, or refuses them.
func (r *rewriter) special(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.Ident:
		return r.ident(n), true
	case *ast.SelectorExpr:
		return r.selector(n), true
	case *ast.CallExpr:
		return r.call(n), true
	case *ast.FuncLit:
		return r.keptLit(n), true
	case *ast.IndexExpr:
		return r.indexExpr(n), true
	case *ast.IndexListExpr:
		return r.refuse(n, "instances of generic types"), true
	case *ast.SliceExpr:
		return r.sliceExpr(n), true
	case *ast.UnaryExpr:
		switch {
		case n.Op == token.ARROW:
			return r.receive(n), true
		case n.Op == token.AND && r.libraryVar(n.X):
			return r.refuse(n, "the address of a variable of a package"), true
		}
	case *ast.StructType, *ast.InterfaceType:
		if t := r.ch.Info.TypeOf(n.(ast.Expr)); t != nil {
			return r.typeText(n, t), true
		}
	case *ast.TypeAssertExpr:
		return r.assertion(n), true
	case *ast.CompositeLit:
		return r.composite(n), true
	case *ast.BinaryExpr:
		return r.binary(n), true
	case ast.Stmt:
		return r.stmt(n)
	case *ast.FuncType:
		if n.TypeParams != nil {
			return r.refuse(n, "generic functions"), true
		}
	case *ast.TypeSpec:
		return r.refuse(n, "type declarations"), true
	case *ast.Field:
		return r.field(n), true
	}
	return "", false
}

func (r *rewriter) ident(id *ast.Ident) string {
	if b := r.ch.Uses[id]; b != nil {
		switch b.Kind {
		case check.Var:
			return "(*" + r.pointer(id, b) + ")"
		case check.Func:
			return r.funcIdent(id, b)
		case check.Type:
			return r.refuse(id, "type %s", b.Name)
		}
	}
	switch obj := r.ch.Info.Uses[id].(type) {
	case *types.PkgName:
		return r.alias(obj.Imported().Path())
	case *types.Builtin:
		switch obj.Name() {
		case "min", "max", "clear", "print", "println":
			return r.refuse(id, "the built-in function %s", obj.Name())
		}
	case *types.TypeName:
		if obj.Pkg() == nil { // rune and byte are only other names
			return id.Name
		}
	}
	return r.ch.Cell.Text(id)
}

// funcIdent writes a reference to a function that a cell declared: by its slot,
// so that redefining it reaches this caller, or directly in its own body.
func (r *rewriter) funcIdent(id *ast.Ident, b *check.Binding) string {
	if fd, ok := b.Node.(*ast.FuncDecl); ok {
		if fd.Type.TypeParams != nil {
			return r.refuse(id, "generic functions")
		}
		if r.itself(id) {
			return fd.Name.Name
		}
	}
	return "(*" + r.pointer(id, b) + ")"
}

func (r *rewriter) selector(e *ast.SelectorExpr) string {
	if id, ok := e.X.(*ast.Ident); ok {
		if pkg, ok := r.ch.Info.Uses[id].(*types.PkgName); ok {
			path := pkg.Imported().Path()
			if inexact[path+"."+e.Sel.Name] || !symbols.Has(path, e.Sel.Name) {
				return r.refuse(e, "%s.%s", pkg.Imported().Name(), e.Sel.Name)
			}
			return r.alias(path) + "." + e.Sel.Name
		}
	}
	if sel := r.ch.Info.Selections[e]; sel != nil {
		if sel.Kind() == types.MethodExpr {
			return r.refuse(e, "method expressions")
		}
		if why := unfit(sel.Recv(), map[types.Type]bool{}); why != "" && !errorLike(sel.Recv()) && !r.ofPackage(e.X) {
			return r.refuse(e, "%s", why)
		}
	}
	return r.text(e.X) + r.gap(e.X.End(), e.Sel.Pos()) + e.Sel.Name
}

// inexact are what tells of the program itself, which the interpreter's is not.
var inexact = map[string]bool{
	"runtime.Caller": true, "runtime.Callers": true, "runtime.CallersFrames": true, "runtime.FuncForPC": true,
	"runtime/debug.SetPanicOnFault": true, "log.Lshortfile": true, "log.Llongfile": true,
}

// libraryVar tells whether e is a variable of a library package.
func (r *rewriter) libraryVar(e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	_, isVar := r.ch.Info.Uses[sel.Sel].(*types.Var)
	return isVar && r.ofPackage(sel)
}

// ofPackage tells whether e is a variable of a library package, whose type need
// not have a name.
func (r *rewriter) ofPackage(e ast.Expr) bool {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return false
	}
	_, ok = r.ch.Info.Uses[id].(*types.PkgName)
	return ok
}

// errorLike: methods of values whose type cannot be named may still be called.
func errorLike(t types.Type) bool { return types.IsInterface(t) }

// gap is the source between two positions.
func (r *rewriter) gap(from, to token.Pos) string {
	return r.ch.Cell.Code[r.ch.Cell.Offset(from):r.ch.Cell.Offset(to)]
}

// composite writes a composite literal.
func (r *rewriter) composite(c *ast.CompositeLit) string {
	t := r.ch.Info.TypeOf(c)
	text := ""
	if p, ok := t.Underlying().(*types.Pointer); ok && c.Type == nil {
		text, t = "&"+r.typeText(c, p.Elem()), p.Elem()
	} else if c.Type == nil {
		text = r.typeText(c, t)
	} else {
		r.typeText(c, t)
		text = r.text(c.Type) + r.gap(c.Type.End(), c.Lbrace)
	}
	text += "{"
	at := c.Lbrace + 1
	for i, e := range c.Elts {
		text += r.gap(at, e.Pos()) + r.element(t, i, e)
		at = e.End()
	}
	return text + r.gap(at, c.Rbrace) + "}"
}

// element writes the i-th element of a literal of type t.
func (r *rewriter) element(t types.Type, i int, e ast.Expr) string {
	kv, keyed := e.(*ast.KeyValueExpr)
	value := e
	if keyed {
		value = kv.Value
	}
	var want types.Type
	key := ""
	switch u := t.Underlying().(type) {
	case *types.Struct:
		want = u.Field(min(i, u.NumFields()-1)).Type()
		if keyed {
			key, want = kv.Key.(*ast.Ident).Name, r.ch.Info.Uses[kv.Key.(*ast.Ident)].Type()
		}
	case *types.Map:
		key, want = r.key(kv.Key, u.Key()), u.Elem()
	case *types.Slice:
		want = u.Elem()
	case *types.Array:
		want = u.Elem()
	}
	if keyed && key == "" {
		key = r.text(kv.Key)
	}
	if keyed {
		key += r.gap(kv.Key.End(), kv.Value.Pos())
	}
	return key + r.value(ast.Unparen(value), want) // the interpreter mistakes the type of (*p + 1) there
}

// key writes the key of a map. What cannot be a key panics here as in Go.
func (r *rewriter) key(e ast.Expr, t types.Type) string {
	if !types.IsInterface(t) {
		return r.text(e)
	}
	if !t.Underlying().(*types.Interface).Empty() {
		return r.value(e, t)
	}
	return "ꞋꞋkey(" + r.frame(e) + ", " + r.text(e) + ")"
}

// binary refuses what the interpreter compares or shifts in another way.
func (r *rewriter) binary(e *ast.BinaryExpr) string {
	x, y := r.ch.Info.TypeOf(e.X), r.ch.Info.TypeOf(e.Y)
	if e.Op == token.EQL || e.Op == token.NEQ {
		if s, ok := r.compareNil(e); ok {
			return s
		}
		if types.IsInterface(x) || types.IsInterface(y) {
			op := map[token.Token]string{token.EQL: "", token.NEQ: "!"}[e.Op]
			return op + "ꞋꞋequal(" + r.text(e.X) + ", " + r.text(e.Y) + ")"
		}
		switch x.Underlying().(type) {
		case *types.Struct, *types.Array:
			if !types.Identical(x, y) {
				return r.refuse(e, "comparing a %s with a %s", x, y)
			}
			return map[token.Token]string{token.EQL: "", token.NEQ: "!"}[e.Op] + "ꞋꞋequal(" + r.text(e.X) + ", " + r.text(e.Y) + ")"
		}
	}
	if e.Op == token.SHL || e.Op == token.SHR {
		return r.text(e.X) + r.gap(e.X.End(), e.Y.Pos()) + r.shiftCount(e.Y)
	}
	return r.plain(e)
}

// shiftCount writes the count of a shift, with Go's panic where it is negative.
func (r *rewriter) shiftCount(e ast.Expr) string {
	b, ok := r.ch.Info.TypeOf(e).Underlying().(*types.Basic)
	if r.ch.Info.Types[e].Value != nil {
		return "uint(" + constant.ToInt(r.ch.Info.Types[e].Value).ExactString() + ")"
	}
	if ok && b.Info()&types.IsUnsigned != 0 {
		return r.text(e)
	}
	return "ꞋꞋshift(" + r.frame(e) + ", " + r.integer(e) + ")"
}

// compareNil writes x == nil.
func (r *rewriter) compareNil(e *ast.BinaryExpr) (string, bool) {
	x := e.X
	if r.isNil(x) {
		x = e.Y
	} else if !r.isNil(e.Y) {
		return "", false
	}
	op := ""
	if e.Op == token.NEQ {
		op = "!"
	}
	if types.IsInterface(r.ch.Info.TypeOf(x)) {
		return op + "ꞋꞋequal(" + r.text(x) + ", nil)", true
	}
	return op + "ꞋꞋnil(" + r.text(x) + ")", true
}

func (r *rewriter) isNil(e ast.Expr) bool {
	tv, ok := r.ch.Info.Types[e]
	return ok && tv.IsNil()
}

// indexExpr writes a[i], with Go's own panic where i is out of range.
func (r *rewriter) indexExpr(e *ast.IndexExpr) string {
	if tv := r.ch.Info.Types[e.Index]; tv.IsType() {
		return r.refuse(e, "instances of generic functions and types")
	}
	t := r.ch.Info.TypeOf(e.X)
	switch u := t.Underlying().(type) {
	case *types.Map:
		return r.text(e.X) + "[" + r.key(e.Index, u.Key()) + "]"
	case *types.Array:
		if r.ch.Info.Types[e.Index].Value != nil {
			return r.plain(e)
		}
	case *types.Pointer:
		if !r.pure(e.X) {
			return r.refuse(e, "indexing by way of a pointer to an array that a call gives")
		}
		x := "(*" + r.text(e.X) + ")"
		return x + "[ꞋꞋindex(" + r.frame(e) + ", " + r.integer(e.Index) + ", len(" + x + "))]"
	case *types.Slice, *types.Basic:
	default:
		return r.refuse(e, "indexing a %s", u)
	}
	if !r.pure(e.X) {
		return r.at(e)
	}
	x := r.text(e.X)
	return x + "[ꞋꞋindex(" + r.frame(e) + ", " + r.integer(e.Index) + ", len(" + x + "))]"
}

// at writes an element of what cannot be evaluated twice.
func (r *rewriter) at(e *ast.IndexExpr) string {
	t := r.ch.Info.TypeOf(e)
	return r.typed(e, t, "ꞋꞋelement("+r.frame(e)+", "+r.text(e.X)+", "+r.integer(e.Index)+")")
}

// typed makes an expression of type t of one of type any.
func (r *rewriter) typed(n ast.Node, t types.Type, expr string) string {
	text := r.typeText(n, t)
	switch u := t.Underlying().(type) {
	case *types.Struct:
		if u.NumFields() == 0 { // the interpreter looks at the first field
			return "(*ꞋꞋbox(" + expr + ").(*" + text + "))"
		}
		return expr + ".(" + text + ")"
	case *types.Interface:
		switch {
		case text == "error":
			return "ꞋꞋasErr(" + expr + ")"
		case u.Empty():
			return expr
		}
		return r.refuse(n, "a value of the interface type %s here", t)
	}
	return expr + ".(" + text + ")"
}

// pair makes (T, bool) of call, which gives (any, bool).
func (r *rewriter) pair(n ast.Node, t types.Type, call string) string {
	return "func() (" + r.typeText(n, t) + ", bool) { ꞋꞋv, ꞋꞋok := " + call + "; return " + r.typed(n, t, "ꞋꞋv") + ", ꞋꞋok }()"
}

// integer writes an index, as an int.
func (r *rewriter) integer(e ast.Expr) string {
	t := types.Default(r.ch.Info.TypeOf(e))
	b, ok := t.Underlying().(*types.Basic)
	if !ok || b.Info()&types.IsInteger == 0 {
		return r.refuse(e, "an index of type %s", t)
	}
	switch b.Kind() {
	case types.Int:
		if t == types.Typ[types.Int] {
			return r.text(e)
		}
	case types.Uint, types.Uint64, types.Uintptr:
		if r.ch.Info.Types[e].Value == nil {
			return r.refuse(e, "an index of type %s", t)
		}
	}
	return "int(" + r.text(e) + ")"
}

// pure tells whether e may be evaluated twice: variables, their fields and elements.
func (r *rewriter) pure(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident, *ast.BasicLit:
		return true
	case *ast.ParenExpr:
		return r.pure(e.X)
	case *ast.StarExpr:
		return r.pure(e.X)
	case *ast.SelectorExpr:
		return r.pure(e.X)
	case *ast.IndexExpr:
		return r.pure(e.X) && r.pure(e.Index)
	case *ast.BinaryExpr:
		return r.pure(e.X) && r.pure(e.Y)
	case *ast.CallExpr:
		if id, ok := e.Fun.(*ast.Ident); ok && len(e.Args) == 1 {
			_, builtin := r.ch.Info.Uses[id].(*types.Builtin)
			return builtin && (id.Name == "len" || id.Name == "cap") && r.pure(e.Args[0])
		}
	}
	return r.ch.Info.Types[e].Value != nil
}

// sliceExpr writes a[lo:hi], with Go's own panic where they are out of range.
func (r *rewriter) sliceExpr(e *ast.SliceExpr) string {
	t := r.ch.Info.TypeOf(e.X).Underlying()
	_, isSlice := t.(*types.Slice)
	_, isString := t.(*types.Basic)
	_, isArray := t.(*types.Array)
	switch {
	case e.Low == nil && e.High == nil:
		return r.plain(e)
	case e.Slice3:
		return r.refuse(e, "full slice expressions")
	case !isSlice && !isString && !isArray:
		return r.refuse(e, "slicing a %s", r.ch.Info.TypeOf(e.X))
	case !r.pure(e.X) || e.Low != nil && !r.pure(e.Low):
		return r.refuse(e, "slicing what a call gives")
	}
	x := r.text(e.X)
	lo := "0"
	if e.Low != nil {
		lo = r.integer(e.Low)
	}
	if e.High == nil {
		return x + "[ꞋꞋlow(" + r.frame(e) + ", " + lo + ", len(" + x + ")):]"
	}
	hi := r.integer(e.High)
	if isString || isArray {
		return x + "[" + lo + ":ꞋꞋhighString(" + r.frame(e) + ", " + lo + ", " + hi + ", len(" + x + "))]"
	}
	return x + "[" + lo + ":ꞋꞋhigh(" + r.frame(e) + ", " + lo + ", " + hi + ", cap(" + x + "))]"
}

// assertion writes x.(T), with Go's own panic and idea of identical types.
func (r *rewriter) assertion(e *ast.TypeAssertExpr) string {
	if e.Type == nil {
		return r.plain(e)
	}
	t := r.ch.Info.TypeOf(e.Type)
	from := "any"
	if x := r.ch.Info.TypeOf(e.X); !x.Underlying().(*types.Interface).Empty() {
		from = r.typeText(e, x)
	}
	return r.typed(e, t, "ꞋꞋassert("+r.frame(e)+", "+r.text(e.X)+", (*"+from+")(nil), (*"+r.typeText(e, t)+")(nil))")
}

// frame is the position of n and its function, as a traceback shows them.
func (r *rewriter) frame(n ast.Node) string {
	if r.fn == nil {
		return quote(r.where(n))
	}
	return quote(r.where(n) + ": main." + r.fn.Name.Name)
}

// quote is a Go string of s.
func quote(s string) string { return strconv.Quote(s) }

// what names the operand of a wait, cut to a readable length.
func (r *rewriter) what(verb string, e ast.Expr) string {
	text := strings.Join(strings.Fields(r.ch.Cell.Text(e)), " ")
	if len(text) > 40 {
		text = text[:37] + "..."
	}
	return quote(verb + text)
}
