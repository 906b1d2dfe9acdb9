package check

import (
	"fmt"
	"go/ast"
	"go/types"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unsafe"

	"interleave/interp/cell"
)

// A C is the C that a cell uses: that in the comment above its import "C", or,
// where it has none, that of the last cell which had one.
type C struct {
	Cell     int    // that has the comment
	Own      bool   // it is the cell itself
	Preamble string // what stands in the comment, with #line directives that tell where
	Names    []CName

	Exports []string // functions that the cell with the comment exports to C

	// What the preamble defines; filled in by who asked the C compiler.
	Funcs, Vars []string
	Static      []string // those of both that are static
}

// A CName is a mention of C.Name.
type CName struct {
	Name string
	Call bool // as in C.f(x); else any other expression, or a type
	At   cell.Position
}

// C tells what C a cell uses; nil where it uses none.
func (s *Session) C(c *cell.Cell) *C {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &C{Cell: c.N, Preamble: preamble(c), Own: importsC(c), Exports: exportsToC(c)}
	if !out.Own {
		if s.c == nil || s.imports["C"] == "" {
			return nil
		}
		out.Cell, out.Preamble, out.Exports = s.c.Cell, s.c.Preamble, s.c.Exports
		out.Funcs, out.Vars, out.Static = s.c.Funcs, s.c.Vars, s.c.Static
	}
	calls := map[*ast.SelectorExpr]bool{}
	for _, it := range c.Items {
		ast.Inspect(it.Node, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if sel := cSelector(n.Fun); sel != nil {
					calls[sel] = true
				}
			case *ast.SelectorExpr:
				if cSelector(n) != nil {
					out.Names = append(out.Names, CName{n.Sel.Name, calls[n], c.Position(n.Pos())})
				}
			}
			return true
		})
	}
	if !out.Own && len(out.Names) == 0 {
		return nil
	}
	return out
}

// cSelector gives e where it is C.name.
func cSelector(e ast.Expr) *ast.SelectorExpr {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	if id, ok := sel.X.(*ast.Ident); !ok || id.Name != "C" {
		return nil
	}
	return sel
}

// exportsToC lists the functions of a cell that have a comment //export.
func exportsToC(c *cell.Cell) []string {
	var out []string
	for _, it := range c.Items {
		if fn, ok := it.Node.(*ast.FuncDecl); ok && IsExportedToC(fn) {
			out = append(out, fn.Name.Name)
		}
	}
	return out
}

// IsExportedToC tells whether a function has a comment //export.
func IsExportedToC(fn *ast.FuncDecl) bool {
	return fn.Doc != nil && slices.ContainsFunc(fn.Doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//export ") })
}

func importsC(c *cell.Cell) bool {
	return slices.ContainsFunc(c.Imports, func(is *ast.ImportSpec) bool { return importPath(is) == "C" })
}

// preamble gives the comments above a cell's import "C", without their marks.
// Columns in lines that begin with // are two less than in the cell.
func preamble(c *cell.Cell) string {
	var b strings.Builder
	for _, is := range c.Imports {
		if importPath(is) != "C" || is.Doc == nil {
			continue
		}
		next := 0
		for _, comment := range is.Doc.List {
			line := c.Position(comment.Pos()).Line
			if line != next {
				fmt.Fprintf(&b, "#line %d \"cell %d\"\n", line, c.N)
			}
			text := strings.TrimSuffix(comment.Text[2:], "*/")
			if comment.Text[1] == '/' {
				text = comment.Text[2:]
			}
			b.WriteString(text + "\n")
			next = line + 1 + strings.Count(text, "\n")
		}
	}
	return b.String()
}

// useC makes go/types resolve C.name to what cgo declared, where that is known;
// else it takes whatever stands after "C.".
func (u *unit) useC(conf *types.Config) {
	if u.ctypes == nil {
		conf.FakeImportC = true
		return
	}
	// The field is there for tools that load packages, and set by them in this way.
	// Source: golang.org/x/tools/internal/typesinternal.SetUsesCgo.
	if f := reflect.ValueOf(conf).Elem().FieldByName("go115UsesCgo"); f.IsValid() {
		*(*bool)(unsafe.Pointer(f.UnsafeAddr())) = true
	}
	scope := u.ctypes.scope
	for _, name := range scope.Names() {
		obj := scope.Lookup(name)
		if fn, ok := strings.CutPrefix(name, "_Cfpvar_fp_"); ok && scope.Lookup("_Cfunc_"+fn) != nil {
			obj = u.pointerToC(fn, obj)
		}
		if isC(name) && u.pkg.Scope().Lookup(obj.Name()) == nil {
			u.pkg.Scope().Insert(obj)
		}
	}
}

// pointerMark ends the name of a function of C that is used as a value.
const pointerMark = dot + "value"

// pointerToC gives mentions of the function C.fn as a value a name of their own:
// go/types takes calls of it for calls of the pointer otherwise.
func (u *unit) pointerToC(fn string, obj types.Object) types.Object {
	calls := map[*ast.SelectorExpr]bool{}
	for _, d := range u.body {
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				calls[cSelector(n.Fun)] = true
			case *ast.SelectorExpr:
				if cSelector(n) != nil && n.Sel.Name == fn && !calls[n] {
					u.rename(n.Sel, fn+pointerMark)
				}
			}
			return true
		})
	}
	return types.NewVar(obj.Pos(), obj.Pkg(), obj.Name()+pointerMark, obj.Type())
}

