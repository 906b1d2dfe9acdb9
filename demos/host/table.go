package host

import (
	"fmt"
	"html"
	"strings"

	"interleave/demos"
	"interleave/display"
)

// A row is a line of the table of a comparison.
type row struct {
	Technique  string
	Time       string
	Speedup    string
	AtOnce     string // tasks that could be under way
	Efficiency string
	Start      string
	P50, P95   string
	CPU        string
	Switches   string
	Memory     string
}

// rows are the table of a comparison: those techniques that could run the job.
func rows(c *demos.Comparison) []row {
	var out []row
	for _, r := range c.Results {
		if r.Err != nil {
			continue
		}
		line := row{
			Technique: r.Technique, Time: short(r.Wall()), AtOnce: fmt.Sprint(r.Workers), Start: short(r.Ready),
			P50: short(r.Latency(50)), P95: short(r.Latency(95)), CPU: short(r.CPU()),
			Switches: fmt.Sprint(r.Usage.Voluntary + r.Usage.Involuntary), Memory: fmt.Sprintf("%d MB", r.Usage.Memory>>20),
		}
		if n := len(r.Runs); n > 1 {
			line.Time += " (" + short(r.Runs[0]) + " to " + short(r.Runs[n-1]) + ")"
		}
		if r.Speedup > 0 {
			line.Speedup, line.Efficiency = times(r.Speedup), fmt.Sprintf("%.0f%%", 100*r.Efficiency())
		}
		if r.Partial > 0 || r.Speedup == 0 {
			line.Time, line.P50, line.P95 = "over "+short(r.Wall()), "", ""
		}
		out = append(out, line)
	}
	return out
}

// below are the lines below the table: what has to be said of each technique.
func below(c *demos.Comparison) []string {
	var out []string
	for _, r := range c.Results {
		if r.Err != nil {
			out = append(out, saying(r.Technique, r.Err.Error()))
			continue
		}
		var parts []string
		if r.Wrong != "" {
			parts = append(parts, "WRONG: "+r.Wrong+".")
		}
		if n := len(r.Failures); n > 0 {
			parts = append(parts, fmt.Sprintf("%d of %d tasks failed; %v.", n, r.Job.N, r.Failures[0]))
		}
		if r.Partial > 0 {
			parts = append(parts, fmt.Sprintf("Did %d of %d tasks.", r.Partial, r.Job.N))
		}
		if r.Version != "" {
			parts = append(parts, r.Version+".")
		}
		if parts = append(parts, r.Notes...); len(parts) > 0 {
			out = append(out, saying(r.Technique, strings.Join(parts, " ")))
		}
	}
	return out
}

// saying puts the name before a sentence that does not begin with it.
func saying(name, text string) string {
	if strings.HasPrefix(text, name+": ") {
		return text
	}
	return name + ": " + text
}

// table is the table of a comparison as text.
func table(c *demos.Comparison) string {
	text, _ := display.Table(rows(c)).Data["text/plain"].(string)
	return strings.Join(append([]string{text}, below(c)...), "\n")
}

// tableBundle is the table for a front-end.
func tableBundle(c *demos.Comparison) display.Bundle {
	markup, _ := display.Table(rows(c)).Data["text/html"].(string)
	var list strings.Builder
	for _, line := range below(c) {
		name, text, _ := strings.Cut(line, ": ")
		fmt.Fprintf(&list, "<li><b>%s</b>: %s</li>", html.EscapeString(name), html.EscapeString(text))
	}
	return display.Bundle{Data: map[string]any{
		"text/html":  "<div style=\"overflow-x:auto\">" + markup + "</div><ul>" + list.String() + "</ul>",
		"text/plain": fmt.Sprintf("%s: %d techniques compared", c.Job.Title, len(c.Results)),
	}}
}
