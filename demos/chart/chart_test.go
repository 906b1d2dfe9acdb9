package chart

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// gantt is a figure of n bars in lanes.
func gantt(lanes, n int) *Figure {
	f := &Figure{
		Title: "Worker pool: jobs & <workers>", Subtitle: []string{"12 jobs on 4 workers in 104 ms"}, Alt: "Four lanes of bars.",
		X: Axis{Title: "ms since the start"}, Kinds: []Kind{{"running", Blue}, {"waiting", Purple}},
	}
	for i := range lanes {
		f.Y.Categories = append(f.Y.Categories, fmt.Sprintf("worker %d", i+1))
	}
	rng := rand.New(rand.NewPCG(1, 2))
	at := make([]float64, lanes)
	for i := range n {
		l := i % lanes
		d := 1 + 10*rng.Float64()
		kind := f.Kinds[rng.IntN(2)].Name
		f.Bars = append(f.Bars, Bar{X0: at[l], X1: at[l] + d, Y: float64(l), Kind: kind, Label: fmt.Sprintf("task %d", i)})
		at[l] += d + 2*rng.Float64()
	}
	return f
}

// speedup is a figure of bars with a spread and a line.
func speedup() *Figure {
	return &Figure{
		Title: "Speed-up", Alt: "Bars.", X: Axis{Title: "times as fast as serial"}, Y: Axis{Categories: []string{"serial", "threads", "processes"}},
		Bars:   []Bar{{X1: 1, Y: 0, Kind: "Go"}, {X1: 1.9, Y: 1, Kind: "Go", Low: 1.7, High: 2}, {X1: 1.8, Y: 2, Kind: "Python"}},
		Lines:  []Line{{Kind: "ideal", XY: [][2]float64{{2, 0}}, Dashed: true}},
		Labels: []Label{{X: 1, Y: 0, Text: "1.00×"}, {X: 2, Y: 1, Text: "1.90×"}},
		Kinds:  []Kind{{"Go", Blue}, {"Python", Vermilion}, {"ideal", Green}},
	}
}

// curve is a figure of numbers on both axes.
func curve() *Figure {
	return &Figure{
		Title: "Amdahl", Alt: "A curve.", X: Axis{Title: "workers"}, Y: Axis{Title: "speed-up"},
		Lines:  []Line{{Kind: "fit", XY: [][2]float64{{1, 1}, {2, 1.8}, {4, 3}}}, {Kind: "ideal", XY: [][2]float64{{1, 1}, {4, 4}}, Dashed: true}},
		Points: []Point{{1, 1, "measured", "1 worker"}, {2, 1.75, "measured", "2 workers"}},
		Kinds:  []Kind{{"measured", Blue}, {"fit", Vermilion}, {"ideal", Green}},
	}
}

// boxes is a figure without axes.
func boxes() *Figure {
	return &Figure{
		Title: "Map", Alt: "Boxes.", X: Axis{Hidden: true, Min: 0, Max: 10}, Y: Axis{Hidden: true, Min: 0, Max: 4},
		Bars:   []Bar{{X0: 1, X1: 4, Y: 1, Y1: 3, Kind: "a"}, {X0: 6, X1: 9, Y: 1, Y1: 3, Kind: "b"}},
		Labels: []Label{{X: 2.5, Y: 2, Text: "asyncio", Align: "center", On: "a", Bold: true}, {X: 7.5, Y: 2, Text: "threads", Align: "center", On: "b"}},
		Kinds:  []Kind{{"a", Blue}, {"b", Green}},
	}
}

var figures = map[string]func() *Figure{
	"lanes": func() *Figure { return gantt(4, 12) }, "many": func() *Figure { return gantt(40, 400) },
	"bars": speedup, "curve": curve, "map": boxes,
	"empty": func() *Figure { return &Figure{Title: "nothing", Alt: "Nothing."} },
}

// Each figure has all forms, and each form is what it says.
func TestBundles(t *testing.T) {
	for name, make := range figures {
		t.Run(name, func(t *testing.T) {
			f := make()
			b, err := f.Bundle("one line")
			if err != nil {
				t.Fatal(err)
			}
			if b["text/plain"] != "one line" || len(b) != 4 {
				t.Errorf("%d forms, text %v", len(b), b["text/plain"])
			}
			checkSVG(t, b["image/svg+xml"].(string), f)
			checkPNG(t, b["image/png"].(string))
			if dir := os.Getenv("CHART_DIR"); dir != "" {
				file, _ := base64.StdEncoding.DecodeString(b["image/png"].(string))
				os.WriteFile(filepath.Join(dir, name+".png"), file, 0o644)
				os.WriteFile(filepath.Join(dir, name+".svg"), []byte(b["image/svg+xml"].(string)), 0o644)
				text, _ := json.Marshal(b["application/vnd.vegalite.v5+json"])
				os.WriteFile(filepath.Join(dir, name+".json"), text, 0o644)
			}
		})
	}
}

