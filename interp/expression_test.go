package interp

import "testing"

// user_expressions have values. What only does something is not run.
func TestEvalExpr(t *testing.T) {
	e := newTier(t, Auto)
	mustRun(t, e, 1, "x := 1")
	for _, expr := range []string{"x = 3", "x++", "var q = 1", "q := 1", "x; x", "", "%reset", "!false", "import \"fmt\""} {
		if b, err := e.EvalExpr(t.Context(), expr, &recorder{}); err == nil {
			t.Errorf("%q is %v", expr, b)
		}
	}
	b, err := e.EvalExpr(t.Context(), "x + 1", &recorder{})
	if err != nil || b.Data["text/plain"] != "2" {
		t.Errorf("x + 1 is %v, %v", b, err)
	}
	if e.session.Lookup("q") != nil {
		t.Error("q is declared")
	}
}
