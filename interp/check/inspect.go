package check

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"strings"

	"interleave/interp/exports"
)

// Inspect tells about the name at a byte offset of code, or about the function in
// whose call's parentheses it is: signature, origin, documentation. detail 0 asks
// for the first paragraph of that, 1 for all. markdown and text say the same.
// Source: messaging.rst, inspect_request.
func (s *Session) Inspect(code string, offset int, detail int) (markdown, text string, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	offset = clamp(code, offset)
	blanked, inMagic := withoutMagics(code[:offset])
	at := look(blanked)
	if inMagic {
		return s.inspectMagic(code, offset, detail)
	}
	if at.inString && at.inImport() {
		return s.inspectPath(code, at.stringAt+1, detail)
	}
	if at.inComment || at.inString && at.callee() < 0 {
		return "", "", false
	}
	start, end := identStart(code, offset), identEnd(code, offset)
	var targets []int
	switch {
	case at.inString:
		end = at.stringAt
	case start < end:
		targets = append(targets, start)
	}
	if callee := at.callee(); callee >= 0 {
		targets = append(targets, callee)
	}
	if len(targets) == 0 {
		return "", "", false
	}
	u := s.lookAround(code, blanked, end, targets[0])
	if u == nil {
		return "", "", false
	}
	defer u.restore()
	for _, target := range targets {
		if page := u.inspect(target); page != nil {
			markdown, text := page.render(detail)
			return markdown, text, true
		}
	}
	return "", "", false
}

// inspectMagic tells of the magic in whose name an offset is.
func (s *Session) inspectMagic(code string, offset, detail int) (markdown, text string, found bool) {
	start, end := identStart(code, offset), identEnd(code, offset)
	before := code[strings.LastIndexByte(code[:start], '\n')+1 : start]
	help := s.options.Magics[code[start:end]]
	if help == "" || before != "%" && before != "%%" {
		return "", "", false
	}
	markdown, text = (&page{declaration: before + code[start:end], doc: help}).render(detail)
	return markdown, text, true
}

// inspectPath tells of the package whose path begins at an offset.
func (s *Session) inspectPath(code string, start, detail int) (markdown, text string, found bool) {
	n := strings.IndexAny(code[start:], "\"`\n")
	if n < 0 {
		n = len(code) - start
	}
	pkg, err := s.importer.ImportDirect(code[start : start+n])
	if err != nil {
		return "", "", false
	}
	p := &page{declaration: "package " + pkg.Name(), origin: fmt.Sprintf("import %q", exports.Plain(pkg.Path()))}
	p.doc = s.document(pkg.Path(), "", "", p)
	markdown, text = p.render(detail)
	return markdown, text, true
}

// lookAround checks code around an identifier that it holds at target: whole, or
// up to an offset, end.
func (s *Session) lookAround(code, blanked string, end, target int) *unit {
	before := code[:end]
	if end >= len(blanked) {
		before = blanked + code[len(blanked):end]
	}
	line := lastLine(before)
	at, atLine := look(before), look(line)
	return s.checkFirst(target, code, before+at.closers(), line+atLine.closers())
}

// inspect gives what is known of the identifier at an offset, or nil.
func (u *unit) inspect(offset int) *page {
	path, id := identAt(u.c, offset)
	if id == nil {
		return u.inspectImport(offset)
	}
	obj := u.object(id)
	if obj == nil || unknown(obj) {
		obj = u.unimported(path, id)
	}
	if obj == nil {
		return nil
	}
	return u.page(id, obj)
}

// unknown tells an object whose declaration is broken.
func unknown(obj types.Object) bool {
	switch obj.(type) {
	case *types.PkgName, *types.Builtin:
		return false
	}
	return obj.Type() == nil || obj.Type() == types.Typ[types.Invalid]
}

// inspectImport is inspect for the name of an import.
func (u *unit) inspectImport(offset int) *page {
	pos := u.c.Pos(offset)
	for _, is := range u.c.Imports {
		if is.Name == nil || is.Name.NamePos != pos {
			continue
		}
		if p, ok := u.info.Defs[is.Name].(*types.PkgName); ok {
			return u.page(is.Name, p)
		}
	}
	return nil
}

