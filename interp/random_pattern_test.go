//go:build !race

package interp

import (
	"fmt"
	"strings"
)

// pattern is one of the things that statements and expressions at random do not make.
func (g *generator) pattern(depth int) string {
	outer := len(g.vars)
	defer func() { g.vars = g.vars[:outer] }()
	list := []func() string{g.order, g.channel, g.selects, g.goroutines, g.aliasing, g.pointers, g.deferred, g.closures, g.maps, g.operands}
	return "{\n" + list[g.IntN(len(list))]() + "}"
}

// step is a call that tells when it is made, and gives v.
func (g *generator) step(t, v string) string {
	g.trace++
	return fmt.Sprintf("step%s(%d, %s)", strings.ToUpper(t[:1])+t[1:], g.trace%100, v)
}

func (g *generator) i(max int) string { return g.step("int", fmt.Sprint(g.IntN(max))) }

// order is an evaluation whose steps tell their order. What Go leaves open is not in it.
func (g *generator) order() string {
	return pick(g,
		fmt.Sprintf("fmt.Println(%s+%s*%s, %s || %s && %s)\n", g.i(9), g.i(9), g.i(9), g.step("bool", "false"), g.step("bool", "true"), g.step("bool", "false")),
		fmt.Sprintf("s := []int{1, 2, 3}\ns[%s], s[%s] = %s, %s\nfmt.Println(s)\n", g.i(3), g.i(3), g.i(9), g.i(9)),
		fmt.Sprintf("m := map[int]int{}\nm[%s], m[%s] = %s, %s\nm[%s] += %s\nm[%s]++\nfmt.Println(m)\n", g.i(3), g.i(3), g.i(9), g.i(9), g.i(3), g.i(9), g.i(3)),
		fmt.Sprintf("fmt.Println([]int{%s, %s}, [2]int{%s, %s}, map[int]int{%s: %s, 9: %s})\n", g.i(9), g.i(9), g.i(9), g.i(9), g.i(3), g.i(9), g.i(9)),
		fmt.Sprintf("add3(%s, add3(%s, %s, %s), %s)\n", g.i(9), g.i(9), g.i(9), g.i(9), g.i(9)),
		fmt.Sprintf("s := [][]int{{1, 2}, {3, 4}}\ns[%s][%s] -= %s\ns[%s][%s]++\nfmt.Println(s)\n", g.i(2), g.i(2), g.i(9), g.i(2), g.i(2)),
		fmt.Sprintf("a, b := %s, %s\nc, d := %s, func() int { return a*10 + b }()\nfmt.Println(a, b, c, d)\n", g.i(9), g.i(9), g.i(9)),
		fmt.Sprintf("switch %s {\ncase %s, %s:\nfmt.Println(\"one\")\ncase %s:\nfmt.Println(\"two\")\ndefault:\nfmt.Println(\"none\")\n}\n", g.i(3), g.i(3), g.i(3), g.i(3)),
		fmt.Sprintf("fmt.Println([]int{1, 2, 3, 4}[%s:%s], \"hello\"[%s:%s])\n", g.i(2), g.step("int", "3"), g.i(2), g.step("int", "4")),
		fmt.Sprintf("s := []int{5, 6, 7, 8}\nfmt.Println(s[%s:][%s], s[%s:%s:%s])\n", g.i(3), g.i(2), g.i(2), g.step("int", "2"), g.step("int", "3")),
		fmt.Sprintf("x := append([]int{%s}, %s, %s)\ncopy(x[%s:], x)\nfmt.Println(x, min(%s, %s), max(%s, 4))\n", g.i(9), g.i(9), g.i(9), g.i(3), g.i(9), g.i(9), g.i(9)),
		fmt.Sprintf("if x := %s; x > %s {\nfmt.Println(\"more\", x)\n} else if y := %s; y > x {\nfmt.Println(\"less\", x, y)\n}\n", g.i(9), g.i(9), g.i(9)),
		fmt.Sprintf("for i := %s; i < %s; i += %s + 1 {\nfmt.Println(i)\n}\n", g.i(3), g.i(4), g.i(2)),
		fmt.Sprintf("p := func(n int) *int { return &n }(%s)\n*p += %s\n*p, *p = %s, %s\nfmt.Println(*p)\n", g.i(9), g.i(9), g.i(9), g.i(9)),
	)
}

