package wire

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPositions(t *testing.T) {
	for _, tt := range []struct {
		code        string
		pos, offset int
	}{
		{"", 0, 0},
		{"abc", 0, 0}, {"abc", 2, 2}, {"abc", 3, 3},
		{"äbc", 1, 2}, {"äbc", 3, 4},
		{"世界", 1, 3}, {"世界", 2, 6},
		{"x🎉y", 2, 5}, {"x🎉y", 3, 6},
		{"e\u0301", 1, 1}, {"e\u0301", 2, 3}, // combining marks count for themselves
		{"\xff\xfe", 1, 1},
	} {
		if got := ByteOffset(tt.code, tt.pos); got != tt.offset {
			t.Errorf("ByteOffset(%q, %d) = %d, want %d", tt.code, tt.pos, got, tt.offset)
		}
		if got := CodePoint(tt.code, tt.offset); got != tt.pos {
			t.Errorf("CodePoint(%q, %d) = %d, want %d", tt.code, tt.offset, got, tt.pos)
		}
	}
	for _, tt := range []struct{ offset, pos int }{{-1, 0}, {2, 1}, {3, 1}, {4, 1}, {5, 2}, {99, 3}} {
		if got := CodePoint("x🎉y", tt.offset); got != tt.pos {
			t.Errorf("CodePoint at %d = %d, want %d", tt.offset, got, tt.pos)
		}
	}
	for _, tt := range []struct{ pos, offset int }{{-1, 0}, {4, 6}, {1 << 40, 6}} {
		if got := ByteOffset("x🎉y", tt.pos); got != tt.offset {
			t.Errorf("ByteOffset at %d = %d, want %d", tt.pos, got, tt.offset)
		}
	}
}

// FuzzByteOffset checks that the two functions are inverse, stay within the
// code and never split a rune.
func FuzzByteOffset(f *testing.F) {
	f.Add("x🎉y", 2)
	f.Add("\xff", -1)
	f.Add(strings.Repeat("世", 9), 1<<40)
	f.Fuzz(func(t *testing.T, code string, pos int) {
		n := utf8.RuneCountInString(code)
		offset := ByteOffset(code, pos)
		if offset < 0 || offset > len(code) {
			t.Fatalf("offset %d of %d", offset, len(code))
		}
		want := min(max(pos, 0), n)
		if got := utf8.RuneCountInString(code[:offset]); got != want {
			t.Errorf("%d runes before offset %d, want %d", got, offset, want)
		}
		if got := CodePoint(code, offset); got != want {
			t.Errorf("CodePoint(ByteOffset(%d)) = %d, want %d", pos, got, want)
		}
		if got := CodePoint(code, pos); got < 0 || got > n || ByteOffset(code, got) > max(pos, 0) {
			t.Errorf("CodePoint(%d) = %d of %d", pos, got, n)
		}
	})
}
