package interp

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"interleave/interp/cell"
	"interleave/interp/check"
	"interleave/interp/native/build"
)

// typesOfC asks cgo for the types of what a cell uses of C; nil where it uses
// none. The error is one of the cell.
func (e *Evaluator) typesOfC(ctx context.Context, c *cell.Cell, req Request) (*check.CTypes, error) {
	of := e.session.C(c)
	if of == nil {
		return nil, nil
	}
	if err := e.compiler.ready(ctx); err != nil {
		return nil, noCompiler(err, fmt.Sprintf(`cell %d: import "C"`, c.N))
	}
	if of.Own {
		of.Preamble = inFolder(of.Preamble, e.folder())
	}
	tools := e.compiler.tools
	if of.Own {
		d, err := tools.Defined(ctx, of.Preamble)
		if err != nil {
			return nil, e.cError(err, c, req)
		}
		of.Funcs, of.Vars, of.Static = d.Funcs, d.Vars, d.Static
	}
	types, err := tools.GoTypes(ctx, stubOfC(of))
	if err != nil {
		return nil, e.cError(undefinedInC(err, of), c, req)
	}
	if name := definedTwice(of, c); name != "" {
		at := c.Imports[slices.IndexFunc(c.Imports, func(is *ast.ImportSpec) bool { return is.Path.Value == `"C"` })].Pos()
		msg := "the cell exports functions to C (//export), so that the comment above import \"C\" may declare, but not define " + name + ": make it static, or define it in another cell"
		return nil, e.compileError(cell.NewErrors(c.Src, []cell.Diagnostic{c.Diagnostic(at, msg)}), req)
	}
	return &check.CTypes{Of: of, Source: types}, nil
}

// folder is where cells run, as an absolute path; "" where that is not known.
func (e *Evaluator) folder() string {
	dir, err := filepath.Abs(e.o.Dir)
	if err != nil {
		return ""
	}
	return dir
}

// inFolder makes C find the headers that lie beside the notebook, and ${SRCDIR}
// stand for that folder, as it does in a package.
func inFolder(preamble, dir string) string {
	if dir == "" || strings.ContainsAny(dir, "\"'\n") {
		return preamble
	}
	preamble = strings.ReplaceAll(preamble, "${SRCDIR}", dir)
	if headers, _ := filepath.Glob(filepath.Join(dir, "*.h*")); len(headers) > 0 {
		preamble = "#cgo CPPFLAGS: \"-I" + dir + "\"\n" + preamble
	}
	return preamble
}

// definedTwice names what the preamble of a cell defines though cgo copies it to
// two files. Source: go doc cgo, "C references to Go".
func definedTwice(of *check.C, c *cell.Cell) string {
	if !of.Own || !strings.Contains("\n"+c.Code, "\n//export ") {
		return ""
	}
	for _, name := range slices.Concat(of.Funcs, of.Vars) {
		if !slices.Contains(of.Static, name) {
			return name
		}
	}
	return ""
}

// visibleVars are the variables of C that Go can name.
func visibleVars(of *check.C) []string {
	return slices.DeleteFunc(slices.Clone(of.Vars), func(v string) bool { return slices.Contains(of.Static, v) })
}

// stubOfC is a Go file that mentions what a cell uses of C, and what variables later
// cells may use.
func stubOfC(of *check.C) string {
	var b strings.Builder
	b.WriteString("package main\n\n" + build.Commented(of.Preamble) + "import \"C\"\n\nfunc _() {\n")
	seen := map[string]bool{}
	for _, n := range of.Names {
		text := "_ = C." + n.Name
		if n.Call {
			text = "C." + n.Name + "()"
		}
		if !seen[text] {
			fmt.Fprintf(&b, "//line cell %d:%d:%d\n%s\n", n.At.Cell, n.At.Line, max(1, n.At.Col-len(text)+len(strings.TrimPrefix(text, "_ = "))), text)
		}
		seen[text] = true
	}
	var vars []string
	if of.Own {
		vars = visibleVars(of)
	}
	for _, v := range vars {
		fmt.Fprintf(&b, "//line interleave:1\n_ = C.%s\n", v)
	}
	return b.String() + "}\n"
}

var unknownC = regexp.MustCompile(`could not determine what (C\.\w+) refers to`)

// undefinedInC words what cgo says of unknown names as Go does, and tells whose C
// it is that lacks them.
func undefinedInC(err error, of *check.C) error {
	var wrong *build.CompileError
	if !errors.As(err, &wrong) {
		return err
	}
	where := ""
	if !of.Own {
		where = fmt.Sprintf(" (C is that of cell %d, the last one that imports it)", of.Cell)
	}
	return &build.CompileError{Path: wrong.Path, Text: unknownC.ReplaceAllString(wrong.Text, "undefined: ${1}"+where)}
}

// cError words what cgo or the C compiler found.
func (e *Evaluator) cError(err error, c *cell.Cell, req Request) error {
	var wrong *build.CompileError
	if !errors.As(err, &wrong) {
		return buildError(err)
	}
	if list := diagnosticsIn(wrong.Text, c); len(list) > 0 {
		return e.compileError(cell.NewErrors(c.Src, list), req)
	}
	return buildError(err)
}

// inCell is an error at a place in a cell, as gcc, cgo and the Go compiler write it.
var inCell = regexp.MustCompile(`^(?:\S*/)?cell (\d+):(\d+)(?::(\d+))?: (.*)$`)

// diagnosticsIn finds the errors in what a tool wrote that lie in cell c.
func diagnosticsIn(text string, c *cell.Cell) []cell.Diagnostic {
	lines := strings.Split(c.Src, "\n")
	var list []cell.Diagnostic
	for line := range strings.Lines(text) {
		m := inCell.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil || m[1] != strconv.Itoa(c.N) {
			continue
		}
		msg, isError := cutKind(m[4])
		row, _ := strconv.Atoi(m[2])
		if !isError || row < 1 || row > len(lines) {
			continue
		}
		col, _ := strconv.Atoi(m[3])
		if l := strings.TrimLeft(lines[row-1], " \t"); strings.HasPrefix(l, "//") && col > 0 {
			col += len(lines[row-1]) - len(l) + len("//")
		}
		list = append(list, c.DiagnosticAt(row, max(1, col), msg))
	}
	return list
}

// cutKind takes the word that says how bad it is off a message of gcc.
func cutKind(msg string) (text string, isError bool) {
	for _, kind := range []string{"error: ", "fatal error: "} {
		if text, ok := strings.CutPrefix(msg, kind); ok {
			return text, true
		}
	}
	for _, kind := range []string{"warning: ", "note: "} {
		if strings.HasPrefix(msg, kind) {
			return msg, false
		}
	}
	return msg, true
}
