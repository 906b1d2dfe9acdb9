package build

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const preambleText = `#line 2 "cell 1"
#cgo CFLAGS: -DFACTOR=3
#include <string.h>
static int hidden = 1;
int shown = 2;
static int calls(void) { static int n; return ++n * FACTOR; }
static inline int inlined(void) { return hidden; }
int open_to_all(int n) { return n; }
extern int elsewhere(void);
`

// stub is a Go file with C that mentions names.
func stub(text string, names ...string) string {
	return "package p\n\n//" + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n//") +
		"\nimport \"C\"\n\nfunc _() {\n//line cell 1:9:2\n" + strings.Join(names, "\n") + "\n}\n"
}

func TestPreamble(t *testing.T) {
	info, err := tools.Defined(t.Context(), preambleText)
	if err != nil {
		t.Fatal(err)
	}
	for what, is := range map[string][2][]string{
		"functions": {info.Funcs, {"calls", "inlined", "open_to_all"}},
		"variables": {info.Vars, {"hidden", "shown"}},
		"static":    {info.Static, {"calls", "hidden", "inlined"}},
	} {
		if !slices.Equal(is[0], is[1]) {
			t.Errorf("%s are %v, want %v", what, is[0], is[1])
		}
	}
	src := stub(preambleText, "C.calls()", "_ = C.shown", "C.strlen()")
	types, err := tools.GoTypes(t.Context(), src)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"func _Cfunc_calls() (r1 _Ctype_int)", "_Cvar_shown *_Ctype_int", "_Ctype_size_t"} {
		if !strings.Contains(types, want) {
			t.Errorf("%s is missing in\n%s", want, types)
		}
	}
	again, err := tools.GoTypes(t.Context(), src)
	if err != nil || again != types {
		t.Errorf("the same again gives %v", err)
	}
}

func TestPreambleErrors(t *testing.T) {
	for text, want := range map[string]string{
		"#line 3 \"cell 1\"\nint f(void) { return x; }\n": "cell 1:3:22: error: 'x' undeclared",
		"#line 1 \"cell 1\"\n#include <no/such.h>\n":      "cell 1:1:10: fatal error: no/such.h",
		"#line 1 \"cell 1\"\n":                            "cell 1:9:2: could not determine what C.f refers to",
	} {
		_, err := tools.Defined(t.Context(), text)
		if err == nil {
			_, err = tools.GoTypes(t.Context(), stub(text, "C.f()"))
		}
		var wrong *CompileError
		if !errors.As(err, &wrong) || !strings.Contains(wrong.Text, want) || strings.Contains(wrong.Text, tools.cells) {
			t.Errorf("error is %v, want %s", err, want)
		}
	}
}

// Two units with one preamble have its state and its types in common.
func TestSharedC(t *testing.T) {
	const text = "// typedef struct { int x; } point;\n// static int n;\n// static int next(void) { return ++n; }\n// int shown = 5;\n// static int getshown(void) { return shown; }\n// static int x(point p) { return p.x; }\n// #define DOUBLED (shown * 2)\nimport \"C\"\n"
	first := cgoUnitOf("shared1", "package cell\n\n"+text+"\nvar Unit = map[string]any{\"next\": func() int { return int(C.next()) }, \"x\": func(p C.point) int { return int(C.x(p)) }}\n")
	first.C = C{Prefix: "interleave_shared1_", Export: []string{"next", "n", "shown", "getshown", "x"}}
	first.Files["types.go"] = "package cell\n\ntype (\n\tꞋ_Ctype_int = _Ctype_int\n\tꞋ_Ctype_struct___0 = _Ctype_struct___0\n)\n\nfunc Point(n int32) Ꞌ_Ctype_struct___0 { return _Ctype_struct___0{_Ctype_int(n)} }\n"
	one := open(t, first)
	second := cgoUnitOf("shared2", "package cell\n\n"+text+"import one \"interleave/test/shared1\"\n\nvar Unit = map[string]any{\"next\": func() int { return int(C.next()) }, \"doubled\": func() int { return int(C.DOUBLED) }, \"getshown\": func() int { return int(C.getshown()) }, \"x\": func() int { return int(C.x(one.Point(4))) }}\n")
	second.C = C{Prefix: first.C.Prefix, Funcs: []string{"next", "getshown", "x"}, Vars: []string{"shown"}, Mark: "Ꞌ",
		Types: map[string]string{"_Ctype_int": first.Path, "_Ctype_struct___0": first.Path}}
	second.Imports[first.Path] = mustBuild(t, first).Archive
	two := open(t, second)
	call := func(u map[string]any, name string) int { return u[name].(func() int)() }
	if a, b, c := call(one, "next"), call(two, "next"), call(one, "next"); a != 1 || b != 2 || c != 3 {
		t.Errorf("counted %d %d %d", a, b, c)
	}
	if call(two, "doubled") != 10 || call(two, "getshown") != 5 || call(two, "x") != 4 {
		t.Errorf("got %d %d %d", call(two, "doubled"), call(two, "getshown"), call(two, "x"))
	}
}

