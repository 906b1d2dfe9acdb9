package chart

import (
	"math"
	"testing"
)

// What is drawn can be seen on the light and the dark theme, and text on it can be read.
func TestContrast(t *testing.T) {
	for _, hex := range []string{Blue, Vermilion, Green, Purple, Grey} {
		for _, background := range []string{white, "#111111"} {
			if c := contrast(hex, background); c < 3 {
				t.Errorf("%s on %s: contrast %.2f", hex, background, c)
			}
		}
		f := Figure{Kinds: []Kind{{"it", hex}}}
		if c := contrast(f.over("it", ""), hex); c < 4.5 {
			t.Errorf("%s on %s: contrast %.2f", f.over("it", ""), hex, c)
		}
	}
}

// The measure is the one of the guidelines.
func TestContrastMeasure(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want float64
	}{{black, white, 21}, {white, white, 1}, {"#777777", white, 4.48}, {white, "#767676", 4.54}} {
		if got := contrast(tt.a, tt.b); math.Abs(got-tt.want) > 0.01 {
			t.Errorf("%s on %s: %.3f, want %.2f", tt.a, tt.b, got, tt.want)
		}
	}
}
