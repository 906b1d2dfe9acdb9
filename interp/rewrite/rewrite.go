// Package rewrite turns a checked cell into a program for the interpreter, or
// says which construct the interpreter would get wrong. It is a whitelist: what
// it does not know it refuses.
//
// The source that it writes keeps the user's bytes but where it must not: top-level
// names become storage reached by pointer; what blocks, starts a goroutine or
// can fail with a position becomes a call of the evaluator; constants become
// their values; and each loop and function begins with a look at the stop flag.
package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"sort"
	"strings"

	"interleave/interp/check"
	"interleave/interp/child"
	"interleave/interp/eval/symbols"
)

// A Refusal is a construct that the interpreter does not do as Go does.
type Refusal struct {
	Where string // "cell 2:4"
	What  string // the construct, as the subject of a sentence: "type declarations"
}

func (r *Refusal) Error() string {
	return r.Where + ": " + r.What + ": the interpreter does not do this exactly as Go does"
}

// Program rewrites ch. The error is a *Refusal.
func Program(ch *check.Checked) (*child.Program, error) {
	r := &rewriter{ch: ch, aliases: map[string]int{}, vars: map[string]int{}, header: map[ast.Stmt]bool{}, conds: map[ast.Expr]bool{}, free: freeLits(ch)}
	p := &child.Program{Cell: ch.Cell.N}
	if at, what := Locates(ch); at != nil {
		r.refuse(at, "%s", what)
	}
	body := r.body()
	funcs := r.functions(p)
	if r.refusal != nil {
		return nil, r.refusal
	}
	var b strings.Builder
	fmt.Fprintf(&b, "//line cell %d:%d\n", ch.Cell.N, child.Prologue) // yaegi finds imports by file name
	b.WriteString("package main\nimport . \"interleave/ꞋꞋ\"\n")
	for i, path := range r.imports {
		fmt.Fprintf(&b, "import %s %q\n", child.Alias(i), path)
	}
	b.WriteString(funcs)
	b.WriteString(r.lits)
	b.WriteString("func ꞋꞋrun() {\n")
	b.WriteString(body)
	b.WriteString("\n}\nfunc init() { ꞋꞋentry(ꞋꞋrun) }\n")
	p.Funcs = append(p.Funcs, r.litFuncs...)
	p.Source, p.Imports, p.Vars, p.Instances, p.Spans = b.String(), r.imports, r.storage, r.instances, r.spans()
	return p, nil
}

type rewriter struct {
	ch      *check.Checked
	imports []string       // paths; the index makes the alias
	aliases map[string]int // path to index
	storage []child.Var
	vars    map[string]int // key to index in storage
	refusal *Refusal

	slots     map[string]bool       // keys that the declaration being written uses
	fn        *ast.FuncDecl         // the declaration whose body is being written, nil in statements
	in        scope                 // the innermost function
	temp      int                   // temporaries made so far
	free      map[*ast.FuncLit]bool // see freeLits
	lits      string                // those written so far, as functions
	litFuncs  []child.Func
	instances []child.Instance  // functions made for the program
	conds     map[ast.Expr]bool // conditions of statements that are not written yet: see condition
	header    map[ast.Stmt]bool // statements in the head of another, where only one can stand
	loops     []loop            // around the statement that is written, where it is one of the cell
	label     string            // of the statement that is written next
}

// refuse notes the first construct that cannot be interpreted.
func (r *rewriter) refuse(n ast.Node, format string, args ...any) string {
	if r.refusal == nil {
		r.refusal = &Refusal{Where: r.where(n), What: fmt.Sprintf(format, args...)}
	}
	return ""
}

// where is "cell 2:4"; the whole cell where n is nil.
func (r *rewriter) where(n ast.Node) string {
	if n == nil {
		return fmt.Sprintf("cell %d", r.ch.Cell.N)
	}
	p := r.ch.Cell.Position(n.Pos())
	return fmt.Sprintf("cell %d:%d", r.ch.Cell.N, p.Line)
}

// line is a directive that gives what follows the position of n.
func (r *rewriter) line(n ast.Node) string {
	p := r.ch.Cell.Position(n.Pos())
	return fmt.Sprintf("\n//line cell %d:%d\n", r.ch.Cell.N, p.Line)
}

