//go:build !race

package interp

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A generator writes Go at random that checks. Types are their text.
type generator struct {
	*rand.Rand
	vars  []randomVar // in scope, the innermost last
	scope int         // where in vars the innermost scope begins
	names int         // given so far
	loops int         // around the statement being written
	trace int         // calls of traced functions so far
}

// A randomVar may be used where it is in scope. One that is fixed keeps its value: those
// that end a loop.
type randomVar struct {
	name, typ string
	fixed     bool
}

var (
	integers = strings.Fields("int int8 int16 int32 int64 uint uint8 uint16 uint32 uint64")
	floats   = strings.Fields("float64 float32")
	scalars  = append(append([]string{"string", "bool", "time.Duration", "time.Month", "rune", "byte", "uintptr", "complex128"}, integers...), floats...)
	others   = []string{
		"[]int", "[]string", "[]byte", "[]rune", "[]float64", "[]any", "[]bool", "[][]int", "[]time.Duration", "[]error", "[]int8", "[]uint16",
		"[3]int", "[4]string", "[2]byte", "[2][]int", "[]*int", "[]func() int",
		"map[string]int", "map[int]string", "map[string][]int", "map[int]bool", "map[string]any", "map[rune]int",
		"*int", "*string", "**int", "*[]int", "any", "error", "fmt.Stringer", "func() int", "func(int) int", "func(int, string) (string, int)",
		"struct{X int; Y string}", "[]struct{X int; Y string}", "map[string]struct{X int; Y string}", "*big.Int", "time.Time",
	}
	words = []string{"", "a", "go", "héllo", "日本", "x y", "\\x00\\xff", "Ä", "-1", "12", "3.5"}
)

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](g *generator, list ...T) T { return list[g.IntN(len(list))] }

// typ is any type.
func (g *generator) typ() string {
	switch {
	case g.chance(30):
		return pick(g, "int", "string", "float64", "bool")
	case g.chance(45):
		return pick(g, scalars...)
	}
	return pick(g, others...)
}

func oneOf(t string, list []string) bool {
	for _, each := range list {
		if t == each {
			return true
		}
	}
	return false
}

func isInteger(t string) bool {
	return oneOf(t, integers) || oneOf(t, []string{"rune", "byte", "uintptr", "time.Duration", "time.Month"})
}
func isNumber(t string) bool { return isInteger(t) || oneOf(t, floats) }

// elem is the type of the elements of a slice, array, map or pointer type.
func elem(t string) string {
	switch {
	case strings.HasPrefix(t, "*"):
		return t[1:]
	case strings.HasPrefix(t, "map["):
		return t[strings.IndexByte(t, ']')+1:]
	case strings.HasPrefix(t, "["):
		return t[strings.IndexByte(t, ']')+1:]
	}
	return ""
}

func mapKey(t string) string { return t[len("map["):strings.IndexByte(t, ']')] }

func isMap(t string) bool   { return strings.HasPrefix(t, "map[") }
func isSlice(t string) bool { return strings.HasPrefix(t, "[]") }
func isArray(t string) bool { return strings.HasPrefix(t, "[") && !isSlice(t) }

// variable is one of type t; "" where there is none.
func (g *generator) variable(t string) string {
	var found []string
	for i := len(g.vars) - 1; i >= 0; i-- {
		v := g.vars[i]
		if v.typ == t && g.visible(i) {
			found = append(found, v.name)
		}
	}
	if len(found) == 0 {
		return ""
	}
	return found[g.IntN(min(len(found), 6))]
}

// visible tells whether no later variable has the name of the i-th.
func (g *generator) visible(i int) bool {
	for _, v := range g.vars[i+1:] {
		if v.name == g.vars[i].name {
			return false
		}
	}
	return true
}

// settable is a variable that may be assigned to.
func (g *generator) settable() (randomVar, bool) {
	for range 8 {
		if len(g.vars) == 0 {
			break
		}
		i := g.IntN(len(g.vars))
		if v := g.vars[i]; !v.fixed && g.visible(i) {
			return v, true
		}
	}
	return randomVar{}, false
}

