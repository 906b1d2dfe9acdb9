package build

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

// cgo makes a unit with C.
func cgoUnitOf(name, src string) Package {
	p := unit(name, src)
	p.Cgo, p.ShowAsMain = true, true
	return p
}

func TestCgo(t *testing.T) {
	u := open(t, cgoUnitOf("cgo1", `package cell

/*
#cgo CFLAGS: -DFACTOR=3
#cgo LDFLAGS: -lm
#include <math.h>
#include <stdlib.h>
#include <string.h>
typedef struct { int x, y; } point;
extern int callback(int);
static int twice(int n) { return callback(n) + callback(n); }
static int sum(point p) { return (p.x + p.y) * FACTOR; }
*/
import "C"
import (
	"fmt"
	"unsafe"
)

//export callback
func callback(n C.int) C.int { return n + 1 }

type point struct{ X int }

var Unit = map[string]any{"run": func() string {
	s := C.CString("text")
	defer C.free(unsafe.Pointer(s))
	return fmt.Sprint(C.twice(5), C.sum(C.point{1, 2}), C.strlen(s), float64(C.cos(0))) + fmt.Sprintf(" %T", point{})
}}`))
	if got := u["run"].(func() string)(); got != "12 9 4 1 main.point" {
		t.Errorf("got %s", got)
	}
}

// C functions and callbacks of one name in two units are two.
func TestCgoNamesAreOfTheirUnit(t *testing.T) {
	for name, want := range map[string]int{"cgo-a": 1, "cgo-b": 2} {
		u := open(t, cgoUnitOf(name, strings.ReplaceAll(`package cell

// extern int back(void);
// int answer(void);
import "C"

//export back
func back() C.int { return WANT }

var Unit = map[string]any{"answer": func() int { return int(C.answer()) }}
`, "WANT", string(rune('0'+want)))).with("answer.c", "extern int back(void);\nint helper(void) { return back(); }\nint answer(void) { return helper(); }\n"))
		if got := u["answer"].(func() int)(); got != want {
			t.Errorf("%s: got %d", name, got)
		}
	}
}

// with gives p with one more file.
func (p Package) with(name, src string) Package {
	p.Files[name] = src
	return p
}

// A unit without C imports one with C, whose C state is there once.
func TestCgoImported(t *testing.T) {
	first := cgoUnitOf("cgo-state", "package cell\n\n// static int n;\n// static int next(void) { return ++n; }\nimport \"C\"\n\nfunc Next() int { return int(C.next()) }\n\nvar Unit = map[string]any{\"next\": Next}\n")
	one := open(t, first)
	archive := mustBuild(t, first).Archive
	second := unit("cgo-user", "package cell\n\nimport c \"interleave/test/cgo-state\"\n\nvar Unit = map[string]any{\"next\": func() int { return c.Next() }}\n")
	second.Imports[first.Path] = archive
	two := open(t, second)
	next := func(u map[string]any) int { return u["next"].(func() int)() }
	if a, b, c := next(one), next(two), next(one); a != 1 || b != 2 || c != 3 {
		t.Errorf("got %d %d %d", a, b, c)
	}
}

func TestCxx(t *testing.T) {
	if _, err := exec.LookPath(cxx()[0]); err != nil {
		t.Skip("no C++ compiler")
	}
	u := open(t, cgoUnitOf("cxx", "package cell\n\n// int size(void);\nimport \"C\"\n\nvar Unit = map[string]any{\"size\": func() int { return int(C.size()) }}\n").
		with("size.cpp", "#include <string>\n#include <stdexcept>\nextern \"C\" int size() { try { throw std::runtime_error(\"four\"); } catch (std::exception &e) { return std::string(e.what()).size(); } }\n"))
	if n := u["size"].(func() int)(); n != 4 {
		t.Errorf("got %d", n)
	}
}

func TestCgoErrors(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"C", "package cell\n\n// #line 1 \"cell 2\"\n// int f(void) { return x; }\nimport \"C\"\n\nvar _ = C.f()\n", "cell 2:1:23: error: 'x' undeclared"},
		{"unknown", "package cell\n\nimport \"C\"\n\n//line cell 3:7\nvar _ = C.nothing()\n", "cell 3:7"},
		{"Go", "package cell\n\n// static int f(void) { return 1; }\nimport \"C\"\n\n//line cell 4:2\nvar s string = C.f()\n", "cell 4:2"},
		{"pkg-config", "package cell\n\n// #cgo pkg-config: interleave-nowhere\nimport \"C\"\n", "pkg-config"},
		{"directive", "package cell\n\n// #cgo NONSENSE: x\nimport \"C\"\n", "#cgo"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tools.Build(t.Context(), cgoUnitOf("cgo-wrong", tt.src))
			var compile *CompileError
			if !errors.As(err, &compile) || !strings.Contains(compile.Text, tt.want) || strings.Contains(compile.Text, tools.cells) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestQuoted(t *testing.T) {
	if got := quoted([]string{"-lm", "-L/a b", "it's"}); got != `-lm '-L/a b' "it's"` {
		t.Errorf("got %s", got)
	}
}