// Names that cgo uses in its own functions are free for the user's variables.
func TestSharedNames(t *testing.T) {
	const text = "// int v = 1, r = 2, p0 = 3;\n// static char p1 = 4;\n// #define ALL (v * 1000 + r * 100 + p0 * 10 + p1)\n// static int add(int n, char *s) { return n + *s; }\n// static void set(int n) { v = r = p0 = p1 = n; }\nimport \"C\"\n"
	const table = "map[string]any{\"all\": func() int { return int(C.ALL) }, \"set\": func(n int) { C.set(C.int(n)) }, \"add\": func(n int, c int8) int { return int(C.add(C.int(n), (*C.char)(&c))) }}\n"
	first := cgoUnitOf("names1", "package cell\n\n"+text+"\nvar Unit = "+table)
	vars, funcs := []string{"v", "r", "p0", "p1"}, []string{"add", "set"}
	first.C = C{Prefix: "interleave_names1_", Export: append(slices.Clone(vars), funcs...)}
	second := cgoUnitOf("names2", "package cell\n\n"+text+"import _ \"interleave/test/names1\"\nvar Unit = "+table)
	second.C = C{Prefix: first.C.Prefix, Funcs: funcs, Vars: vars, Mark: "Ꞌ"}
	second.Imports[first.Path] = mustBuild(t, first).Archive
	one, two := open(t, first), open(t, second)
	for i, u := range []map[string]any{one, two} {
		if got := u["all"].(func() int)(); got != 1234 {
			t.Errorf("unit %d sees %d", i+1, got)
		}
		if got := u["add"].(func(int, int8) int)(5, 6); got != 11 {
			t.Errorf("unit %d adds up to %d", i+1, got)
		}
	}
	one["set"].(func(int))(5)
	if got := two["all"].(func() int)(); got != 5555 {
		t.Errorf("after a change in unit 1, unit 2 sees %d", got)
	}
}

func TestAliased(t *testing.T) {
	src := "package p\n\nimport \"unsafe\"\n\ntype _Ctype_int int32\n\ntype _Ctype_size_t = _Ctype_ulong\n\ntype _Ctype_struct_s struct {\n\tx\t_Ctype_int\n}\n\nvar _ unsafe.Pointer\n"
	got, err := aliased(src, C{Mark: "X", Types: map[string]string{"_Ctype_int": "a/b", "_Ctype_struct_s": "a/c", "_Ctype_size_t": "a/c"}})
	want := "package p\nimport XXu0 \"a/b\"\nimport XXu1 \"a/c\"\n\n\nimport \"unsafe\"\n\ntype _Ctype_int = XXu0.X_Ctype_int\n\ntype _Ctype_size_t = _Ctype_ulong\n\ntype _Ctype_struct_s = XXu1.X_Ctype_struct_s\n\nvar _ unsafe.Pointer\n"
	if err != nil || got != want {
		t.Errorf("got %v\n%s\nwant\n%s", err, got, want)
	}
}

func TestCPlusPlus(t *testing.T) {
	if _, err := exec.LookPath(cxx()[0]); err != nil {
		t.Skip("no C++ compiler")
	}
	p := CPlusPlus{Prefix: "interleave_cppt_", Text: "#line 2 \"cell 1\"\n#include <string>\n// #cgo CXXFLAGS: -DPLUS=2\nclass hidden { public: int n; int get(); };\nint hidden::get() { return n + PLUS; }\nextern \"C\" int get(int n) { return hidden{n}.get(); }\n"}
	so, names, err := tools.CPlusPlus(t.Context(), p)
	if err != nil || len(names) != 1 || names["get"] != "interleave_cppt_get" {
		t.Fatalf("got %v, %v", names, err)
	}
	if f, file, line, err := Where(so, symbolAt(t, so, "interleave_cppt_get")); err != nil || f != "interleave_cppt_get" || file != "cell 1" || line != 6 {
		t.Errorf("the function is %s at %s:%d, %v", f, file, line, err)
	}
	for text, want := range map[string]string{
		"#line 1 \"cell 2\"\nextern \"C\" int f() { return x; }\n": "cell 2:1:29: error: 'x' was not declared in this scope",
		"int f() { return 1; }\n":                                  "no function with C linkage",
	} {
		_, _, err := tools.CPlusPlus(t.Context(), CPlusPlus{text, "interleave_cppu_"})
		var wrong *CompileError
		if !errors.As(err, &wrong) || !strings.Contains(wrong.Text, want) {
			t.Errorf("error is %v, want %s", err, want)
		}
	}
}

// symbolAt is the address of a function in a shared object.
func symbolAt(t *testing.T, so, name string) uint64 {
	t.Helper()
	out, err := exec.Command("nm", so).Output()
	if err != nil {
		t.Skip("no nm")
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		if len(words) == 3 && words[2] == name {
			var at uint64
			for _, c := range words[0] {
				at = at<<4 | uint64(strings.IndexRune("0123456789abcdef", c))
			}
			return at
		}
	}
	t.Fatalf("%s: no %s", so, name)
	return 0
}

func TestWhereNothingIs(t *testing.T) {
	if _, _, _, err := Where("/nowhere.so", 1); err == nil {
		t.Error("it is in no file")
	}
}