// expr is an expression of type t, of at most so many levels.
func (g *generator) expr(t string, depth int) string {
	if v := g.variable(t); v != "" && g.chance(40) {
		return v
	}
	if depth <= 0 {
		if v := g.variable(t); v != "" && g.chance(60) {
			return v
		}
		return g.literal(t)
	}
	for range 4 {
		if e := g.compound(t, depth-1); e != "" {
			return e
		}
	}
	return g.literal(t)
}

// literal is a value of type t without operands.
func (g *generator) literal(t string) string {
	switch {
	case t == "int":
		return pick(g, "0", "1", "2", "3", "-1", "7", "100", "1<<40", "-9223372036854775808", "'a'", "0x1f", "len(\"abc\")", "-7/2", "cInt", "n0", "n1", "n5", "n127", "nMin", "nMax")
	case t == "float64":
		return pick(g, "0.0", "1.5", "-2.25", "1e100", "1e-7", "math.Pi", "float64(3)", "7/2.0", "1.0/3", "math.Inf(1)", "math.NaN()", "0.1")
	case t == "float32":
		return "float32(" + pick(g, "0.1", "1.5", "-2", "1e20", "1.0/3", "16777216") + ")"
	case t == "string":
		return `"` + pick(g, words...) + `"`
	case t == "bool":
		return pick(g, "true", "false")
	case t == "complex128":
		return pick(g, "1i", "(2+3i)", "complex(1.5, -1)", "complex128(2)")
	case t == "time.Duration":
		return pick(g, "time.Second", "5*time.Millisecond", "time.Duration(7)", "90*time.Minute")
	case t == "time.Month":
		return pick(g, "time.March", "time.Month(12)", "time.Month(3)")
	case t == "rune":
		return pick(g, "'x'", "'世'", "rune(65)", "'\\n'")
	case t == "uint64":
		return pick(g, "uint64(0)", "uint64(1)<<n5", "uint64(math.MaxUint64)>>n0", "uint64(n5)")
	case isInteger(t):
		return t + "(" + pick(g, "0", "1", "2", "100", "n0", "n1", "n2", "n5", "n127", "n127", "n128", "nMax") + ")"
	case t == "any":
		return pick(g, "any(nil)", "any(1)", "any(\"s\")", "any(2.5)", "any(int8(3))", "any([2]int{1, 2})", "any(time.Second)", "any(true)", "any('c')", "any([]int{1})")
	case t == "error":
		return pick(g, "error(nil)", "io.EOF", "errors.New(\"bad\")", "fmt.Errorf(\"wrap: %w\", io.EOF)", "error(&strconv.NumError{Func: \"f\", Num: \"n\", Err: strconv.ErrSyntax})")
	case t == "fmt.Stringer":
		return pick(g, "stringer(time.Second)", "stringer(time.May)", "stringer(big.NewInt(5))")
	case t == "*big.Int":
		return pick(g, "big.NewInt(12)", "new(big.Int).Exp(big.NewInt(3), big.NewInt(50), nil)")
	case t == "time.Time":
		return pick(g, "time.Unix(0, 0).UTC()", "time.Date(2024, time.February, 29, 1, 2, 3, 0, time.UTC)")
	case isMap(t) && mapKey(t) == "any":
		return t + "{1: " + g.literal(elem(t)) + ", \"a\": " + g.literal(elem(t)) + ", 2.5: " + g.literal(elem(t)) + "}"
	case isMap(t):
		if g.chance(10) {
			return t + "(nil)"
		}
		return t + "{" + map[string]string{"string": `"a"`, "int": "1", "rune": "'a'"}[mapKey(t)] + ": " + g.literal(elem(t)) + ", " + map[string]string{"string": `"go"`, "int": "2", "rune": "'z'"}[mapKey(t)] + ": " + g.literal(elem(t)) + "}"
	case isSlice(t):
		if g.chance(8) {
			return t + "(nil)"
		}
		n := g.IntN(4)
		return t + "{" + strings.Join(repeat(n, func() string { return g.literal(elem(t)) }), ", ") + "}"
	case isArray(t):
		return t + "{" + g.literal(elem(t)) + ", " + g.literal(elem(t)) + "}"
	case strings.HasPrefix(t, "*"):
		return fmt.Sprintf("func() %s { v := %s; return &v }()", t, g.literal(t[1:]))
	case strings.HasPrefix(t, "struct"):
		return pick(g, t+"{1, \"y\"}", t+"{Y: \"z\"}", t+"{}")
	case t == "func() int":
		return g.closure(nil, "int", 0)
	case t == "func(int) int":
		return g.closure([]string{"int"}, "int", 0)
	case strings.HasPrefix(t, "func(int, string)"):
		return pick(g, `func(n int, s string) (string, int) { return s + "!", n + 1 }`, `func(n int, s string) (a string, b int) { a, b = s, n; defer func() { b *= 2 }(); return s + s, b + 1 }`)
	}
	panic("no literal of " + t)
}

