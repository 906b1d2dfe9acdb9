//go:build !race

package interp

import (
	"fmt"
	"strings"
)

// block is some statements on lines of their own, with a scope of their own.
func (g *generator) block(depth, n int) string {
	outer, scope := len(g.vars), g.scope
	g.scope = outer
	defer func() { g.scope = scope }()
	var b strings.Builder
	for range n {
		b.WriteString(g.stmt(depth) + "\n")
	}
	for _, v := range g.vars[outer:] {
		if v.name != "_" {
			b.WriteString("_ = " + v.name + "\n")
		}
	}
	g.vars = g.vars[:outer]
	return b.String()
}

// declare takes a new variable into scope.
func (g *generator) declare(name, typ string) {
	g.vars = append(g.vars, randomVar{name: name, typ: typ})
}

// stmt is a statement of at most so many levels.
func (g *generator) stmt(depth int) string {
	switch k := g.IntN(100); {
	case k < 22:
		return g.define(depth)
	case k < 42:
		return g.assignment()
	case k < 54 || depth <= 0:
		return g.print()
	case k < 60:
		return g.ifStmt(depth)
	case k < 68:
		return g.forStmt(depth)
	case k < 75:
		return g.rangeStmt(depth)
	case k < 83:
		return g.switchStmt(depth)
	case k < 90:
		return g.function(depth)
	case k < 95:
		return g.pattern(depth)
	}
	return "{\n" + g.block(depth-1, 3) + "}"
}

// print is a statement that prints what it computes.
func (g *generator) print() string {
	t := pick(g, printable...)
	if g.chance(30) {
		t = "int"
	}
	e := g.expr(t, 2)
	if v, ok := g.settable(); ok && g.chance(50) && oneOf(v.typ, printable) {
		e, t = v.name, v.typ
	}
	verb := pick(g, "%v", "%+v", "%T", "%#v")
	switch {
	case verb == "%#v" && (oneOf(t, []string{"error", "fmt.Stringer", "any", "[]error", "[]any", "time.Time"})):
		verb = "%v"
	case t == "string" || t == "[]byte" || t == "[]string":
		verb = pick(g, "%q", "%x", "%s", "%#v", "%v")
	case isInteger(t):
		verb = pick(g, "%d", "%v", "%T", "%x", "%b", "%c", "%#v")
	}
	return pick(g,
		fmt.Sprintf("fmt.Println(%s)", e), fmt.Sprintf("fmt.Println(%s, %s)", e, g.expr(pick(g, printable...), 1)),
		fmt.Sprintf("fmt.Printf(\"%s\\n\", %s)", verb, e))
}

// define declares a variable, or some.
func (g *generator) define(depth int) string {
	t := g.typ()
	switch g.IntN(9) {
	case 0:
		name := g.name()
		g.declare(name, t)
		return "var " + name + " " + t
	case 1:
		e, name := g.expr(t, 2), g.name()
		g.declare(name, t)
		return "var " + name + " " + t + " = " + e
	case 2:
		u := g.typ()
		e, f, a := g.expr(t, 2), g.expr(u, 2), g.name()
		g.names++
		b := fmt.Sprintf("v%d", g.names)
		g.declare(a, t)
		g.declare(b, u)
		if g.chance(50) {
			return fmt.Sprintf("var %s, %s = %s(%s), %s(%s)", a, b, paren(t), e, paren(u), f)
		}
		return fmt.Sprintf("%s, %s := %s(%s), %s(%s)", a, b, paren(t), e, paren(u), f)
	case 3:
		m := g.variable(pick(g, "map[string]int", "map[int]string", "map[string][]int"))
		if m == "" {
			break
		}
		mt := g.typeOf(m)
		k, v := g.expr(mapKey(mt), 1), g.name()
		g.names++
		ok := fmt.Sprintf("ok%d", g.names)
		g.declare(v, elem(mt))
		g.declare(ok, "bool")
		return fmt.Sprintf("%s, %s := %s[%s]", v, ok, m, k)
	case 4:
		u := pick(g, "int", "string", "error", "[]int", "float64", "time.Duration", "[2]byte")
		x, v := g.expr("any", 1), g.name()
		g.names++
		ok := fmt.Sprintf("ok%d", g.names)
		g.declare(v, u)
		g.declare(ok, "bool")
		return fmt.Sprintf("%s, %s := %s.(%s)", v, ok, x, u)
	case 5:
		f, x, y, a := g.expr("func(int, string) (string, int)", 1), g.expr("int", 1), g.expr("string", 1), g.name()
		g.names++
		b := fmt.Sprintf("v%d", g.names)
		g.declare(a, "string")
		g.declare(b, "int")
		return fmt.Sprintf("%s, %s := %s(%s, %s)", a, b, f, x, y)
	case 6:
		g.names++
		c := fmt.Sprintf("c%d", g.names)
		return fmt.Sprintf("const %s = %s\nfmt.Println(%s, %s*2)", c, pick(g, "1<<3", "1.5", "7/2", "'a'", "10/4.0"), c, c)
	}
	e, name := g.expr(t, 3), g.name()
	g.declare(name, t)
	return fmt.Sprintf("%s := %s(%s)", name, paren(t), e)
}

