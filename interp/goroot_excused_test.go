//go:build !race

package interp

// excused are programs of TestGoRoot that are not right in cells: what they test belongs
// to a program of its own, or is a gap that is known. ways is empty for all of them.
var excused = []struct {
	reason   string
	ways     []string
	programs []string
}{
	{
		reason: "the runtime names functions, files and packages as the units of cells do",
		programs: []string{
			"devirtualization_nil_panics.go", "heapsampling.go", "inline_callers.go",
			"fixedbugs/bug347.go", "fixedbugs/bug348.go", "fixedbugs/issue10332.go", "fixedbugs/issue17381.go", "fixedbugs/issue21879.go",
			"fixedbugs/issue22083.go", "fixedbugs/issue27201.go", "fixedbugs/issue4562.go", "fixedbugs/issue5856.go",
			"fixedbugs/issue58300.go", "fixedbugs/issue58300b.go", "fixedbugs/issue7690.go",
		},
	},
	{
		reason:   "lines are those of cells, and not of the file",
		ways:     []string{split, interpreted},
		programs: []string{"inline_literal.go", "fixedbugs/issue14646.go"},
	},
	{
		reason: "types that must not be allocated are none for variables that cells share",
		programs: []string{
			"fixedbugs/bug514.go", "fixedbugs/issue40954.go", "fixedbugs/issue42032.go", "fixedbugs/issue42076.go", "fixedbugs/issue46903.go",
		},
	},
	{
		reason:   "functions are called through variables, which //go:uintptrescapes is not for",
		programs: []string{"uintptrescapes3.go", "fixedbugs/issue24491a.go", "fixedbugs/issue24491b.go"},
	},
	{
		reason:   "addresses of variables are where the evaluator has them",
		programs: []string{"nilptr.go"},
	},
	{
		reason:   "a library function ends the process",
		programs: []string{"fixedbugs/issue56990.go"},
	},
	{
		reason:   "stdout and stderr are two streams, in whose order there may be chance",
		programs: []string{"fixedbugs/issue21808.go"},
	},
	{
		reason:   "types of two cells are of two packages, in the words of a panic",
		ways:     []string{split, interpreted},
		programs: []string{"fixedbugs/issue26094.go"},
	},
	{
		reason:   "known gap: an unnamed struct type with lower-case fields of a type parameter is that of its cell",
		ways:     []string{split, interpreted},
		programs: []string{"typeparam/dottype.go", "typeparam/equal.go", "typeparam/typeswitch1.go", "typeparam/typeswitch2.go"},
	},
	{
		reason:   "known gap: a local constant that is repeated may not have the name of one of another cell in its value",
		ways:     []string{split, interpreted},
		programs: []string{"const8.go"},
	},
	{
		reason:   "a fault of memory in the interpreter is none that a cell could recover from",
		ways:     []string{interpreted},
		programs: []string{"recover4.go"},
	},
	{
		reason:   "the interpreter allocates, and takes its time",
		ways:     []string{interpreted},
		programs: []string{"closure.go", "copy.go", "abi/fibish.go", "abi/uglyfib.go", "fixedbugs/issue15281.go", "fixedbugs/issue16249.go", "fixedbugs/issue4667.go"},
	},
}
