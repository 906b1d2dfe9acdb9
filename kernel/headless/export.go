package headless

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"interleave/interp"
)

// exporter is an Evaluator that makes programs.
type exporter interface {
	Export(ctx context.Context, cells []interp.Request, dir string, out interp.Output) ([]string, error)
}

// Export writes the notebook at path as a Go program, with its module, to the
// folder o.Output, or one beside the notebook with its name. Nothing is run. A cell
// tagged raises-exception or skip-execution is left out. The folder is whole, or
// not there.
func Export(ctx context.Context, path string, o Options) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s: %w", path, err)
		}
	}()
	nb, _, err := read(path)
	if err != nil {
		return err
	}
	name := orElse(o.Output, strings.TrimSuffix(path, ".ipynb"))
	if _, err := os.Lstat(name); err == nil {
		return fmt.Errorf("%s is there already: give another name with -o", name)
	}
	work, err := os.MkdirTemp(filepath.Dir(name), "."+filepath.Base(name)+".*.tmp")
	if err != nil {
		return fmt.Errorf("folder %s cannot be written to: %w", filepath.Dir(name), reason(err))
	}
	defer os.RemoveAll(work)
	if err := o.export(ctx, path, nb, work); err != nil {
		return err
	}
	if err := errors.Join(os.Chmod(work, 0o755), os.Rename(work, name)); err != nil {
		return fmt.Errorf("program not written: %w", reason(err))
	}
	fmt.Fprintf(o.Log, "wrote %s: build it there with go build\n", name)
	return nil
}

// export writes the program to dir.
func (o Options) export(ctx context.Context, path string, nb *notebook, dir string) error {
	folder, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return err
	}
	pins, err := nb.pins()
	if err != nil {
		return err
	}
	ev, err := o.New(folder, pins)
	if err != nil {
		return err
	}
	defer ev.Close()
	maker, ok := ev.(exporter)
	if !ok {
		return errors.New("this evaluator makes no programs")
	}
	rec := &recorder{shown: map[string][]*output{}, log: o.Log}
	notes, err := maker.Export(ctx, nb.requests(o), dir, rec.cell())
	for _, note := range notes {
		fmt.Fprintln(o.Log, "note:", note)
	}
	var fault *interp.Error
	if errors.As(err, &fault) {
		return errors.New(firstLine(fault.Value))
	}
	return err
}

// requests gives the cells of a program, numbered as a run numbers them.
func (nb *notebook) requests(o Options) (cells []interp.Request) {
	for i, c := range nb.runnable() {
		if c.tagged("raises-exception") {
			fmt.Fprintf(o.Log, "note: cell %d is tagged raises-exception and is left out\n", i+1)
			continue
		}
		cells = append(cells, interp.Request{Code: c.code(), Count: i + 1})
	}
	return cells
}