// paren is t as the function of a conversion.
func paren(t string) string {
	if strings.HasPrefix(t, "*") || strings.HasPrefix(t, "func") || t == "fmt.Stringer" {
		return map[bool]string{true: "stringer", false: "(" + t + ")"}[t == "fmt.Stringer"]
	}
	return t
}

func (g *generator) typeOf(name string) string {
	for i := len(g.vars) - 1; i >= 0; i-- {
		if g.vars[i].name == name {
			return g.vars[i].typ
		}
	}
	return ""
}

// place is something of type t that can be assigned to.
func (g *generator) place() (text, typ string, ok bool) {
	v, ok := g.settable()
	if !ok {
		return "", "", false
	}
	switch {
	case (isSlice(v.typ) || isArray(v.typ)) && g.chance(60):
		return v.name + "[" + g.index(v.name, 1) + "]", elem(v.typ), true
	case isMap(v.typ) && g.chance(70):
		return v.name + "[" + g.expr(mapKey(v.typ), 1) + "]", elem(v.typ), true
	case strings.HasPrefix(v.typ, "*") && v.typ != "*big.Int" && g.chance(70):
		return "*" + v.name, elem(v.typ), true
	case v.typ == "struct{X int; Y string}" && g.chance(60):
		return v.name + ".X", "int", true
	}
	return v.name, v.typ, true
}

