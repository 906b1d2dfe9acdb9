// Package chart draws figures as Vega-Lite, SVG and PNG, and is the only importer
// of gonum/plot: a rasteriser, fonts and axes are no part of a kernel.
package chart

import "encoding/base64"

// A Figure is rectangles, lines, points and texts in one pair of axes. Where
// Categories are given, y is the index of one, the first at the top.
type Figure struct {
	Title    string
	Subtitle []string
	Alt      string // what is to be seen, in a sentence
	X, Y     Axis
	Bars     []Bar
	Lines    []Line
	Points   []Point
	Labels   []Label
	Kinds    []Kind // in the order of the legend; none: no legend
	Width    int    // of the plot in pixels; 0: 600
	Height   int    // 0: by the number of categories, or 260
}

// An Axis has a title, and a range where Max > Min.
type Axis struct {
	Title      string
	Min, Max   float64
	Categories []string
	Hidden     bool
	Whole      bool // it counts: no ticks between whole numbers
}

// A Bar is a rectangle from X0 to X1. It lies in the category Y, or between Y and
// Y1.
type Bar struct {
	X0, X1, Y, Y1 float64
	Low, High     float64 // of X1, a spread; both 0: none
	Kind          string
	Label         string // shown when pointed at
}

// A Line is a series of points that are joined.
type Line struct {
	Kind   string
	XY     [][2]float64
	Dashed bool
	Step   bool
}

// A Point is a dot.
type Point struct {
	X, Y  float64
	Kind  string
	Label string
}

// A Label is a text at a point. Align is left, center or right.
type Label struct {
	X, Y  float64
	Text  string
	Align string
	Size  int // 0: 11
	Bold  bool
	On    string // the kind of the rectangle that it stands on; empty: none
}

// A Kind has a colour, and a name for the legend.
type Kind struct{ Name, Color string }

// Bundle gives the figure in all forms, with text as its plain text.
func (f *Figure) Bundle(text string) (map[string]any, error) {
	svg, png, err := f.draw()
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"text/plain":                       text,
		"image/svg+xml":                    svg,
		"image/png":                        base64.StdEncoding.EncodeToString(png),
		"application/vnd.vegalite.v5+json": f.vega(),
	}, nil
}

// width and height are those of the plot, without titles, in pixels.
func (f *Figure) width() int {
	if f.Width > 0 {
		return f.Width
	}
	return 600
}

func (f *Figure) height() int {
	n := len(f.Y.Categories)
	switch {
	case f.Height > 0:
		return f.Height
	case n == 0:
		return 260
	case n > 25:
		return 13 * n
	}
	return 24 * n
}
