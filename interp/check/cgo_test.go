package check

import (
	"slices"
	"strings"
	"testing"
)

// What cgo writes, as far as it is looked at.
const gotypes = `package main

import "unsafe"
import "syscall"
import _cgopackage "runtime/cgo"

type _ _cgopackage.Incomplete
var _ syscall.Errno

type _Ctype_char int8
type _Ctype_int int32
type _Ctype_point = _Ctype_struct___0
type _Ctype_size_t = _Ctype_ulong
type _Ctype_struct___0 struct {
	x	_Ctype_int
	y	_Ctype_int
}
type _Ctype_ulong uint64
type _Ctype_void [0]byte

var _Cvar_counter *_Ctype_int
var _Cfpvar_fp_twice unsafe.Pointer
const _Ciconst_LIMIT = 0x2a

func _Cfunc_CString(s string) *_Ctype_char
func _Cfunc__CMalloc(n _Ctype_size_t) unsafe.Pointer
func _Cfunc_twice(p0 _Ctype_int) (r1 _Ctype_int)
func _Cfunc_norm(p0 _Ctype_struct___0) (r1 _Ctype_int)
func _Cfunc_say() (r1 _Ctype_void)
func _Cmacro_HERE() _Ctype_int
`

const declared = "// int twice(int);\nimport \"C\"\n"

// checkC checks a cell, cgo having written types.
func checkC(t *testing.T, s *Session, n int, src, types string) (*Checked, error) {
	t.Helper()
	c := mustParse(t, n, src)
	of := s.C(c)
	if of == nil {
		return s.Check(c)
	}
	return s.CheckC(c, &CTypes{of, types})
}

func commitC(t *testing.T, s *Session, n int, src, types string) *Checked {
	t.Helper()
	ch, err := checkC(t, s, n, src, types)
	if err != nil {
		t.Fatalf("cell %d: %v", n, err)
	}
	s.Commit(ch, len(ch.Cell.Items))
	return ch
}

func TestC(t *testing.T) {
	s := newTestSession()
	ch := commitC(t, s, 1, declared+`import "unsafe"
x := C.twice(3)
p := C.point{1, 2}
n, err := C.twice(4)
C.counter++
y := x + C.LIMIT + C.HERE + p.y
f := C.twice
q := C.malloc(C.size_t(unsafe.Sizeof(x)))
C.norm(p)`, gotypes)
	for name, want := range map[string]string{"x": "main._Ctype_int", "p": "main._Ctype_point", "n": "main._Ctype_int", "err": "error", "y": "main._Ctype_int", "f": "unsafe.Pointer", "q": "unsafe.Pointer"} {
		if b := s.Lookup(name); b == nil || b.Object.Type().String() != want {
			t.Errorf("%s is %v, want %s", name, b, want)
		}
	}
	if ch.ResultType == nil || len(ch.CTypes) != 5 || len(ch.COld) != 0 || !ch.C.Own || ch.C.Cell != 1 {
		t.Errorf("checked %v, types %v, old %v, %+v", ch.ResultType, ch.CTypes, ch.COld, ch.C)
	}
	if ch := commitC(t, s, 2, "C.say()", gotypes); ch.Result != nil {
		t.Error("the value of a function without one is shown")
	}
	// A type with one name and definition is one type, whatever cell it is of.
	ch = commitC(t, s, 3, declared+"x = C.int(5); _ = x + C.twice(2); p.x", gotypes)
	if len(ch.CTypes) != 0 || len(ch.COld) != 5 {
		t.Errorf("new types %v, old %v", ch.CTypes, ch.COld)
	}
	other := strings.Replace(gotypes, "y	_Ctype_int", "z	_Ctype_int", 1)
	ch = commitC(t, s, 4, declared+"r := C.point{x: 1, z: x}", other)
	if len(ch.CTypes) != 1 || ch.CTypes[0].Name() != "_Ctype_struct___0" {
		t.Errorf("new types %v", ch.CTypes)
	}
	if _, err := checkC(t, s, 5, "p = r", other); err == nil || !strings.Contains(err.Error(), "cannot use r") {
		t.Errorf("error is %v", err)
	}
}

