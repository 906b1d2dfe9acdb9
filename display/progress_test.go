package display

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// A bar is one display, updated in place, and its last state is always shown.
func TestProgress(t *testing.T) {
	r := record(t)
	p := NewProgress("load", 200)
	for range 200 {
		p.Add(1)
	}
	p.Done()
	p.Done()
	if len(r.calls) < 2 || !strings.HasSuffix(r.calls[0], "0/200 0% false") {
		t.Fatalf("%q", r.calls)
	}
	last := r.calls[len(r.calls)-1]
	if ok, _ := regexp.MatchString(`^display load \[█{24}\] 200/200 100%.* in .* true$`, last); !ok {
		t.Errorf("the end is %q", last)
	}
	for _, id := range r.ids {
		if id != r.ids[0] {
			t.Errorf("shown in two places: %q", r.ids)
		}
	}
	if len(r.calls) > 100 {
		t.Errorf("%d updates for 200 steps: they are to be thinned out", len(r.calls))
	}
}

// Bars below a bar are drawn with it while they go on.
func TestProgressNested(t *testing.T) {
	record(t)
	p := NewProgress("all", 2)
	sub := p.Sub("part", 4)
	sub.Set(1)
	deep := sub.Sub("piece", 0)
	deep.Add(3)
	text := p.set.text(time.Now(), false)
	lines := strings.Split(text, "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[1], "  part [██████") || !strings.HasPrefix(lines[2], "    piece 3") {
		t.Errorf("bars:\n%s", text)
	}
	deep.Done()
	sub.Done()
	if text := p.set.text(time.Now(), false); strings.Contains(text, "p") {
		t.Errorf("ended bars are still there: %q", text)
	}
	html := p.set.bundle(time.Now()).Data[mimeHTML].(string)
	if !strings.Contains(html, `<progress max="2" value="0"`) {
		t.Errorf("html %s", html)
	}
}

func TestProgressFigures(t *testing.T) {
	start := time.Unix(0, 0)
	for _, test := range []struct {
		done, total int
		passed      time.Duration
		ended       bool
		want        string
	}{
		{0, 10, time.Second, false, "0/10 0%"},
		{5, 10, 2 * time.Second, false, "5/10 50% 2.5/s 2s left"},
		{10, 10, 2 * time.Second, false, "10/10 100% 5/s"},
		{12, 10, 2 * time.Second, false, "12/10 120% 6/s"},
		{10, 10, 2345 * time.Millisecond, true, "10/10 100% 4.26/s in 2.35s"},
		{3, 0, time.Second, false, "3 3/s"},
		{-1, 10, time.Second, false, "-1/10 -10%"},
		{1000, 2000, time.Second, false, "1000/2000 50% 1000/s 1s left"},
	} {
		p := &Progress{set: &progressSet{}, total: test.total, done: test.done, start: start}
		now := start.Add(test.passed)
		if test.ended {
			p.end = now
		}
		if got := p.figures(now); got != test.want {
			t.Errorf("%d of %d after %v: %q, want %q", test.done, test.total, test.passed, got, test.want)
		}
	}
}

// In a terminal a bar keeps to one line and ends it.
func TestProgressInTerminal(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress("quiet", 2)
	p.set.w = &out
	p.set.last = time.Time{}
	p.Sub("part", 1)
	p.Set(2)
	p.Done()
	text := out.String()
	if strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") || !strings.Contains(text, " | ") {
		t.Errorf("%q", text)
	}
}

func TestProgressClear(t *testing.T) {
	r := record(t)
	p := NewProgress("load", 2)
	p.Clear()
	p.set.last = time.Time{}
	p.Add(1)
	p.Done()
	if last := r.calls[len(r.calls)-1]; last != "display  true" {
		t.Errorf("after Clear: %q", r.calls)
	}
}

func TestProgressFromManyGoroutines(t *testing.T) {
	record(t)
	p := NewProgress("load", 800)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			sub := p.Sub("part", 100)
			defer sub.Done()
			for range 100 {
				sub.Add(1)
				p.Add(1)
			}
		})
	}
	wg.Wait()
	p.Done()
	if p.done != 800 {
		t.Errorf("counted %d", p.done)
	}
}

func TestHandleClear(t *testing.T) {
	r := record(t)
	h := Show("a")
	h.Clear()
	h.Update("b")
	r.want(t, "display a false", "display  true", "display b true")
	Show().Clear() // shows nothing, so there is nothing to clear
	if len(r.calls) != 3 {
		t.Errorf("%q", r.calls)
	}
}
