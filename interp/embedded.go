package interp

import (
	"errors"
	"fmt"
	"go/types"
	"io/fs"
	"os"
	"slices"
	"strings"

	"interleave/interp/cell"
	"interleave/interp/check"
	"interleave/interp/embed"
	"interleave/interp/native/build"
	programs "interleave/interp/program"
)

// An embedder reads the files that directives //go:embed mean: those beside the notebook.
type embedder struct {
	dir fs.FS
	out build.Embed
}

func (e *Evaluator) embedder() *embedder {
	return &embedder{os.DirFS(e.folder()), build.Embed{Patterns: map[string][]string{}, Files: map[string]string{}}}
}

// embedded reads what the directives of a checked cell mean. The error is a *cell.Errors.
func (e *Evaluator) embedded(ch *check.Checked) (build.Embed, error) {
	m := e.embedder()
	for i := range ch.Embeds {
		if _, err := m.variable(ch, &ch.Embeds[i]); err != nil {
			return build.Embed{}, err
		}
	}
	return m.out, nil
}

// variable reads the files of a variable, and gives their names, sorted. The error is
// a *cell.Errors.
func (m *embedder) variable(ch *check.Checked, e *cell.Embed) ([]string, error) {
	var names []string
	for _, p := range e.Patterns {
		found, err := m.pattern(ch.Cell, p)
		if err != nil {
			return nil, err
		}
		names = append(names, found...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	id := e.Spec.Names[0]
	if obj := ch.Info.Defs[id]; obj != nil && len(names) > 1 && !check.EmbedsFiles(obj.Type()) {
		msg := fmt.Sprintf("invalid go:embed: multiple files for type %s", types.TypeString(obj.Type(), types.RelativeTo(obj.Pkg())))
		return nil, cell.NewErrors(ch.Cell.Src, []cell.Diagnostic{ch.Cell.Diagnostic(id.Pos(), msg)})
	}
	return names, nil
}

// pattern reads the files of one pattern in a cell.
func (m *embedder) pattern(c *cell.Cell, p cell.Pattern) ([]string, error) {
	if names, ok := m.out.Patterns[p.Text]; ok {
		return names, nil
	}
	names, err := embed.Files(m.dir, p.Text)
	for _, name := range names {
		if _, known := m.out.Files[name]; err == nil && !known {
			var text []byte
			text, err = fs.ReadFile(m.dir, name)
			m.out.Files[name] = string(text)
		}
	}
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = fmt.Errorf("%s: %w", path.Path, path.Err)
		}
		return nil, cell.NewErrors(c.Src, []cell.Diagnostic{c.Diagnostic(p.At, fmt.Sprintf("pattern %s: %v", p.Text, err))})
	}
	m.out.Patterns[p.Text] = names
	return names, nil
}

// withFiles gives the source of a cell that is a program, with the files that it embeds
// named in its directives, and those files. The error is a *cell.Errors.
func (e *Evaluator) withFiles(c *cell.Cell) (src string, files map[string]string, err error) {
	list, wrong := c.Embeds()
	if len(wrong) > 0 {
		return "", nil, cell.NewErrors(c.Src, wrong)
	}
	m := e.embedder()
	var b strings.Builder
	at := 0
	for _, v := range list {
		for _, p := range v.Patterns {
			names, err := m.pattern(c, p)
			if err != nil {
				return "", nil, err
			}
			b.WriteString(c.Src[at:c.Offset(p.At)] + strings.TrimSpace(programs.EmbedArguments(names)))
			at = c.Offset(p.End)
		}
	}
	return b.String() + c.Src[at:], m.out.Files, nil
}
