package rewrite

import (
	"go/ast"
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
		sig, _ := r.ch.Info.TypeOf(n).(*types.Signature)
		return r.text(n.Type) + " " + r.funcBody(n.Body, sig), true
	case *ast.IndexExpr:
		return r.indexExpr(n), true
	case *ast.IndexListExpr:
		return r.refuse(n, "instances of generic types"), true
	case *ast.SliceExpr:
		return r.sliceExpr(n), true
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			return r.receive(n), true
		}
	case *ast.StructType, *ast.InterfaceType:
		if t := r.ch.Info.TypeOf(n.(ast.Expr)); t != nil {
			return r.typeText(n, t), true
		}
	case *ast.TypeAssertExpr:
		return r.assertion(n), true
	case *ast.KeyValueExpr:
		return r.keyValue(n), true
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

// field writes a parameter: names are kept, the type is rewritten.
func (r *rewriter) field(f *ast.Field) string {
	var names []string
	for _, n := range f.Names {
		names = append(names, n.Name)
	}
	return strings.TrimSpace(strings.Join(names, ", ") + " " + r.text(f.Type))
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
		if fd == r.fn {
			return fd.Name.Name
		}
	}
	return "(*" + r.pointer(id, b) + ")"
}

func (r *rewriter) selector(e *ast.SelectorExpr) string {
	if id, ok := e.X.(*ast.Ident); ok {
		if pkg, ok := r.ch.Info.Uses[id].(*types.PkgName); ok {
			path := pkg.Imported().Path()
			if !symbols.Has(path, e.Sel.Name) {
				return r.refuse(e, "%s.%s", pkg.Imported().Name(), e.Sel.Name)
			}
			return r.alias(path) + "." + e.Sel.Name
		}
	}
	if sel := r.ch.Info.Selections[e]; sel != nil {
		if sel.Kind() == types.MethodExpr {
			return r.refuse(e, "method expressions")
		}
		if why := unfit(sel.Recv(), map[types.Type]bool{}); why != "" && !errorLike(sel.Recv()) {
			return r.refuse(e, "%s", why)
		}
	}
	return r.text(e.X) + r.gap(e.X.End(), e.Sel.Pos()) + e.Sel.Name
}

// errorLike: methods of values whose type cannot be named may still be called.
func errorLike(t types.Type) bool { return types.IsInterface(t) }

// gap is the source between two positions.
func (r *rewriter) gap(from, to token.Pos) string {
	return r.ch.Cell.Code[r.ch.Cell.Offset(from):r.ch.Cell.Offset(to)]
}

func (r *rewriter) keyValue(kv *ast.KeyValueExpr) string {
	key := r.ch.Cell.Text(kv.Key)
	if id, ok := kv.Key.(*ast.Ident); !ok || r.isValue(id) {
		key = r.text(kv.Key)
	}
	return key + r.gap(kv.Key.End(), kv.Value.Pos()) + r.text(kv.Value)
}

// isValue tells a map key or index that is an identifier from a field's name.
func (r *rewriter) isValue(id *ast.Ident) bool {
	v, ok := r.ch.Info.Uses[id].(*types.Var)
	return r.ch.Uses[id] != nil || r.ch.Info.Uses[id] == nil || !ok || !v.IsField()
}

func (r *rewriter) composite(c *ast.CompositeLit) string {
	t := r.ch.Info.TypeOf(c)
	r.typeText(c, t)
	if c.Type == nil {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			return "&" + r.typeText(c, p.Elem()) + r.plain(c)
		}
		return r.typeText(c, t) + r.plain(c)
	}
	return r.plain(c)
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
		if _, ok := x.Underlying().(*types.Struct); ok {
			return r.refuse(e, "comparing structs")
		}
	}
	return r.plain(e)
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
		return r.plain(e)
	case *types.Array:
		if r.ch.Info.Types[e.Index].Value != nil {
			return r.plain(e)
		}
	case *types.Pointer:
		return r.refuse(e, "indexing by way of a pointer to an array")
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
	switch {
	case !types.IsInterface(t):
		return expr + ".(" + text + ")"
	case text == "error":
		return "ꞋꞋasErr(" + expr + ")"
	case t.Underlying().(*types.Interface).Empty():
		return expr
	}
	return r.refuse(n, "a value of the interface type %s here", t)
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
	switch {
	case e.Low == nil && e.High == nil:
		return r.plain(e)
	case e.Slice3:
		return r.refuse(e, "full slice expressions")
	case !isSlice && !isString:
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
	if isString {
		return x + "[" + lo + ":ꞋꞋhighString(" + r.frame(e) + ", " + lo + ", " + hi + ", len(" + x + "))]"
	}
	return x + "[" + lo + ":ꞋꞋhigh(" + r.frame(e) + ", " + lo + ", " + hi + ", cap(" + x + "))]"
}

func (r *rewriter) assertion(e *ast.TypeAssertExpr) string {
	if e.Type == nil {
		return r.plain(e)
	}
	if t := r.ch.Info.TypeOf(e.Type); types.IsInterface(t) {
		return r.refuse(e, "asserting the interface type %s", t)
	}
	if x := r.ch.Info.TypeOf(e.X); !x.Underlying().(*types.Interface).Empty() {
		return r.refuse(e, "asserting the type of a %s", x)
	}
	return r.plain(e)
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