func (g *generator) channel() string {
	t := pick(g, "int", "string", "any", "error", "[]int", "float64", "time.Duration", "[3]int", "func() int")
	show := map[bool]string{true: "%T", false: "%v"}[t == "func() int"]
	return fmt.Sprintf("c := make(chan %s, 3)\nc <- %s\nc <- %s\nfmt.Println(len(c), cap(c))\nclose(c)\n", t, g.expr(t, 1), g.expr(t, 1)) +
		pick(g, fmt.Sprintf("for x := range c {\nfmt.Printf(\"%s\\n\", x)\n}\nx, ok := <-c\nfmt.Printf(\"%%T %%v\\n\", x, ok)\n", show),
			fmt.Sprintf("fmt.Printf(\"%s\\n\", <-c)\nx, ok := <-c\nfmt.Printf(\"%s %%v\\n\", x, ok)\n_, ok = <-c\nfmt.Println(ok)\n", show, show),
			"<-c\nvar x any = <-c\nfmt.Printf(\"%T\\n\", x)\n",
			"func() {\ndefer func() { fmt.Println(recover()) }()\n"+pick(g, "close(c)", "c <- *new("+t+")", "var n chan int\nclose(n)")+"\n}()\n")
}

func (g *generator) selects() string {
	return "a, b := make(chan int, 1), make(chan string, 1)\nvar none chan int\n_ = none\n" + pick(g,
		"a <- "+g.expr("int", 1)+"\nselect {\ncase x := <-a:\nfmt.Println(\"a\", x)\ncase x, ok := <-b:\nfmt.Println(\"b\", x, ok)\ncase <-none:\n}\n",
		"select {\ncase x := <-a:\nfmt.Println(\"a\", x)\ncase b <- "+g.expr("string", 1)+":\nfmt.Println(<-b)\n}\n",
		"select {\ncase <-none:\ncase x := <-a:\nfmt.Println(x)\ndefault:\nfmt.Println(\"default\")\n}\n",
		"close(b)\nvar ok bool\ns := []string{\"\", \"x\"}\nselect {\ncase s[1], ok = <-b:\nfmt.Println(s, ok)\n}\n",
		"loop:\nfor i := range 5 {\nselect {\ncase a <- i:\nfmt.Println(\"sent\", i)\ncase x := <-a:\nfmt.Println(\"got\", x)\nif i > 2 { break loop }\n}\n}\n")
}

func (g *generator) goroutines() string {
	return pick(g,
		"var wg sync.WaitGroup\nout := make([]int, 4)\nfor i := range out {\nwg.Add(1)\ngo func() { defer wg.Done(); out[i] = i * "+g.expr("int", 1)+" }()\n}\nwg.Wait()\nfmt.Println(out)\n",
		"var wg sync.WaitGroup\nvar mu sync.Mutex\nn := 0\nfor i := 0; i < 5; i++ {\nwg.Go(func() { mu.Lock(); defer mu.Unlock(); n += i })\n}\nwg.Wait()\nfmt.Println(n)\n",
		"c, done := make(chan int), make(chan bool)\nx := "+g.expr("int", 1)+"\ngo func(y int) { for v := range c { fmt.Println(v, y) }; done <- true }(x)\nx = 5\nfor i := range 3 { c <- i }\nclose(c)\n<-done\n",
		"var once sync.Once\nfor i := range 3 { once.Do(func() { fmt.Println(\"once\", i) }) }\n",
		"var n atomic.Int64\nvar wg sync.WaitGroup\nfor i := range 4 { wg.Go(func() { n.Add(int64(i)) }) }\nwg.Wait()\nfmt.Println(n.Load())\n",
		"in := make(chan int)\nout := func(in <-chan int) <-chan int { out := make(chan int); go func() { defer close(out); for x := range in { out <- x * x } }(); return out }(in)\ngo func() { for i := range 3 { in <- i }; close(in) }()\nfor x := range out { fmt.Println(x) }\n")
}

