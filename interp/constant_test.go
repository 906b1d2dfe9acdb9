package interp

import (
	"strings"
	"testing"
)

// constantCells are cells that are a constant of a predeclared type, and nothing else.
var constantCells = []string{
	`1 + 1`, `-1 << 63`, `uint64(1<<64 - 1)`, `'a'`, `"a" + "b\n\tc"`, `true && !false`, `1.0`, `0.1 + 0.2`, `float32(0.1)`,
	`1e100`, `1.0 / 3`, `1i * 1i`, `complex64(1 + 2i)`, `int8(-128)`, `byte(255)`, `uintptr(7)`, `len("Zoë")`, `math.Pi`,
	`math.MaxUint32`, `math.SmallestNonzeroFloat64`, `float32(math.Pi)`, `"\xff\xfe"`, `rune(0x1F600)`, `string(rune(65))`,
	`uint16(65535)`, `int64(5) / 2`, `7 % -3`, `min(3, 1.5)`, `1 << 3.0`, `5.0 == 5`, `unsafe.Sizeof(int32(0))`,
}

// A constant that is not run at all is shown as if it were.
func TestConstants(t *testing.T) {
	e := newTier(t, Auto)
	const imports = "import (\"fmt\"; \"math\"; \"unsafe\")\n"
	mustRun(t, e, 1, imports)
	var shown []string
	for i, src := range constantCells {
		b, err := e.Eval(t.Context(), Request{Code: src, Count: i + 2}, &recorder{})
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		if !e.choice.checked {
			t.Errorf("%s was run: %s", src, e.choice)
		}
		shown = append(shown, b.Data["text/plain"].(string))
	}
	var run strings.Builder
	for _, src := range constantCells {
		run.WriteString("fmt.Println(" + src + ")\n")
	}
	text := mustRun(t, e, 100, "%%native\n"+run.String()).String()
	if want := strings.Join(shown, "\n") + "\n"; strings.ToValidUTF8(want, "\ufffd") != text {
		t.Errorf("constants are shown as\n%s\nand print\n%s", want, text)
	}
	for _, src := range []string{`time.Second`, `x := 1; 2`, `x`, `len([]int{1})`, `nil`, `type t int; t(1)`} {
		if _, err := e.Eval(t.Context(), Request{Code: "import \"time\"\n" + src, Count: 101}, &recorder{}); err != nil || e.choice.checked {
			t.Errorf("%s: %v; %s", src, err, e.choice)
		}
	}
}
