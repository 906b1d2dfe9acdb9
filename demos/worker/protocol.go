// Package worker runs functions in worker processes: the same program started
// again, with the same compiled cells. Arguments and results travel by gob through
// pipes; what a worker is doing stands in memory that both share, so that a crash
// is the error of one task.
package worker

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unsafe"

	"interleave/demos/timeline"
	"interleave/demos/work"
)

// Descriptors of a worker process.
const (
	requests = 3
	replies  = 4
	slot     = 5 // a page whose first word is 1 + the index of the task that runs; 0: none
)

// A Call says what to call.
type Call struct {
	Units  []string  // shared objects of compiled cells, in the order to load them
	Symbol string    // of the function; "": a ready-made task
	Spec   work.Spec // which is this one
}

// A request is a chunk of tasks: those of Indexes, with their arguments.
type request struct {
	Call    *Call // nil: that of the request before
	Indexes []int
	Inputs  []byte // gob of a slice of arguments; none for ready-made tasks
	Times   bool   // wanted
}

// A reply is what became of a chunk. The first one of a worker has no indexes.
type reply struct {
	Indexes []int
	Results []byte // gob of a slice of results
	Errors  map[int]string
	Changes []int64 // of the tasks in turn: how many, then At and State of each, then the end
	Base    int64   // that these times count from
	Took    int64   // nanoseconds for all
	Err     string  // the call cannot be done at all
}

// encode gives a slice as gob. What gob does not take is told in a sentence.
func encode(slice reflect.Value) ([]byte, error) {
	if raw, ok := memory(slice); ok {
		return append([]byte{asMemory}, raw...), nil
	}
	var b bytes.Buffer
	b.WriteByte(asGob)
	if err := gob.NewEncoder(&b).EncodeValue(slice); err != nil {
		return nil, travels(slice.Type().Elem(), err)
	}
	return b.Bytes(), nil
}

// decode gives a slice of that type.
func decode(b []byte, slice reflect.Type) (reflect.Value, error) {
	v := reflect.New(slice)
	if len(b) == 0 {
		return v.Elem(), errors.New("nothing came")
	}
	if b[0] == asMemory {
		n := len(b[1:]) / int(slice.Elem().Size())
		v.Elem().Set(reflect.MakeSlice(slice, n, n))
		raw, _ := memory(v.Elem())
		copy(raw, b[1:])
		return v.Elem(), nil
	}
	b = b[1:]
	if err := gob.NewDecoder(bytes.NewReader(b)).DecodeValue(v); err != nil {
		return v.Elem(), travels(slice.Elem(), err)
	}
	return v.Elem(), nil
}

// How a slice travels.
const (
	asGob    = iota
	asMemory // as it lies in memory: the other side is the same program on the same machine
)

// memory gives the bytes of a slice of numbers.
func memory(slice reflect.Value) ([]byte, bool) {
	switch slice.Type().Elem().Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16,
		reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
	default:
		return nil, false
	}
	t := slice.Type().Elem()
	if t.Implements(reflect.TypeFor[gob.GobEncoder]()) || reflect.PointerTo(t).Implements(reflect.TypeFor[gob.GobEncoder]()) {
		return nil, false
	}
	if slice.Len() == 0 {
		return nil, true
	}
	return unsafe.Slice((*byte)(slice.UnsafePointer()), slice.Len()*int(t.Size())), true
}

// travels words an error of gob.
func travels(t reflect.Type, err error) error {
	text := strings.TrimPrefix(err.Error(), "gob: ")
	return fmt.Errorf("a %v cannot travel to another process: %s: pass numbers, strings, and structs with upper-case fields of them", t, text)
}

// Check tells whether values of type t can travel. It sends a zero value of it.
func Check(t reflect.Type) error {
	if why := stays(t, map[reflect.Type]bool{}); why != "" {
		return fmt.Errorf("a %v cannot travel to another process: %s: pass numbers, strings, and structs with upper-case fields of them", t, why)
	}
	_, err := encode(reflect.MakeSlice(reflect.SliceOf(t), 0, 0))
	return err
}

// stays tells what in t gob would refuse, or drop without a word.
func stays(t reflect.Type, seen map[reflect.Type]bool) string {
	if seen[t] || t.Implements(reflect.TypeFor[gob.GobEncoder]()) || reflect.PointerTo(t).Implements(reflect.TypeFor[gob.GobEncoder]()) {
		return ""
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return "a " + t.Kind().String() + " is bound to its process"
	case reflect.Interface:
		return "what is in an interface is not known there"
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return stays(t.Elem(), seen)
	case reflect.Map:
		if why := stays(t.Key(), seen); why != "" {
			return why
		}
		return stays(t.Elem(), seen)
	case reflect.Struct:
		for f := range t.Fields() {
			if !f.IsExported() {
				return "its field " + strings.ReplaceAll(f.Name, "Ꞌ", "") + " is lower-case"
			}
			if why := stays(f.Type, seen); why != "" {
				return "field " + f.Name + ": " + why
			}
		}
	}
	return ""
}

// pack appends what a task did.
func pack(out []int64, t *timeline.Task, base int64) []int64 {
	out = append(out, int64(len(t.Changes)))
	for _, c := range t.Changes {
		out = append(out, c.At-base, int64(c.State))
	}
	return append(out, t.Ended-base)
}

// unpack takes what the next task did off in.
func unpack(in []int64, t *timeline.Task, lane int, base int64) []int64 {
	if len(in) == 0 || len(in) < int(2*in[0]+2) {
		return nil
	}
	n := int(in[0])
	t.Clear(lane)
	for i := range n {
		t.Changes = append(t.Changes, timeline.Change{At: base + in[1+2*i], State: timeline.State(in[2+2*i])})
	}
	t.Ended = base + in[1+2*n]
	return in[2+2*n:]
}

// Size is how many bytes a slice takes to travel; 0 where it cannot.
func Size(slice reflect.Value) int {
	b, err := encode(slice)
	if err != nil {
		return 0
	}
	return len(b)
}
