// Package symbols holds what the interpreter knows of compiled packages: for each
// public package of the standard library, and for the packages of this module that cells may import, a table of
// its functions, variables, constants and types. The tables are constant data,
// turned into a map when a package is first asked for, so that a process which
// imports them starts as fast as without.
//
// Left out are generic functions and types, which have no value before they are
// instantiated, but for some of package demos (see Instance); the wrappers by which interpreted types implement interfaces, as
// interpreted cells declare no types with methods; and the packages named in
// gen/list.go. A cell that needs one of them has to be compiled.
package symbols

import (
	"go/constant"
	"go/token"
	"reflect"
	"sort"
	"sync"
)

//go:generate go run ./gen

// A row is one exported symbol. What value holds depends on kind.
type row struct {
	name  string
	kind  kind
	value any
}

type kind uint8

const (
	plain    kind = iota // a function, or a constant of a type: itself
	variable             // a pointer to it
	typename             // a nil pointer to the type
	untyped              // a constant without a type: a literal
)

// A literal is an untyped constant as Go source, since its value may be of any size.
type literal struct {
	kind token.Token // INT, FLOAT or STRING
	text string
}

// A table is one package. Rows are read at most once, by load.
type table struct {
	path, name string
	rows       func() []row
	once       sync.Once
	symbols    map[string]reflect.Value
}

// load gives the table's symbols in the form that yaegi's Use takes.
func (t *table) load() map[string]reflect.Value {
	t.once.Do(func() {
		rows := t.rows()
		if t.path == "interleave/demos" {
			rows = append(rows, genericTypes()...)
		}
		t.symbols = make(map[string]reflect.Value, len(rows))
		for _, r := range rows {
			t.symbols[r.name] = r.reflect()
		}
	})
	return t.symbols
}

func (r row) reflect() reflect.Value {
	switch r.kind {
	case variable:
		return reflect.ValueOf(r.value).Elem()
	case untyped:
		l := r.value.(literal)
		return reflect.ValueOf(constant.MakeFromLiteral(l.text, l.kind, 0))
	}
	return reflect.ValueOf(r.value)
}

// find gives the table of an import path, or nil.
func find(path string) *table {
	i := sort.Search(len(tables), func(i int) bool { return tables[i].path >= path })
	if i == len(tables) || tables[i].path != path {
		return nil
	}
	return &tables[i]
}

// Lookup gives the package at an import path: its declared name and its symbols,
// which the caller must not change. yaegi's Use wants them under path/name, such as
// "math/rand/v2/rand". Functions and typed constants are themselves, variables are
// addressable, types are nil pointers to them, untyped constants are a
// constant.Value, which does not tell a rune from an int: yaegi takes unicode.MaxRune
// for an int where Go defaults to rune. It may be called from several goroutines.
func Lookup(path string) (name string, symbols map[string]reflect.Value, ok bool) {
	t := find(path)
	if t == nil {
		return "", nil, false
	}
	return t.name, t.load(), true
}

// Has tells whether an exported symbol of a package is in its table. It is false
// for generic ones: they exist, but only compiled code can use them.
func Has(path, symbol string) bool {
	_, symbols, _ := Lookup(path)
	_, ok := symbols[symbol]
	return ok
}

// HasPackage tells whether there are symbols of a package.
func HasPackage(path string) bool { return find(path) != nil }

// Paths gives the import paths of all tables, sorted.
func Paths() []string {
	paths := make([]string, len(tables))
	for i := range tables {
		paths[i] = tables[i].path
	}
	return paths
}