func (g *generator) aliasing() string {
	n := g.IntN(4)
	return pick(g,
		fmt.Sprintf("a := make([]int, 2, 5)\nb := append(a, %s)\nc := append(a, %s)\na = append(a[:1], 9)\nfmt.Println(a, b, c, len(c), cap(c))\n", g.expr("int", 1), g.expr("int", 1)),
		fmt.Sprintf("a := []int{1, 2, 3, 4}\nb := a[:2:2]\nb = append(b, %s)\nb[0] = 7\nfmt.Println(a, b, cap(b))\n", g.expr("int", 1)),
		fmt.Sprintf("a := [3]int{1, 2, 3}\nb := a\np := &a\ns := a[1:]\nb[0] = 9\np[1] = 8\ns[1] = %s\nfor i, x := range a { a[2] = 10 * i; fmt.Print(x, \" \") }\nfmt.Println(a, b, *p, s, a == b)\n", g.expr("int", 1)),
		fmt.Sprintf("a := [][]int{{1}, {2, 3}}\nfor _, row := range a { row[0] += %s }\nb := a[1]\na[1] = append(a[1], 4)\nb[1] = 0\nfmt.Println(a, b)\n", g.expr("int", 1)),
		fmt.Sprintf("a := []int{1, 2, 3, 4, 5}\nn := copy(a[%d:], a)\nfmt.Println(n, a)\na = append(a[:1], a[2:]...)\nfmt.Println(a, a[:5])\nclear(a)\nfmt.Println(a)\n", n),
		"type0 := struct{X int; Y string}{1, \"a\"}\nq := type0\np := &type0\np.X++\nq.Y = \"b\"\nm := map[string]struct{X int; Y string}{\"k\": type0}\ntype0.X = 50\nfmt.Println(type0, q, *p, m)\n",
		"x := [2][2]int{{1, 2}, {3, 4}}\ny := x\ny[1][0] = 30\nrow := x[0]\nrow[1] = 20\nf := func(a [2][2]int) [2][2]int { a[0][0] = 100; return a }\nfmt.Println(x, y, row, f(x), x)\n",
		"s := []int{1, 2, 3}\nfor i, x := range s { s = append(s, x); s[i] *= 2 }\nfmt.Println(s)\n",
		"a, b, c := 1, 2, 3\na, b, c = c, a, b\ns := []int{0, 1, 2}\ni := 0\ni, s[i] = 2, 9\ns[0], s[1], s[2] = s[2], s[0], s[1]\nfmt.Println(a, b, c, i, s)\n",
		"s := []any{1, \"a\", nil}\nt := s\nt[0] = s\nfmt.Println(len(s), t[1:])\nm := map[string][]int{}\nm[\"a\"] = append(m[\"a\"], 1)\nm[\"a\"] = append(m[\"a\"], 2)\nx := m[\"a\"]\nx[0] = 9\nfmt.Println(m)\n")
}

func (g *generator) pointers() string {
	return pick(g,
		fmt.Sprintf("x, y := %s, 2\np := &x\npp := &p\n**pp = 7\n*pp = &y\n*p++\nfmt.Println(x, y, *p, **pp, p == &y, *pp == &x)\n", g.expr("int", 1)),
		"s := []int{1, 2, 3}\np := &s[1]\ns = append(s, 4)\n*p = 20\nq := &s[1]\n*q = 30\nfmt.Println(s, *p)\n",
		"a := [3]int{1, 2, 3}\np := &a[2]\nq := &a\nq[0] = 5\n*p *= 3\nb := *q\nb[1] = 0\nfmt.Println(a, b, len(q))\nfor i := range q { q[i]++ }\nfmt.Println(*q)\n",
		"var p *int\nfunc() {\ndefer func() { fmt.Println(recover()) }()\n"+pick(g, "fmt.Println(*p)", "*p = 1", "*p++", "var m map[string]int\nm[\"a\"] = 1", "var s *struct{X int; Y string}\ns.X = 1", "var s *[]int\nfmt.Println(len(*s))", "var e error\nfmt.Println(e.Error())", "var f func()\nf()", "var a *[3]int\nfmt.Println(len(a))\na[0] = 1")+"\n}()\nfmt.Println(p == nil)\n",
		"var ps []*int\nfor i := 0; i < 3; i++ { ps = append(ps, &i) }\nfor _, p := range ps { *p += 10 }\nfmt.Println(*ps[0], *ps[1], *ps[2])\n",
		"p := new(int)\nq := p\n*q = 3\nf := func(p *int) { *p += 1; p = new(int); *p = 100 }\nf(p)\nfmt.Println(*p, *q, p == q)\n",
		"m := map[string]*int{}\nfor i, k := range []string{\"a\", \"b\"} { m[k] = &i }\n*m[\"a\"] += 5\nfmt.Println(*m[\"a\"], *m[\"b\"], m[\"c\"] == nil)\n",
		"v := struct{X int; Y string}{1, \"a\"}\np := &v.X\n*p = 9\nq := &v\nq.Y += \"b\"\n(*q).X++\nfmt.Println(v, *q)\n",
		"x := 5\np := &x\nf := func() *int { fmt.Print(\"f \"); return p }\n*f() = 6\n*f() += 2\n*f()++\nfmt.Println(x)\n")
}

