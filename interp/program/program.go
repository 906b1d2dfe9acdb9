// Package program makes one Go program of a session: a package of what cells
// declared, the latest version of each, and of one cell more. It runs nothing.
//
// The text is the user's, with //line directives, so that compilers, panics and the
// race detector speak of lines of cells. A program has no values of the session:
// its variables are declared as their cells declare them, and so start anew.
package program

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"

	"interleave/interp/check"
)

// A Program is the sources of a package.
type Program struct {
	Files   map[string]string   // name -> source
	Vars    []string            // variables of earlier cells, such as "x (cell 3)": they start anew
	C       map[string]*check.C // of the files that import "C", whose comment they have
	Imports []string            // what the files import, sorted
}

// A Refusal is why a cell, or what it uses, has no place in a program.
type Refusal struct {
	Cell, Line, Col int
	What            string
}

func (r *Refusal) Error() string { return fmt.Sprintf("cell %d:%d: %s", r.Cell, r.Line, r.What) }

// Lookup gives the latest meaning of a name in the session, or nil.
type Lookup func(name string) *check.Binding

// Main makes a program that does what the cell does: its statements in turn, then
// its func main. The value of a last expression is not shown. The error is a *Refusal, or
// embed's.
func Main(ch *check.Checked, lookup Lookup, embed Embed) (*Program, error) {
	b := newBuilder(ch, lookup, embed)
	b.main()
	return b.program()
}

// Raced is Main for the race detector: functions and loops let other goroutines run
// now and then, since a race that does not come about is not found.
func Raced(ch *check.Checked, lookup Lookup, embed Embed) (*Program, error) {
	b := newBuilder(ch, lookup, embed)
	b.raced = true
	b.main()
	return b.program()
}

// Test makes a package whose tests are the functions of the cell. The error is a
// *Refusal, for a cell with statements among others, or embed's.
func Test(ch *check.Checked, lookup Lookup, embed Embed) (*Program, error) {
	b := newBuilder(ch, lookup, embed)
	b.test()
	return b.program()
}

// Package makes a package named main of bindings and all that they use. Its main
// does nothing.
func Package(bindings []*check.Binding, lookup Lookup) (*Program, error) {
	b := newBuilder(nil, lookup, nil)
	for _, bind := range bindings {
		b.need(bind)
	}
	b.needed()
	b.file("main.go").decls.WriteString("func main() {}\n")
	return b.program()
}

// A builder makes a program.
type builder struct {
	ch      *check.Checked // the cell; nil for none
	lookup  Lookup
	own     map[string]*check.Binding // what it declares
	queue   []*check.Binding
	seen    map[ast.Node]bool // declarations that are written or queued
	names   map[string]bool   // names at package level
	vars    map[string]int    // variables of earlier cells, and which
	files   map[string]*file
	home    string            // file of the cell
	homes   map[string]string // of what uses C, by the comment that has that
	done    bool              // the function doneName is used
	raced   bool              // for the race detector
	yielded bool              // the function yieldName is used
	plain   bool              // for people: no positions of cells, and documentation
	refusal *Refusal
	embed   Embed // nil: variables have no files
	wrong   error // of embed
}

func newBuilder(ch *check.Checked, lookup Lookup, embed Embed) *builder {
	b := &builder{ch: ch, lookup: lookup, embed: embed, own: map[string]*check.Binding{}, seen: map[ast.Node]bool{}, names: map[string]bool{}, vars: map[string]int{}, files: map[string]*file{}, homes: map[string]string{}}
	if ch != nil {
		if b.home = "cell.go"; ch.C != nil {
			b.home = b.homeOfC(ch)
		}
		for _, bind := range ch.Declared {
			if bind.Adopted {
				continue
			}
			b.own[bind.Name] = bind
			b.names[bind.Name] = true
		}
		if ch.C != nil {
			b.exports(ch.C)
		}
	}
	return b
}

// exports queues what C calls of Go.
func (b *builder) exports(c *check.C) {
	for _, name := range c.Exports {
		if bind := b.lookup(name); bind != nil && b.own[name] == nil {
			b.need(bind)
		}
	}
}

// refuse notes the first reason against the program.
func (b *builder) refuse(ch *check.Checked, n ast.Node, format string, args ...any) {
	if b.refusal == nil {
		at := ch.Cell.Position(n.Pos())
		b.refusal = &Refusal{at.Cell, at.Line, at.Col, fmt.Sprintf(format, args...)}
	}
}

// program gives what was written.
func (b *builder) program() (*Program, error) {
	if b.refusal != nil {
		return nil, b.refusal
	}
	if b.wrong != nil {
		return nil, b.wrong
	}
	if b.twiceInC(); b.refusal != nil {
		return nil, b.refusal
	}
	p := &Program{Files: map[string]string{}, C: map[string]*check.C{}}
	if b.yielded {
		p.Files["yield.go"] = "package main\n\n" + yieldImports + "\n//line interleave:1\n" + yieldSource
	}
	if b.done {
		p.Files["done.go"] = "package main\n\n//line interleave:1\n" + doneSource
	}
	for _, name := range slices.Sorted(maps.Keys(b.files)) {
		f := b.files[name]
		p.Files[name] = f.text(b)
		if f.c != nil {
			p.C[name] = f.c
		}
		p.Imports = append(p.Imports, slices.Collect(maps.Keys(f.paths))...)
	}
	slices.Sort(p.Imports)
	p.Imports = slices.Compact(p.Imports)
	for _, name := range slices.Sorted(maps.Keys(b.vars)) {
		p.Vars = append(p.Vars, fmt.Sprintf("%s (cell %d)", name, b.vars[name]))
	}
	return p, b.asError()
}