// assignment changes variables.
func (g *generator) assignment() string {
	p, t, ok := g.place()
	if !ok {
		return g.print()
	}
	switch k := g.IntN(10); {
	case k < 3 && isNumber(t):
		op := pick(g, "+", "-", "*", "/")
		if isInteger(t) {
			op = pick(g, "+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "&^")
		}
		if op == "<<" || op == ">>" {
			return p + " " + op + "= " + pick(g, "1", "65", g.expr("uint8", 1), "("+g.expr("int", 1)+")&7")
		}
		return p + " " + op + "= " + g.expr(t, 2)
	case k < 4 && isNumber(t):
		return p + pick(g, "++", "--")
	case k < 4 && t == "string":
		return p + " += " + g.expr(t, 2)
	case k < 7:
		if q, u, ok := g.place(); ok && q != p && !strings.Contains(p+q, "[") { // which of two panics comes first is open
			if u == t && g.chance(50) {
				return p + ", " + q + " = " + q + ", " + p
			}
			return p + ", " + q + " = " + g.expr(t, 2) + ", " + g.expr(u, 2)
		}
	case k < 8 && t == "int":
		if q, u, ok := g.place(); ok && u == "string" {
			return q + ", " + p + " = " + g.expr("func(int, string) (string, int)", 1) + "(" + g.expr("int", 1) + ", " + g.expr("string", 1) + ")"
		}
	case k < 9 && isSlice(t):
		return p + " = append(" + p + ", " + g.expr(elem(t), 2) + ")"
	}
	return p + " = " + g.expr(t, 2)
}

func (g *generator) ifStmt(depth int) string {
	outer := len(g.vars)
	head := ""
	if g.chance(40) {
		e, t := "", pick(g, "int", "string", "any", "error", "[]int")
		e = g.expr(t, 2)
		name := g.name()
		g.declare(name, t)
		head = name + " := " + paren(t) + "(" + e + "); "
	}
	text := "if " + head + g.expr("bool", 2) + " {\n" + g.block(depth-1, 2) + "}"
	if head != "" {
		text = "if " + head + pick(g, "true", g.expr("bool", 2)) + " {\n" + "_ = " + g.vars[outer].name + "\n" + g.block(depth-1, 2) + "}"
	}
	if g.chance(50) {
		text += " else if " + g.expr("bool", 1) + " {\n" + g.block(depth-1, 2) + "}"
	}
	if g.chance(60) {
		text += " else {\n" + g.block(depth-1, 2) + "}"
	}
	g.vars = g.vars[:outer]
	return text
}

// body is the body of a loop, which may be left or begun anew.
func (g *generator) body(depth int, label string) string {
	g.loops++
	defer func() { g.loops-- }()
	text := g.block(depth-1, 2)
	if g.chance(40) {
		jump := pick(g, "continue", "break")
		if label != "" && g.chance(50) {
			jump += " " + label
		}
		text += "if " + g.expr("bool", 2) + " { " + jump + " }\n"
	}
	if g.chance(25) && g.variable("[]func() int") != "" {
		f := g.variable("[]func() int")
		text += f + " = append(" + f + ", " + g.closure(nil, "int", 2) + ")\n"
	}
	return text + g.block(depth-1, 1)
}

// label is a label for the next statement, or "", and the name.
func (g *generator) label() (before, name string) {
	if !g.chance(30) {
		return "", ""
	}
	g.names++
	name = fmt.Sprintf("L%d", g.names)
	return name + ":\n", name
}

func (g *generator) forStmt(depth int) string {
	outer := len(g.vars)
	defer func() { g.vars = g.vars[:outer] }()
	before, label := g.label()
	g.names++
	i := fmt.Sprintf("i%d", g.names)
	t := pick(g, "int", "int", "int8", "uint", "float64", "rune")
	n := 1 + g.IntN(3)
	head := fmt.Sprintf("for %s := %s(0); %s < %d; %s++", i, t, i, n, i)
	first := ""
	g.vars = append(g.vars, randomVar{i, t, true})
	switch g.IntN(6) {
	case 0:
		head = fmt.Sprintf("for %s, %sb := %s(0), %s; %s < %d; %s, %sb = %s+1, %sb+%s", i, i, t, g.literal("string"), i, n, i, i, i, i, g.literal("string"))
		g.declare(i+"b", "string")
	case 1:
		head, first = fmt.Sprintf("for %s := %s(0); ; ", i, t), fmt.Sprintf("if %s++; %s > %d { break }\n", i, i, n)
	case 2:
		first = pick(g, i+"++\n", "if "+g.expr("bool", 1)+" { "+i+"++ }\n", "func() { "+i+"++ }()\n")
	case 3:
		head = fmt.Sprintf("%s := %s(3)\nfor %s > 0", i, t, i)
		first = i + "--\n"
		if label != "" {
			before, head = fmt.Sprintf("%s := %s(3)\n%s", i, t, before), fmt.Sprintf("for %s > 0", i)
		}
		return "{\n" + g.use(label, before+head+" {\n"+first+g.body(depth, label)+"}") + "\n}"
	}
	return g.use(label, before+head+" {\n"+first+g.body(depth, label)+"}")
}

// use takes a label away that nothing uses.
func (g *generator) use(label, text string) string {
	if label != "" && !strings.Contains(text, "break "+label) && !strings.Contains(text, "continue "+label) {
		return strings.Replace(text, label+":\n", "", 1)
	}
	return text
}

func (g *generator) rangeStmt(depth int) string {
	outer := len(g.vars)
	defer func() { g.vars = g.vars[:outer] }()
	before, label := g.label()
	g.names++
	k, v := fmt.Sprintf("k%d", g.names), fmt.Sprintf("x%d", g.names)
	t := pick(g, "[]int", "[]string", "[3]int", "string", "[][]int", "[]any", "[]byte", "int", "uint8", "[]func() int", "map[string]int", "[]error")
	var x, kt, vt string
	switch {
	case t == "int" || t == "uint8":
		x, kt = t+"("+pick(g, "3", g.expr(t, 1)+"%4")+")", t
	case t == "map[string]int":
		x, kt, vt = "sortedKeys("+g.expr(t, 1)+")", "int", "string"
	case t == "string":
		x, kt, vt = g.expr(t, 2), "int", "rune"
	default:
		x, kt, vt = g.expr(t, 2), "int", elem(t)
	}
	names := k
	if vt != "" {
		names = pick(g, k+", "+v, "_, "+v, k)
	}
	uses := ""
	if strings.Contains(names, v) {
		g.declare(v, vt)
		uses += "_ = " + v + "\n"
	}
	if strings.Contains(names, k) {
		g.declare(k, kt)
		uses += "_ = " + k + "\n"
	}
	if g.chance(15) && !strings.Contains(names, "_") && vt != "" && strings.Contains(names, v) {
		return "{\nvar " + k + " " + kt + "\nvar " + v + " " + vt + "\n" + g.use(label, before+"for "+names+" = range "+x+" {\n"+uses+g.body(depth, label)+"}") + "\nfmt.Println(" + k + ")\n}"
	}
	return g.use(label, before+"for "+names+" := range "+x+" {\n"+uses+g.body(depth, label)+"}")
}

func (g *generator) switchStmt(depth int) string {
	outer := len(g.vars)
	defer func() { g.vars = g.vars[:outer] }()
	if g.chance(30) {
		return g.typeSwitch(depth)
	}
	head := ""
	if g.chance(35) {
		t := pick(g, "int", "string", "time.Duration", "any")
		e, name := g.expr(t, 2), g.name()
		g.declare(name, t)
		head = name + " := " + paren(t) + "(" + e + "); "
	}
	t := pick(g, "int", "string", "any", "bool", "", "", "time.Month", "uint8", "rune", "error", "float64", "[2]byte")
	tag := ""
	if t != "" {
		tag = g.expr(t, 2)
	}
	used := ""
	if head != "" {
		used = "_ = " + g.vars[len(g.vars)-1].name + "\n"
	}
	text, n := "switch "+head+tag+" {\n", 1+g.IntN(3)
	last := g.IntN(n + 1)
	for i := range n {
		if i == last && g.chance(70) {
			text += "default:\n" + used + g.block(depth-1, 1)
			used = ""
			last = -1
		}
		cond := g.expr("bool", 1)
		if t != "" {
			cond = g.expr(t, 1)
			if g.chance(40) {
				cond += ", " + g.expr(t, 1)
			}
		} else if g.chance(30) {
			cond += ", " + g.expr("bool", 1)
		}
		text += "case " + cond + ":\n" + used + g.block(depth-1, 2)
		used = ""
		if g.chance(15) && i < n-1 {
			text += "fallthrough\n"
		} else if g.chance(10) {
			text += "if " + g.expr("bool", 1) + " { break }\n" + g.block(depth-1, 1)
		}
	}
	if last >= 0 && g.chance(60) {
		text += "default:\n" + g.block(depth-1, 1)
	}
	return text + "}"
}

func (g *generator) typeSwitch(depth int) string {
	g.names++
	v := fmt.Sprintf("t%d", g.names)
	text := fmt.Sprintf("switch %s := %s.(type) {\n", v, g.expr("any", 2))
	all := []string{"int", "string", "float64", "nil", "error", "[]int", "time.Duration, bool", "int8, rune", "[2]int", "map[string]int"}
	g.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, t := range all[:1+g.IntN(5)] {
		text += "case " + t + ":\nfmt.Println(" + v + ")\n"
		outer := len(g.vars)
		if !strings.Contains(t, ",") && t != "nil" {
			g.declare(v, t)
		}
		text += g.block(depth-1, 1)
		g.vars = g.vars[:outer]
	}
	if g.chance(50) {
		text += "default:\nfmt.Printf(\"%T\\n\", " + v + ")\n"
	}
	return text + "}"
}

// function is a literal that is called, with deferred calls, a recover or more results.
func (g *generator) function(depth int) string {
	outer := len(g.vars)
	defer func() { g.vars = g.vars[:outer] }()
	switch g.IntN(4) {
	case 0:
		return "func() {\ndefer func() { fmt.Println(\"recovered\", recover()) }()\n" + g.block(depth-1, 3) + "}()"
	case 1:
		a, b := g.expr("int", 1), g.expr("string", 1)
		g.declare("r", "int")
		g.declare("s", "string")
		return "fmt.Println(func() (r int, s string) {\ndefer func() { if e := recover(); e != nil { r, s = -1, fmt.Sprint(e) } }()\n" + g.block(depth-1, 2) +
			pick(g, "", "defer func() { r++ }()\n", "defer fmt.Println(\"deferred\", "+a+", r, s)\n") + g.block(depth-1, 1) + pick(g, "return", "return "+a+", "+b, "return r + 1, s + \"x\"") + "\n}())"
	case 2:
		return "func() {\ndefer fmt.Println(\"first\", " + g.expr(pick(g, printable...), 2) + ")\nfor i := range 2 { defer func() { fmt.Println(\"turn\", i) }() }\n" +
			"defer func() { fmt.Println(recover()) }()\n" + g.block(depth-1, 2) + pick(g, "", "panic("+g.expr(pick(g, "string", "error", "int", "float64"), 1)+")\n") + "}()"
	}
	return "func(a int, b ...string) {\nfmt.Println(a, len(b), b)\n" + g.block(depth-1, 2) + "}(" + g.expr("int", 2) + pick(g, "", ", "+g.expr("string", 1), ", "+g.expr("[]string", 1)+"...") + ")"
}