func (g *generator) deferred() string {
	return pick(g,
		"x := 1\nfunc() {\ndefer fmt.Println(\"arg\", x)\ndefer func() { fmt.Println(\"var\", x) }()\nx = 2\n}()\n",
		"f := func() (n int, err error) {\ndefer func() { if r := recover(); r != nil { err = fmt.Errorf(\"caught %v\", r); n *= 2 } }()\nn = 21\nvar m map[string]int\nm[\"x\"] = 1\nreturn 5, nil\n}\nfmt.Println(f())\n",
		"func() {\ndefer func() { fmt.Println(\"outer\", recover()) }()\ndefer func() {\ndefer func() { fmt.Println(\"inner\", recover()) }()\npanic(\"second\")\n}()\npanic(\"first\")\n}()\n",
		"func() {\ndefer func() { fmt.Println(recover()) }()\ndefer func() { panic(fmt.Sprint(\"again \", recover())) }()\nvar s []int\n_ = s["+g.expr("int", 1)+"]\n}()\n",
		"f := func(n int) (r int) {\ndefer func() { r += n }()\nfor i := range 5 {\nif i == n { return i * 10 }\n}\nreturn -1\n}\nfmt.Println(f(0), f(3), f(9))\n",
		"var trace []string\nfunc() {\ndefer func() { recover(); trace = append(trace, \"r\") }()\nfor _, s := range []string{\"a\", \"b\"} { defer func(t string) { trace = append(trace, s+t) }(s + \"!\") }\npanic(1)\n}()\nfmt.Println(trace)\n",
		"g := func() func() { fmt.Println(\"enter\"); return func() { fmt.Println(\"leave\") } }\nfunc() { defer g()(); fmt.Println(\"body\") }()\n",
		"func() {\ndefer func() {\nerr, ok := recover().(error)\nvar re runtime.Error\nfmt.Println(err, ok, errors.As(err, &re))\n}()\nx := 0\nfmt.Println("+g.expr("int", 1)+" / x)\n}()\n",
		"var b strings.Builder\nfunc() { defer b.WriteString(\"deferred\"); b.WriteString(\"now \") }()\nfmt.Println(b.String())\n")
}

func (g *generator) closures() string {
	return pick(g,
		"var fs []func() int\nfor i := 0; i < 3; i++ {\nj := i * i\nfs = append(fs, func() int { j++; i += 10; return i + j })\n}\nfor _, f := range fs { fmt.Println(f(), f()) }\n",
		"counter := func() (func() int, func()) { n := "+g.expr("int", 1)+"; return func() int { n++; return n }, func() { n = 0 } }\nnext, reset := counter()\nother, _ := counter()\nfmt.Println(next(), next(), other())\nreset()\nfmt.Println(next(), other())\n",
		"var fib func(int) int\nfib = func(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }\nfmt.Println(fib(10))\n",
		"compose := func(fs ...func(int) int) func(int) int { return func(x int) int { for _, f := range fs { x = f(x) }; return x } }\nfmt.Println(compose(func(x int) int { return x + 1 }, "+g.expr("func(int) int", 1)+")("+g.expr("int", 1)+"))\n",
		"x := 1\nset := func(v int) (old int) { old, x = x, v; return }\nfmt.Println(set(5), x)\n{ x := 10; set(x); fmt.Println(x) }\nfmt.Println(x)\n",
		"var fs []func()\nfor _, s := range []string{\"a\", \"b\"} { for i := range 2 { fs = append(fs, func() { fmt.Print(s, i, \" \") }) } }\nfor _, f := range fs { f() }\nfmt.Println()\n",
		"f := func(xs ...int) (sum, n int) { for _, x := range xs { sum += x }; return sum, len(xs) }\nfmt.Println(f())\nfmt.Println(f(1, 2))\nfmt.Println(f([]int{3, 4}...))\na, b := f("+g.expr("int", 1)+")\nb, a = a, b\nfmt.Println(a, b)\n",
		"m := map[string]func(int, int) int{\"+\": func(a, b int) int { return a + b }, \"-\": func(a, b int) int { return a - b }}\nfor _, k := range []string{\"+\", \"-\"} { fmt.Println(m[k]("+g.expr("int", 1)+", 2)) }\n",
		"a := [2]int{1, 2}\nf := func() [2]int { return a }\nb := f()\na[0] = 9\nfmt.Println(a, b, f(), f()[0])\n",
		"up := strings.ToUpper\nd := time.Second.String\nvar b strings.Builder\nw := b.WriteString\nw(up(\"abc\"))\nw(d())\nfmt.Println(b.String())\n")
}

