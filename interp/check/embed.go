package check

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"interleave/interp/cell"
)

// embedPath is the package without which Go takes no directive //go:embed.
const embedPath = "embed"

// embeds notes the cell's variables that have their values from files, and refuses
// what the Go compiler would.
func (u *unit) embeds(ch *Checked) {
	list, wrong := u.c.Embeds()
	for _, e := range list {
		obj := u.info.Defs[e.Spec.Names[0]]
		switch {
		case !u.importsEmbed():
			wrong = append(wrong, u.c.Diagnostic(e.At, `go:embed requires import "embed" (or import _ "embed", if package is not used)`))
		case obj == nil || obj.Type() == types.Typ[types.Invalid]: // go/types says why
		case embedKind(obj.Type()) == "":
			msg := fmt.Sprintf("go:embed cannot apply to var of type %s", types.TypeString(obj.Type(), types.RelativeTo(u.pkg)))
			wrong = append(wrong, u.c.Diagnostic(obj.Pos(), msg))
		}
	}
	ch.Embeds = list
	u.refused = append(u.refused, wrong...)
}

// importsEmbed tells whether this cell, or an earlier one, imports package embed, be it
// without a name.
func (u *unit) importsEmbed() bool {
	return u.s.embed || slices.ContainsFunc(u.c.Imports, func(is *ast.ImportSpec) bool { return importPath(is) == embedPath })
}

// EmbedsBytes tells whether t is one of bytes, which the user may change.
func EmbedsBytes(t types.Type) bool { return embedKind(t) == "bytes" }

// EmbedsFiles tells whether a variable of type t may hold several files.
func EmbedsFiles(t types.Type) bool { return embedKind(t) == "files" }

// embedKind tells how a variable of type t holds files; "" where it cannot.
func embedKind(t types.Type) string {
	if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Name() == "FS" && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == embedPath {
		return "files"
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Kind() == types.String {
			return "string"
		}
	case *types.Slice:
		if b, ok := u.Elem().Underlying().(*types.Basic); ok && b.Kind() == types.Uint8 {
			return "bytes"
		}
	}
	return ""
}

// EmbedOf gives the directive of a variable; nil where it has none.
func (ch *Checked) EmbedOf(spec ast.Node) *cell.Embed {
	for i := range ch.Embeds {
		if spec == ast.Node(ch.Embeds[i].Spec) {
			return &ch.Embeds[i]
		}
	}
	return nil
}
