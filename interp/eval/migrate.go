package eval

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"interleave/interp/child"
)

// A type that a cell declares again, or gives a method, is a new type to the
// compiler. Storage is shared, and says nothing of its type; but an interface value
// does: it keeps the earlier type. So where one can be reached from a variable of
// the session, it is made anew with the new type.

// noteTypes remembers the types that a unit declares, by name.
func (s *Session) noteTypes(unit map[string]any) {
	table, _ := unit["types"].(map[string]any)
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, p := range table {
		t := reflect.TypeOf(p).Elem()
		if !slices.Contains(s.types[name], t) {
			s.types[name] = append(s.types[name], t)
		}
	}
}

// migrate gives values in interfaces the types that unit declares again, and tells
// what keeps the earlier ones.
func (s *Session) migrate(c *cell, p *child.Program, unit map[string]any) {
	if len(p.Retyped) == 0 {
		return
	}
	table, _ := unit["types"].(map[string]any)
	m := migration{
		now: map[reflect.Type]reflect.Type{}, instances: map[string]reflect.Type{}, again: p.Retyped, stale: map[reflect.Type]bool{}, kept: map[string]bool{},
		known: map[reflect.Type]reflect.Type{}, holds: map[reflect.Type]bool{}, seen: map[visit]bool{}, own: isUnit,
	}
	again, _ := unit["again"].([]any)
	for _, ptr := range again {
		t := reflect.TypeOf(ptr).Elem()
		m.instances[t.Name()] = t
	}
	s.mu.Lock()
	for _, name := range p.Retyped {
		ptr, ok := table[name]
		if !ok {
			continue // a generic type
		}
		now := reflect.TypeOf(ptr).Elem()
		for _, old := range s.types[name] {
			switch {
			case old == now:
			case sameLayout(old, now, map[visit2]bool{}):
				m.now[old] = now
			default:
				m.stale[old] = true
			}
		}
	}
	where, busy := s.others(c)
	if !busy {
		for _, v := range s.storage {
			m.walk(v.Elem())
		}
	}
	s.mu.Unlock()
	if len(m.kept) > 0 {
		kept := strings.Join(slices.Sorted(maps.Keys(m.kept)), ", ")
		note := fmt.Sprintf("note: values in interfaces keep the earlier %s: those of type %s\n", strings.Join(p.Retyped, ", "), kept)
		s.print(c, "stdout", []byte(note))
	}
	if len(where) == 0 {
		return
	}
	what := "goroutines that run"
	if busy && len(m.now)+len(m.instances) > 0 {
		what = "values in interfaces, and goroutines that run,"
	}
	note := fmt.Sprintf("note: %s keep the earlier %s where they use it: %s\n", what, strings.Join(p.Retyped, ", "), strings.Join(where, ", "))
	s.print(c, "stdout", []byte(note))
}

// others are the places where goroutines were started that have not ended and are
// not c's. They are busy where one does not wait: it may then write what is walked.
func (s *Session) others(c *cell) (where []string, busy bool) {
	s.eachActive(func(o *cell) bool {
		if o == c {
			return true
		}
		for g := range o.live {
			if at := g.place(); !slices.Contains(where, at) {
				where = append(where, at)
			}
		}
		busy = busy || len(o.waits) != len(o.live)
		return true
	})
	slices.Sort(where)
	return where, busy
}

type visit struct {
	p uintptr
	t reflect.Type
}

// A migration walks values and replaces the types of what interfaces hold.
type migration struct {
	now   map[reflect.Type]reflect.Type // by earlier type
	known map[reflect.Type]reflect.Type // what replace gave
	// Of generic types, the new instances have the names of the earlier ones.
	instances map[string]reflect.Type
	again     []string              // names of types that are declared again
	stale     map[reflect.Type]bool // earlier types that have none in their place
	kept      map[string]bool       // those of values in interfaces, as %T has them, that are earlier ones
	holds     map[reflect.Type]bool // what mayHold gave
	seen      map[visit]bool
	own       func(path string) bool // tells packages of cells
}

// replace gives t with the new types in the place of the earlier ones.
func (m *migration) replace(t reflect.Type) reflect.Type {
	if r, ok := m.now[t]; ok {
		return r
	}
	if r, ok := m.known[t]; ok {
		return r
	}
	m.known[t] = t
	if t.Name() != "" {
		m.known[t] = m.instance(t)
		return m.known[t]
	}
	switch t.Kind() {
	case reflect.Pointer:
		m.known[t] = reflect.PointerTo(m.replace(t.Elem()))
	case reflect.Slice:
		m.known[t] = reflect.SliceOf(m.replace(t.Elem()))
	case reflect.Array:
		m.known[t] = reflect.ArrayOf(t.Len(), m.replace(t.Elem()))
	case reflect.Map:
		m.known[t] = reflect.MapOf(m.replace(t.Key()), m.replace(t.Elem()))
	case reflect.Chan:
		m.known[t] = reflect.ChanOf(t.ChanDir(), m.replace(t.Elem()))
	case reflect.Func:
		in, out := make([]reflect.Type, t.NumIn()), make([]reflect.Type, t.NumOut())
		for i := range in {
			in[i] = m.replace(t.In(i))
		}
		for i := range out {
			out[i] = m.replace(t.Out(i))
		}
		m.known[t] = reflect.FuncOf(in, out, t.IsVariadic())
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i).Type; m.replace(f) != f { // reflection makes none with lower-case fields
				m.kept[t.String()] = true
			}
		}
	}
	return m.known[t]
}