// twiceInC refuses C of two cells that defines a name twice: in the session each cell
// has its own, but a program has one.
func (b *builder) twiceInC() {
	first := map[string]*check.C{}
	for _, name := range slices.Sorted(maps.Keys(b.files)) {
		c := b.files[name].c
		if c == nil {
			continue
		}
		for _, defined := range slices.Concat(c.Funcs, c.Vars) {
			old := first[defined]
			if slices.Contains(c.Static, defined) || old == c || old != nil && old.Cell == c.Cell {
				continue
			}
			if old != nil && b.refusal == nil {
				b.refusal = &Refusal{c.Cell, 1, 1, fmt.Sprintf("C defines %s, and so does the C of cell %d, which is needed too: a program has one: run the cells that use the older one again, or make it static", defined, old.Cell)}
			}
			first[defined] = c
		}
	}
}

func (b *builder) asError() error {
	if b.refusal == nil {
		return nil
	}
	return b.refusal
}

// latest gives the meaning of a name in the program; nil where it has none.
func (b *builder) latest(name string) *check.Binding {
	if bind := b.own[name]; bind != nil {
		return bind
	}
	return b.lookup(name)
}

// uses queues what a node of a cell mentions.
func (b *builder) uses(ch *check.Checked, n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || ch.Uses[id] == nil {
			return true
		}
		used := ch.Uses[id]
		now := b.latest(used.Name)
		if now == nil {
			b.refuse(ch, id, "%s has no value in the session any more: run the cell that declares it again", used.Name)
			return true
		}
		if now.Decl == ch.Cell && ch == b.ch {
			return true // a declaration of the cell itself, which is written in its place
		}
		b.need(now)
		return true
	})
}

// need queues a declaration of an earlier cell.
func (b *builder) need(bind *check.Binding) {
	if b.ch != nil && bind.Decl == b.ch.Cell {
		return
	}
	node := b.declaration(bind)
	if b.seen[node] {
		return
	}
	b.seen[node] = true
	b.queue = append(b.queue, bind)
}

// declaration is what is written for a binding: the group, for constants, whose
// values hang together.
func (b *builder) declaration(bind *check.Binding) ast.Node {
	if bind.Kind == check.Const {
		return bind.Decl.Items[bind.Item].Node
	}
	return bind.Node
}

// needed writes what was queued, and what that uses.
func (b *builder) needed() {
	var all []*check.Binding
	for len(b.queue) > 0 {
		bind := b.queue[0]
		b.queue = b.queue[1:]
		all = append(all, bind)
		b.uses(bind.Of, b.declaration(bind))
		if bind.Of.C != nil && usesC(b.declaration(bind)) {
			b.exports(bind.Of.C)
		}
		if bind.Kind == check.Type {
			for _, m := range methodsOf(bind) {
				b.uses(bind.Of, m)
			}
		}
	}
	// In the order of the cells, as variables without other needs start in that of the source.
	slices.SortStableFunc(all, func(x, y *check.Binding) int {
		if x.Cell != y.Cell {
			return x.Cell - y.Cell
		}
		return int(b.declaration(x).Pos() - b.declaration(y).Pos())
	})
	for _, bind := range all {
		b.write(bind)
	}
}

// methodsOf are the methods that the cell of a type declares for it.
func methodsOf(bind *check.Binding) []*ast.FuncDecl {
	var out []*ast.FuncDecl
	for _, m := range bind.Of.Methods {
		if receiver(m) == bind.Name {
			out = append(out, m)
		}
	}
	return out
}

// receiver is the name of a method's type.
func receiver(fn *ast.FuncDecl) string {
	name := ""
	ast.Inspect(fn.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && name == "" {
			name = id.Name
		}
		return name == ""
	})
	return name
}

// write writes a declaration of an earlier cell.
func (b *builder) write(bind *check.Binding) {
	node := b.declaration(bind)
	w := b.writer(bind.Of, node)
	switch n := node.(type) {
	case *ast.FuncDecl:
		w.function(n)
		b.names[bind.Name] = true
	case *ast.TypeSpec:
		w.declare("type ", n)
		b.names[bind.Name] = true
		for _, m := range methodsOf(bind) {
			b.writer(bind.Of, m).function(m)
		}
	case *ast.GenDecl: // constants
		w.stale(n, b)
		w.declare("", n)
	case *ast.ValueSpec:
		b.variables(bind, n.Names, n.Values)
		w.stale(n, b)
		w.embedded(n)
		w.declare("var ", n)
	case *ast.AssignStmt:
		b.variables(bind, identsOf(n.Lhs), n.Rhs)
		w.stale(n, b)
		w.replace(n.TokPos, n.TokPos+token.Pos(len(":=")), "=")
		w.declare("var ", n)
	}
}

func identsOf(list []ast.Expr) []*ast.Ident {
	var out []*ast.Ident
	for _, e := range list {
		if id, ok := e.(*ast.Ident); ok {
			out = append(out, id)
		}
	}
	return out
}

// variables notes the variables of an earlier cell, and sees that their initial
// values can be had.
func (b *builder) variables(bind *check.Binding, names []*ast.Ident, values []ast.Expr) {
	declared := map[string]bool{}
	for _, id := range names {
		if now := b.latest(id.Name); now != nil && now.Node == bind.Node {
			declared[id.Name] = true
			b.vars[id.Name] = bind.Cell
			b.names[id.Name] = true
		}
	}
	for _, v := range values {
		ast.Inspect(v, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || bind.Of.Uses[id] == nil {
				return true
			}
			if old := bind.Of.Uses[id]; declared[id.Name] && old.Node != bind.Node {
				b.refuse(bind.Of, id, "%s is made of an earlier %[1]s (cell %d), which a program does not have: give it a value that does not need that", id.Name, old.Cell)
			}
			return true
		})
	}
}
