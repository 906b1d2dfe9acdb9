package chart

import (
	"bytes"
	"fmt"
	"html"
	"image/color"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// px is a pixel of a screen, of which an inch has 96.
const px = vg.Inch / 96

// draw gives the figure as SVG and as PNG, both on white.
func (f *Figure) draw() (svg string, png []byte, err error) {
	defer func() {
		if r := recover(); r != nil { // gonum's backends panic
			err = fmt.Errorf("chart: %v", r)
		}
	}()
	width, height := f.size()
	vector := vgsvg.NewWith(vgsvg.UseWH(width, height))
	f.render(draw.NewCanvas(vector, width, height))
	var b bytes.Buffer
	if _, err := vector.WriteTo(&b); err != nil {
		return "", nil, err
	}
	pixels := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(144), vgimg.UseBackgroundColor(color.White))
	f.render(draw.NewCanvas(pixels, width, height))
	var p bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: pixels}).WriteTo(&p); err != nil {
		return "", nil, err
	}
	return f.named(b.String()), p.Bytes(), nil
}

// named gives an SVG a role, a title and a description.
func (f *Figure) named(svg string) string {
	i := strings.Index(svg, "<svg")
	if i < 0 {
		return svg
	}
	end := i + strings.IndexByte(svg[i:], '>')
	return svg[i:end] + ` role="img">` + "\n<title>" + html.EscapeString(f.Title) + "</title>\n<desc>" + html.EscapeString(f.Alt) + "</desc>" + svg[end+1:]
}

const lineHeight = 16 // pixels

// head is the height of titles and legend, in pixels.
func (f *Figure) head() int {
	n := 26 + lineHeight*len(f.Subtitle)
	if len(f.Kinds) > 0 {
		n += lineHeight + 6
	}
	return n
}

func (f *Figure) size() (w, h vg.Length) {
	left := 60
	for _, c := range f.Y.Categories {
		left = max(left, 7*len(c)+24)
	}
	return vg.Length(left+f.width()+30) * px, vg.Length(f.head()+f.height()+50) * px
}

// render draws on any canvas.
func (f *Figure) render(c draw.Canvas) {
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	p := plot.New()
	p.BackgroundColor = color.White
	f.axes(p)
	p.Add(marks{f})
	f.titles(c)
	p.Draw(draw.Crop(c, 6*px, -14*px, 4*px, -vg.Length(f.head())*px))
}

// axes sets ranges and ticks.
func (f *Figure) axes(p *plot.Plot) {
	p.X.Label.Text, p.Y.Label.Text = f.X.Title, f.Y.Title
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = f.bounds()
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font.Size, a.Tick.Label.Font.Size = 11*px, 11*px
		a.Label.TextStyle.Font.Variant, a.Tick.Label.Font.Variant = "Sans", "Sans"
		a.LineStyle.Color, a.Tick.LineStyle.Color = color.Gray{0x99}, color.Gray{0x99}
		a.Padding = 0
		a.Tick.Marker = plainTicks{}
	}
	if f.X.Whole {
		p.X.Tick.Marker = wholeTicks{}
	}
	if f.Y.Whole {
		p.Y.Tick.Marker = wholeTicks{}
	}
	if n := len(f.Y.Categories); n > 0 {
		p.Y.Label.Text = ""
		ticks := make([]plot.Tick, n)
		for i, name := range f.Y.Categories {
			ticks[i] = plot.Tick{Value: float64(n - 1 - i), Label: name}
		}
		p.Y.Tick.Marker = plot.ConstantTicks(ticks)
		p.Y.Tick.Length, p.Y.LineStyle.Width = 0, 0
		if n > 25 {
			p.Y.Tick.Label.Font.Size = 9 * px
		}
	}
	if f.X.Hidden {
		p.HideAxes()
	}
}

// plainTicks are the usual ones, with numbers that have no zeros behind the point:
// DefaultTicks writes as many places as its step has significant digits, 250.00.
type plainTicks struct{ plot.DefaultTicks }

func (t plainTicks) Ticks(from, to float64) []plot.Tick {
	ticks := t.DefaultTicks.Ticks(from, to)
	for i := range ticks {
		if ticks[i].Label != "" {
			ticks[i].Label = strconv.FormatFloat(math.Round(ticks[i].Value*1e6)/1e6, 'f', -1, 64)
		}
	}
	return ticks
}

// wholeTicks are some eight whole numbers.
type wholeTicks struct{}

func (wholeTicks) Ticks(from, to float64) []plot.Tick {
	var ticks []plot.Tick
	step := max(1, math.Ceil((to-from)/8))
	for v := math.Ceil(from/step) * step; v <= to; v += step {
		ticks = append(ticks, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'f', -1, 64)})
	}
	return ticks
}

// bounds are the ranges of both axes.
func (f *Figure) bounds() (x0, x1, y0, y1 float64) {
	x0, x1, y0, y1 = 0, 0, 0, 0
	see := func(x, y float64) {
		x0, x1, y0, y1 = math.Min(x0, x), math.Max(x1, x), math.Min(y0, y), math.Max(y1, y)
	}
	for _, b := range f.Bars {
		see(b.X0, b.Y)
		see(math.Max(b.X1, b.High), b.Y1)
	}
	for _, l := range f.Lines {
		for _, p := range l.XY {
			see(p[0], p[1])
		}
	}
	for _, p := range f.Points {
		see(p.X, p.Y)
	}
	if f.X.Max > f.X.Min {
		x0, x1 = f.X.Min, f.X.Max
	}
	if f.Y.Max > f.Y.Min {
		y0, y1 = f.Y.Min, f.Y.Max
	}
	if n := len(f.Y.Categories); n > 0 {
		y0, y1 = -0.5, float64(n)-0.5
	}
	if x1 <= x0 {
		x1 = x0 + 1
	}
	if y1 <= y0 {
		y1 = y0 + 1
	}
	return x0, x1, y0, y1
}

// titles draws what stands above the plot.
func (f *Figure) titles(c draw.Canvas) {
	x, y := c.Min.X+8*px, c.Max.Y-20*px
	bold := style(13, 0x22)
	bold.Font.Weight = 3
	c.FillText(bold, vg.Point{X: x, Y: y}, f.Title)
	for _, line := range f.Subtitle {
		y -= lineHeight * px
		c.FillText(style(11, 0x55), vg.Point{X: x, Y: y}, line)
	}
	if len(f.Kinds) == 0 {
		return
	}
	y -= (lineHeight + 2) * px
	for _, k := range f.Kinds {
		box := vg.Rectangle{Min: vg.Point{X: x, Y: y}, Max: vg.Point{X: x + 10*px, Y: y + 10*px}}
		c.SetColor(rgb(k.Color))
		c.Fill(box.Path())
		st := style(11, 0x33)
		c.FillText(st, vg.Point{X: x + 15*px, Y: y + 1*px}, k.Name)
		x += 15*px + st.Width(k.Name) + 16*px
	}
}

// style is sans serif text of that size in pixels and that grey.
func style(size int, grey uint8) text.Style {
	return text.Style{
		Color: color.Gray{grey}, Font: font.Font{Typeface: plot.DefaultFont.Typeface, Variant: "Sans", Size: vg.Length(size) * px},
		Handler: plot.DefaultTextHandler,
	}
}

// roundTo leaves digits of v.
func roundTo(v float64, digits int) float64 {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	scale := math.Pow(10, float64(digits)-math.Ceil(math.Log10(math.Abs(v))))
	return math.Round(v*scale) / scale
}
