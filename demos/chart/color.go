package chart

import (
	"image/color"
	"math"
	"strconv"
	"strings"
)

// The colours, which have a contrast of 3:1 on white and on the dark theme.
const (
	Blue      = "#0072B2"
	Vermilion = "#D55E00"
	Green     = "#009E73"
	Purple    = "#CC79A7"
	Grey      = "#777777"
)

// color gives the colour of a kind.
func (f *Figure) color(kind string) string {
	for _, k := range f.Kinds {
		if k.Name == kind {
			return k.Color
		}
	}
	return Blue
}

// over gives the colour of text on a rectangle of a kind: black or white, whichever is
// easier to read there. Where kind is empty, the text stands on no rectangle and is ink.
func (f *Figure) over(kind, ink string) string {
	if kind == "" {
		return ink
	}
	below := f.color(kind)
	if contrast(below, black) > contrast(below, white) {
		return black
	}
	return white
}

const black, white = "#000000", "#ffffff"

// contrast gives how much lighter one colour is than another, 1 to 21: 4.5 is asked for
// text, 3 for what is drawn. Source: Web Content Accessibility Guidelines 2.2, 1.4.3 and 1.4.11.
func contrast(a, b string) float64 {
	low, high := luminance(a), luminance(b)
	if low > high {
		low, high = high, low
	}
	return (high + 0.05) / (low + 0.05)
}

// luminance is how light #rrggbb is, 0 to 1. Source: the same, "relative luminance".
func luminance(hex string) float64 {
	linear := func(channel uint32) float64 {
		v := float64(channel) / 0xffff
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	r, g, b, _ := rgb(hex).RGBA()
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

// rgb reads #rrggbb.
func rgb(hex string) color.Color {
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil {
		return color.Black
	}
	return color.RGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 0xff}
}
