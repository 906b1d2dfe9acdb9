package host

import (
	"fmt"
	"strings"
	"time"

	"interleave/demos"
	"interleave/demos/chart"
	"interleave/demos/timeline"
)

// Draw gives the MIME bundle of a value of package demos.
func (h *Host) Draw(v any) map[string]any {
	if a, ok := v.(*demos.Advice); ok {
		return adviceBundle(a)
	}
	text, figure := h.picture(v)
	if figure == nil {
		return map[string]any{"text/plain": text}
	}
	bundle, err := figure.Bundle(text)
	if err != nil {
		return map[string]any{"text/plain": text + "\n" + err.Error()}
	}
	return bundle
}

// picture gives the text and the figure of v; no figure where there is none.
func (h *Host) picture(v any) (string, *chart.Figure) {
	switch v := v.(type) {
	case *demos.Result:
		return lanes(v)
	case *demos.Comparison:
		return speedups(v)
	case *demos.Advice:
		return advice(v)
	case *demos.Atlas:
		return atlas(v)
	case *demos.View:
		return h.view(v)
	}
	return fmt.Sprintf("demos: no chart of a %T", v), nil
}

// view gives another chart of a value.
func (h *Host) view(v *demos.View) (string, *chart.Figure) {
	switch of := v.Of.(type) {
	case *demos.Result:
		if of.Err != nil {
			return of.Err.Error(), nil
		}
		if v.Kind == "latency" {
			return latencies("Tasks done: "+of.Job.Title, []*demos.Result{of})
		}
		return lanes(of)
	case *demos.Comparison:
		switch {
		case of.Err != nil:
			return of.Err.Error(), nil
		case v.Kind == "latency":
			return latencyTotal(of)
		case v.Kind == "table":
			return table(of), nil
		}
		return speedups(of)
	case []*demos.Result:
		return amdahl(of)
	case error:
		return of.Error(), nil
	}
	return fmt.Sprintf("demos: no chart of a %T", v.Of), nil
}

const (
	mostLanes = 40   // that are drawn
	mostBars  = 1500 // that are drawn
	textWidth = 60   // runes of a chart in a terminal
	textLanes = 16
)

// kinds are the states of spans with their colours.
var kinds = []chart.Kind{
	{Name: timeline.Running.String(), Color: chart.Blue},
	{Name: timeline.Waiting.String(), Color: chart.Purple},
	{Name: timeline.Runnable.String(), Color: chart.Vermilion},
}

// lanes is the chart of when each task ran where.
func lanes(r *demos.Result) (string, *chart.Figure) {
	head := r.Technique + ": " + r.Job.Title
	if r.Job.Title == "" {
		head = r.Technique
	}
	if r.Err != nil {
		return head + ": " + r.Err.Error(), nil
	}
	f := laneFigure(r)
	f.Title = head
	f.Subtitle = wrap(append([]string{figures(r)}, remarks(r)...))
	f.Alt = fmt.Sprintf("%s. %s %d lanes over %s.", head, figures(r), len(r.Timeline.Lanes), short(r.Wall()))
	text := head + "\n" + strings.Join(append([]string{figures(r)}, remarks(r)...), "\n")
	if chartText := f.Text(textWidth, textLanes); chartText != "" {
		text += "\n" + chartText
	}
	return text, f
}

// laneFigure draws the spans of r, thinned out.
func laneFigure(r *demos.Result) *chart.Figure {
	t := r.Timeline
	f := &chart.Figure{X: chart.Axis{Title: "ms since the start", Min: 0, Max: ms(t.Wall) * 1.005}}
	shown := min(len(t.Lanes), mostLanes)
	f.Y.Categories = distinct(t.Lanes[:shown])
	used := map[string]bool{}
	for _, s := range t.Spans {
		if s.Lane >= shown {
			continue
		}
		used[s.State.String()] = true
		f.Bars = append(f.Bars, chart.Bar{X0: ms(s.Start), X1: ms(s.End), Y: float64(s.Lane), Kind: s.State.String(), Label: spanLabel(r, s.Task)})
	}
	for _, k := range kinds {
		if used[k.Name] {
			f.Kinds = append(f.Kinds, k)
		}
	}
	var from int
	if f.Bars, from = chart.Thin(f.Bars, mostBars); from > 0 {
		r.Notes = note(r.Notes, fmt.Sprintf("Of %d spans, neighbours are drawn as one: %d.", from, len(f.Bars)))
	}
	if hidden := len(t.Lanes) - shown; hidden > 0 {
		r.Notes = note(r.Notes, fmt.Sprintf("The first %d lanes of %d are drawn.", shown, len(t.Lanes)))
	}
	return f
}

