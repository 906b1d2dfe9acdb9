package worker

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unsafe"
)

// How a slice travels.
const (
	asGob    = byte(iota)
	asMemory // as it lies in memory: the other side is the same program on the same machine
	asText   // strings, each behind its length
)

func travelling(t reflect.Type) byte {
	switch {
	case plainMemory(t):
		return asMemory
	case t == reflect.TypeFor[string]():
		return asText
	}
	return asGob
}

// encode appends a slice to out. What gob does not take is told in a sentence.
func encode(out []byte, slice reflect.Value) ([]byte, error) {
	t := slice.Type().Elem()
	how := travelling(t)
	out = append(out, how)
	switch how {
	case asMemory:
		return append(out, memory(slice)...), nil
	case asText:
		for _, s := range slice.Convert(reflect.TypeFor[[]string]()).Interface().([]string) {
			out = append(binary.AppendUvarint(out, uint64(len(s))), s...)
		}
		return out, nil
	}
	b := bytes.NewBuffer(out)
	if err := gob.NewEncoder(b).EncodeValue(slice); err != nil {
		return nil, travels(t, err)
	}
	return b.Bytes(), nil
}

// decode fills into, a slice, with what encode gave of one of its length.
func decode(b []byte, into reflect.Value) error {
	how := travelling(into.Type().Elem())
	if len(b) == 0 || b[0] != how {
		return errors.New("nothing of this type came")
	}
	switch how {
	case asMemory:
		have := memory(into)
		if len(have) != len(b)-1 {
			return fmt.Errorf("%d bytes came, not %d", len(b)-1, len(have))
		}
		copy(have, b[1:])
		return nil
	case asText:
		return decodeText(b[1:], into.Convert(reflect.TypeFor[[]string]()).Interface().([]string))
	}
	v := reflect.New(into.Type())
	if err := gob.NewDecoder(bytes.NewReader(b[1:])).DecodeValue(v); err != nil {
		return travels(into.Type().Elem(), err)
	}
	if v.Elem().Len() != into.Len() {
		return fmt.Errorf("%d values came, not %d", v.Elem().Len(), into.Len())
	}
	reflect.Copy(into, v.Elem())
	return nil
}

func decodeText(b []byte, into []string) error {
	for i := range into {
		n, head := binary.Uvarint(b)
		if head <= 0 || n > uint64(len(b)-head) {
			return errShort
		}
		into[i] = string(b[head : head+int(n)])
		b = b[head+int(n):]
	}
	if len(b) > 0 {
		return errors.New("more came than was asked for")
	}
	return nil
}

// plainMemory tells whether values of t are all in their own memory, and nothing of
// the user's says how they travel.
func plainMemory(t reflect.Type) bool {
	if ownEncoding(t) {
		return false
	}
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16,
		reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return true
	case reflect.Array:
		return plainMemory(t.Elem())
	case reflect.Struct:
		for f := range t.Fields() {
			if !f.IsExported() || !plainMemory(f.Type) {
				return false
			}
		}
		return true
	}
	return false
}

// ownEncoding tells whether methods of t say how it travels.
func ownEncoding(t reflect.Type) bool {
	for _, own := range []reflect.Type{reflect.TypeFor[gob.GobEncoder](), reflect.TypeFor[encoding.BinaryMarshaler]()} {
		if t.Implements(own) || reflect.PointerTo(t).Implements(own) {
			return true
		}
	}
	return false
}

// memory gives the bytes of a slice.
func memory(slice reflect.Value) []byte {
	if slice.Len() == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(slice.UnsafePointer()), slice.Len()*int(slice.Type().Elem().Size()))
}

// travels words an error of gob.
func travels(t reflect.Type, err error) error {
	return stuck(t, strings.TrimPrefix(err.Error(), "gob: "))
}

func stuck(t reflect.Type, why string) error {
	return fmt.Errorf("a %v cannot travel to another process: %s: pass numbers, strings, and structs with upper-case fields of them", t, why)
}

// Check tells whether values of type t can travel. It sends a zero value of it.
func Check(t reflect.Type) error {
	if plainMemory(t) {
		return nil
	}
	if why := stays(t, map[reflect.Type]bool{}); why != "" {
		return stuck(t, why)
	}
	_, err := encode(nil, reflect.MakeSlice(reflect.SliceOf(t), 0, 0))
	return err
}

// stays tells what in t gob would refuse, or drop without a word.
func stays(t reflect.Type, seen map[reflect.Type]bool) string {
	if seen[t] || ownEncoding(t) {
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

// Size is how many bytes a slice takes to travel; 0 where it cannot.
func Size(slice reflect.Value) int {
	b, err := encode(nil, slice)
	if err != nil {
		return 0
	}
	return len(b)
}
