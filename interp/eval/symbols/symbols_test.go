package symbols

import (
	"fmt"
	"go/constant"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/traefik/yaegi/interp"

	"interleave/demos"
)

// Every table loads, and its entries have the shape that yaegi expects.
func TestEveryPathLoads(t *testing.T) {
	paths := Paths()
	if !slices.IsSorted(paths) {
		t.Error("tables are not sorted, so that find misses some")
	}
	for _, path := range paths {
		name, symbols, ok := Lookup(path)
		if !ok || name == "" || symbols == nil {
			t.Errorf("Lookup(%q) = %q, %d symbols, %v", path, name, len(symbols), ok)
		}
		for symbol, value := range symbols {
			if !value.IsValid() {
				t.Errorf("%s.%s has no value", path, symbol)
			}
			if value.Kind() == reflect.Interface && !value.CanAddr() {
				t.Errorf("%s.%s is an interface, yet no variable", path, symbol)
			}
		}
	}
}

func TestName(t *testing.T) {
	for path, want := range map[string]string{
		"fmt":                "fmt",
		"net/http":           "http",
		"math/rand/v2":       "rand",
		"unsafe":             "unsafe",
		"syscall":            "syscall",
		"interleave/display": "display",
	} {
		if name, _, ok := Lookup(path); !ok || name != want {
			t.Errorf("Lookup(%q) gives %q, %v; want %q", path, name, ok, want)
		}
	}
}

func TestHas(t *testing.T) {
	for _, test := range []struct {
		path, symbol string
		want         bool
		why          string
	}{
		{"fmt", "Println", true, "a function"},
		{"os", "Args", true, "a variable"},
		{"time", "Second", true, "a constant of a type"},
		{"math", "Pi", true, "an untyped constant"},
		{"io", "Reader", true, "an interface"},
		{"sync", "WaitGroup", true, "a struct"},
		{"os", "FileMode", true, "an alias"},
		{"unsafe", "Pointer", true, "a basic type"},
		{"strings", "SplitSeq", true, "a function new in 1.24"},
		{"interleave/display", "Show", true, "a package of ours"},
		{"cmp", "Compare", false, "the package is there, its generic functions are not"},
		{"slices", "Sort", false, "a generic function"},
		{"sync/atomic", "Pointer", false, "a generic type"},
		{"cmp", "Ordered", false, "a constraint"},
		{"io", "_Reader", false, "a wrapper"},
		{"unsafe", "Sizeof", false, "a built-in function"},
		{"fmt", "newPrinter", false, "unexported"},
		{"net/http/pprof", "Index", false, "a package left out"},
		{"internal/abi", "FuncPCABI0", false, "an internal package"},
		{"example.com/x", "Y", false, "an unknown package"},
		{"", "", false, "nothing"},
	} {
		if got := Has(test.path, test.symbol); got != test.want {
			t.Errorf("Has(%q, %q) = %v: %s", test.path, test.symbol, got, test.why)
		}
	}
}

func TestFormOfEntries(t *testing.T) {
	at := func(path, symbol string) reflect.Value {
		_, symbols, _ := Lookup(path)
		return symbols[symbol]
	}
	if v := at("time", "Second"); v.Interface() != time.Second {
		t.Errorf("time.Second is %v (%v)", v, v.Type())
	}
	if v := at("io", "Reader"); v.Type().String() != "*io.Reader" || !v.IsNil() {
		t.Errorf("io.Reader is %v, want a nil pointer to the type", v.Type())
	}
	if v := at("os", "Args"); !v.CanSet() || v.Addr().Interface() != &os.Args {
		t.Error("os.Args is not the variable itself")
	}
	if v := at("net/http", "DefaultClient"); v.Addr().Interface() != &http.DefaultClient {
		t.Error("http.DefaultClient is not the variable itself")
	}
	if v := at("io", "EOF"); v.Kind() != reflect.Interface {
		t.Errorf("io.EOF is a %v, want the variable of interface type", v.Kind())
	}
}