func repeat(n int, f func() string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = f()
	}
	return out
}

// closure is a function literal of one result that ends by returning an expression.
func (g *generator) closure(params []string, result string, depth int) string {
	outer := len(g.vars)
	var list []string
	for _, p := range params {
		name := g.name()
		list = append(list, name+" "+p)
		g.vars = append(g.vars, randomVar{name: name, typ: p})
	}
	inner := g.scope
	defer func() { g.scope = inner }()
	text := "func(" + strings.Join(list, ", ") + ") " + result + " { return " + g.expr(result, depth) + " }"
	g.vars = g.vars[:outer]
	return text
}

// name is a new name, now and then one that is predeclared or already taken.
func (g *generator) name() string {
	if g.loops > 0 && g.chance(4) {
		return pick(g, "cap", "real", "print", "copy", "delete", "clear", "iota")
	}
	if g.chance(10) && g.scope > 0 {
		if v := g.vars[g.IntN(g.scope)]; !v.fixed && !g.declared(v.name) {
			return v.name
		}
	}
	g.names++
	return fmt.Sprintf("v%d", g.names)
}

// declared tells whether the innermost scope has that name.
func (g *generator) declared(name string) bool {
	for _, v := range g.vars[min(g.scope, len(g.vars)):] {
		if v.name == name {
			return true
		}
	}
	return false
}

// index is an index, mostly one within n.
func (g *generator) index(n string, depth int) string {
	if g.chance(75) {
		return pick(g, "0", "1", "int(uint8("+g.expr("int", depth)+")%2)", "len("+n+")-1")
	}
	return g.expr(pick(g, "int", "int", "uint8", "int64", "rune"), depth)
}

// of is a variable whose type has elements of type t, and that type.
func (g *generator) of(t string, is func(string) bool) (name, typ string) {
	var found []randomVar
	for i, v := range g.vars {
		if is(v.typ) && elem(v.typ) == t && g.visible(i) {
			found = append(found, v)
		}
	}
	if len(found) == 0 {
		return "", ""
	}
	v := pick(g, found...)
	return v.name, v.typ
}

// compound is an expression of type t with operands; "" where this try found none.
func (g *generator) compound(t string, depth int) string {
	e := func(t string) string { return g.expr(t, depth) }
	switch g.IntN(12) {
	case 0, 1:
		if v, _ := g.of(t, func(t string) bool { return isSlice(t) || isArray(t) }); v != "" {
			return v + "[" + g.index(v, depth) + "]"
		}
	case 2:
		if v, typ := g.of(t, isMap); v != "" {
			return v + "[" + e(mapKey(typ)) + "]"
		}
	case 3:
		if v, _ := g.of(t, func(t string) bool { return strings.HasPrefix(t, "*") }); v != "" {
			return "*" + v
		}
	case 4:
		if g.chance(50) && depth > 0 {
			return g.closure(nil, t, depth-1) + "()"
		}
		if g.chance(40) && t == "int" {
			p := g.name()
			return "func(" + p + " " + t + ") " + t + " { return " + p + " }(" + e(t) + ")"
		}
	case 5:
		if v := g.variable("any"); v != "" && g.chance(30) && t != "any" {
			return v + ".(" + t + ")"
		}
		if g.chance(30) {
			return "any(" + e(t) + ").(" + t + ")"
		}
	}
	if c := g.operator(t, depth); c != "" {
		return c
	}
	return g.libraryExpr(t, depth)
}

