package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
)

// encode returns v as JSON, without the escapes that HTML would need. Lists
// and objects that are nil become empty ones, since front-ends expect no null.
// A RawMessage is taken as it is.
func encode(v any) ([]byte, error) {
	switch v := v.(type) {
	case json.RawMessage:
		return v, nil
	case Stream:
		return appendStream(make([]byte, 0, len(v.Text)+len(v.Text)/8+64), v), nil
	case *Stream:
		return encode(*v)
	case map[string]any:
		if len(v) == 0 {
			return []byte("{}"), nil
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(filled(v)); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// filled returns v, a struct or a pointer to one, with nil lists and maps
// replaced. v itself is not changed; anything else is returned as it is.
func filled(v any) any {
	r := reflect.Indirect(reflect.ValueOf(v))
	if r.Kind() != reflect.Struct || !hasNil(r) {
		return v
	}
	c := reflect.New(r.Type()).Elem()
	c.Set(r)
	fill(c)
	return c.Interface()
}

func hasNil(r reflect.Value) bool {
	for i := range r.NumField() {
		if f := r.Field(i); isNilList(f) || r.Type().Field(i).Anonymous && f.Kind() == reflect.Struct && hasNil(f) {
			return true
		}
	}
	return false
}

func fill(r reflect.Value) {
	for i := range r.NumField() {
		f := r.Field(i)
		switch {
		case isNilList(f) && f.Kind() == reflect.Map:
			f.Set(reflect.MakeMap(f.Type()))
		case isNilList(f):
			f.Set(reflect.MakeSlice(f.Type(), 0, 0))
		case r.Type().Field(i).Anonymous && f.Kind() == reflect.Struct:
			fill(f)
		}
	}
}

// isNilList tells whether f is a nil map or a nil slice of anything but bytes.
func isNilList(f reflect.Value) bool {
	switch f.Kind() {
	case reflect.Map:
		return f.IsNil()
	case reflect.Slice:
		return f.IsNil() && f.Type().Elem().Kind() != reflect.Uint8
	}
	return false
}

// checkRequired returns an error when the object b lacks a field that v, a
// pointer to a struct, has tagged `wire:"required"`, or has null for it.
func checkRequired(b []byte, v any) error {
	t := reflect.TypeOf(v).Elem()
	var have map[string]json.RawMessage
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Tag.Get("wire") != "required" {
			continue
		}
		if have == nil {
			if err := json.Unmarshal(b, &have); err != nil {
				return err
			}
		}
		name := f.Tag.Get("json")
		if raw, ok := have[name]; !ok || string(raw) == "null" {
			return fmt.Errorf("no field %q", name)
		}
	}
	return nil
}
