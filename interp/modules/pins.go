package modules

import (
	"context"
	"encoding/json"
	"fmt"
	"go/version"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// Pins are the versions that a notebook was run with: metadata.interleave.
type Pins struct {
	Go      string   `json:"go,omitempty"`      // version of Go, such as 1.26.8
	Require []string `json:"require,omitempty"` // path@version, of all modules that count, sorted
	Sum     []string `json:"sum,omitempty"`     // their lines of go.sum, sorted
}

var (
	pinned = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._~/\-]*@v[0-9][A-Za-z0-9.+\-]*$`)
	summed = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._~/\-]* v[0-9][A-Za-z0-9.+/\-]* h1:[A-Za-z0-9+/=]+$`)
)

// Check tells what is not a pin: a notebook comes from anywhere, and its lines go
// into go.mod and go.sum.
func (p Pins) Check() error {
	for _, line := range p.Require {
		if !pinned.MatchString(line) {
			return fmt.Errorf("metadata.interleave of the notebook: require: %q is not path@version: mend it, or delete metadata.interleave", line)
		}
	}
	for _, line := range p.Sum {
		if !summed.MatchString(line) {
			return fmt.Errorf("metadata.interleave of the notebook: sum: %q is no line of a go.sum: mend it, or delete metadata.interleave", line)
		}
	}
	return nil
}

// newer is a note where the notebook was run with a newer Go than this one.
func (p Pins) newer() string {
	if p.Go == "" || version.Compare("go"+p.Go, runtime.Version()) <= 0 {
		return ""
	}
	return "note: this notebook was run with Go " + p.Go + ", this kernel has " + strings.TrimPrefix(runtime.Version(), "go")
}

// A Requirement is a module that the session requires, or has packages of.
type Requirement struct {
	Path, Version string
	Local         bool // in a folder of the user's
	Around        bool // the go.mod around the notebook says its version
}

// Requirements are all of them, sorted by path: those of go.mod, with the notebook's
// pins, and those that modules require in their turn, as far as cells have packages of them.
func (s *Session) Requirements(ctx context.Context) ([]Requirement, error) {
	ctx, end := s.begin(ctx)
	defer end()
	if err := s.setUp(ctx); err != nil {
		return nil, err
	}
	return s.requirements(ctx)
}

// requirements is Requirements with s.work held.
func (s *Session) requirements(ctx context.Context) ([]Requirement, error) {
	out, err := s.tools.Run(ctx, s.tools.Go(ctx, s.dir, "mod", "edit", "-json"), nil)
	if err != nil {
		return nil, err
	}
	var mod struct {
		Require []struct{ Path, Version string }
	}
	if err := json.Unmarshal([]byte(out), &mod); err != nil {
		return nil, fmt.Errorf("go mod edit: %w", err)
	}
	found := map[string]Requirement{}
	for _, r := range mod.Require {
		found[r.Path] = Requirement{r.Path, r.Version, r.Version == noVersion, s.env.required[r.Path]}
	}
	s.mu.RLock()
	for _, m := range s.packages {
		found[m.From] = Requirement{m.From, m.Version, m.Local, s.env.required[m.From]}
	}
	s.mu.RUnlock()
	delete(found, "interleave")
	all := slices.Collect(maps.Values(found))
	slices.SortFunc(all, func(a, b Requirement) int { return strings.Compare(a.Path, b.Path) })
	return all, nil
}

// Used gives the pins of a session that has modules; the zero value of one that has none.
func (s *Session) Used(ctx context.Context) (Pins, error) {
	ctx, end := s.begin(ctx)
	defer end()
	if s.dir == "" {
		return Pins{}, nil
	}
	all, err := s.requirements(ctx)
	if err != nil {
		return Pins{}, err
	}
	var p Pins
	for _, r := range all {
		if !r.Local && !r.Around {
			p.Require = append(p.Require, r.Path+"@"+r.Version)
		}
	}
	if p.Require == nil {
		return Pins{}, nil
	}
	p.Go = strings.TrimPrefix(runtime.Version(), "go")
	sums, err := os.ReadFile(filepath.Join(s.dir, "go.sum"))
	if err != nil {
		return Pins{}, err
	}
	for line := range strings.Lines(string(sums)) {
		if line = strings.TrimSpace(line); line != "" && !strings.Contains(s.env.sums, line+"\n") {
			p.Sum = append(p.Sum, line)
		}
	}
	slices.Sort(p.Sum)
	p.Sum = slices.Compact(p.Sum)
	return p, nil
}
