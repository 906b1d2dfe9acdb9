package display

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"maps"
	"reflect"
	"strings"
)

var (
	pngSignature  = []byte("\x89PNG\r\n\x1a\n")
	jpegSignature = []byte("\xff\xd8\xff")
)

// Of gives the rich form of v, and false where it has none but plain text. Rich are
// a Bundle or *Bundle, a value with a method MIMEBundle() map[string]any, an
// image.Image, and a []byte that is a PNG or JPEG file. A bundle without
// text/plain gets it. A MIMEBundle that panics does so out of Of.
func Of(v any) (Bundle, bool) {
	switch v := v.(type) {
	case nil:
		return Bundle{}, false
	case Bundle:
		return complete(v, "display.Bundle")
	case *Bundle:
		if v == nil {
			return Bundle{}, false
		}
		return complete(*v, "display.Bundle")
	case interface{ MIMEBundle() map[string]any }:
		return ofMethod(v)
	case image.Image:
		return ofImage(v)
	case []byte:
		return ofBytes(v)
	}
	return Bundle{}, false
}

// complete gives a copy of b that has text/plain; a bundle without data is none.
func complete(b Bundle, plain string) (Bundle, bool) {
	if len(b.Data) == 0 {
		return Bundle{}, false
	}
	if _, ok := b.Data[mimeText]; !ok {
		b.Data = maps.Clone(b.Data)
		b.Data[mimeText] = plain
	}
	return b, true
}

// ofMethod asks v for its bundle. Bytes are taken for what their type says: text
// stays text, the rest becomes base64.
func ofMethod(v interface{ MIMEBundle() map[string]any }) (Bundle, bool) {
	data := maps.Clone(v.MIMEBundle())
	for mime, value := range data {
		b, ok := value.([]byte)
		if !ok {
			continue
		}
		if strings.HasPrefix(mime, "text/") || mime == mimeSVG {
			data[mime] = string(b)
		} else {
			data[mime] = base64.StdEncoding.EncodeToString(b)
		}
	}
	if data[mimeText] != nil {
		return Bundle{Data: data}, true
	}
	return complete(Bundle{Data: data}, Plain(v))
}

// ofImage encodes m as PNG; a nil pointer and an image of no size have no picture.
func ofImage(m image.Image) (Bundle, bool) {
	if p := reflect.ValueOf(m); p.Kind() == reflect.Pointer && p.IsNil() {
		return Bundle{}, false
	}
	var file bytes.Buffer
	if err := png.Encode(&file, m); err != nil {
		return Bundle{}, false
	}
	return PNG(file.Bytes()), true
}

// ofBytes knows an image file by its first bytes.
func ofBytes(b []byte) (Bundle, bool) {
	switch {
	case bytes.HasPrefix(b, pngSignature):
		return PNG(b), true
	case bytes.HasPrefix(b, jpegSignature):
		return JPEG(b), true
	}
	return Bundle{}, false
}
