package chart

const schema = "https://vega.github.io/schema/vega-lite/v5.json"

type object = map[string]any

// ink is the colour of text in the place where the chart stands: that of a dark theme in the
// dark, also when the theme changes after the chart was drawn. Vega's own colour is black.
const ink = "currentColor"

// vega gives the specification for Vega-Lite 5. Its background is transparent, so that the
// theme's shows, and it is drawn as SVG, since a canvas keeps the colours that it was drawn with.
func (f *Figure) vega() object {
	title := object{"text": f.Title, "anchor": "start"}
	if len(f.Subtitle) > 0 {
		title["subtitle"] = f.Subtitle
	}
	layers := []any{}
	add := func(l object) {
		if l != nil {
			layers = append(layers, l)
		}
	}
	add(f.vegaBars())
	add(f.vegaSpread())
	for _, l := range f.Lines {
		add(f.vegaLine(l))
	}
	add(f.vegaPoints())
	for _, l := range f.labelSets() {
		add(l)
	}
	return object{
		"$schema": schema, "background": "transparent", "description": f.Alt, "title": title,
		"width": f.width(), "height": f.height(), "layer": layers,
		"config": config, "usermeta": object{"embedOptions": object{"renderer": "svg"}},
	}
}

var config = object{
	"view":   object{"stroke": nil},
	"title":  object{"color": ink, "subtitleColor": ink},
	"legend": object{"labelColor": ink},
	"axis": object{
		"labelLimit": 240, "labelColor": ink, "titleColor": ink,
		"domainColor": Grey, "tickColor": Grey, "gridColor": Grey, "gridOpacity": 0.3,
	},
}

// x and y are the channels of a field.
func (f *Figure) x(field string) object {
	from, to, _, _ := f.bounds()
	return channel(field, f.X, from, to)
}

func channel(field string, a Axis, from, to float64) object {
	c := object{"field": field, "type": "quantitative", "title": a.Title}
	if a.Hidden {
		c["axis"] = nil
	} else if a.Whole {
		var whole []float64 // tickMinStep is lost where layers share an axis
		for _, t := range (wholeTicks{}).Ticks(from, to) {
			whole = append(whole, t.Value)
		}
		c["axis"] = object{"values": whole, "format": "d"}
	}
	if a.Max > a.Min {
		c["scale"] = object{"domain": []float64{a.Min, a.Max}, "nice": false}
	}
	return c
}

func (f *Figure) y(field string) object {
	if f.Y.Categories == nil {
		_, _, from, to := f.bounds()
		return channel(field, f.Y, from, to)
	}
	return object{
		"field": "name", "type": "nominal", "title": nil, "sort": f.Y.Categories,
		"scale": object{"domain": f.Y.Categories},
		"axis":  object{"ticks": false, "domain": false, "grid": false, "labelOverlap": false},
	}
}

func (f *Figure) colors() object {
	if len(f.Kinds) == 0 {
		return object{"value": Blue}
	}
	var domain, colors []string
	for _, k := range f.Kinds {
		domain, colors = append(domain, k.Name), append(colors, k.Color)
	}
	return object{
		"field": "kind", "type": "nominal", "scale": object{"domain": domain, "range": colors},
		"legend": object{"orient": "top", "title": nil, "symbolType": "square"},
	}
}

// category is the name of y.
func (f *Figure) category(y float64) string {
	if i := int(y); f.Y.Categories != nil && i >= 0 && i < len(f.Y.Categories) {
		return f.Y.Categories[i]
	}
	return ""
}

func (f *Figure) vegaBars() object {
	if len(f.Bars) == 0 {
		return nil
	}
	rows := make([]object, len(f.Bars))
	for i, b := range f.Bars {
		rows[i] = object{"a": round(b.X0), "b": round(b.X1), "kind": b.Kind}
		if b.Label != "" {
			rows[i]["label"] = b.Label
		}
		if f.Y.Categories != nil {
			rows[i]["name"] = f.category(b.Y)
		} else {
			rows[i]["y"], rows[i]["y2"] = b.Y, b.Y1
		}
	}
	encoding := object{"x": f.x("a"), "x2": object{"field": "b"}, "y": f.y("y"), "color": f.colors(), "tooltip": f.tooltip()}
	mark := object{"type": "bar", "cornerRadius": 1}
	if f.Y.Categories == nil {
		mark["type"], mark["cornerRadius"] = "rect", 4
		encoding["y2"] = object{"field": "y2"}
	} else {
		mark["height"] = object{"band": 0.8}
	}
	return object{"data": object{"values": rows}, "mark": mark, "encoding": encoding}
}

