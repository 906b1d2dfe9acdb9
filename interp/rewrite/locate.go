package rewrite

import (
	"go/ast"
	"go/types"

	"interleave/interp/check"
)

// locating are the functions, methods, constants and fields of the library that have to
// do with where in its source a program is, or in which function, by package and type.
var locating = map[string]bool{
	"runtime.Caller": true, "runtime.Callers": true, "runtime.Stack": true, "runtime/debug.Stack": true, "runtime/debug.PrintStack": true,
	"runtime.FuncForPC": true, "runtime.Func.Name": true, "runtime.Frames.Next": true,
	"log.Lshortfile": true, "log.Llongfile": true, "log/slog.HandlerOptions.AddSource": true, "log/slog.Record.PC": true, "log/slog.Record.Source": true,
}

// Locates gives the first place in a cell that has to do with where in its source a
// program is, and what it is called; nil where there is none. The interpreter's own
// functions lie between its cells and what they call.
func Locates(ch *check.Checked) (at ast.Node, what string) {
	for _, item := range ch.Cell.Items[:ch.Cell.Own] {
		ast.Inspect(item.Node, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && at == nil {
				if path, name := libraryName(ch, id); locating[path+"."+name] {
					at, what = id, ch.Info.Uses[id].Pkg().Name()+"."+name
				}
			}
			return at == nil
		})
	}
	return at, what
}

// libraryName gives the package and the name of what an identifier means of the
// library; with its type's, where it is a method or a field.
func libraryName(ch *check.Checked, id *ast.Ident) (path, name string) {
	obj := ch.Info.Uses[id]
	if obj == nil || obj.Pkg() == nil || obj.Pkg().Path() == "main" {
		return "", ""
	}
	path, name = obj.Pkg().Path(), obj.Name()
	if fn, ok := obj.(*types.Func); ok && fn.Signature().Recv() != nil {
		if named, ok := deref(fn.Signature().Recv().Type()).(*types.Named); ok {
			return path, named.Obj().Name() + "." + name
		}
	}
	if f, ok := obj.(*types.Var); ok && f.IsField() {
		return path, fieldOwner(f) + name
	}
	return path, name
}

// fieldOwner gives the name of the type at the top level of its package that has f, and
// a dot; "" where there is none.
func fieldOwner(f *types.Var) string {
	scope := f.Pkg().Scope()
	for _, name := range scope.Names() {
		if st, ok := scope.Lookup(name).Type().Underlying().(*types.Struct); ok {
			for each := range st.Fields() {
				if each == f {
					return name + "."
				}
			}
		}
	}
	return ""
}

// Logs tells whether a function of a cell uses a package of the library that logs: with
// where it was called, if a later cell says so.
func Logs(ch *check.Checked) bool {
	found := false
	uses := func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			path, _ := libraryName(ch, id)
			found = found || path == "log" || path == "log/slog"
		}
		return !found
	}
	for _, item := range ch.Cell.Items[:ch.Cell.Own] {
		ast.Inspect(item.Node, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				ast.Inspect(n, uses)
			case *ast.FuncLit:
				ast.Inspect(n.Body, uses)
			}
			return !found
		})
	}
	return found
}

// Calls tells whether a cell calls a function that is none of the language's own, or has
// a function literal, which somebody else may call, or ask for its name.
func Calls(ch *check.Checked) bool {
	found := false
	for _, item := range ch.Cell.Items[:ch.Cell.Own] {
		ast.Inspect(item.Node, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				found = true
			case *ast.CallExpr:
				tv := ch.Info.Types[n.Fun]
				found = found || !tv.IsType() && !tv.IsBuiltin()
			}
			return !found
		})
	}
	return found
}
