package host

import (
	"context"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"interleave/demos"
)

// A comparison names every technique, measures it by Serial, and says two sentences.
func TestCompare(t *testing.T) {
	h, _ := newHost(t)
	c := h.Compare(demos.Wait(8, 10*time.Millisecond), demos.Options{NoPython: true})
	if c.Err != nil {
		t.Fatal(c.Err)
	}
	text := c.String()
	for _, word := range order {
		if c.Result(word) == nil || !strings.Contains(text, word) || !strings.Contains(c.Verdict, word) {
			t.Errorf("%s is missing in\n%s", word, text)
		}
	}
	if n := strings.Count(c.Verdict, ". "); n != 1 || !strings.HasSuffix(c.Verdict, ".") {
		t.Errorf("verdict of %d sentences: %s", n+1, c.Verdict)
	}
	if a := c.Result(demos.NameAsync); a.Speedup < 2 {
		t.Errorf("8 tasks that wait, at once: %.2f times as fast", a.Speedup)
	}
}

// A technique with wrong results is shown as wrong, and does not win.
func TestWrongResults(t *testing.T) {
	need(t, demos.NameC)
	h, _ := newHost(t)
	c := h.Compare(demos.Compute(square, []int{1, 2, 3}), demos.Options{NoPython: true, C: "double task(double x) { return x + x; }"})
	r := c.Result(demos.NameC)
	if r == nil || !strings.Contains(r.Wrong, "2 of 3 results differ from those of serial; task 0 gave 2, not 1") {
		t.Fatalf("%+v", r)
	}
	if text := c.String(); !strings.Contains(text, "WRONG") || strings.HasPrefix(c.Verdict, "Fastest is c ") {
		t.Errorf("%s", text)
	}
}

// Python's tools give the results that Go's do.
func TestPython(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("there is no python3")
	}
	h, _ := newHost(t)
	for _, test := range []struct {
		job demos.Job
		o   demos.Options
	}{
		{demos.Wait(6, 2*time.Millisecond), demos.Options{}}, {demos.Primes(4, 2000), demos.Options{}}, {demos.SquareRoots(3, 3000), demos.Options{}},
		{demos.Mandelbrot(4, 20), demos.Options{}}, {demos.Mixed(3, time.Millisecond, 500), demos.Options{}},
		{demos.Compute(square, []int{1, 2, 3}), demos.Options{Python: "def task(x):\n    return x * x\n"}},
	} {
		serial := h.Run(demos.NameSerial, test.job, demos.Options{})
		ran := 0
		for _, r := range h.python(nil, test.job, test.o) {
			if r.Err != nil {
				if !strings.Contains(r.Err.Error(), "-m pip install") {
					t.Errorf("%s: %v", r.Technique, r.Err)
				}
				continue
			}
			ran++
			if r.Partial > 0 { // a machine that has much to do
				continue
			}
			if w := differs(serial, r); w != "" || len(r.Failures) > 0 || !strings.Contains(r.Version, "Python 3") || !strings.Contains(r.Version, "GIL") {
				t.Errorf("%s %s: %s, %v, %s", test.job.Kind, r.Technique, w, r.Failures, r.Version)
			}
			if a, b, bad := r.Timeline.Overlap(); bad {
				t.Errorf("%s: %v and %v overlap", r.Technique, a, b)
			}
		}
		if ran < 3 {
			t.Errorf("%s: %d of Python's tools ran", test.job.Kind, ran)
		}
	}
	for _, test := range []struct{ source, want string }{
		{"", "give it in Python too"}, {"def task(x):", "IndentationError"}, {"import os\ndef task(x): os._exit(3)", "it died"},
	} {
		r := h.python(nil, demos.Compute(square, []int{1}), demos.Options{Python: test.source})[0]
		if r.Err == nil || !strings.Contains(r.Err.Error(), test.want) {
			t.Errorf("%q: %v", test.source, r.Err)
		}
	}
	r := h.python(nil, demos.Compute(square, []int{1, 0}), demos.Options{Python: "def task(x): return 1 // x"})[0]
	if len(r.Failures) != 1 || !strings.Contains(r.Failures[0].Error(), "ZeroDivisionError") {
		t.Errorf("%v, %v", r.Failures, r.Err)
	}
	if left := children(t); left != "" {
		t.Errorf("processes left: %s", left)
	}
}

