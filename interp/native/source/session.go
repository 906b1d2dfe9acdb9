// Package source turns a checked cell into a Go package, a unit, that the
// compiler takes and that shares live state with other cells.
//
// A package hides lower-case names, cells do not; and what a cell declares must
// outlive it. So a unit keeps the user's bytes but where it must not:
//
//   - A top-level variable is storage outside all units, reached by pointer:
//     x becomes (*ꞋxꞋ3), where "x.3" is the key of its storage.
//   - A function is called through its slot, storage of function type, so that a
//     redefinition reaches old callers and running goroutines. Own recursion is
//     direct. A generic function has no slot: it is exported as Ꞌname.
//   - A type is exported as an alias Ꞌname; units that use it have a local alias
//     of the user's name. Lower-case fields are reached by way of accessors,
//     which the compiler inlines; lower-case methods get the prefix.
//   - What waits, starts a goroutine, prints or ends the process goes through
//     the runtime units (rt/), whose hooks the host fills in.
//   - Functions and loops look at the stop flag.
//
// Nothing of the user's runs while a unit is loaded: statements are in ꞋꞋRun.
//
// The prefix is Ꞌ (U+A78B), an upper-case letter that nobody types and that
// sorts after ASCII: user names get one, names of this package two.
package source

import (
	"go/types"
	"maps"
	"strings"

	"interleave/interp/check"
	"interleave/interp/child"
)

// Mark is the prefix; taking it out of a trace gives the user's names back.
const Mark = "Ꞌ"

// PackageName is what the package clause of a unit of cells says. The builder
// patches it to main, so that %T shows main.point.
const PackageName = "Zq7x"

// A Session knows what later units need of earlier ones. It is not safe for
// concurrent use. The zero value is not ready: see New.
type Session struct {
	Prefix string // import path of the units, before "c3"
	NoStop bool   // do not look at the stop flag: faster, and deaf to interrupts

	homes    map[types.Object]home // types and generic functions
	fields   map[*types.Var]owner  // lower-case fields of named struct types
	anons    []anon                // unnamed struct types with lower-case fields
	generics map[string]*function  // by name: the latest generic functions
	methods  []*function
	keys     map[string]string    // name -> key of the variable or function it means
	users    map[string]*function // by key: functions that are in their slots
	paths    map[string]int       // how many units were made of a path
	inferred map[string]home      // by key: variables whose type has no name
	c        map[int]C            // by cell: those whose comment holds C

	instances map[string]*types.Named // of generic types that cells mention, by their text
}

// A home is where a package-level object of a unit lives.
type home struct{ path, name string }

// An owner has the accessors of a field: its unit, and the name they begin with.
type owner struct {
	home
	named *types.TypeName // whose declaration holds the field; nil for an unnamed struct
}

// An anon is an unnamed struct type that its first unit gave a name and accessors.
type anon struct {
	typ *types.Struct
	home
}

// New makes a Session that knows no units.
func New() *Session {
	return &Session{
		Prefix: "interleave/cells/",
		homes:  map[types.Object]home{}, fields: map[*types.Var]owner{}, generics: map[string]*function{}, keys: map[string]string{},
		users: map[string]*function{}, paths: map[string]int{}, inferred: map[string]home{}, c: map[int]C{},
		instances: map[string]*types.Named{},
	}
}

// A Unit is the package of one cell.
//
// It exports one variable, ꞋꞋUnit, a map[string]any with:
//
//	"run"    func(at func(int), result func(...any)): the cell's statements. It
//	         calls at(i) before item i and at(n) after the last, and result with
//	         the value of the last expression, where that is shown.
//	"vars"   map[string]any: key -> **T, to be pointed at the storage of that key
//	         before anything runs. Storage that is missing is made from it, by
//	         reflection: reflect.New(reflect.TypeOf(v).Elem().Elem()).
//	"types"  map[string]any: name -> nil *T, of the types that it declares, but
//	         generic ones.
//	"again"  []any: nil *T, of the instances of generic types that cells have used
//	         and that are others now.
//	"funcs"  map[string]any: key -> function, to be put into the slot of that key.
type Unit struct {
	Path    string            // import path
	Files   map[string]string // name -> source
	Imports []string          // units that it imports, those of the runtime included
	Vars    []child.Var       // storage that it reaches; Type is empty: see "vars"
	Funcs   []child.Func      // what it declares for slots, by Key and Name; Type is empty
	Cgo     bool              // it imports "C"
	C       C                 // what its C shares with other units
	Result  bool              // the last item has a value that is shown
	Notes   []string          // what the user should know, as sentences
	// Needs has the keys of the storage that generic functions, and the methods of
	// types, use: by name.
	Needs map[string][]string
	// Shape is Files without the number of the cell: a cell that is run again
	// and has the Shape of an earlier unit does what that unit does.
	Shape string

	homes    map[types.Object]home
	fields   map[*types.Var]owner
	anons    []anon
	generics map[string]*function
	users    map[string]*function
	methods  []*function
	keys     map[string]string
	inferred map[string]home
	cell     int // whose comment holds its C

	instances map[string]*types.Named
}

// A Refusal is a construct that has no place in a session.
type Refusal struct {
	Where string // "cell 2:4"
	What  string // a clause: what is wrong and what to do
}

func (r *Refusal) Error() string { return r.Where + ": " + r.What }

// Unit rewrites ch. The error is a *Refusal. The session does not change.
func (s *Session) Unit(ch *check.Checked) (*Unit, error) {
	r := newRewriter(s, ch)
	r.register()
	r.write()
	maps.Copy(r.u.instances, r.instances())
	if r.refusal != nil {
		return nil, r.refusal
	}
	return r.u, nil
}

// Commit makes what u declares known to later units.
func (s *Session) Commit(u *Unit) {
	maps.Copy(s.homes, u.homes)
	maps.Copy(s.fields, u.fields)
	maps.Copy(s.generics, u.generics)
	maps.Copy(s.users, u.users)
	maps.Copy(s.inferred, u.inferred)
	maps.Copy(s.keys, u.keys)
	maps.Copy(s.instances, u.instances)
	s.methods = append(s.methods, u.methods...)
	s.anons = append(s.anons, u.anons...)
	if u.Cgo && u.C.first.path == u.Path {
		s.c[u.cell] = u.C
	}
	base, _, _ := strings.Cut(strings.TrimPrefix(u.Path, s.Prefix), "x")
	s.paths[base]++
}