func (g *generator) maps() string {
	return pick(g,
		"m := map[string][]int{\"a\": {1}}\nm[\"a\"][0] = 5\nm[\"b\"] = append(m[\"b\"], "+g.expr("int", 1)+")\ndelete(m, \"a\")\nfmt.Println(m, len(m), m[\"zz\"] == nil)\n",
		"m := map[any]string{1: \"int\", int64(1): \"int64\", \"1\": \"string\", 1.0: \"float\", [2]int{1, 2}: \"array\", nil: \"nil\"}\nfmt.Println(len(m), m[1], m[int64(1)], m[1.0], m[[2]int{1, 2}], m[nil], m[uint8(1)] == \"\")\n",
		"m := map[float64]int{}\nm[math.NaN()] = 1\nm[math.NaN()] = 2\nm[0.0]++\nm[math.Copysign(0, -1)]++\nfmt.Println(len(m), m[0], m[math.NaN()])\nclear(m)\nfmt.Println(len(m))\n",
		"m := map[string]map[string]int{}\nif m[\"a\"] == nil { m[\"a\"] = map[string]int{} }\nm[\"a\"][\"x\"]++\nm[\"a\"][\"x\"] += 2\nn := m[\"a\"]\nn[\"y\"] = 7\nv, ok := m[\"q\"][\"x\"]\nfmt.Println(m, v, ok)\n",
		"m := map[[2]int]string{{1, 2}: \"a\", {3, 4}: \"b\"}\nk := [2]int{1, 2}\ndelete(m, k)\nk[0] = 3\nk[1] = 4\nfmt.Println(m[k], m)\n",
		"func() {\ndefer func() { fmt.Println(recover()) }()\nm := map[any]int{}\nvar k any = "+pick(g, "[]int{1}", "map[string]int{}", "func() {}")+"\n"+pick(g, "m[k] = 1", "fmt.Println(k == k)")+"\n}()\n",
		"m := map[int]int{1: 1, 2: 2, 3: 3}\nsum := 0\nfor k, v := range m { if k == 2 { delete(m, k); continue }; sum += v }\nfmt.Println(sum, m)\nn := map[string]bool{}\nfmt.Println(n[\"x\"], !n[\"x\"])\n")
}

// operands are operators over numbers of all sizes, in which variables hold extremes.
func (g *generator) operands() string {
	t := pick(g, append(integers, "time.Duration", "rune", "byte", "uintptr")...)
	x := pick(g, "0", "1", "-1", "100", "127", "-128", "200", "32767", "65535", "-2147483648", "4294967295", "9223372036854775807", "-9223372036854775808")
	y := pick(g, "1", "2", "-1", "3", "7", "64", "255")
	text := fmt.Sprintf("var ax, ay int64 = %s, %s\nx, y := %s(ax), %s(ay)\n", x, y, t, t)
	text += "fmt.Println(x+y, x-y, x*y, x/y, x%y, x&y, x|y, x^y, x&^y, -x, ^x, x<<3, x>>1, x<<uint(ay&63), x>>(uint8(ay)))\n"
	text += "fmt.Println(x < y, x <= y, x == y, x != y, float64(x), float32(y), int8(x), uint16(x), uint32(x), int64(x), uint64(x), string(rune(x)))\n"
	op := pick(g, "+", "-", "*", "/", "%", "&", "|", "^", "&^")
	text += fmt.Sprintf("z := x\nz %s= y\nz++\nfmt.Println(z, x %s y %s x, 1 + x, x * 2, %s)\n", op, op, op, pick(g, "5 - x", "x / 3", "-x + y", "x - -y", "^x & y", "^(x | y)"))
	f := pick(g, "float64", "float32")
	text += fmt.Sprintf("f, h := %s(ax), %s(ay)\nfmt.Println(f+h, f-h, f*h, f/h, f/3, 1/f, -f, f < h, int(h), f == h, f*0, h*0.1)\n", f, f)
	return text
}
