package check

import (
	"go/ast"
	"testing"
)

// A settled cell has its declarations, and what is known of them, and no statements;
// what these mentioned still tells whether the cell would be checked as it was.
func TestSettle(t *testing.T) {
	s := newTestSession()
	ch, err := run(t, s, "a, b := 1, 2", "a++\nfunc f() int { return b }\nc := f()\na += c\na")
	if err != nil {
		t.Fatal(err)
	}
	s.Commit(ch, len(ch.Cell.Items))
	var before []int
	for _, it := range ch.Cell.Items {
		before = append(before, ch.Cell.Offset(it.Node.Pos()), ch.Cell.Offset(it.Node.End()))
	}
	s.Settle(ch)
	s.Settle(ch)
	for i, it := range ch.Cell.Items {
		_, gone := it.Node.(*ast.BadStmt)
		if statement := i != 1 && i != 2; gone != statement {
			t.Errorf("item %d is %T", i, it.Node)
		}
		if from, to := ch.Cell.Offset(it.Node.Pos()), ch.Cell.Offset(it.Node.End()); from != before[2*i] || to != before[2*i+1] {
			t.Errorf("item %d lies from %d to %d", i, from, to)
		}
	}
	used := map[string]int{}
	for _, b := range ch.Uses {
		used[b.Name]++
	}
	if used["a"] != 0 || used["b"] != 1 || used["f"] != 2 || used["c"] != 1 {
		t.Errorf("uses are %v", used)
	}
	if !s.Current(ch) {
		t.Error("nothing has changed")
	}
	other, err := s.Check(mustParse(t, 3, `a := "text"`))
	if err != nil {
		t.Fatal(err)
	}
	s.Commit(other, 1)
	if s.Current(ch) {
		t.Error("a, which a statement mentioned, is another variable")
	}
}
