package interp

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"interleave/interp/cell"
	"interleave/interp/check"
	programs "interleave/interp/program"
)

// Export writes the cells as one program, with its module, to the folder dir, which
// is there and empty. Nothing is run: the cells are those of a session that has run
// none, in order. It gives a sentence for each thing that is not in the program. The
// error is an *Error of the cell that has no place in a program.
func (e *Evaluator) Export(ctx context.Context, cells []Request, dir string, out Output) (notes []string, err error) {
	var checked []*check.Checked
	cpp, inCPP := map[string]string{}, map[string]int{}
	for _, req := range cells {
		e.note(req)
		c, err := cell.Parse(req.Count, req.Code)
		if err == nil {
			c, _, err = e.forced(c)
		}
		if err != nil {
			return nil, e.compileError(err, req)
		}
		for _, m := range c.Magics {
			if m.Name == "cpp" && m.Cell {
				files, err := e.exportCPP(ctx, m, inCPP)
				if err != nil {
					return nil, err
				}
				maps.Copy(cpp, files)
				continue
			}
			if _, tier := tiers[m.Name]; !tier {
				notes = append(notes, fmt.Sprintf("cell %d:%d: a magic has no place in a program and is left out", req.Count, m.Line))
			}
		}
		if isProgram(c) {
			notes = append(notes, fmt.Sprintf("cell %d is a program of its own and is left out", req.Count))
			continue
		}
		ch, err := e.exported(ctx, c, req, out)
		if err != nil {
			return nil, err
		}
		checked = append(checked, ch)
	}
	files := e.embedder()
	p, err := programs.Notebook(checked, files.variable)
	var faulty *cell.Errors
	if errors.As(err, &faulty) {
		return nil, e.compileError(err, Request{})
	}
	if err != nil {
		return nil, &Error{Name: "ExportError", Value: err.Error(), Traceback: []string{red(err.Error())}}
	}
	maps.Copy(p.Files, cpp)
	return notes, e.goCommand(files.out.Files).Write(dir, p.Files)
}

// exported checks a cell, and makes what it declares known to the next.
func (e *Evaluator) exported(ctx context.Context, c *cell.Cell, req Request, out Output) (*check.Checked, error) {
	e.preparing.Lock()
	defer e.preparing.Unlock()
	if err := e.need(ctx, c, out); err != nil {
		return nil, e.compileError(err, req)
	}
	ch, err := e.check(ctx, c, req)
	if err != nil {
		return nil, err
	}
	e.session.Commit(ch, len(c.Items))
	return ch, nil
}