func spanLabel(r *demos.Result, task int) string {
	if names, ok := r.Extra.([]string); ok && task < len(names) {
		return names[task]
	}
	return fmt.Sprintf("task %d", task)
}

// note adds a sentence, once.
func note(notes []string, sentence string) []string {
	for _, n := range notes {
		if n == sentence {
			return notes
		}
	}
	return append(notes, sentence)
}

// distinct makes names that occur twice different, as they name rows.
func distinct(names []string) []string {
	seen := map[string]int{}
	out := make([]string, len(names))
	for i, n := range names {
		seen[n]++
		if seen[n] > 1 {
			n = fmt.Sprintf("%s (%d)", n, seen[n])
		}
		out[i] = n
	}
	return out
}

// figures are the numbers of a run in a line.
func figures(r *demos.Result) string {
	parts := []string{short(r.Wall()) + " in all"}
	if len(r.Runs) > 1 {
		parts[0] = fmt.Sprintf("%s in all, the median of %d runs from %s to %s", short(r.Wall()), len(r.Runs), short(r.Runs[0]), short(r.Runs[len(r.Runs)-1]))
	}
	if len(r.Timeline.Tasks) > 1 {
		parts = append(parts, fmt.Sprintf("half of the tasks done after %s, 95%% after %s", short(r.Latency(50)), short(r.Latency(95))))
	}
	if r.CPU() > 0 {
		parts = append(parts, "CPU "+short(r.CPU()))
	}
	if r.Speedup > 0 {
		parts = append(parts, fmt.Sprintf("%s as fast as serial", times(r.Speedup)))
	}
	return strings.Join(parts, "; ") + "."
}

// remarks are what has to be said of a run.
func remarks(r *demos.Result) []string {
	var out []string
	if r.Wrong != "" {
		out = append(out, "WRONG: "+r.Wrong)
	}
	if n := len(r.Failures); n > 0 {
		out = append(out, fmt.Sprintf("%d of %d tasks failed; %v.", n, r.Job.N, r.Failures[0]))
	}
	if r.Ready > 10*time.Millisecond {
		out = append(out, "Ready after "+short(r.Ready)+", which is not counted.")
	}
	if r.Version != "" {
		out = append(out, r.Version+".")
	}
	return append(out, r.Notes...)
}

// wrap breaks lines that would be wider than a chart.
func wrap(lines []string) []string {
	var out []string
	for _, line := range lines {
		out = append(out, wrapAt(line, 104)...)
	}
	return out
}

// wrapAt breaks a text into lines of at most that many bytes, between words.
func wrapAt(text string, most int) []string {
	var out []string
	row := ""
	for _, word := range strings.Fields(text) {
		if row != "" && len(row)+1+len(word) > most {
			out = append(out, row)
			row = ""
		}
		row = strings.TrimSpace(row + " " + word)
	}
	return append(out, row)
}

func ms(ns int64) float64 { return float64(ns) / 1e6 }

// short writes a time with three digits.
func short(d time.Duration) string {
	switch {
	case d <= 0:
		return "0s"
	case d < time.Microsecond:
		return fmt.Sprintf("%dns", d)
	case d < time.Millisecond:
		return digits(float64(d)/1e3) + "µs"
	case d < time.Second:
		return digits(float64(d)/1e6) + "ms"
	}
	return digits(d.Seconds()) + "s"
}

// digits writes a number with three digits.
func digits(v float64) string {
	switch {
	case v >= 99.95:
		return fmt.Sprintf("%.0f", v)
	case v >= 9.995:
		return fmt.Sprintf("%.1f", v)
	case v >= 0.0995:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.2g", v)
}

// times is "1.93×".
func times(x float64) string { return digits(x) + "×" }