// alias is the name of package path in the program.
func (r *rewriter) alias(path string) string {
	i, ok := r.aliases[path]
	if !ok {
		i = len(r.imports)
		r.aliases[path] = i
		r.imports = append(r.imports, path)
	}
	return child.Alias(i)
}

// pointer is the name of the pointer to the storage of b.
func (r *rewriter) pointer(n ast.Node, b *check.Binding) string {
	if r.slots != nil {
		r.slots[b.Key] = true
	}
	if i, ok := r.vars[b.Key]; ok {
		return r.storage[i].Name
	}
	return r.slot(b.Key, r.typeText(n, b.Object.Type()))
}

// slot is the name of the pointer to the storage of that key, which is new here.
func (r *rewriter) slot(key, typ string) string {
	v := child.Var{Key: key, Name: "Ꞌ" + strings.ReplaceAll(key, ".", "_"), Type: typ}
	r.vars[key] = len(r.storage)
	r.storage = append(r.storage, v)
	return v.Name
}

// functions writes the cell's function declarations.
func (r *rewriter) functions(p *child.Program) string {
	var b strings.Builder
	for _, m := range r.ch.Methods {
		r.refuse(m, "methods")
	}
	for _, d := range r.ch.Declared {
		fd, ok := d.Node.(*ast.FuncDecl)
		if !ok || d.Kind != check.Func {
			continue
		}
		r.slots = map[string]bool{}
		b.WriteString(r.function(fd, fd.Name.Name))
		t := r.typeText(fd, d.Object.Type())
		p.Funcs = append(p.Funcs, child.Func{Key: d.Key, Name: fd.Name.Name, Type: t, Uses: slices.Sorted(maps.Keys(r.slots))})
		r.slots = nil
	}
	for i, fd := range r.ch.Inits {
		b.WriteString(r.function(fd, fmt.Sprintf("ꞋꞋinit%d", i)))
	}
	if fd := r.ch.Main; fd != nil {
		b.WriteString(r.function(fd, "ꞋꞋmain"))
	}
	return b.String()
}

func (r *rewriter) function(fd *ast.FuncDecl, name string) string {
	if fd.Type.TypeParams != nil {
		return r.refuse(fd, "generic functions")
	}
	if fd.Body == nil {
		return r.refuse(fd, "functions without a body")
	}
	r.fn = fd
	defer func() { r.fn = nil }()
	sig, _ := r.ch.Info.TypeOf(fd.Name).(*types.Signature)
	if def := r.ch.Info.Defs[fd.Name]; sig == nil && def != nil {
		sig, _ = def.Type().(*types.Signature)
	}
	return r.line(fd) + "func " + name + r.signature(fd.Type) + " " + r.funcBody(fd.Body, scope{sig: sig}) + "\n"
}

// body writes the cell's statements, in order.
func (r *rewriter) body() string {
	var b strings.Builder
	r.refuseDots()
	for _, is := range r.ch.Cell.Imports {
		if p, ok := r.ch.Info.Defs[is.Name].(*types.PkgName); ok && is.Name.Name == "_" && !symbols.HasPackage(p.Imported().Path()) {
			r.refuse(is, "the import of %s for its effects", p.Imported().Name())
		}
	}
	var nodes []ast.Node
	for _, item := range r.ch.Cell.Items[:r.ch.Cell.Own] { // others are of earlier cells, and of types
		nodes = append(nodes, item.Node)
	}
	r.in = r.newScope(scope{}, nodes...)
	b.WriteString(r.in.prologue() + "\n")
	if r.ch.Order != nil {
		r.refuse(r.ch.Order[0].Spec, "variables in another order than that of the source")
	}
	for i, item := range r.ch.Cell.Items[:r.ch.Cell.Own] {
		if i == r.ch.InitsAt() {
			b.WriteString(r.inits())
		}
		text := r.item(item.Node)
		if text == "" {
			continue
		}
		fmt.Fprintf(&b, "ꞋꞋat(%d); %s%s%s\n", i, r.noteLine(item.Node.Pos()), r.line(item.Node), text)
	}
	if r.ch.Cell.Own == r.ch.InitsAt() {
		b.WriteString(r.inits())
	}
	if r.ch.RunMain {
		b.WriteString("ꞋꞋmain()\n")
	}
	fmt.Fprintf(&b, "ꞋꞋat(%d)\n", len(r.ch.Cell.Items))
	return b.String()
}

