package display

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

type name string

type stringer []int

func (stringer) String() string { return "short" }

type angry struct{}

func (angry) String() string { panic("never") }

func TestPlain(t *testing.T) {
	var noError *errorType
	for _, test := range []struct {
		v    any
		want string
	}{
		{nil, "<nil>"},
		{3, "3"},
		{2.5, "2.5"},
		{'a', "97"},
		{"a\nb", "a\nb"},
		{"", ""},
		{name("x"), "x"},
		{[]int{1, 2}, "[1 2]"},
		{[]string{"", ""}, "[ ]"},
		{[]byte("a"), "[97]"},
		{map[string]int{"b": 2, "a": 1}, "map[a:1 b:2]"},
		{struct{ A, B int }{1, 2}, "{1 2}"},
		{errors.New("broken"), "broken"},
		{fmt.Errorf("a: %w", errors.New("b")), "a: b"},
		{noError, "<nil>"},
		{1500 * time.Millisecond, "1.5s"},
		{angry{}, "%!v(PANIC=String method: never)"},
		{stringer(make([]int, plainLimit*2)), "short"},
	} {
		if got := Plain(test.v); got != test.want {
			t.Errorf("Plain(%T) = %q, want %q", test.v, got, test.want)
		}
	}
}

type errorType struct{ text string }

func (e *errorType) Error() string { return e.text }

// A long value is cut at the limit and at a character; one of just the limit is whole.
func TestPlainIsBounded(t *testing.T) {
	for _, test := range []struct {
		name string
		v    any
		keep int // bytes kept; 0: not cut
	}{
		{"at the limit", strings.Repeat("a", plainLimit), 0},
		{"one more", strings.Repeat("a", plainLimit+1), plainLimit},
		{"much more", strings.Repeat("a", 10*plainLimit), plainLimit},
		{"named string", name(strings.Repeat("a", 10*plainLimit)), plainLimit},
		{"two-byte characters", "a" + strings.Repeat("é", plainLimit), plainLimit - 1},
		{"four-byte characters", "a" + strings.Repeat("😀", plainLimit), plainLimit - 3},
		{"not UTF-8", strings.Repeat("\x80", plainLimit*2), plainLimit - utf8.UTFMax},
		{"empty strings", make([]string, plainLimit*2), plainLimit},
		{"numbers", make([]int, plainLimit), plainLimit},
		{"slice of slices", [][]int{make([]int, plainLimit)}, plainLimit},
		{"array", [plainLimit]int{}, plainLimit},
		{"error", errors.New(strings.Repeat("a", plainLimit*2)), plainLimit},
	} {
		t.Run(test.name, func(t *testing.T) {
			whole := fmt.Sprint(test.v)
			want := whole
			if test.keep > 0 {
				want = whole[:test.keep] + cutMark
			}
			if got := Plain(test.v); got != want {
				t.Errorf("got %d bytes ending in %q, want %d", len(got), got[max(0, len(got)-60):], len(want))
			}
		})
	}
}

func TestOneLine(t *testing.T) {
	for _, test := range []struct{ s, want string }{
		{"", "name"},
		{" \n\t ", "name"},
		{" a\n b ", "a b"},
		{strings.Repeat("é", 80), strings.Repeat("é", 80)},
		{strings.Repeat("é", 81), strings.Repeat("é", 79) + "…"},
		{strings.Repeat("😀", 100_000), strings.Repeat("😀", 79) + "…"},
	} {
		if got := oneLine(test.s, "name"); got != test.want {
			t.Errorf("oneLine(%.20q) = %q, want %q", test.s, got, test.want)
		}
	}
}

func ExamplePlain() {
	fmt.Println(Plain("no quotes"))
	fmt.Println(Plain([]string{"a", "b"}))
	fmt.Println(Plain(errors.New("file not found")))
	fmt.Println(Plain(nil))
	// Output:
	// no quotes
	// [a b]
	// file not found
	// <nil>
}