// operator is an expression that is particular to the type t.
func (g *generator) operator(t string, depth int) string {
	e := func(t string) string { return g.expr(t, depth) }
	switch {
	case t == "bool":
		return g.condition(depth)
	case t == "string":
		switch g.IntN(7) {
		case 0, 1:
			return "(" + e(t) + " + " + e(t) + ")"
		case 2:
			return "string(" + e(pick(g, "[]byte", "[]rune", "rune")) + ")"
		case 3:
			if v := g.variable(t); v != "" {
				return v + "[" + pick(g, "", "0", "1", g.index(v, depth)) + ":" + pick(g, "", "len("+v+")", g.index(v, depth)) + "]"
			}
		case 4:
			return "fmt.Sprint(" + e(pick(g, printable...)) + ", " + e(pick(g, printable...)) + ")"
		}
		return ""
	case t == "byte" || t == "uint8":
		if v := g.variable("string"); v != "" && g.chance(40) {
			return v + "[" + g.index(v, depth) + "]"
		}
	case t == "int":
		switch g.IntN(9) {
		case 0:
			return pick(g, "len", "len", "cap") + "(" + e(pick(g, "[]int", "[]string", "[3]int", "[][]int")) + ")"
		case 1:
			return "len(" + e(pick(g, "string", "map[string]int")) + ")"
		case 2:
			return e("func(int) int") + "(" + e("int") + ")"
		case 3:
			return e("func() int") + "()"
		case 4:
			return e("struct{X int; Y string}") + ".X"
		case 5:
			return fmt.Sprintf("func() int { a, b := %s(%s, %s); return len(a) + b }()", e("func(int, string) (string, int)"), e("int"), e("string"))
		case 6:
			return "add3(" + e("int") + ", " + e("int") + ", " + e("int") + ")"
		}
	case t == "complex128":
		return "(" + e(t) + pick(g, " + ", " - ", " * ") + e(t) + ")"
	case t == "any":
		return "any(" + e(pick(g, printable...)) + ")"
	}
	switch {
	case t == "uintptr" || t == "time.Month":
		return t + "(" + e(pick(g, integers...)) + ")"
	case isNumber(t):
		return g.arithmetic(t, depth)
	case isSlice(t):
		return g.slice(t, depth)
	case isArray(t):
		return t + "{" + e(elem(t)) + ", " + e(elem(t)) + "}"
	case isMap(t) && mapKey(t) != "any":
		return t + "{" + e(mapKey(t)) + ": " + e(elem(t)) + "}"
	case strings.HasPrefix(t, "*") && t != "*big.Int":
		if v := g.variable(t[1:]); v != "" {
			return "&" + v
		}
		if v, _ := g.of(t[1:], isSlice); v != "" {
			return "&" + v + "[" + g.index(v, depth) + "]"
		}
	case strings.HasPrefix(t, "struct"):
		return t + "{" + e("int") + ", " + e("string") + "}"
	case t == "func() int":
		return g.closure(nil, "int", depth)
	case t == "func(int) int":
		return g.closure([]string{"int"}, "int", depth)
	}
	return ""
}

