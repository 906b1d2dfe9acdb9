package headless

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"interleave/interp"
)

// pinsKey is where a notebook's metadata has the versions of modules that it was run with.
const pinsKey = "interleave"

// Pins gives the versions of modules that the notebook at path names. A path that
// is no notebook, as a console's is none, names none.
func Pins(path string) (interp.Pins, error) {
	if filepath.Ext(path) != ".ipynb" {
		return interp.Pins{}, nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		// An older server names it from the folder that it serves; the kernel runs in the notebook's.
		data, err = os.ReadFile(filepath.Base(path))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return interp.Pins{}, nil
	}
	if err != nil {
		return interp.Pins{}, fmt.Errorf("versions of modules of the notebook: %w", err)
	}
	top, err := decode(data)
	if err != nil {
		return interp.Pins{}, fmt.Errorf("versions of modules of the notebook %s: %w", path, err)
	}
	return (&notebook{top: top}).pins()
}

// pins reads them.
func (nb *notebook) pins() (p interp.Pins, err error) {
	meta, _ := nb.top["metadata"].(map[string]any)
	if meta[pinsKey] == nil {
		return p, nil
	}
	text, err := json.Marshal(meta[pinsKey])
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil {
		return interp.Pins{}, fmt.Errorf("metadata.%s of the notebook: %w: mend it, or delete it", pinsKey, err)
	}
	return p, nil
}

// pinning is how long the go command may take to tell what was used.
const pinning = 30 * time.Second

// pin writes the versions of the modules that ev used; where it used none, the
// notebook keeps what it has.
func (nb *notebook) pin(ctx context.Context, ev Evaluator) error {
	user, ok := ev.(interface {
		Pins(context.Context) (interp.Pins, error)
	})
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pinning) // an interrupted run is written too
	defer cancel()
	p, err := user.Pins(ctx)
	if err != nil || p.Require == nil {
		return err
	}
	own := object(object(nb.top, "metadata"), pinsKey)
	own["go"], own["require"], own["sum"] = p.Go, p.Require, p.Sum
	return nil
}
