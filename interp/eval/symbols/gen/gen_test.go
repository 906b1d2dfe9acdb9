package main

import (
	"bytes"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The committed tables are those of this toolchain and of today's display.
func TestTablesAreUpToDate(t *testing.T) {
	prefix := prefix(runtime.Version())
	old, err := filepath.Glob("../" + prefix + "*.go")
	if err != nil {
		t.Fatal(err)
	}
	if len(old) == 0 {
		t.Skipf("the tables are for another toolchain than %s", runtime.Version())
	}
	packages, err := load()
	if err != nil {
		t.Fatal(err)
	}
	files, err := render(packages, prefix)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(old) {
		t.Errorf("%d files where %d are generated: run go generate", len(old), len(files))
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join("..", name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is out of date: run go generate (%v)", name, err)
		}
	}
}

const example = `package p
import "io"

func Plain(int) string { return "" }
func Generic[T any](T) {}
func hidden() {}

var Variable io.Reader

type Struct struct{}
func (Struct) Method() {}
type Alias = Struct
type Interface interface{ M() }
type Empty interface{}
type List[T any] struct{}
type Vector[T any] = []T
type Number interface{ ~int | ~float64 }
type Unique interface{ comparable; M() }

const (
	Int          = 1 << 100
	Rune         = 'a'
	Float        = 1.5
	Whole        = 2.0
	String       = "a\n"
	Bool         = true
	Typed  uint8 = 3
)
`

func TestRow(t *testing.T) {
	p := check(t, example)
	for name, want := range map[string]string{
		"Plain":     `{"Plain", plain, p.Plain},`,
		"Generic":   "",
		"hidden":    "",
		"Variable":  `{"Variable", variable, &p.Variable},`,
		"Struct":    `{"Struct", typename, (*p.Struct)(nil)},`,
		"Alias":     `{"Alias", typename, (*p.Alias)(nil)},`,
		"Interface": `{"Interface", typename, (*p.Interface)(nil)},`,
		"Empty":     `{"Empty", typename, (*p.Empty)(nil)},`,
		"List":      "",
		"Vector":    "",
		"Number":    "",
		"Unique":    "",
		"Int":       `{"Int", untyped, literal{token.INT, "1267650600228229401496703205376"}},`,
		"Rune":      `{"Rune", untyped, literal{token.INT, "97"}},`,
		"Float":     `{"Float", untyped, literal{token.FLOAT, "1.5"}},`,
		"Whole":     `{"Whole", untyped, literal{token.FLOAT, "2"}},`,
		"String":    `{"String", untyped, literal{token.STRING, "\"a\\n\""}},`,
		"Bool":      `{"Bool", plain, p.Bool},`,
		"Typed":     `{"Typed", plain, p.Typed},`,
	} {
		if got := strings.TrimSpace(row(p, p.Scope().Lookup(name))); got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
	if got := row(types.Unsafe, types.Unsafe.Scope().Lookup("Sizeof")); got != "" {
		t.Errorf("unsafe.Sizeof: got %s", got)
	}
}

// Imports follow from the rows: none unused, and one without rows is kept.
func TestPackageFile(t *testing.T) {
	for _, test := range []struct{ name, source, want string }{
		{"rows", "package p; func F() {}", "import (\n\"p\"\n)"},
		{"constants", "package p; const C = 1", "import (\n\"go/token\"\n\"p\"\n)"},
		{"nothing", "package p; func F[T any]() {}", "import (\n_ \"p\"\n)"},
	} {
		if got := string(packageFile(check(t, test.source))); !strings.Contains(got, test.want) {
			t.Errorf("%s: got\n%s\nwithout\n%s", test.name, got, test.want)
		}
	}
}

func TestRender(t *testing.T) {
	packages := []*types.Package{types.NewPackage("net/http", "http"), types.NewPackage("a", "a")}
	files, err := render(packages, "go1_26_")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go1_26_a.go", "go1_26_net_http.go", "go1_26_tables.go"} {
		if _, err := parser.ParseFile(token.NewFileSet(), name, files[name], 0); err != nil {
			t.Error(err)
		}
	}
	tables := string(files["go1_26_tables.go"])
	first, second := strings.Index(tables, `"a"`), strings.Index(tables, `{path: "net/http", name: "http", rows: netHttpTable}`)
	if first < 0 || second < first {
		t.Errorf("a and net/http are not both there in order:\n%s", tables)
	}
}

// A float is written so that reading it gives the same value at 512 bits.
func TestDecimal(t *testing.T) {
	third := constant.BinaryOp(constant.MakeInt64(1), token.QUO, constant.MakeInt64(3))
	for _, v := range []constant.Value{
		constant.MakeFloat64(0.1),
		constant.MakeFromLiteral("3.14159265358979323846264338327950288419716939937510582097494459", token.FLOAT, 0),
		constant.MakeFromLiteral("0x1p-1074", token.FLOAT, 0),
		constant.MakeFromLiteral("0x1p1023", token.FLOAT, 0),
		constant.MakeInt64(2),
		third,
	} {
		text := decimal(v)
		back := constant.MakeFromLiteral(text, token.FLOAT, 0)
		if back.Kind() != constant.Float {
			t.Errorf("%s reads as %v", text, back)
		}
		want, _ := constant.Float64Val(constant.ToFloat(v))
		if got, _ := constant.Float64Val(back); got != want {
			t.Errorf("%s reads as %v, want %v", text, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	for path, want := range map[string]string{
		"fmt":                "fmtTable",
		"net/http":           "netHttpTable",
		"math/rand/v2":       "mathRandV2Table",
		"interleave/display": "interleaveDisplayTable",
	} {
		if got := function(path); got != want {
			t.Errorf("function(%q) = %s, want %s", path, got, want)
		}
	}
	for path, want := range map[string]string{"net/http": "net_http", "syscall": "syscall_linux_amd64"} {
		if got := base(path); got != want {
			t.Errorf("base(%q) = %s, want %s", path, got, want)
		}
	}
	for version, want := range map[string]string{
		"go1.26.8": "go1_26_", "go1.27": "go1_27_", "go1.26.1-X:nodwarf5": "go1_26_", "devel": "devel_",
	} {
		if got := prefix(version); got != want {
			t.Errorf("prefix(%q) = %s, want %s", version, got, want)
		}
	}
}

func TestPublic(t *testing.T) {
	for path, want := range map[string]bool{
		"fmt":                            true,
		"testing/internal/testdeps":      false,
		"internal/abi":                   false,
		"vendor/golang.org/x/net/idna":   false,
		"crypto/internal/fips140/sha256": false,
		"plugin":                         false,
		"net/http/pprof":                 false,
		"net/http":                       true,
		"interleave/display":             true,
	} {
		if got := public(path); got != want {
			t.Errorf("public(%q) = %v", path, got)
		}
	}
}

// check gives the types of one file; it may import what the go command knows.
func check(t *testing.T, source string) *types.Package {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	config := types.Config{Importer: importer.Default()}
	p, err := config.Check("p", fset, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