// An SVG is well-formed, has a name for who does not see it, and shows all text.
func checkSVG(t *testing.T, svg string, f *Figure) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	text := ""
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("SVG: %v", err)
		}
		if chars, ok := token.(xml.CharData); ok {
			text += string(chars) + "\n"
		}
	}
	if !strings.Contains(svg, `role="img"`) || !strings.Contains(text, f.Alt) {
		t.Error("the SVG has no description")
	}
	for _, want := range append([]string{f.Title}, append(f.Subtitle, f.Y.Categories...)...) {
		if !strings.Contains(text, want) {
			t.Errorf("the SVG does not say %q", want)
		}
	}
}

// A PNG is opaque, white in its corners, and not all white.
func checkPNG(t *testing.T, encoded string) {
	t.Helper()
	file, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	b, drawn := m.Bounds(), 0
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, a := m.At(x, y).RGBA()
			if a != 0xffff {
				t.Fatalf("the PNG is not opaque at %d,%d", x, y)
			}
			if r != 0xffff || g != 0xffff || bl != 0xffff {
				drawn++
			}
		}
	}
	white := color.RGBA{255, 255, 255, 255}
	if color.RGBAModel.Convert(m.At(b.Min.X, b.Min.Y)) != white || drawn < 200 {
		t.Errorf("%d points drawn", drawn)
	}
}

// Joined bars cover what the bars covered, lane by lane, and lanes do not overlap.
func TestThin(t *testing.T) {
	for _, n := range []int{10, 1000, 10_000, 100_000} {
		all := gantt(8, n).Bars
		sum := func(bars []Bar) (total float64) {
			for _, b := range bars {
				total += b.X1 - b.X0
			}
			return total
		}
		before := sum(all)
		thin, from := Thin(all, 1500)
		if len(thin) > 1500 || (from != 0) != (n > 1500) || from != 0 && from != n {
			t.Errorf("%d bars: %d left, said to be of %d", n, len(thin), from)
		}
		if after := sum(thin); after < before*0.999 {
			t.Errorf("%d bars: covered %g before, %g now", n, before, after)
		}
		for i := 1; i < len(thin); i++ {
			if a, b := thin[i-1], thin[i]; a.Y == b.Y && b.X0 < a.X1-1e-9 {
				t.Fatalf("%d bars: %v and %v overlap", n, a, b)
			}
		}
	}
}

func TestText(t *testing.T) {
	f := &Figure{
		X: Axis{Title: "ms"}, Y: Axis{Categories: []string{"é", "two", "three"}}, Kinds: []Kind{{"running", Blue}, {"waiting", Purple}},
		Bars:   []Bar{{X0: 0, X1: 5, Y: 0, Kind: "running"}, {X0: 5, X1: 10, Y: 1, Kind: "waiting"}, {X0: 9.9, X1: 10, Y: 2, Kind: "running"}},
		Labels: []Label{{X: 10, Y: 1, Text: "late"}},
	}
	want := "é     |█████·····|\ntwo   |·····░░░░░| late\n… and 1 more\n█ running  ░ waiting  0 to 10: ms"
	if got := f.Text(10, 2); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// 10,000 spans are thinned out and drawn; the forms together stay below 2 MB.
func Benchmark10000Spans(b *testing.B) {
	for range b.N {
		f := gantt(8, 10_000)
		f.Bars, _ = Thin(f.Bars, 1500)
		bundle, err := f.Bundle("")
		if err != nil {
			b.Fatal(err)
		}
		text, _ := json.Marshal(bundle)
		b.ReportMetric(float64(len(text)), "bytes")
	}
}

func TestSizeOf10000Spans(t *testing.T) {
	f := gantt(40, 10_000)
	f.Bars, _ = Thin(f.Bars, 1500)
	bundle, err := f.Bundle("")
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := json.Marshal(bundle); len(text) > 2<<20 {
		t.Errorf("%d bytes", len(text))
	}
}

// Numbers at an axis are as short as they can be.
func TestTicks(t *testing.T) {
	for _, tt := range []struct {
		to   float64
		want string
	}{{300, "0 100 200 300"}, {5, "0 2.5 5"}, {1.05, "0 0.5 1"}, {0.31, "0 0.1 0.2 0.3"}, {2e6, "0 1000000 2000000"}} {
		var labels []string
		for _, tick := range (plainTicks{}).Ticks(0, tt.to) {
			if !tick.IsMinor() {
				labels = append(labels, tick.Label)
			}
		}
		if got := strings.Join(labels, " "); got != tt.want {
			t.Errorf("to %v: %s, want %s", tt.to, got, tt.want)
		}
	}
}

// An axis that counts has whole numbers, and not too many.
func TestWholeTicks(t *testing.T) {
	for _, tt := range []struct {
		from, to float64
		want     string
	}{{1, 4, "1 2 3 4"}, {0, 12, "0 2 4 6 8 10 12"}, {0.5, 3.5, "1 2 3"}, {0, 10_000, "0 1250 2500 3750 5000 6250 7500 8750 10000"}} {
		var labels []string
		for _, tick := range (wholeTicks{}).Ticks(tt.from, tt.to) {
			labels = append(labels, tick.Label)
		}
		if got := strings.Join(labels, " "); got != tt.want {
			t.Errorf("%v to %v: %s, want %s", tt.from, tt.to, got, tt.want)
		}
	}
}
