package interp

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"interleave/display"
	"interleave/interp/cell"
)

// A setting is one of those that %config shows and changes.
type setting struct {
	help   string
	values []string
	get    func(e *Evaluator) string
	set    func(e *Evaluator, value string)
}

// settings is the table of all settings of a session.
func settings() map[string]setting {
	return map[string]setting{
		"stop_checks": {
			"loops and functions that are compiled from now on look whether their cell is to stop: off is a little faster, and deaf to interrupts",
			[]string{"on", "off"},
			func(e *Evaluator) string { return map[bool]string{true: "off", false: "on"}[e.compiler.session.NoStop] },
			func(e *Evaluator, value string) { e.compiler.session.NoStop = value == "off" },
		},
	}
}

// config shows the settings, or changes one: %config stop_checks=off.
func (e *Evaluator) config(_ context.Context, m cell.Magic, out Output) (*display.Bundle, error) {
	e.preparing.Lock()
	defer e.preparing.Unlock()
	table := settings()
	if strings.TrimSpace(m.Args) == "" {
		for _, name := range slices.Sorted(maps.Keys(table)) {
			s := table[name]
			out.Stream("stdout", fmt.Sprintf("%s=%s  (%s) %s\n", name, s.get(e), strings.Join(s.values, ", "), s.help))
		}
		return nil, nil
	}
	name, value, ok := strings.Cut(m.Args, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	s, known := table[name]
	switch {
	case !known:
		return nil, &Error{Name: "MagicError", Value: fmt.Sprintf("line %d: %%config: no setting %q; %%config lists them", m.Line, name)}
	case !ok || !slices.Contains(s.values, value):
		return nil, &Error{Name: "MagicError", Value: fmt.Sprintf("line %d: %%config %s: %q is none of %s", m.Line, name, value, strings.Join(s.values, ", "))}
	}
	s.set(e, value)
	return nil, nil
}
