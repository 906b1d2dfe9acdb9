package host

import (
	"fmt"
	"time"

	"interleave/demos"
	"interleave/demos/chart"
	"interleave/display"
)

// Halves of the map.
const (
	moreAtOnce = "do more at once"
	faster     = "do things faster"
	easier     = "do either easier"
)

// Landscape measures each technique with a small job, and puts it on the map.
func (h *Host) Landscape(o demos.Options) *demos.Atlas {
	shown := display.Show()
	m := &demos.Atlas{Title: "Know when to use which tool"}
	wait := demos.Wait(50, 20*time.Millisecond)
	compute := demos.Primes(8, 800_000)
	get := func(name string, job demos.Job) *demos.Result {
		shown.Update(display.Text("measuring " + name + "…"))
		return h.row(shown, name, job, demos.Options{})
	}
	beside := func(name string) (r, serial *demos.Result) { // in turn, the fastest of three each
		for range 3 {
			serial = quicker(serial, get(demos.NameSerial, compute))
			r = quicker(r, get(name, compute))
		}
		return r, serial
	}
	if serial := get(demos.NameSerial, compute); serial.Err != nil {
		m.Err = serial.Err
		shown.Clear()
		return m
	}
	small := demos.Primes(4, 20_000)
	interpreted, native := get(demos.NameInterpreted, small), get(demos.NameNative, small)
	m.Nodes = []demos.Node{
		{Half: moreAtOnce, Python: "asyncio", Technique: demos.NameAsync, Example: "demos.Async(demos.Wait(50, 20*time.Millisecond))",
			Numbers: waited(get(demos.NameAsync, wait), wait)},
		{Half: moreAtOnce, Python: "threads", Technique: demos.NameThreads, Example: "demos.Threads(job, demos.GIL())",
			Numbers: fmt.Sprintf("computing %s; with a GIL %s", against1(beside(demos.NameThreads)), against1(beside(demos.NameGIL)))},
		{Half: faster, Python: "multiprocessing", Technique: demos.NameProcesses, Example: "demos.Processes(demos.Compute(f, inputs))",
			Numbers: ready(beside(demos.NameProcesses))},
		{Half: faster, Python: "C / C++", Technique: demos.NameC, Example: "demos.C(demos.Primes(8, 800000))",
			Numbers: "computing " + against1(beside(demos.NameC))},
		{Half: faster, Python: "Cython", Technique: demos.NameNative, Example: "demos.Native(job); demos.Interpreted(job)",
			Numbers: "compiled " + against1(native, interpreted) + " as interpreted"},
		{Half: easier, Python: "Trio", Technique: demos.NameNursery, Example: "demos.OpenNursery(ctx, func(g *demos.Group) error { g.Go(f); return nil })",
			Numbers: waited(get(demos.NameNursery, wait), wait)},
		{Half: easier, Python: "Unsync", Technique: demos.NameFuture, Example: "demos.Submit(demos.OnProcess, f, 7).Result()",
			Numbers: "computing " + against1(beside(demos.NameFuture))},
	}
	shown.Update(display.Table(exampleRows(m)))
	return m
}

type exampleRow struct{ Half, Python, Go, Measured, Example string }

func exampleRows(m *demos.Atlas) (rows []exampleRow) {
	for _, n := range m.Nodes {
		rows = append(rows, exampleRow{n.Half, n.Python, n.Technique, n.Numbers, n.Example})
	}
	return rows
}

// quicker is the faster one of two results of a technique: the map is about
// techniques, not about what else the machine does.
func quicker(a, b *demos.Result) *demos.Result {
	if a == nil || b.Err == nil && b.Wall() < a.Wall() {
		return b
	}
	return a
}

// waited is what became of requests.
func waited(r *demos.Result, job demos.Job) string {
	if r.Err != nil {
		return r.Err.Error()
	}
	return fmt.Sprintf("%d waits of %v in %s", job.N, job.Delay, short(r.Wall()))
}

// against1 is how many times as fast r was as base.
func against1(r, base *demos.Result) string {
	switch {
	case r.Err != nil:
		return "not here: " + r.Err.Error()
	case base.Err != nil || r.Wall() == 0 || base.Wall() == 0:
		return "not measured"
	case base.Partial > 0:
		return "over " + times(base.Wall().Seconds()/r.Wall().Seconds())
	}
	return times(base.Wall().Seconds() / r.Wall().Seconds())
}

func ready(r, serial *demos.Result) string {
	if r.Err != nil {
		return "not here: " + r.Err.Error()
	}
	return fmt.Sprintf("computing %s; ready in %s", against1(r, serial), short(r.Ready))
}

// atlas is the picture of the map: two halves, and a layer above them.
func atlas(m *demos.Atlas) (string, *chart.Figure) {
	f := &chart.Figure{
		Title: m.Title, Subtitle: []string{"Python's tool, Go's answer in this kernel, and what it does on this machine."},
		Alt: "Map of techniques: to do more at once, async and threads; to do things faster, processes, c and native; to do either easier, nursery and future.",
		X:   chart.Axis{Hidden: true, Min: 0, Max: 100}, Y: chart.Axis{Hidden: true, Min: 8, Max: 62},
		Kinds: []chart.Kind{{Name: moreAtOnce, Color: chart.Blue}, {Name: faster, Color: chart.Green}, {Name: easier, Color: chart.Vermilion}},
		Width: 760, Height: 340,
	}
	place := map[string]struct{ next, step, width, y float64 }{
		easier: {1, 50, 48, 47}, moreAtOnce: {1, 20.5, 19.5, 20}, faster: {43, 19.2, 18, 20},
	}
	text := m.Title
	for _, n := range m.Nodes {
		p := place[n.Half]
		x, y, w := p.next, p.y, p.width
		p.next += p.step
		place[n.Half] = p
		f.Bars = append(f.Bars, chart.Bar{X0: x, X1: x + w, Y: y - 9, Y1: y + 9, Kind: n.Half, Label: n.Example})
		lines := append([]string{n.Python, "→ " + n.Technique}, wrapAt(n.Numbers, int(w*1.15))...)
		for i, line := range lines {
			f.Labels = append(f.Labels, chart.Label{X: x + w/2, Y: y + 6 - 3.6*float64(i), Text: line, Align: "center", On: n.Half, Bold: i < 2, Size: 11 + 1*btoi(i < 2)})
		}
		text += fmt.Sprintf("\n%s: %s -> %s: %s   %s", n.Half, n.Python, n.Technique, n.Numbers, n.Example)
	}
	for half, at := range map[string][2]float64{easier: {50, 59}, moreAtOnce: {20.5, 32.5}, faster: {71, 32.5}} {
		f.Labels = append(f.Labels, chart.Label{X: at[0], Y: at[1], Text: half, Align: "center", Bold: true, Size: 13})
	}
	return text, f
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
