//go:build !race

package interp

import (
	"go/ast"
	"go/token"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"testing"

	"interleave/interp/cell"
	"interleave/interp/check"
)

// splitCells makes more cells of cells: it cuts between items, after as many as size
// gives, or more where what comes before a cut does not compile without what comes after.
func splitCells(t *testing.T, size func() int, cells []string) []string {
	t.Helper()
	session := newCheck()
	var out []string
	for _, src := range cells {
		c, err := cell.Parse(0, src)
		if err != nil {
			t.Fatal(err)
		}
		head := ""
		for _, is := range c.Imports {
			head += "import " + c.Text(is) + "\n"
		}
		pieces := pieces(c)
		for at := 0; at < len(pieces); {
			end := min(at+size(), len(pieces))
			for !takes(session, len(out)+1, head+strings.Join(pieces[at:end], "\n")) {
				if end++; end > len(pieces) {
					t.Fatalf("the rest of a cell does not compile:\n%s", strings.Join(pieces[at:], "\n"))
				}
			}
			out = append(out, head+strings.Join(pieces[at:end], "\n"))
			at, head = end, ""
		}
		if head != "" {
			takes(session, len(out)+1, head)
			out = append(out, head)
		}
	}
	return out
}

// sizes chooses how many items go into each cell of what has the name, 1 to 5: not by what
// else there is.
func sizes(seed uint64, name string) func() int {
	h := fnv.New64a()
	h.Write([]byte(name))
	rng := rand.New(rand.NewPCG(seed, h.Sum64()))
	return func() int { return 1 + rng.IntN(5) }
}

// takes tells whether src compiles as cell n, and makes it one of the session then.
func takes(session *check.Session, n int, src string) bool {
	c, err := cell.Parse(n, src)
	if err != nil {
		return false
	}
	ch, err := session.Check(c)
	if err != nil {
		return false
	}
	session.Commit(ch, len(c.Items))
	return true
}

// pieces are the items of a cell, those together that mean something else apart:
// what a top-level defer, main or init belongs to, and a type, or the cell where its type
// is of an earlier one, and its methods where statements stand between them.
func pieces(c *cell.Cell) []string {
	end := make([]int, len(c.Items)) // of the piece that begins here
	types := map[string]int{}
	for i, it := range c.Items {
		end[i] = i
		if _, ok := it.Node.(ast.Stmt); ok && defers(it.Node) {
			end[0] = len(c.Items) - 1
		}
		switch n := it.Node.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil && (n.Name.Name == "main" || n.Name.Name == "init") {
				end[0] = len(c.Items) - 1
			}
			from := types[receiverName(n)] // 0 for one of an earlier cell
			if n.Recv != nil && statementsBetween(c, from, i) {
				end[from] = max(end[from], i)
			}
		case *ast.GenDecl:
			for _, s := range n.Specs {
				if ts, ok := s.(*ast.TypeSpec); ok {
					types[ts.Name.Name] = i
				}
			}
		}
	}
	var out []string
	for i := 0; i < len(c.Items); {
		last := end[i]
		var texts []string
		for ; i <= last; i++ {
			last = max(last, end[i])
			texts = append(texts, c.Text(c.Items[i].Node))
		}
		out = append(out, strings.Join(texts, "\n"))
	}
	return out
}

// defers tells whether a statement defers a call to the end of its cell.
func defers(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			found = true
		}
		return !found
	})
	return found
}

func receiverName(n *ast.FuncDecl) string {
	if n.Recv == nil {
		return ""
	}
	name := ""
	ast.Inspect(n.Recv.List[0].Type, func(m ast.Node) bool {
		if id, ok := m.(*ast.Ident); ok && name == "" {
			name = id.Name
		}
		return name == ""
	})
	return name
}

func statementsBetween(c *cell.Cell, from, to int) bool {
	for _, it := range c.Items[from:to] {
		switch n := it.Node.(type) {
		case *ast.FuncDecl:
		case *ast.GenDecl:
			if n.Tok == token.VAR {
				return true
			}
		default:
			return true
		}
	}
	return false
}
