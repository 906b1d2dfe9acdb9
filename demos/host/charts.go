package host

import (
	"fmt"
	"math"
	"runtime"
	"strings"

	"interleave/demos"
	"interleave/demos/chart"
)

// colors of rows by who did them.
var rowKinds = []chart.Kind{{Name: "Go", Color: chart.Blue}, {Name: "Python", Color: chart.Vermilion}, {Name: "one for each core", Color: chart.Green}}

// speedups is the chart of a comparison: how many times as fast as serial.
func speedups(c *demos.Comparison) (string, *chart.Figure) {
	f := &chart.Figure{Title: c.Job.Title, Subtitle: wrap([]string{c.Verdict}), X: chart.Axis{Title: "times as fast as serial"}}
	f.Alt = "Speed-up of each technique against serial. " + c.Verdict
	python := false
	serial := c.Result(demos.NameSerial)
	most := 1.0
	for _, r := range c.Results {
		if r.Err != nil || r.Speedup == 0 {
			continue
		}
		y := float64(len(f.Y.Categories))
		f.Y.Categories = append(f.Y.Categories, r.Technique)
		bar := chart.Bar{X1: r.Speedup, Y: y, Kind: "Go", Label: figures(r)}
		if r.Python {
			bar.Kind, python = "Python", true
		}
		if len(r.Runs) > 1 && serial != nil {
			bar.Low = serial.Wall().Seconds() / r.Runs[len(r.Runs)-1].Seconds()
			bar.High = serial.Wall().Seconds() / r.Runs[0].Seconds()
		}
		most = max(most, bar.X1, bar.High)
		f.Bars = append(f.Bars, bar)
		f.Labels = append(f.Labels, chart.Label{X: max(bar.X1, bar.High), Y: y, Text: rowLabel(r)})
	}
	f.Kinds = append(f.Kinds, rowKinds[0])
	if python {
		f.Kinds = append(f.Kinds, rowKinds[1])
	}
	if !c.Job.Waits() { // as many cores as there are is the best that computing can do
		ideal := float64(runtime.NumCPU())
		most = max(most, ideal)
		f.Lines = []chart.Line{{Kind: rowKinds[2].Name, XY: [][2]float64{{ideal, 0}}, Dashed: true}}
		f.Kinds = append(f.Kinds, rowKinds[2])
	}
	f.X.Max = most * 1.28
	return c.Verdict + "\n\n" + table(c) + "\n\n" + f.Text(40, 30), f
}

// rowLabel is what stands at the end of a bar.
func rowLabel(r *demos.Result) string {
	text := fmt.Sprintf("%s  %s", times(r.Speedup), short(r.Wall()))
	if r.Wrong != "" {
		text += " WRONG"
	}
	return text
}

// latencyTotal is the chart of the total time of each technique beside the time
// after which half of the tasks were done.
func latencyTotal(c *demos.Comparison) (string, *chart.Figure) {
	f := &chart.Figure{
		Title: "Latency beside total: " + c.Job.Title, Alt: "Each technique by total time and latency.",
		Subtitle: wrap([]string{"To the left: all tasks are done soon. Below: each of them is done soon."}),
		X:        chart.Axis{Title: "ms until all tasks were done"}, Y: chart.Axis{Title: "ms until half of them were done"},
		Kinds: rowKinds[:2],
	}
	var text strings.Builder
	fmt.Fprintln(&text, f.Title)
	for _, r := range c.Results {
		if r.Err != nil {
			continue
		}
		p := chart.Point{X: ms(int64(r.Wall())), Y: ms(int64(r.Latency(50))), Kind: "Go", Label: r.Technique}
		if r.Python {
			p.Kind = "Python"
		}
		f.Points = append(f.Points, p)
		f.X.Max = max(f.X.Max, p.X*1.25)
		fmt.Fprintf(&text, "%s: all after %s, half after %s\n", r.Technique, short(r.Wall()), short(r.Latency(50)))
	}
	f.Labels = apart(f.Points, f.X.Max)
	return strings.TrimSpace(text.String()), f
}

// apart gives labels to points that are far enough from others to have room.
func apart(points []chart.Point, width float64) []chart.Label {
	var out []chart.Label
	height := 0.0
	for _, p := range points {
		height = max(height, p.Y)
	}
next:
	for _, p := range points {
		for _, l := range out {
			if math.Abs(p.X-l.X) < width/5 && math.Abs(p.Y-l.Y) < height/18 {
				continue next
			}
		}
		out = append(out, chart.Label{X: p.X, Y: p.Y, Text: p.Label})
	}
	return out
}

