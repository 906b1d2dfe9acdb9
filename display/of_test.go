package display

import (
	"errors"
	"image"
	"reflect"
	"testing"
)

type method map[string]any

func (m method) MIMEBundle() map[string]any { return m }

type pointerMethod struct{ n int }

func (p *pointerMethod) MIMEBundle() map[string]any {
	return map[string]any{"text/html": p.n}
}

type myBytes []byte

func TestOf(t *testing.T) {
	bundle := HTML("<i>x</i>")
	bare := Bundle{Data: map[string]any{"text/html": "x"}}
	hint := map[string]any{"image/png": map[string]any{"width": 10}}
	for _, test := range []struct {
		name string
		v    any
		want map[string]any // nil: not rich
	}{
		{"bundle", bundle, bundle.Data},
		{"pointer to a bundle", &bundle, bundle.Data},
		{"bundle without text", bare, map[string]any{"text/html": "x", "text/plain": "display.Bundle"}},
		{"empty bundle", Bundle{}, nil},
		{"bundle with hints only", Bundle{Metadata: hint}, nil},
		{"nil pointer to a bundle", (*Bundle)(nil), nil},
		{"method", method{"text/plain": "p", "text/html": "h"}, map[string]any{"text/plain": "p", "text/html": "h"}},
		{"method without text", method{"text/html": "h"}, map[string]any{"text/plain": "map[text/html:h]", "text/html": "h"}},
		{"method without anything", method{}, nil},
		{"method giving nil", method(nil), nil},
		{"method of the pointer", &pointerMethod{3}, map[string]any{"text/html": 3, "text/plain": "&{3}"}},
		{"method of the pointer, value", pointerMethod{3}, nil},
		{"method giving bytes", method{"text/html": []byte("h"), "image/svg+xml": []byte("<svg>"), "image/png": []byte("no"), "text/plain": "p"},
			map[string]any{"text/html": "h", "image/svg+xml": "<svg>", "image/png": "bm8=", "text/plain": "p"}},
		{"image", image.NewGray(image.Rect(0, 0, 2, 1)), PNG(pngFile(t, 2, 1)).Data},
		{"image away from the origin", image.NewGray(image.Rect(5, 5, 7, 6)), PNG(pngFile(t, 2, 1)).Data},
		{"image of no size", image.NewGray(image.Rect(0, 0, 0, 0)), nil},
		{"nil pointer to an image", (*image.RGBA)(nil), nil},
		{"PNG file", pngFile(t, 3, 3), PNG(pngFile(t, 3, 3)).Data},
		{"JPEG file", jpegFile(t, 3, 3), JPEG(jpegFile(t, 3, 3)).Data},
		{"other bytes", []byte("hello"), nil},
		{"no bytes", []byte(nil), nil},
		{"bytes of another type", myBytes(pngFile(t, 1, 1)), nil},
		{"nil", nil, nil},
		{"number", 3, nil},
		{"string", "<b>", nil},
		{"error", errors.New("no"), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			b, ok := Of(test.v)
			if ok != (test.want != nil) || !reflect.DeepEqual(b.Data, test.want) {
				t.Errorf("got %v, %v; want %v", b.Data, ok, test.want)
			}
		})
	}
}

// Of adds to a copy, never to the map of its caller, and keeps the hints.
func TestOfLeavesItsArgument(t *testing.T) {
	data := map[string]any{"image/png": []byte("x")}
	if _, ok := Of(method(data)); !ok {
		t.Fatal("not rich")
	}
	if want := map[string]any{"image/png": []byte("x")}; !reflect.DeepEqual(data, want) {
		t.Errorf("the map of MIMEBundle is now %v", data)
	}
	b := Bundle{Data: map[string]any{"text/html": "x"}, Metadata: map[string]any{"text/html": 1}}
	got, _ := Of(b)
	if len(b.Data) != 1 || !reflect.DeepEqual(got.Metadata, b.Metadata) {
		t.Errorf("bundle is now %v, result %v", b, got)
	}
}

// A MIMEBundle that panics is its author's to see.
func TestOfLetsPanicsThrough(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("Of hid the panic")
		}
	}()
	Of((*pointerMethod)(nil))
}
