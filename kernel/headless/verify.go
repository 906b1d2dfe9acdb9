package headless

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"interleave/interp"
)

// Verify runs each notebook in a clean session, its cells in order, and reports
// to o.Report what differs from what is saved: outputs, cells that were run in
// another order, names used before they are declared, and names that only a
// deleted cell can have declared. The notebooks stay as they are. The error names
// every notebook in which something differs, or that could not be run.
func Verify(ctx context.Context, paths []string, o Options) error {
	var failed []error
	for _, path := range paths {
		if err := o.verifyFile(ctx, path); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", path, err))
		}
	}
	return errors.Join(failed...)
}

func (o Options) verifyFile(ctx context.Context, path string) error {
	if ctx.Err() != nil {
		return errors.New("not verified: interrupted")
	}
	saved, data, err := read(path)
	if err != nil {
		return err
	}
	fresh, err := parse(data)
	if err != nil {
		return err
	}
	v := &verification{o: o}
	if v.saved, v.fresh = saved.runnable(), fresh.runnable(); !hasRun(v.saved) {
		return errors.New("has never been run, so that there is nothing to compare: interleave run writes its outputs")
	}
	v.order()
	o.AllowErrors = true
	if err := o.run(ctx, path, fresh); err != nil {
		return err
	}
	v.compare()
	for _, line := range v.found {
		fmt.Fprintf(o.Report, "%s: %s\n", path, line)
	}
	if n := len(v.found); n > 0 {
		return fmt.Errorf("%s", plural(n, "difference"))
	}
	return nil
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// hasRun tells whether any of the cells was run when they were saved.
func hasRun(cells []cell) bool {
	for _, c := range cells {
		if c.count() > 0 || len(c.outputs()) > 0 {
			return true
		}
	}
	return false
}

// A verification compares the cells of a notebook as saved with those of a run.
// Cells are numbered as a run numbers them, from 1.
type verification struct {
	o            Options
	saved, fresh []cell
	found        []string
}

func (v *verification) add(format string, args ...any) {
	v.found = append(v.found, fmt.Sprintf(format, args...))
}

// order reports cells that ran before one which stands above them.
func (v *verification) order() {
	last := 0 // index of the cell with the highest count so far
	for i, c := range v.saved {
		switch n, highest := c.count(), v.saved[last].count(); {
		case n == 0:
		case i > 0 && n < highest:
			v.add("cell %d was run as [%d], before cell %d above it, run as [%d]", i+1, n, last+1, highest)
		case i > 0 && n == highest && i != last:
			v.add("cells %d and %d were both run as [%d]: they come of different sessions", last+1, i+1, n)
		default:
			last = i
		}
	}
}

// compare reports what the run showed.
func (v *verification) compare() {
	declared := v.declarations()
	for i, c := range v.fresh {
		fault, before := c.fault(), v.saved[i].fault()
		names := undefined(fault)
		switch {
		case len(names) > 0 && undefinedSame(before, names):
		case len(names) > 0:
			v.missing(i, names, declared)
			continue
		}
		if v.o.ignores(c) {
			continue
		}
		for _, d := range v.o.differences(v.saved[i], c) {
			v.add("cell %d: %s", i+1, d)
		}
	}
}

// undefinedSame tells whether the same names were missing when the notebook was saved.
func undefinedSame(before *interp.Error, names []string) bool {
	return strings.Join(undefined(before), " ") == strings.Join(names, " ")
}

// missing reports the names that cell i uses and that were not declared.
func (v *verification) missing(i int, names []string, declared map[string][]int) {
	for _, name := range names {
		at := declared[name]
		switch {
		case len(at) == 0:
			v.add("cell %d uses %s, which no cell declares: only a cell that was deleted or changed can have done so", i+1, name)
		case at[0] > i:
			v.add("cell %d uses %s, which cell %d declares: that has to stand above it", i+1, name, at[0]+1)
		case at[0] == i:
			v.add("cell %d uses %s before it declares it", i+1, name)
		default:
			v.add("cell %d uses %s, which cell %d declares, had it not failed", i+1, name, at[0]+1)
		}
	}
}