func TestAdvise(t *testing.T) {
	h, _ := newHost(t)
	for _, test := range []struct {
		job  demos.Job
		take string
	}{
		{demos.Wait(10, 50*time.Millisecond), "async"},
		{demos.Primes(1, 100_000), "serial"},
		{demos.Primes(8, 100), "serial"},
		{demos.Primes(8, 2_000_000), "threads"},
		{demos.Compute(func(int) int { panic("no") }, []int{1, 2}), "serial"},
	} {
		a := h.Advise(test.job, demos.Options{})
		if a.Err != nil || a.Take != test.take || a.Why == "" || a.Unless == "" || len(a.Facts) < 6 {
			t.Errorf("%s: %+v", test.job.Title, a)
		}
		text := a.String()
		for _, word := range []string{"async", "threads", "processes", "nursery", "future", "c: "} {
			if !strings.Contains(text, word) {
				t.Errorf("%s does not speak of %s", test.job.Title, word)
			}
		}
	}
}

// Where other programs have the cores, a task that sleeps still waits, and one that
// computes does not.
func TestAdviseOnBusyMachine(t *testing.T) {
	h, _ := newHost(t)
	ctx, cancel := context.WithCancel(t.Context())
	var hogs sync.WaitGroup
	defer hogs.Wait()
	defer cancel()
	for range 3 * runtime.NumCPU() {
		hogs.Go(func() { exec.CommandContext(ctx, "sh", "-c", "while :; do :; done").Run() })
	}
	sleeps := func(n int) int { time.Sleep(time.Duration(n) * time.Millisecond); return n }
	for _, test := range []struct {
		job  demos.Job
		take string
	}{
		{demos.Compute(sleeps, []int{50, 50, 50, 50}), "async nursery"},
		{demos.Primes(8, 2_000_000), "threads"},
	} {
		if a := h.Advise(test.job, demos.Options{}); a.Err != nil || !strings.Contains(test.take, a.Take) {
			t.Errorf("%s: take %s: %s", test.job.Title, a.Take, a.Why)
		}
	}
}

func TestLandscape(t *testing.T) {
	h, _ := newHost(t)
	m := h.Landscape(demos.Options{})
	if m.Err != nil || len(m.Nodes) != 7 {
		t.Fatalf("%+v", m)
	}
	b := m.MIMEBundle()
	for _, n := range m.Nodes {
		if n.Numbers == "" || n.Example == "" || !strings.Contains(b["text/plain"].(string), n.Python+" -> "+n.Technique) {
			t.Errorf("%+v", n)
		}
		if !strings.Contains(b["image/svg+xml"].(string), n.Python) {
			t.Errorf("the map does not show %s", n.Python)
		}
	}
}

// Every kind of chart has all forms, and text that stands on its own.
func TestViews(t *testing.T) {
	h, _ := newHost(t)
	r := h.Run(demos.NameThreads, demos.Primes(4, 10_000), demos.Options{Repeat: 3})
	if len(r.Runs) != 3 || !strings.Contains(r.String(), "the median of 3 runs") {
		t.Errorf("%v: %s", r.Runs, r)
	}
	c := &demos.Comparison{Job: r.Job, Results: []*demos.Result{h.Run(demos.NameSerial, r.Job, demos.Options{}), r}}
	rate(c)
	for name, v := range map[string]interface{ MIMEBundle() map[string]any }{
		"lanes": r.Lanes(), "latency": r.LatencyChart(), "bars": c.Bars(), "latency and total": c.LatencyChart(),
		"amdahl": demos.Amdahl(demos.Primes(8, 10_000), demos.NameThreads),
	} {
		b := v.MIMEBundle()
		if len(b) != 4 || b["text/plain"] == "" || b["application/vnd.vegalite.v5+json"] == nil {
			t.Errorf("%s: %v", name, b["text/plain"])
		}
	}
	if b := c.Table().MIMEBundle(); !strings.Contains(b["text/plain"].(string), "Speedup") {
		t.Errorf("%v", b)
	}
	if b := h.Draw(7); !strings.Contains(b["text/plain"].(string), "no chart of a int") {
		t.Errorf("%v", b)
	}
}

func TestFit(t *testing.T) {
	for _, s := range []float64{0, 0.1, 0.5, 1} {
		var points [][2]float64
		for n := 1.0; n <= 8; n++ {
			points = append(points, [2]float64{n, law(s, n)})
		}
		points = append(points, [2]float64{16, 1}) // more than there are cores: not counted
		if got := fit(points, 8); got < s-0.002 || got > s+0.002 {
			t.Errorf("a serial part of %g is fitted as %g", s, got)
		}
	}
}

func TestShort(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0s", 5: "5ns", 1500: "1.50µs", 12345678: "12.3ms", 2 * time.Second: "2.00s", 125 * time.Second: "125s", 999999: "1000µs"} {
		if got := short(d); got != want {
			t.Errorf("%d: %s, want %s", d, got, want)
		}
	}
}