// inits calls the cell's func inits.
func (r *rewriter) inits() string {
	var b strings.Builder
	for i := range r.ch.Inits {
		fmt.Fprintf(&b, "ꞋꞋinit%d()\n", i)
	}
	return b.String()
}

// item writes one top-level item; "" for one that does nothing at run time.
func (r *rewriter) item(n ast.Node) string {
	switch n := n.(type) {
	case *ast.FuncDecl:
		return ""
	case *ast.GenDecl:
		return r.genDecl(n)
	case *ast.DeclStmt:
		return r.genDecl(n.Decl.(*ast.GenDecl))
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE {
			return r.assign(n, n.Lhs, "=", n.Rhs)
		}
	case *ast.ExprStmt:
		if n.X == r.ch.Result && r.ch.ResultType != nil && r.ch.ResultType.String() == "error" {
			return "ꞋꞋresultErr(" + r.text(n.X) + ")"
		}
		if n.X == r.ch.Result {
			return "ꞋꞋresult(" + r.text(n.X) + ")"
		}
	case *ast.LabeledStmt, *ast.BlockStmt:
	}
	return r.text(n)
}

// genDecl writes a top-level declaration: assignments to storage.
func (r *rewriter) genDecl(d *ast.GenDecl) string {
	switch d.Tok {
	case token.TYPE:
		return r.refuse(d, "type declarations")
	case token.CONST, token.IMPORT:
		return ""
	}
	var out []string
	for _, s := range d.Specs {
		v := s.(*ast.ValueSpec)
		if r.ch.EmbedOf(v) != nil {
			return r.refuse(v, "go:embed")
		}
		if len(v.Values) == 0 {
			for _, name := range v.Names {
				if b := r.ch.Uses[name]; b != nil {
					out = append(out, "ꞋꞋzero("+r.pointer(name, b)+")")
				}
			}
			continue
		}
		lhs := make([]ast.Expr, len(v.Names))
		for i, name := range v.Names {
			lhs[i] = name
		}
		out = append(out, r.assign(nil, lhs, "=", v.Values))
	}
	return strings.Join(out, "; ")
}

// text writes n: its own bytes, with what must change in them replaced.
func (r *rewriter) text(n ast.Node) string {
	if e, ok := n.(ast.Expr); ok {
		if s, ok := r.constant(e); ok {
			return s
		}
		if r.conds[e] {
			delete(r.conds, e)
			return r.condition(e)
		}
	}
	if s, ok := r.special(n); ok {
		return s
	}
	return r.plain(n)
}

// plain writes n's own bytes around its rewritten children.
func (r *rewriter) plain(n ast.Node) string {
	return r.between(n, n.Pos(), n.End())
}

// between writes the bytes from pos to end, the children of n rewritten.
func (r *rewriter) between(n ast.Node, pos, end token.Pos) string {
	var b strings.Builder
	src := r.ch.Cell.Code
	at := r.ch.Cell.Offset(pos)
	for _, k := range children(n) {
		if k.Pos() < pos || k.End() > end {
			continue
		}
		b.WriteString(src[at:r.ch.Cell.Offset(k.Pos())])
		b.WriteString(r.lineNote(n, k))
		b.WriteString(r.text(k))
		at = r.ch.Cell.Offset(k.End())
	}
	b.WriteString(src[at:r.ch.Cell.Offset(end)])
	return b.String()
}

// children are the nodes directly below n, in source order.
func children(n ast.Node) []ast.Node {
	var out []ast.Node
	ast.Inspect(n, func(m ast.Node) bool {
		switch {
		case m == nil:
			return false
		case m == n:
			return true
		}
		if _, comment := m.(*ast.CommentGroup); !comment {
			out = append(out, m)
		}
		return false
	})
	sort.SliceStable(out, func(i, j int) bool { return out[i].Pos() < out[j].Pos() })
	return out
}