func TestCOf(t *testing.T) {
	s := newTestSession()
	if of := s.C(mustParse(t, 1, "x := 1")); of != nil {
		t.Errorf("a cell without C uses %+v", of)
	}
	of := s.C(mustParse(t, 2, "\n/*\n#define A 1\n*/\n// int f(void);\nimport \"C\"\n\n//export back\nfunc back() {}\nC.f(C.A, C.f)"))
	if want := "#line 2 \"cell 2\"\n\n#define A 1\n\n int f(void);\n"; of.Preamble != want {
		t.Errorf("preamble %q, want %q", of.Preamble, want)
	}
	var names []string
	for _, n := range of.Names {
		names = append(names, n.Name)
		if n.Call != (n.Name == "f" && len(names) == 1) || n.At.Line != 10 {
			t.Errorf("mention %+v", n)
		}
	}
	if !slices.Equal(names, []string{"f", "A", "f"}) || !slices.Equal(of.Exports, []string{"back"}) {
		t.Errorf("names %v, exports %v", names, of.Exports)
	}
	commitC(t, s, 3, declared, gotypes)
	if of := s.C(mustParse(t, 4, "C.twice(1)")); of == nil || of.Own || of.Cell != 3 || !strings.Contains(of.Preamble, "int twice") {
		t.Errorf("a later cell uses %+v", of)
	}
	if of := s.C(mustParse(t, 5, "1 + 1")); of != nil {
		t.Errorf("a later cell without C uses %+v", of)
	}
	commitC(t, s, 6, "C := 5", gotypes)
	if of := s.C(mustParse(t, 7, "C")); of != nil {
		t.Errorf("where C is a variable, a cell uses %+v", of)
	}
}

func TestCErrors(t *testing.T) {
	for src, want := range map[string]string{
		"C.twice(\"a\")":           `2: cannot use "a" (untyped string constant) as C.int value in argument to C.twice`,
		"var s string = C.LIMIT":   "2: cannot use C.LIMIT (untyped int constant 42) as string value",
		"var s string = C.say()":   "2: cannot use C.say() (value of array type C.void) as string value",
		"C.twice(1, 2)":            "2: too many arguments in call to C.twice",
		"C.nothing":                "2: undefined: C.nothing",
		"var i int = C.twice(1)":   "2: cannot use C.twice(1) (value of int32 type C.int) as int value",
		"C.point{1, 2}.z":          "2: C.point{…}.z undefined",
		"x, y, z := C.twice(1)":    "2: assignment mismatch: 3 variables but C.twice returns",
		"C.twice(C.twice)":         "2: cannot use C.twice",
		"var c C.int; c = 1 << 40": "2: ",
	} {
		s := newTestSession()
		_, err := checkC(t, s, 1, "import \"C\"\n"+src, gotypes)
		if err == nil || !strings.HasPrefix(err.Error(), "cell 1:"+want) {
			t.Errorf("%s: error is %v, want %s", src, err, want)
		}
		if err != nil && (strings.Contains(err.Error(), "_C") || strings.Contains(err.Error(), dot)) {
			t.Errorf("%s: the error has names of ours: %v", src, err)
		}
	}
}

// Completion works before cgo has been asked, and knows what it has said since.
func TestCompleteC(t *testing.T) {
	s := newTestSession()
	texts := func(code string) []string {
		var out []string
		for _, m := range s.Complete(code, len(code)).Matches {
			out = append(out, m.Text)
		}
		return out
	}
	if got := texts("import \"C\"\nC.GoS"); !slices.Equal(got, []string{"GoString", "GoStringN"}) {
		t.Errorf("before: %v", got)
	}
	if got := texts("import \"C\"\nimport \"strings\"\nx := C.twice(1)\nstrings.HasP"); !slices.Equal(got, []string{"HasPrefix"}) {
		t.Errorf("beside C: %v", got)
	}
	c := mustParse(t, 1, declared+"p := C.point{1, 2}; C.twice(1)")
	of := s.C(c)
	of.Funcs = []string{"turn", "twice"}
	ch, err := s.CheckC(c, &CTypes{of, gotypes})
	if err != nil {
		t.Fatal(err)
	}
	s.Commit(ch, len(c.Items))
	if got := texts("C.t"); !slices.Equal(got, []string{"turn", "twice"}) {
		t.Errorf("after: %v", got)
	}
	if got := texts("p."); !slices.Equal(got, []string{"x", "y"}) {
		t.Errorf("fields: %v", got)
	}
	if got := texts("C.twi"); len(got) != 1 || s.Complete("C.twi", 5).Matches[0].Detail != "func(p0 C.int) (r1 C.int)" {
		t.Errorf("detail: %v", s.Complete("C.twi", 5).Matches)
	}
}

// What is no output of cgo is an error, not a panic.
func TestBrokenTypes(t *testing.T) {
	for _, types := range []string{"", "package main\ntype _Ctype_int", "package main\ntype _Ctype_int _Ctype_none\n"} {
		if _, err := checkC(t, newTestSession(), 1, declared, types); err == nil || !strings.Contains(err.Error(), "what cgo wrote") {
			t.Errorf("%q: error is %v", types, err)
		}
	}
}
