package chart

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// marks draws what is in a figure; it is a plot.Plotter.
type marks struct{ *Figure }

func (m marks) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	at := func(fx, fy float64) vg.Point { return vg.Point{X: x(fx), Y: y(m.row(fy))} }
	if !m.X.Hidden {
		m.grid(c, p)
	}
	for _, b := range m.Bars {
		m.bar(c, b, at)
	}
	for _, l := range m.Lines {
		m.line(c, l, at)
	}
	for _, pt := range m.Points {
		c.DrawGlyph(draw.GlyphStyle{Color: rgb(m.color(pt.Kind)), Radius: 4 * px, Shape: draw.CircleGlyph{}}, at(pt.X, pt.Y))
	}
	for _, l := range m.Labels {
		m.label(c, l, at(l.X, l.Y))
	}
}

// row turns categories round, since y goes up.
func (m marks) row(y float64) float64 {
	if n := len(m.Y.Categories); n > 0 {
		return float64(n-1) - y
	}
	return y
}

// grid draws thin lines at the marks of the axis.
func (m marks) grid(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	thin := draw.LineStyle{Color: color.Gray{0xdd}, Width: 1 * px}
	for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		if !t.IsMinor() {
			c.StrokeLine2(thin, x(t.Value), c.Min.Y, x(t.Value), c.Max.Y)
		}
	}
}

func (m marks) bar(c draw.Canvas, b Bar, at func(x, y float64) vg.Point) {
	lo, hi := at(b.X0, b.Y), at(b.X1, b.Y1)
	if m.Y.Categories != nil {
		lo, hi = at(b.X0, b.Y+0.4), at(b.X1, b.Y-0.4)
	}
	hi.X = max(hi.X, lo.X+px/2)
	c.SetColor(rgb(m.color(b.Kind)))
	c.Fill(vg.Rectangle{Min: lo, Max: hi}.Path())
	if b.High > b.Low {
		from, to := at(b.Low, b.Y), at(b.High, b.Y)
		c.StrokeLine2(draw.LineStyle{Color: color.Gray{0x77}, Width: 3 * px}, from.X, from.Y, to.X, to.Y)
	}
}

func (m marks) line(c draw.Canvas, l Line, at func(x, y float64) vg.Point) {
	look := draw.LineStyle{Color: rgb(m.color(l.Kind)), Width: 2 * px}
	if l.Dashed {
		look.Dashes = []vg.Length{5 * px, 4 * px}
	}
	if m.Y.Categories != nil {
		top := at(l.XY[0][0], 0)
		look.Width = 1 * px
		c.StrokeLine2(look, top.X, c.Min.Y, top.X, c.Max.Y)
		return
	}
	var path []vg.Point
	for _, p := range l.XY {
		next := at(p[0], p[1])
		if n := len(path); n > 0 && l.Step {
			path = append(path, vg.Point{X: next.X, Y: path[n-1].Y})
		}
		path = append(path, next)
	}
	c.StrokeLines(look, c.ClipLinesXY(path)...)
}

func (m marks) label(c draw.Canvas, l Label, at vg.Point) {
	size := 11
	if l.Size > 0 {
		size = l.Size
	}
	st := style(size, 0x44)
	if l.On != "" {
		st.Color = rgb(m.over(l.On, ""))
	}
	if l.Bold {
		st.Font.Weight = 3
	}
	st.YAlign = draw.YCenter
	switch l.Align {
	case "center":
		st.XAlign = draw.XCenter
	case "right":
		st.XAlign = draw.XRight
	default:
		at.X += 5 * px
	}
	c.FillText(st, at, l.Text)
}
