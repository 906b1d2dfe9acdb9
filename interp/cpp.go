package interp

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"interleave/display"
	"interleave/interp/cell"
	"interleave/interp/native/build"
)

// cplusplus is the C++ of a session: what it has of C linkage.
type cplusplus struct {
	names map[string]string // name in C -> name for the dynamic linker
	files map[string]string // name in C -> shared object that has it
}

// libraries are the shared objects that later cells may call, without repetition.
func (p cplusplus) libraries() []string {
	return slices.Compact(slices.Sorted(maps.Values(p.files)))
}

// cpp compiles a cell of C++. What it declares extern "C" can be called from cells
// whose C declares it.
func (e *Evaluator) cpp(ctx context.Context, m cell.Magic, out Output) (*display.Bundle, error) {
	if !m.Cell {
		return nil, &Error{Name: "MagicError", Value: fmt.Sprintf("line %d: %%%%cpp is the first line of a cell of C++", m.Line)}
	}
	if err := noArguments(m); err != nil {
		return nil, err
	}
	e.preparing.Lock()
	defer e.preparing.Unlock()
	if err := e.compiler.ready(ctx); err != nil {
		return nil, noCompiler(err, fmt.Sprintf("cell %d: C++", m.N))
	}
	names, so, err := e.compileCPP(ctx, m)
	for name, symbol := range names {
		e.compiler.cpp.names[name], e.compiler.cpp.files[name] = symbol, so
	}
	return nil, err
}

// compileCPP compiles a cell of C++: the names of C linkage that it defines, and the
// shared object that has them. e.preparing is held, and the compiler ready.
func (e *Evaluator) compileCPP(ctx context.Context, m cell.Magic) (names map[string]string, so string, err error) {
	e.compiler.cppCells++
	so, names, err = e.compiler.tools.CPlusPlus(ctx, build.CPlusPlus{
		Text:   inFolder(fmt.Sprintf("#line %d \"cell %d\"\n%s", m.Line+1, m.N, m.Body), e.folder()),
		Prefix: fmt.Sprintf("interleave_cpp%d_", e.compiler.cppCells),
	})
	if err != nil {
		c, _ := cell.Parse(m.N, m.Src)
		return nil, "", e.cError(err, c, Request{Code: m.Src, Count: m.N})
	}
	return names, so, nil
}

// exportCPP gives a cell of C++ as sources of a program. seen has the names of C
// linkage of cells before it, and which they are.
func (e *Evaluator) exportCPP(ctx context.Context, m cell.Magic, seen map[string]int) (map[string]string, error) {
	e.preparing.Lock()
	defer e.preparing.Unlock()
	if err := e.compiler.ready(ctx); err != nil {
		return nil, noCompiler(err, fmt.Sprintf("cell %d: C++", m.N))
	}
	names, _, err := e.compileCPP(ctx, m)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if seen[name] > 0 {
			text := fmt.Sprintf("cell %d: C++ defines %s, which cell %d does too: a program has one of that name: rename one", m.N, name, seen[name])
			return nil, &Error{Name: "ExportError", Value: text, Traceback: []string{red(text)}}
		}
		seen[name] = m.N
	}
	return build.CPlusPlus{Text: m.Body}.Sources(fmt.Sprintf("cell%06d", m.N)), nil
}

// isCPlusPlus tells whether a cell of C++ defines a name.
func (e *Evaluator) isCPlusPlus(name string) bool {
	e.preparing.Lock()
	defer e.preparing.Unlock()
	return e.compiler.cpp.names[name] != ""
}

// link has the C of a file of a program call C++ of the session: by the names and the
// shared objects that cells have it by. own is what the C itself defines.
func (p cplusplus) link(file string, own []string) string {
	var flags, defines strings.Builder
	linked := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(p.names)) {
		if slices.Contains(own, name) || !regexp.MustCompile(`\b`+name+`\b`).MatchString(file) {
			continue
		}
		if so := p.files[name]; !linked[so] {
			linked[so] = true
			fmt.Fprintf(&flags, "//#cgo LDFLAGS: %s\n", strconv.Quote(so))
		}
		fmt.Fprintf(&defines, "//#define %s %s\n", name, p.names[name])
	}
	const head = "package main\n\n" // the comment above import "C" follows
	return strings.Replace(file, head, head+flags.String()+defines.String(), 1)
}