// arithmetic is an operator or a conversion that gives a number.
func (g *generator) arithmetic(t string, depth int) string {
	e := func(t string) string { return g.expr(t, depth) }
	op := pick(g, "+", "-", "*", "/", "+", "-")
	switch k := g.IntN(10); {
	case k < 2 && t != "time.Duration":
		return t + "(" + e(pick(g, append(integers, floats[g.IntN(2)])...)) + ")"
	case k < 4 && isInteger(t):
		return "(" + e(t) + " " + pick(g, "&", "|", "^", "&^", "%") + " " + e(t) + ")"
	case k < 5 && isInteger(t):
		return "(" + e(t) + " " + pick(g, "<<", ">>") + " " + pick(g, "3", "63", "("+e("uint8")+"%70)", "("+e("int")+"&31)", e("uint")) + ")"
	case k < 6:
		return pick(g, "-", "+", "-") + "(" + e(t) + ")"
	case k < 7 && isInteger(t):
		return "^" + e(t)
	case k < 8:
		return pick(g, "min", "max") + "(" + e(t) + ", " + e(t) + ")"
	}
	return "(" + e(t) + " " + op + " " + e(t) + ")"
}

// slice is an expression of a slice type.
func (g *generator) slice(t string, depth int) string {
	e := func(t string) string { return g.expr(t, depth) }
	switch g.IntN(7) {
	case 0:
		return "append(" + e(t) + ", " + e(elem(t)) + ")"
	case 1:
		return "append(" + e(t) + ", " + e(t) + "...)"
	case 2:
		if v := g.variable(t); v != "" {
			return v + "[" + pick(g, "", "1", g.index(v, depth)) + ":" + pick(g, "", "len("+v+")", "cap("+v+")", g.index(v, depth)) + "]"
		}
	case 3:
		return "make(" + t + ", " + pick(g, "0", "2", "uint8("+e("int")+")%4", "1, 5", "len("+e("string")+")") + ")"
	case 4:
		if t == "[]byte" || t == "[]rune" {
			return t + "(" + e("string") + ")"
		}
		return t + "{1: " + e(elem(t)) + "}"
	case 5:
		for i, v := range g.vars {
			if isArray(v.typ) && elem(v.typ) == elem(t) && g.visible(i) {
				return v.name + "[" + pick(g, "", "1") + ":" + pick(g, "", "2") + "]"
			}
		}
	}
	return t + "{" + e(elem(t)) + ", " + e(elem(t)) + "}"
}

// condition is a bool.
func (g *generator) condition(depth int) string {
	e := func(t string) string { return g.expr(t, depth) }
	switch g.IntN(9) {
	case 0:
		return "(" + e("bool") + pick(g, " && ", " || ", " == ", " != ") + e("bool") + ")"
	case 1:
		return "!" + e("bool")
	case 2:
		t := pick(g, "any", "error", "[3]int", "*int", "struct{X int; Y string}", "complex128", "[2]byte", "fmt.Stringer")
		return "(" + e(t) + pick(g, " == ", " != ") + e(t) + ")"
	case 3:
		return "(" + e("any") + pick(g, " == ", " != ") + g.literalOrVar(pick(g, "int", "string", "float64", "time.Duration", "int8")) + ")"
	case 4:
		return "(" + e(pick(g, "any", "error", "[]int", "map[string]int", "*int", "func() int")) + pick(g, " == ", " != ") + "nil)"
	case 5:
		if v := g.variable("map[string]int"); v != "" {
			return fmt.Sprintf("func() bool { _, ok := %s[%s]; return ok }()", v, e("string"))
		}
	case 6:
		return fmt.Sprintf("func() bool { _, ok := %s.(%s); return ok }()", e("any"), pick(g, "int", "string", "[]int", "error", "fmt.Stringer", "float64"))
	}
	t := pick(g, append([]string{"string", "int", "float64"}, scalars...)...)
	op := pick(g, " == ", " != ", " < ", " <= ", " > ", " >= ")
	if t == "bool" || t == "complex128" {
		op = pick(g, " == ", " != ")
	}
	return "(" + e(t) + op + e(t) + ")"
}

