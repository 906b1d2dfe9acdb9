package source_test

import (
	"slices"
	"strings"
	"testing"

	"interleave/interp/cell"
	"interleave/interp/check"
	"interleave/interp/native/source"
)

// What cgo writes for the cells below.
const gotypes = `package main

import "unsafe"

type _Ctype_int int32
type _Ctype_point = _Ctype_struct___0
type _Ctype_struct___0 struct {
	x	_Ctype_int
}
var _Cvar_counter *_Ctype_int
var _Cfpvar_fp_twice unsafe.Pointer
func _Cfunc_twice(p0 _Ctype_int) (r1 _Ctype_int)
`

// unitsOfC makes units of cells, the first of which has the C.
func unitsOfC(t *testing.T, cells ...string) []*source.Unit {
	t.Helper()
	s, out := newCheck(t), source.New()
	var units []*source.Unit
	for i, src := range cells {
		c, err := cell.Parse(i+1, src)
		if err != nil {
			t.Fatal(err)
		}
		of := s.C(c)
		if of != nil && of.Own {
			of.Funcs, of.Vars, of.Static = []string{"twice", "hidden"}, []string{"counter"}, []string{"hidden"}
		}
		var types *check.CTypes
		if of != nil {
			types = &check.CTypes{Of: of, Source: gotypes}
		}
		ch, err := s.CheckC(c, types)
		if err != nil {
			t.Fatal(err)
		}
		u, err := out.Unit(ch)
		if err != nil {
			t.Fatal(err)
		}
		s.Commit(ch, len(c.Items))
		out.Commit(u)
		units = append(units, u)
	}
	return units
}

func contains(t *testing.T, what, text string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			t.Errorf("%s: %q is missing in\n%s", what, want, text)
		}
	}
}

func TestUnitsOfC(t *testing.T) {
	u := unitsOfC(t,
		"// int twice(int);\nimport \"C\"\nimport \"unsafe\"\n\n//export back\nfunc back(n C.int, p unsafe.Pointer) C.int { return C.twice(n) }\n\np := C.point{5}",
		"n := p.x",
		"C.counter += C.twice(n)\nf := C.twice\nq := C.point{n}",
	)
	first, plain, later := u[0], u[1], u[2]
	contains(t, "cgo's file", first.Files["cell.go"],
		"//#line 1 \"cell 1\"\n// int twice(int);\nimport \"C\"\n", "var ꞋꞋCvar_counter = &C.counter", "var ꞋꞋCfp_twice = C.twice",
		"func Ꞌback(n C.int, p unsafe.Pointer) C.int", "\n//export back\n//line cell 1:6:1\nfunc back(ꞋꞋp0 /*line cell 1:6:13*/C.int, ꞋꞋp1 /*line cell 1:6:22*/unsafe.Pointer) C.int { return (*Ꞌback", "C.point{5}")
	if strings.Contains(first.Files["cell.go"], "_Ctype_int =") || strings.Contains(first.Files["cell.go"], "ꞋꞋCfp_hidden") {
		t.Errorf("cgo's file is\n%s", first.Files["cell.go"])
	}
	contains(t, "the other file", first.Files["rest.go"], "type Ꞌ_Ctype_int = _Ctype_int", "type Ꞌ_Ctype_struct___0 = _Ctype_struct___0",
		"func Ꞌ_Ctype_struct___0Ꞌx(p *Ꞌ_Ctype_struct___0) *Ꞌ_Ctype_int { return &p.x }")
	if !first.Cgo || !slices.Equal(first.C.Export, []string{"twice", "hidden", "counter"}) || len(first.C.Funcs) != 0 || len(first.C.Types) != 0 {
		t.Errorf("the first unit shares %+v", first.C)
	}
	if plain.Cgo || len(plain.Files) != 1 || !slices.Contains(plain.Imports, first.Path) {
		t.Errorf("a unit that only has a value of C: %v, imports %v", plain.Cgo, plain.Imports)
	}
	contains(t, "it", plain.Files["cell.go"], "Ꞌ_Ctype_struct___0Ꞌx(")
	contains(t, "a later unit", later.Files["cell.go"], "(*ꞋꞋc1.ꞋꞋCvar_counter)", "C.twice(", "= ꞋꞋc1.ꞋꞋCfp_twice", "Ꞌ_Ctype_struct___0ꞋxꞋs(C.point{}")
	if !later.Cgo || later.C.Prefix != first.C.Prefix || !slices.Equal(later.C.Funcs, []string{"twice", "hidden"}) || !slices.Equal(later.C.Vars, []string{"counter"}) || len(later.C.Export) != 0 {
		t.Errorf("a later unit shares %+v", later.C)
	}
	if later.C.Types["_Ctype_int"] != first.Path || later.C.Types["_Ctype_struct___0"] != first.Path || !slices.Contains(later.Imports, first.Path) {
		t.Errorf("its types are of %v, imports %v", later.C.Types, later.Imports)
	}
}

// A function with C stays in its unit when a generic function that it calls is
// declared again, and that is said.
func TestFunctionsWithCStay(t *testing.T) {
	u := unitsOfC(t,
		"// int twice(int);\nimport \"C\"\nfunc id[T any](v T) T { return v }\nfunc f() C.int { return C.twice(id(C.int(1))) }",
		"func id[T any](v T) T { var zero T; _ = zero; return v }",
	)
	if want := "f of cell 1 keeps the generic functions that it was compiled with: run cell 1 again"; !slices.Contains(u[1].Notes, want) {
		t.Errorf("notes are %q", u[1].Notes)
	}
}