func (f *Figure) tooltip() []object {
	var out []object
	out = append(out, object{"field": "label", "title": "what"})
	if f.Y.Categories != nil {
		out = append(out, object{"field": "name", "title": "where"})
	}
	if len(f.Kinds) > 0 {
		out = append(out, object{"field": "kind", "title": "kind"})
	}
	if !f.X.Hidden {
		out = append(out, object{"field": "a", "title": "from"}, object{"field": "b", "title": "to"})
	}
	return out
}

// vegaSpread are the lines from the fastest to the slowest of several runs.
func (f *Figure) vegaSpread() object {
	var rows []object
	for _, b := range f.Bars {
		if b.High > b.Low {
			rows = append(rows, object{"a": round(b.Low), "b": round(b.High), "name": f.category(b.Y)})
		}
	}
	if rows == nil {
		return nil
	}
	return object{"data": object{"values": rows}, "mark": object{"type": "rule", "strokeWidth": 3, "color": Grey},
		"encoding": object{"x": f.x("a"), "x2": object{"field": "b"}, "y": f.y("")}}
}

func (f *Figure) vegaLine(l Line) object {
	rows := make([]object, len(l.XY))
	for i, p := range l.XY {
		rows[i] = object{"x": round(p[0]), "y": round(p[1]), "kind": l.Kind}
	}
	mark := object{"type": "line", "strokeWidth": 2}
	if l.Dashed {
		mark["strokeDash"] = []int{5, 4}
	}
	if l.Step {
		mark["interpolate"] = "step-after"
	}
	if f.Y.Categories != nil { // a line from top to bottom
		return object{"data": object{"values": rows[:1]}, "mark": object{"type": "rule", "strokeDash": []int{5, 4}, "color": f.color(l.Kind)}, "encoding": object{"x": f.x("x")}}
	}
	return object{"data": object{"values": rows}, "mark": mark, "encoding": object{
		"x": f.x("x"), "y": f.y("y"), "color": f.colors(), "order": object{"field": "x", "type": "quantitative"}}}
}

func (f *Figure) vegaPoints() object {
	if len(f.Points) == 0 {
		return nil
	}
	rows := make([]object, len(f.Points))
	for i, p := range f.Points {
		rows[i] = object{"x": round(p.X), "y": round(p.Y), "kind": p.Kind, "label": p.Label}
	}
	return object{"data": object{"values": rows}, "mark": object{"type": "point", "filled": true, "size": 80, "opacity": 1}, "encoding": object{
		"x": f.x("x"), "y": f.y("y"), "color": f.colors(),
		"tooltip": []object{{"field": "label", "title": "what"}, {"field": "x", "title": f.X.Title}, {"field": "y", "title": f.Y.Title}}}}
}

// labelSets are layers of labels that look alike.
func (f *Figure) labelSets() []object {
	type look struct {
		align string
		size  int
		bold  bool
		color string
	}
	var order []look
	sets := map[look][]object{}
	for _, l := range f.Labels {
		k := look{l.Align, l.Size, l.Bold, f.over(l.On, ink)}
		if sets[k] == nil {
			order = append(order, k)
		}
		sets[k] = append(sets[k], object{"x": round(l.X), "y": round(l.Y), "name": f.category(l.Y), "text": l.Text})
	}
	var out []object
	for _, k := range order {
		mark := object{"type": "text", "baseline": "middle", "align": "left", "dx": 5, "color": k.color, "fontSize": 11}
		if k.align != "" && k.align != "left" {
			mark["align"], mark["dx"] = k.align, 0
		}
		if k.size > 0 {
			mark["fontSize"] = k.size
		}
		if k.bold {
			mark["fontWeight"] = "bold"
		}
		out = append(out, object{"data": object{"values": sets[k]}, "mark": mark,
			"encoding": object{"x": f.x("x"), "y": f.y("y"), "text": object{"field": "text"}}})
	}
	return out
}

// round leaves six digits, which are more than a chart shows.
func round(v float64) float64 { return roundTo(v, 6) }
