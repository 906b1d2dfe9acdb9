package fast

import (
	"encoding/binary"
	"strings"
	"testing"
)

// nameData is what the compiler makes of a name.
func nameData(flags byte, text string) []byte {
	return append(binary.AppendUvarint([]byte{flags}, uint64(len(text))), text...)
}

func TestRenameType(t *testing.T) {
	f := func(s string) string { return strings.ReplaceAll(s, "long/path/c1.", "main.") }
	long := "*main.list[" + strings.Repeat("long/path/c1.t,", 10) + "]"
	for _, c := range []struct {
		flags     byte
		old, want string
	}{
		{1, "*main.list[long/path/c1.t]", "*main.list[main.t]"},
		{1, long, f(long)},        // whose length takes one byte less
		{0, "", ""},               // the blank field
		{1, "main.t", "main.t"},   // nothing to do
		{1 | 1<<1, "A", "A"},      // a tag follows
		{1, "main.t.", "main.t."}, // f's may not be longer: see below
	} {
		data := nameData(c.flags, c.old)
		size := len(data)
		if c.flags&nameHasMore != 0 {
			data = append(data, nameData(0, "long/path/c1.")[1:]...)
			size = len(data)
		}
		renameType(data, f)
		length, n := binary.Uvarint(data[1:])
		if got := string(data[1+n : 1+n+int(length)]); got != c.want || len(data) != size || data[0] != c.flags {
			t.Errorf("%q: got %q in %d bytes, want %q in %d", c.old, got, len(data), c.want, size)
		}
	}
	data := nameData(1, "short")
	renameType(data, func(s string) string { return s + s })
	if string(data) != string(nameData(1, "short")) {
		t.Errorf("a longer name has no place: %q", data)
	}
}
