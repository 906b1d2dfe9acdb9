package program

import "go/ast"

// yieldName is the function that a program for the race detector calls now and then.
// What two goroutines do is no race for the detector where the lock that one lets go is
// taken by the other afterwards, as it is by chance when each is done before the next
// one starts: short ones are, most of the time. So another goroutine gets its turn at
// functions and loops, by chance too.
const yieldName = "ꞋꞋyield"

const yieldSource = `
//go:norace
func ` + yieldName + `() {
	if ꞋꞋrand.Uint32()%16 == 0 {
		ꞋꞋruntime.Gosched()
	}
}
`

const yieldImports = "import ꞋꞋrand \"math/rand/v2\"\nimport ꞋꞋruntime \"runtime\"\n"

// yields has the bodies of functions and loops call yieldName.
func (w *writer) yields(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		var body *ast.BlockStmt
		switch n := n.(type) {
		case *ast.FuncDecl:
			body = n.Body
		case *ast.FuncLit:
			body = n.Body
		case *ast.ForStmt:
			body = n.Body
		case *ast.RangeStmt:
			body = n.Body
		}
		if body != nil {
			w.replace(body.Lbrace+1, body.Lbrace+1, yieldName+"();")
			w.b.yielded = true
		}
		return true
	})
}