// Untyped constants keep values that fit no type, and their default kind.
func TestUntypedConstants(t *testing.T) {
	for _, test := range []struct {
		path, symbol string
		kind         constant.Kind
		want         string
	}{
		{"math", "MaxUint64", constant.Int, "18446744073709551615"},
		{"math", "MinInt64", constant.Int, "-9223372036854775808"},
		{"math", "Pi", constant.Float, "3.14159"},
		{"math", "SmallestNonzeroFloat64", constant.Float, "4.94066e-324"},
		{"unicode", "MaxRune", constant.Int, "1114111"},
		{"net/http", "MethodGet", constant.String, `"GET"`},
	} {
		_, symbols, _ := Lookup(test.path)
		v, ok := symbols[test.symbol].Interface().(constant.Value)
		if !ok || v.Kind() != test.kind || v.String() != test.want {
			t.Errorf("%s.%s = %v (%T), want %s", test.path, test.symbol, v, v, test.want)
		}
	}
}

func TestLookupConcurrently(t *testing.T) {
	var wg sync.WaitGroup
	maps := make([]uintptr, 8)
	for i := range maps {
		wg.Go(func() {
			_, symbols, _ := Lookup("bufio")
			maps[i] = reflect.ValueOf(symbols).Pointer()
		})
	}
	wg.Wait()
	if slices.Min(maps) != slices.Max(maps) {
		t.Error("Lookup made the map more than once")
	}
}

// The interpreter takes the tables and works with each kind of symbol.
func TestInterpreter(t *testing.T) {
	var out strings.Builder
	i := interp.New(interp.Options{Stdout: &out})
	for _, path := range []string{"fmt", "math", "math/rand/v2", "os", "strings", "time", "cmp", "interleave/display"} {
		name, symbols, _ := Lookup(path)
		if err := i.Use(interp.Exports{path + "/" + name: symbols}); err != nil {
			t.Fatal(err)
		}
		if _, err := i.Eval(fmt.Sprintf("import %q", path)); err != nil {
			t.Fatal(err)
		}
	}
	for source, want := range map[string]string{
		`fmt.Sprintf("%d", 3)`:                 "3",
		`math.Sqrt(math.Pi * math.Pi)`:         "3.141592653589793",
		`uint64(math.MaxUint64)`:               "18446744073709551615",
		`rand.IntN(1)`:                         "0",
		`len(os.Args) > 0`:                     "true",
		`2 * time.Second`:                      "2s",
		`strings.NewReplacer("a", "b") != nil`: "true",
		`display.Plain(7)`:                     "7",
		`fmt.Sprint(display.Text("x").Data)`:   "map[text/plain:x]",
	} {
		v, err := i.Eval(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
		} else if got := fmt.Sprint(v); got != want {
			t.Errorf("%s = %s, want %s", source, got, want)
		}
	}
	if _, err := i.Eval(`fmt.Println("hi")`); err != nil || out.String() != "hi\n" {
		t.Errorf("fmt.Println printed %q, %v", out.String(), err)
	}
}

func ExampleLookup() {
	name, symbols, _ := Lookup("math/rand/v2")
	exports := interp.Exports{"math/rand/v2/" + name: symbols}
	fmt.Println(len(exports), name, symbols["IntN"].Type())
	// Output: 1 rand func(int) int
}

func BenchmarkLoad(b *testing.B) {
	for _, path := range []string{"fmt", "net/http", "syscall"} {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				t := find(path)
				(&table{rows: t.rows}).load()
			}
		})
	}
}

// Instances have a name each; types are symbols, functions are not.
func TestInstances(t *testing.T) {
	if all := demosInstances(); len(all) != len(generics()) {
		t.Errorf("%d instances have %d names", len(all), len(generics()))
	}
	for name, want := range map[string]any{
		Instance("Promise", "[]time.Duration"): (*demos.Promise[[]time.Duration])(nil), Instance("Shared", "uint8"): (*demos.Shared[byte])(nil),
		Instance("Promise", "interface {}"): (*demos.Promise[any])(nil),
	} {
		_, table, _ := Lookup("interleave/demos")
		if v := table[name]; !v.IsValid() || v.Interface() != want {
			t.Errorf("%s is %v, want a %T", name, v, want)
		}
		if _, ok := Generic(name); ok {
			t.Errorf("%s is a function", name)
		}
	}
	all := Instance("All", "[]string")
	if f, ok := Generic(all); !ok || f.Type() != reflect.TypeOf(demos.All[[]string]) {
		t.Errorf("%s is %v", all, f)
	}
	if Has("interleave/demos", all) {
		t.Errorf("%s is a symbol", all)
	}
	if _, ok := Generic(Instance("All", "[][]string")); ok {
		t.Error("all of slices of slices are promised")
	}
}