// instance gives, for an instance of a generic type, the new one; t where there is none.
// One that is concerned all the same is noted.
func (m *migration) instance(t reflect.Type) reflect.Type {
	name, args, generic := strings.Cut(t.Name(), "[")
	if m.stale[t] {
		m.kept[t.String()] = true
	}
	if !generic {
		return t
	}
	now, ok := m.instances[t.Name()]
	if ok && m.own(t.PkgPath()) && m.own(now.PkgPath()) && sameLayout(t, now, map[visit2]bool{}) {
		return now
	}
	for _, again := range m.again {
		if name == again && m.own(t.PkgPath()) || mentions(args, "main."+again) {
			m.kept[t.String()] = true
		}
	}
	return t
}

// mentions tells whether a name stands in a list of type arguments.
func mentions(args, name string) bool {
	for {
		_, rest, ok := strings.Cut(args, name)
		if !ok {
			return false
		}
		if next, _ := utf8.DecodeRuneInString(rest); next != '_' && !unicode.IsLetter(next) && !unicode.IsDigit(next) {
			return true
		}
		args = rest
	}
}

// containers are the packages of the library whose structures are looked into: they
// hold what users put there, and no goroutine of the library changes them.
var containers = map[string]bool{"container/list": true, "container/ring": true}

// mayHold tells whether an interface can be reached from a t.
func (m *migration) mayHold(t reflect.Type) bool {
	h, known := m.holds[t]
	if !known {
		h = m.reaches(t, map[reflect.Type]bool{})
		m.holds[t] = h
	}
	return h
}

func (m *migration) reaches(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return m.reaches(t.Elem(), seen)
	case reflect.Map:
		return m.reaches(t.Key(), seen) || m.reaches(t.Elem(), seen)
	case reflect.Struct:
		if t.PkgPath() != "" && !m.own(t.PkgPath()) && !containers[t.PkgPath()] {
			return false
		}
		for i := range t.NumField() {
			if m.reaches(t.Field(i).Type, seen) {
				return true
			}
		}
	}
	return false
}

// walk looks at v, which is addressable, and at what is reached from it.
func (m *migration) walk(v reflect.Value) {
	t := v.Type()
	if !m.mayHold(t) || m.seen[visit{v.Addr().Pointer(), t}] {
		return
	}
	m.seen[visit{v.Addr().Pointer(), t}] = true
	if !v.CanSet() { // a lower-case field
		v = reflect.NewAt(t, v.Addr().UnsafePointer()).Elem()
	}
	switch t.Kind() {
	case reflect.Interface:
		m.walkInterface(v)
	case reflect.Pointer:
		if !v.IsNil() {
			m.walk(v.Elem())
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			m.walk(v.Index(i))
		}
	case reflect.Struct:
		for i := range t.NumField() {
			m.walk(v.Field(i))
		}
	case reflect.Map:
		m.walkMap(v)
	}
}

// walkInterface makes the value in v anew where its type is an earlier one.
func (m *migration) walkInterface(v reflect.Value) {
	if v.IsNil() {
		return
	}
	old := v.Elem()
	now := m.replace(old.Type())
	if now != old.Type() && !now.AssignableTo(v.Type()) {
		now = old.Type()
	}
	if now == old.Type() && !m.mayHold(now) {
		return
	}
	made := reflect.New(now)
	reflect.NewAt(old.Type(), made.UnsafePointer()).Elem().Set(old)
	m.walk(made.Elem())
	v.Set(made.Elem())
}

func (m *migration) walkMap(v reflect.Value) {
	for _, key := range v.MapKeys() {
		k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		k.Set(key)
		e.Set(v.MapIndex(key))
		m.walk(k)
		m.walk(e)
		if m.mayHold(v.Type().Key()) {
			v.SetMapIndex(key, reflect.Value{})
		}
		v.SetMapIndex(k, e)
	}
}

type visit2 struct{ a, b reflect.Type }

// sameLayout tells whether memory of an a is memory of a b.
func sameLayout(a, b reflect.Type, seen map[visit2]bool) bool {
	if a == b || seen[visit2{a, b}] {
		return true
	}
	seen[visit2{a, b}] = true
	if a.Kind() != b.Kind() || a.Size() != b.Size() || a.Name() != b.Name() || a.PkgPath() != "" && !isUnit(a.PkgPath()) {
		return false
	}
	switch a.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Chan:
		return sameLayout(a.Elem(), b.Elem(), seen)
	case reflect.Array:
		return a.Len() == b.Len() && sameLayout(a.Elem(), b.Elem(), seen)
	case reflect.Map:
		return sameLayout(a.Key(), b.Key(), seen) && sameLayout(a.Elem(), b.Elem(), seen)
	case reflect.Interface:
		return a.NumMethod() == b.NumMethod()
	case reflect.Struct:
		if a.NumField() != b.NumField() {
			return false
		}
		for i := range a.NumField() {
			if a.Field(i).Name != b.Field(i).Name || !sameLayout(a.Field(i).Type, b.Field(i).Type, seen) {
				return false
			}
		}
	}
	return true
}

func isUnit(path string) bool { return strings.HasPrefix(path, unitPrefix) }
