package build

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A C tells what the C of a unit shares with that of other units.
//
// Units with one preamble each hold a copy of it, for its types and macros. What
// it defines, and the state in that, is to be there once: the first unit exports
// the addresses of its functions and variables, and in the others macros that
// come after the preamble lead what Go calls to those.
type C struct {
	Prefix string            // of the names under which the first unit exports
	Export []string          // functions and variables that this unit exports
	Funcs  []string          // functions that it has from the first unit
	Vars   []string          // variables that it has from there
	Types  map[string]string // types that cgo writes, such as _Ctype_int, to the import path of the unit that exports them under the name Mark+name
	Mark   string
	Rename map[string]string // names that its C uses -> those that they have in a shared object of C++
}

const goTypes = "_cgo_gotypes.go"

// share makes what cgo wrote share with other units what C says, and show what C
// prints in its place among what Go prints.
func (c *cgoUnit) share() error {
	if err := c.shareTypes(); err != nil {
		return err
	}
	for i, file := range c.pkg.CgoFiles {
		text := ""
		if i == 0 {
			text = c.p.C.exports()
		}
		file = strings.TrimSuffix(file, ".go") + ".cgo2.c"
		err := c.edit(file, func(src []byte) []byte {
			return append(c.p.C.imports(apart(leaves(src))), text...)
		})
		if err != nil {
			return err
		}
	}
	return c.edit("_cgo_export.c", leaves)
}

func (c *cgoUnit) edit(file string, f func([]byte) []byte) error {
	file = filepath.Join(c.work, cgoDir, file)
	src, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, f(src), 0o644)
}

// LeftC is the C function, of package load, that is called whenever control goes
// from C to Go: it writes out what C has printed.
const LeftC = "interleave_left_c"

// leaves makes C code call LeftC: cgo has a macro in the right places, which is
// there for the thread sanitizer.
func leaves(src []byte) []byte {
	const macro = "#define _cgo_tsan_release()"
	return bytes.Replace(src, []byte(macro+"\n"), []byte("extern void "+LeftC+"(void);\n"+macro+" "+LeftC+"()\n"), 1)
}

// exports are definitions for the end of the file that holds the preamble.
func (c C) exports() string {
	var b strings.Builder
	b.WriteString("\n#line 1 \"interleave\"\n")
	for _, name := range c.Export {
		fmt.Fprintf(&b, "extern __attribute__((visibility(\"default\"))) __typeof__(%[1]s) *const %[2]s%[1]s;\n", name, c.Prefix)
		fmt.Fprintf(&b, "__typeof__(%[1]s) *const %[2]s%[1]s = &%[1]s;\n", name, c.Prefix)
	}
	return b.String()
}

// wrapperNames are where cgo's functions name their parameter v, and in the struct
// that this points to, the result r and the arguments p0, p1 and so on.
// Source: cmd/cgo/out.go, writeOutputFunc, structType.
var wrapperNames = []struct {
	where *regexp.Regexp
	as    string
}{
	{regexp.MustCompile(`(?m)^(_cgo_\w+\(void \*)v\)$`), "${1}_cgo_v)"},
	{regexp.MustCompile(`(?m)(\*_cgo_a = )v;$`), "${1}_cgo_v;"},
	{regexp.MustCompile(`(?m)^(\t\t.*[ *])(r|p[0-9]+);$`), "${1}_cgo_f_$2;"},
	{regexp.MustCompile(`\b(_cgo_a->)(r|p[0-9]+)\b`), "${1}_cgo_f_$2"},
}

// wrappers begins, in what cgo writes, the functions that Go calls: behind the preamble
// and the headers that cgo includes.
const wrappers = "#define CGO_NO_SANITIZE_THREAD\n"

// apart gives the names in cgo's functions others that no C has, so that a macro of
// the user's that is used in them finds the variables it means.
func apart(src []byte) []byte {
	i := bytes.Index(src, []byte(wrappers))
	if i < 0 {
		return src
	}
	own := src[i:]
	for _, n := range wrapperNames {
		own = n.where.ReplaceAll(own, []byte(n.as))
	}
	return append(bytes.Clone(src[:i]), own...)
}

// imports puts the macros behind the preamble. Functions get macros that look like
// functions: cgo's own code has fields that may be called likewise.
func (c C) imports(src []byte) []byte {
	var b strings.Builder
	for _, name := range c.Funcs {
		fmt.Fprintf(&b, "extern __attribute__((visibility(\"default\"))) __typeof__(%[1]s) *const %[2]s%[1]s;\n", name, c.Prefix)
		fmt.Fprintf(&b, "#define %[1]s(...) (*%[2]s%[1]s)(__VA_ARGS__)\n", name, c.Prefix)
	}
	for _, name := range c.Vars {
		fmt.Fprintf(&b, "extern __attribute__((visibility(\"default\"))) __typeof__(%[1]s) *const %[2]s%[1]s;\n", name, c.Prefix)
		fmt.Fprintf(&b, "#define %[1]s (*%[2]s%[1]s)\n", name, c.Prefix)
	}
	return bytes.Replace(src, []byte(wrappers), []byte("#line 1 \"interleave\"\n"+b.String()+wrappers), 1)
}

// shareTypes makes types aliases of those of other units.
func (c *cgoUnit) shareTypes() error {
	if len(c.p.C.Types) == 0 {
		return nil
	}
	file := filepath.Join(c.work, cgoDir, goTypes)
	src, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	text, err := aliased(string(src), c.p.C)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(text), 0o644)
}

// aliased writes the declarations of types in src that c has from other units as aliases.
func aliased(src string, c C) (string, error) {
	f, err := parser.ParseFile(token.NewFileSet(), goTypes, src, parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	names := map[string]string{} // import path -> local name
	for _, path := range slices.Sorted(maps.Values(c.Types)) {
		if names[path] == "" {
			names[path] = fmt.Sprintf("%s%su%d", c.Mark, c.Mark, len(names))
		}
	}
	var imports, b strings.Builder
	for _, path := range slices.Sorted(maps.Keys(names)) {
		fmt.Fprintf(&imports, "import %s %q\n", names[path], path)
	}
	at := int(f.Name.End()) - 1 // positions of a file set's first file begin at 1
	b.WriteString(src[:at] + "\n" + imports.String())
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, sp := range g.Specs {
			spec := sp.(*ast.TypeSpec)
			path := c.Types[spec.Name.Name]
			if path == "" || spec.Assign.IsValid() {
				continue
			}
			from, to := int(spec.Type.Pos())-1, int(spec.Type.End())-1
			b.WriteString(src[at:from] + "= " + names[path] + "." + c.Mark + spec.Name.Name)
			at = to
		}
	}
	return b.String() + src[at:], nil
}