// inC writes names that cgo made as the user knows them.
func inC(text string) string {
	if !strings.Contains(text, "_C") {
		return text
	}
	text = strings.ReplaceAll(cNames.ReplaceAllString(text, "C.$1$2"), pointerMark, "")
	return strings.ReplaceAll(text, "(comma, error expression of ", "(value of ")
}

// builtinC are the functions and types that every C has.
var builtinC = []Match{
	{"CBytes", "function", "func([]byte) unsafe.Pointer"}, {"CString", "function", "func(string) *C.char"},
	{"GoBytes", "function", "func(unsafe.Pointer, C.int) []byte"}, {"GoString", "function", "func(*C.char) string"},
	{"GoStringN", "function", "func(*C.char, C.int) string"},
	{"char", "type", ""}, {"schar", "type", ""}, {"uchar", "type", ""}, {"short", "type", ""}, {"ushort", "type", ""},
	{"int", "type", ""}, {"uint", "type", ""}, {"long", "type", ""}, {"ulong", "type", ""}, {"longlong", "type", ""},
	{"ulonglong", "type", ""}, {"float", "type", ""}, {"double", "type", ""}, {"size_t", "type", ""},
}

// membersOfC gives what can follow "C.", as far as it is known.
func (u *unit) membersOfC() []Match {
	v := visible{seen: map[string]bool{}}
	if u.ctypes != nil {
		for _, name := range u.ctypes.scope.Names() {
			m := cPrefix.FindString(name)
			plain := strings.TrimPrefix(name, m)
			pointer := m == "_Cfpvar_fp_" && u.ctypes.scope.Lookup("_Cfunc_"+plain) != nil
			if m == "" || pointer {
				continue
			}
			match := describe(u.ctypes.scope.Lookup(name))
			match.Text, match.Detail = plain, inC(match.Detail)
			v.match(match)
		}
	}
	if u.s.c != nil {
		for _, name := range slices.Concat(u.s.c.Funcs, u.s.c.Vars) {
			v.match(Match{Text: name})
		}
	}
	for _, m := range builtinC {
		v.match(m)
	}
	slices.SortStableFunc(v.list, func(a, b Match) int { return strings.Compare(a.Text, b.Text) })
	return v.list
}

// isC tells the names that stand for C.name.
func isC(name string) bool { return cPrefix.MatchString(name) }

var (
	cPrefix = regexp.MustCompile(`^_C(?:iconst|fconst|sconst|type|var|fpvar_fp|func|macro)_`)
	cNames  = regexp.MustCompile(`\b_C(?:iconst|fconst|sconst|type|var|fpvar_fp|func|macro)_(struct_|union_|enum_)?(\w)`)
)
