package interp

import (
	"context"
	"fmt"
	"maps"
	"slices"

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
	c, _ := cell.Parse(m.N, m.Src)
	e.compiler.cppCells++
	so, names, err := e.compiler.tools.CPlusPlus(ctx, build.CPlusPlus{
		Text:   inFolder(fmt.Sprintf("#line %d \"cell %d\"\n%s", m.Line+1, m.N, m.Body), e.folder()),
		Prefix: fmt.Sprintf("interleave_cpp%d_", e.compiler.cppCells),
	})
	if err != nil {
		return nil, e.cError(err, c, Request{Code: m.Src, Count: m.N})
	}
	for name, symbol := range names {
		e.compiler.cpp.names[name], e.compiler.cpp.files[name] = symbol, so
	}
	return nil, nil
}