// unimported finds what an identifier means if the package of its selector were
// imported, or if it names a package itself.
func (u *unit) unimported(path []ast.Node, id *ast.Ident) types.Object {
	x := id
	if n := len(path); n > 0 {
		if sel, ok := path[n-1].(*ast.SelectorExpr); ok {
			if x, ok = sel.X.(*ast.Ident); !ok {
				return nil
			}
		}
	}
	if u.info.Uses[x] != nil || u.info.Defs[x] != nil {
		return nil
	}
	pkg := u.s.importer.named(x.Name)
	if pkg == nil {
		return nil
	}
	if id == x {
		return types.NewPkgName(id.Pos(), nil, id.Name, pkg)
	}
	if obj := pkg.Scope().Lookup(id.Name); obj != nil && obj.Exported() {
		return obj
	}
	return nil
}

// A page is what Inspect tells.
type page struct {
	declaration string // Go
	source      string // the whole of it, of functions and types that a cell declared
	origin      string // a sentence
	doc         string // text of a doc comment
}

// page gathers what is known of an object that id names.
func (u *unit) page(id *ast.Ident, obj types.Object) *page {
	p := &page{declaration: u.declaration(obj)}
	switch {
	case obj.Parent() == types.Universe || obj.Pkg() == nil:
		p.doc = u.s.document("builtin", "", obj.Name(), p)
	case obj.Pkg().Path() == "main":
		u.sessionPage(id, obj, p)
	default:
		p.origin = fmt.Sprintf("package %s", exports.Plain(obj.Pkg().Path()))
		if owner, member := ownerOf(obj); member {
			p.doc = u.s.documentMember(obj.Pkg().Path(), owner, obj.Name())
		} else {
			p.doc = u.s.document(obj.Pkg().Path(), receiverName(obj), obj.Name(), p)
		}
	}
	if name, ok := obj.(*types.PkgName); ok {
		path := name.Imported().Path()
		p.origin = fmt.Sprintf("import %q", exports.Plain(path))
		p.doc = u.s.document(path, "", "", p)
	}
	return p
}

// sessionPage tells of what a cell declared.
func (u *unit) sessionPage(id *ast.Ident, obj types.Object, p *page) {
	if b := u.s.names[obj.Name()]; b != nil && b.Object == obj {
		p.origin = fmt.Sprintf("declared in cell %d", b.Cell)
		p.doc = docOf(b.Decl.Items[b.Item].Node, b.Node)
		p.source = sourceOf(b.Decl, b.Node) + u.methodsOf(obj)
		return
	}
	for _, d := range u.decls {
		if u.info.Defs[d.id] == obj {
			p.origin = "declared in this cell"
			p.doc = docOf(u.c.Items[d.item].Node, d.node)
			p.source = sourceOf(u.c, d.node) + u.methodsOf(obj)
			return
		}
	}
	u.memberPage(obj, p)
}

// declaration writes an object as Go would declare it.
func (u *unit) declaration(obj types.Object) string {
	var out string
	switch obj := obj.(type) {
	case *types.PkgName:
		return "package " + obj.Imported().Name()
	case *types.Builtin:
		return "func " + obj.Name()
	case *types.Const:
		out = types.ObjectString(obj, qualifier)
		if v := obj.Val(); v.Kind() != constant.Unknown && !strings.Contains(out, " = ") {
			out += " = " + v.String()
		}
	default:
		out = types.ObjectString(obj, qualifier)
	}
	for _, name := range u.odd {
		for _, d := range u.vars[name] {
			out = strings.ReplaceAll(out, d.hidden, name)
		}
	}
	return out
}

// receiverName gives the name of the type that a method belongs to, as documentation is
// filed; "" for what is no method.
func receiverName(obj types.Object) string {
	fn, ok := obj.(*types.Func)
	if !ok || fn.Signature().Recv() == nil {
		return ""
	}
	t := fn.Signature().Recv().Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if named, ok := t.(*types.Named); ok {
		return named.Obj().Name()
	}
	return ""
}

// render writes a page as Markdown and as text.
func (p *page) render(detail int) (markdown, text string) {
	doc, declaration := strings.TrimSpace(p.doc), p.declaration
	if detail == 0 {
		doc = beginning(doc)
	} else if p.source != "" {
		declaration = p.source
	}
	parts := []string{declaration, p.origin, doc}
	marked := []string{"```go\n" + declaration + "\n```", p.origin, asMarkdown(doc)}
	return join(marked), join(parts)
}

// beginning is the first paragraph of a text, with those that it announces by a colon.
func beginning(doc string) string {
	first, rest, more := strings.Cut(doc, "\n\n")
	for more && strings.HasSuffix(first, ":") {
		var next string
		next, rest, more = strings.Cut(rest, "\n\n")
		first += "\n\n" + next
	}
	return first
}

func join(parts []string) string {
	var out []string
	for _, s := range parts {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, "\n\n")
}