func (g *generator) literalOrVar(t string) string {
	if v := g.variable(t); v != "" {
		return v
	}
	return g.literal(t)
}

// printable are types whose values print the same in each run.
var printable = []string{
	"int", "string", "float64", "bool", "int8", "uint64", "float32", "rune", "byte", "time.Duration", "time.Month", "complex128", "[]int", "[]string",
	"[3]int", "map[string]int", "map[string][]int", "[]byte", "[][]int", "struct{X int; Y string}", "error", "fmt.Stringer", "[]any", "*big.Int", "time.Time", "any", "[]error", "[]time.Duration",
}

// libraryExpr is a call of the library that gives a t.
func (g *generator) libraryExpr(t string, depth int) string {
	e := func(t string) string { return g.expr(t, depth) }
	switch t {
	case "int":
		return pick(g,
			"strings.Index("+e("string")+", "+e("string")+")", "strings.Count("+e("string")+", "+e("string")+")",
			"utf8.RuneCountInString("+e("string")+")", "bits.OnesCount(uint("+e("int")+"))", "sort.SearchInts("+e("[]int")+", "+e("int")+")",
			"func() int { n, err := strconv.Atoi("+e("string")+"); if err != nil { fmt.Println(err) }; return n }()", e("time.Time")+".Day()")
	case "string":
		return pick(g,
			"strings.Repeat("+e("string")+", 2)", "strings.ToUpper("+e("string")+")", "strings.Join("+e("[]string")+", \"-\")",
			"strconv.Itoa("+e("int")+")", "strconv.Quote("+e("string")+")", e("time.Duration")+".String()", e("time.Month")+".String()", e("*big.Int")+".String()",
			"fmt.Sprintf(\"%v|%T\", "+e("any")+", "+e(pick(g, printable...))+")", "fmt.Sprintf(\"%q %x\", "+e("string")+", "+e("string")+")",
			"func() string { var b strings.Builder; b.WriteString("+e("string")+"); fmt.Fprint(&b, "+e(pick(g, printable...))+"); return b.String() }()",
			"strings.Map(func(r rune) rune { return r + 1 }, "+e("string")+")", e("fmt.Stringer")+".String()", "strconv.FormatFloat("+e("float64")+", 'g', -1, 64)")
	case "bool":
		return pick(g, "strings.Contains("+e("string")+", "+e("string")+")", "errors.Is("+e("error")+", io.EOF)", "math.IsNaN("+e("float64")+")", "strings.HasPrefix("+e("string")+", "+e("string")+")")
	case "float64":
		return pick(g, "math.Sqrt("+e("float64")+")", "math.Floor("+e("float64")+")", "math.Mod("+e("float64")+", "+e("float64")+")", e("time.Duration")+".Seconds()", "real("+e("complex128")+")")
	case "error":
		return pick(g, "fmt.Errorf(\"%w at %d\", "+e("error")+", "+e("int")+")", "errors.Join("+e("error")+", "+e("error")+")", "errors.Unwrap("+e("error")+")",
			"func() error { _, err := strconv.ParseInt("+e("string")+", 10, 8); return err }()")
	case "[]string":
		return pick(g, "strings.Split("+e("string")+", \"\")", "strings.Fields("+e("string")+")")
	case "*big.Int":
		return "new(big.Int)." + pick(g, "Add", "Mul", "Sub") + "(" + e(t) + ", " + e(t) + ")"
	case "time.Time":
		return e(t) + ".Add(" + e("time.Duration") + ")"
	case "time.Duration":
		return pick(g, e(t)+".Round(time.Second)", e("time.Time")+".Sub("+e("time.Time")+")", e(t)+".Abs()")
	case "rune":
		return pick(g, "unicode.ToUpper("+e("rune")+")", "[]rune("+e("string")+"+\"x\")[0]")
	case "fmt.Stringer":
		return "stringer(" + e(pick(g, "time.Duration", "time.Month", "*big.Int")) + ")"
	}
	return ""
}
