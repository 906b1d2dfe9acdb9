package source

import (
	"fmt"
	"go/ast"

	"interleave/interp/check"
)

// pointerType sees to the declaration of the pointer to the storage of b.
func (r *rewriter) pointerType(n ast.Node, b *check.Binding) {
	name := r.vars[b.Key]
	text := r.typeText(n, b.Object.Type())
	r.pointers = append(r.pointers, fmt.Sprintf("var %s *%s\n", name, text))
}