// latencies is the chart of how many tasks were done when.
func latencies(title string, results []*demos.Result) (string, *chart.Figure) {
	f := &chart.Figure{Title: title, Alt: "How many tasks were done when.", X: chart.Axis{Title: "ms since the start"}, Y: chart.Axis{Title: "tasks done", Whole: true}}
	colors := []string{chart.Blue, chart.Vermilion, chart.Green, chart.Purple}
	text := title
	for k, r := range results {
		if r.Err != nil {
			continue
		}
		kind := chart.Kind{Name: r.Technique, Color: colors[k%len(colors)]}
		f.Kinds = append(f.Kinds, kind)
		line := chart.Line{Kind: kind.Name, Step: true, XY: [][2]float64{{0, 0}}}
		all := r.Timeline.Latencies()
		every := max(1, len(all)/500)
		for i, l := range all {
			if (i+1)%every == 0 || i == len(all)-1 {
				line.XY = append(line.XY, [2]float64{ms(l), float64(i + 1)})
			}
		}
		f.Lines = append(f.Lines, line)
		text += "\n" + r.Technique + ": " + figures(r)
	}
	return text, f
}

// amdahl is the chart of speed-ups by the number of workers, and the curve that
// fits them: 1 / (s + (1-s)/n), s being the part that stays serial.
// Source: Amdahl, Validity of the single processor approach, 1967.
func amdahl(results []*demos.Result) (string, *chart.Figure) {
	var points [][2]float64
	for _, r := range results {
		if r.Err != nil {
			return r.Err.Error(), nil
		}
		base := results[0].Wall().Seconds()
		points = append(points, [2]float64{float64(r.Workers), base / r.Wall().Seconds()})
	}
	cores := float64(runtime.NumCPU())
	serial := fit(points, cores)
	f := &chart.Figure{
		Title:    fmt.Sprintf("Amdahl: %s, %s", results[0].Technique, results[0].Job.Title),
		Subtitle: []string{fmt.Sprintf("%.1f%% stay serial, by the fit to %s; this machine has %d.", 100*serial, cores1(runtime.NumCPU()), runtime.NumCPU())},
		X:        chart.Axis{Title: "workers", Whole: true}, Y: chart.Axis{Title: "times as fast as one"},
		Kinds: []chart.Kind{{Name: "measured", Color: chart.Blue}, {Name: "fit", Color: chart.Vermilion}, {Name: "ideal", Color: chart.Green}},
	}
	text := f.Title + "\n" + f.Subtitle[0]
	curve, ideal := chart.Line{Kind: "fit"}, chart.Line{Kind: "ideal", Dashed: true}
	last := points[len(points)-1][0]
	for n := 1.0; n <= last; n += 0.25 {
		curve.XY = append(curve.XY, [2]float64{n, law(serial, n)})
		ideal.XY = append(ideal.XY, [2]float64{n, math.Min(n, cores)})
	}
	for i, p := range points {
		f.Points = append(f.Points, chart.Point{X: p[0], Y: p[1], Kind: "measured", Label: short(results[i].Wall())})
		text += fmt.Sprintf("\n%2.0f %s: %s, %s", p[0], plural("worker", int(p[0])), short(results[i].Wall()), times(p[1]))
	}
	f.Lines = []chart.Line{ideal, curve}
	f.Alt = f.Subtitle[0]
	return text, f
}

// plural gives the word for n things.
func plural(word string, n int) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

func cores1(n int) string {
	if n == 1 {
		return "one worker a core"
	}
	return fmt.Sprintf("up to %d workers, one a core", n)
}

func law(s, n float64) float64 { return 1 / (s + (1-s)/n) }

// fit gives the serial part that fits points of up to cores workers best, by least
// squares; more workers than cores cannot be faster, whatever the job.
func fit(points [][2]float64, cores float64) float64 {
	best, least := 0.0, math.Inf(1)
	for s := 0.0; s <= 1; s += 0.001 {
		sum := 0.0
		for _, p := range points {
			if p[0] <= cores {
				d := law(s, p[0]) - p[1]
				sum += d * d
			}
		}
		if sum < least {
			best, least = s, sum
		}
	}
	return best
}
