package fast

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A function of the program is known by what archives define, and only so.
func TestDecide(t *testing.T) {
	p := open(t, program(t))
	abis, err := decide(p, []string{compile(t, strings.NewReplacer("package x", "package x", "F(", "Fprintln(").Replace(unitSource), "-dynlink", "-linkshared", "-p", "fmt")})
	if err != nil {
		t.Fatal(err)
	}
	if abi, ok := abis["fmt.Fprintln"]; !ok || abi != abiInternal {
		t.Errorf("fmt.Fprintln: %d, %v", abi, ok)
	}
	if abi, ok := abis["runtime.morestack"]; ok {
		t.Errorf("runtime.morestack is known: %d", abi)
	}
	if _, ok := abis["fmt.G"]; ok {
		t.Error("fmt.G is known, which the program does not have")
	}
	l := &Linker{program: p, abis: map[string]uint16{"fmt.Fprintln": abiInternal, "runtime.morestack": abi0}}
	for _, tt := range []struct {
		symbol
		shown string
	}{
		{symbol{"fmt.Fprintln", abiInternal}, "fmt.Fprintln.abiinternal"},
		{symbol{"fmt.Fprintln", abi0}, ""},                            // of the other ABI
		{symbol{"runtime.morestack", abi0}, "runtime.morestack.abi0"}, // the name itself tells
		{symbol{"runtime.morestack", abiInternal}, ""},
		{symbol{"main.main", abiInternal}, ""}, // is there, but its ABI is not known
		{symbol{"main.Kept", abi0}, "main.Kept"},
		{symbol{"main.Kept", abiInternal}, ""}, // is no function
		{symbol{"main.none", abi0}, ""},
	} {
		if got, ok := (scope{l.program, l.abis, nil}).find(tt.symbol); ok != (tt.shown != "") || ok && got.shown != tt.shown {
			t.Errorf("%v: %q, %v, want %q", tt.symbol, got.shown, ok, tt.shown)
		}
	}
}

func TestNumbered(t *testing.T) {
	for name, want := range map[string]bool{
		"fmt..stmp_3": true, "net/http..gobytes.1": true, "fmt..inittask": false, "slices..dict.Sort[[]int]": false, "iter..dict.Pull[a..b]": false,
		"type:.eq.[2]..x": false, "fmt.Println": false, "a.F[b..c]": false,
	} {
		if got := numbered(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestTable(t *testing.T) {
	file := filepath.Join(t.TempDir(), tableFile)
	abis := map[string]uint16{"fmt.Fprintln": abiInternal, "runtime.morestack": abi0, "a.F[b c]": abiInternal}
	if err := writeTable(file, "id", abis); err != nil {
		t.Fatal(err)
	}
	if got, err := readTable(file, "id"); err != nil || !maps.Equal(got, abis) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := readTable(file, "other"); err == nil {
		t.Error("it is read for another program")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range data { // no change passes
		changed := append([]byte{}, data...)
		changed[i] ^= 1
		if err := os.WriteFile(file, changed, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := readTable(file, "id"); err == nil {
			t.Errorf("byte %d was changed", i)
		}
		if err := os.WriteFile(file, data[:i], 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := readTable(file, "id"); err == nil {
			t.Errorf("it was cut off at %d", i)
		}
	}
}
