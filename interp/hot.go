package interp

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"interleave/interp/cell"
	"interleave/interp/check"
	"interleave/interp/rewrite"
)

// fewTurns is how often the bodies of a cell's loops may run together for the
// interpreter to be far faster than the compiler is: see BenchmarkTiers, where ten
// thousand turns still are.
const fewTurns = 1000

// mayBeHot tells why a cell may take long in the interpreter; "" where it does not.
// Loops count but those whose turns are few, which their constants tell; those of a
// function literal do always, since nobody knows how often it is called, and so does
// one that calls itself.
func mayBeHot(c *check.Checked) string {
	turns := 1
	for _, item := range c.Cell.Items {
		if _, ok := item.Node.(*ast.FuncDecl); ok {
			return "it declares functions"
		}
		turns = max(turns, turnsOf(c.Info, item.Node))
	}
	if turns > fewTurns {
		return "it has a loop"
	}
	return ""
}

// turnsOf gives how often the innermost body in n runs; more than fewTurns where that is
// not known.
func turnsOf(info *types.Info, n ast.Node) int {
	most := 1
	ast.Inspect(n, func(m ast.Node) bool {
		turns, body := 0, (*ast.BlockStmt)(nil)
		switch m := m.(type) {
		case *ast.FuncLit:
			if hasLoop(m) {
				most = fewTurns + 1
			}
			return false
		case *ast.AssignStmt:
			if callsItself(info, m) {
				most = fewTurns + 1
			}
			return most <= fewTurns
		case *ast.RangeStmt:
			most = max(most, turnsOf(info, m.X))
			turns, body = rangeTurns(info, m), m.Body
		case *ast.ForStmt:
			turns, body = forTurns(info, m), m.Body
		default:
			return most <= fewTurns
		}
		if turns <= fewTurns {
			turns *= turnsOf(info, body)
		}
		most = max(most, turns)
		return false
	})
	return min(most, fewTurns+1)
}

// rangeTurns is how often a range loop turns that ranges over a constant, an array or a
// literal.
func rangeTurns(info *types.Info, r *ast.RangeStmt) int {
	if lit, ok := ast.Unparen(r.X).(*ast.CompositeLit); ok && len(lit.Elts) <= fewTurns {
		if _, slice := info.TypeOf(lit).Underlying().(*types.Slice); slice && !keyed(lit) {
			return len(lit.Elts)
		}
	}
	tv := info.Types[r.X]
	if a, ok := tv.Type.Underlying().(*types.Array); ok && a.Len() <= fewTurns {
		return int(a.Len())
	}
	if tv.Value == nil {
		return fewTurns + 1
	}
	if tv.Value.Kind() == constant.String {
		return len(constant.StringVal(tv.Value))
	}
	return few(tv.Value)
}

func keyed(lit *ast.CompositeLit) bool {
	for _, e := range lit.Elts {
		if _, ok := e.(*ast.KeyValueExpr); ok {
			return true
		}
	}
	return false
}

// forTurns is how often a loop turns that counts from a constant to a constant, by one,
// in a variable that nothing else changes.
func forTurns(info *types.Info, f *ast.ForStmt) int {
	const many = fewTurns + 1
	init, ok := f.Init.(*ast.AssignStmt)
	if !ok || init.Tok != token.DEFINE || len(init.Lhs) != 1 {
		return many
	}
	id, ok := init.Lhs[0].(*ast.Ident)
	cond, okCond := f.Cond.(*ast.BinaryExpr)
	post, okPost := f.Post.(*ast.IncDecStmt)
	if !ok || !okCond || !okPost || post.Tok != token.INC {
		return many
	}
	v := info.Defs[id]
	is := func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return ok && info.Uses[id] == v
	}
	from, to := info.Types[init.Rhs[0]].Value, info.Types[cond.Y].Value
	if v == nil || !is(cond.X) || !is(post.X) || from == nil || to == nil || rewrite.Assigned(info, f.Body, v) {
		return many
	}
	if b, ok := v.Type().Underlying().(*types.Basic); !ok || b.Info()&types.IsInteger == 0 {
		return many
	}
	switch cond.Op {
	case token.LSS:
		return few(constant.BinaryOp(to, token.SUB, from))
	case token.LEQ:
		return few(constant.BinaryOp(constant.BinaryOp(to, token.SUB, from), token.ADD, constant.MakeInt64(1)))
	}
	return many
}

// few gives a constant that is a number of turns.
func few(v constant.Value) int {
	n, ok := constant.Int64Val(constant.ToInt(v))
	if !ok || n > fewTurns {
		return fewTurns + 1
	}
	return int(max(n, 0))
}

// callsItself tells whether a function literal is assigned that mentions what it is
// assigned to.
func callsItself(info *types.Info, a *ast.AssignStmt) (found bool) {
	to := map[types.Object]bool{}
	for _, e := range a.Lhs {
		if id, ok := e.(*ast.Ident); ok && info.Uses[id] != nil {
			to[info.Uses[id]] = true
		}
	}
	for _, e := range a.Rhs {
		lit, ok := ast.Unparen(e).(*ast.FuncLit)
		if !ok {
			continue
		}
		ast.Inspect(lit.Body, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			found = found || ok && to[info.Uses[id]]
			return !found
		})
	}
	return found
}

// hasLoop tells whether there is a loop in n.
func hasLoop(n ast.Node) (found bool) {
	ast.Inspect(n, func(m ast.Node) bool {
		switch m.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			found = true
		}
		return !found
	})
	return found
}

// hasLiteral tells whether a cell has a function literal.
func hasLiteral(c *cell.Cell) bool {
	found := false
	for _, item := range c.Items {
		ast.Inspect(item.Node, func(n ast.Node) bool {
			_, ok := n.(*ast.FuncLit)
			found = found || ok
			return !found
		})
	}
	return found
}
