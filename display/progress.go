package display

import (
	"fmt"
	"html"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	progressEvery = 100 * time.Millisecond // between two updates, the last one aside
	progressWidth = 24                     // runes of a bar in a terminal
)

// A Progress is a bar that tells how far a task is, how fast it goes and how long
// it will take. Bars made by Sub are shown below it. Several goroutines may use
// it; it starts none.
type Progress struct {
	set   *progressSet
	label string
	depth int
	total int // 0: not known
	done  int
	start time.Time
	end   time.Time // zero while it goes on
}

// A progressSet is a bar and all below it, which are shown as one.
type progressSet struct {
	mu     sync.Mutex
	bars   []*Progress
	handle *Handle
	last   time.Time
	w      io.Writer // a terminal; nil: none
	open   bool      // the terminal's line has no end yet
	gone   bool      // cleared, and not shown again
}

// NewProgress shows a bar of total steps; 0 or less: how many is not known. In a
// notebook it is updated in place; in a terminal it takes a line; where there is
// neither only its end is printed.
func NewProgress(label string, total int) *Progress { return newHandle().Progress(label, total) }

// Progress shows a bar in place of what the handle showed.
func (h *Handle) Progress(label string, total int) *Progress {
	s := &progressSet{handle: h}
	if Output == nil && isTerminal(os.Stdout) {
		s.w = os.Stdout
	}
	return s.add(label, total, 0)
}

// Sub shows a bar below p, for a part of what p counts. It goes away when it is done.
func (p *Progress) Sub(label string, total int) *Progress {
	return p.set.add(label, total, p.depth+1)
}

func (s *progressSet) add(label string, total, depth int) *Progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &Progress{set: s, label: label, depth: depth, total: max(total, 0), start: time.Now()}
	s.bars = append(s.bars, p)
	s.show(false)
	return p
}

// Add counts n more steps.
func (p *Progress) Add(n int) { p.change(func() { p.done += n }) }

// Set counts n steps in all.
func (p *Progress) Set(n int) { p.change(func() { p.done = n }) }

func (p *Progress) change(f func()) {
	p.set.mu.Lock()
	defer p.set.mu.Unlock()
	f()
	p.set.show(false)
}

// Done ends the bar, at the count that it has. It may be called twice.
func (p *Progress) Done() {
	p.set.mu.Lock()
	defer p.set.mu.Unlock()
	if !p.end.IsZero() {
		return
	}
	p.end = time.Now()
	p.set.show(p.depth == 0)
}

// Clear takes the bar and all below it away, and ends it.
func (p *Progress) Clear() {
	p.set.mu.Lock()
	defer p.set.mu.Unlock()
	p.end = time.Now()
	p.set.gone = true
	if p.set.w != nil && p.set.open {
		fmt.Fprint(p.set.w, "\r\x1b[K")
		p.set.open = false
	}
	p.set.handle.Clear()
}

// show draws all bars, where the last time is long enough ago. s.mu is held.
func (s *progressSet) show(last bool) {
	now := time.Now()
	if s.gone || !last && now.Sub(s.last) < progressEvery {
		return
	}
	s.last = now
	switch {
	case Output != nil:
		s.handle.Update(s.bundle(now))
	case s.w != nil:
		fmt.Fprint(s.w, "\r\x1b[K", strings.ReplaceAll(s.text(now, last), "\n", " | "))
		s.open = !last
		if last {
			fmt.Fprintln(s.w)
		}
	case last:
		fmt.Println(s.text(now, true))
	}
}

// shown are the bars to draw: the first, and of the others those that go on.
func (s *progressSet) shown(last bool) []*Progress {
	if last {
		return s.bars[:1]
	}
	out := s.bars[:1:1]
	for _, p := range s.bars[1:] {
		if p.end.IsZero() {
			out = append(out, p)
		}
	}
	return out
}

func (s *progressSet) text(now time.Time, last bool) string {
	var lines []string
	for _, p := range s.shown(last) {
		lines = append(lines, strings.Repeat("  ", p.depth)+p.line(now))
	}
	return strings.Join(lines, "\n")
}

func (s *progressSet) bundle(now time.Time) Bundle {
	var b strings.Builder
	last := !s.bars[0].end.IsZero()
	for _, p := range s.shown(last) {
		attr := ""
		if p.total > 0 {
			attr = fmt.Sprintf(` max="%d" value="%d"`, p.total, min(max(p.done, 0), p.total))
		} else if !p.end.IsZero() {
			attr = ` max="1" value="1"`
		}
		fmt.Fprintf(&b, `<div style="margin-left:%dem"><progress%s style="width:16em;vertical-align:middle" aria-label="%s"></progress> %s</div>`,
			2*p.depth, attr, html.EscapeString(p.label), html.EscapeString(p.label+" "+p.figures(now)))
	}
	return bundle(s.text(now, last), mimeHTML, b.String())
}

// line is the bar in a terminal.
func (p *Progress) line(now time.Time) string {
	bar := ""
	if p.total > 0 {
		full := min(max(p.done*progressWidth/p.total, 0), progressWidth)
		bar = "[" + strings.Repeat("█", full) + strings.Repeat("·", progressWidth-full) + "] "
	}
	return strings.TrimSpace(p.label + " " + bar + p.figures(now))
}

// figures are count, share, rate and time: "40/100 40% 12.3/s 5s left".
func (p *Progress) figures(now time.Time) string {
	if !p.end.IsZero() {
		now = p.end
	}
	passed := now.Sub(p.start)
	text := fmt.Sprint(p.done)
	if p.total > 0 {
		text = fmt.Sprintf("%d/%d %d%%", p.done, p.total, p.done*100/p.total)
	}
	rate := float64(p.done) / max(passed.Seconds(), 1e-9)
	if p.done > 0 && passed > time.Millisecond {
		text += fmt.Sprintf(" %s/s", short(rate))
	}
	switch {
	case !p.end.IsZero():
		text += " in " + round(passed).String()
	case p.total > p.done && p.done > 0:
		left := time.Duration(float64(p.total-p.done) / rate * float64(time.Second))
		text += " " + round(left).String() + " left"
	}
	return text
}

// short writes a rate with three digits.
func short(rate float64) string {
	if rate >= 100 {
		return fmt.Sprintf("%.0f", rate)
	}
	return fmt.Sprintf("%.3g", rate)
}

// round leaves about three digits of a duration.
func round(d time.Duration) time.Duration {
	for unit := time.Duration(1); ; unit *= 10 {
		if d < 1000*unit || unit >= time.Second {
			return d.Round(unit)
		}
	}
}

// isTerminal tells whether f is a character device on which lines can be redrawn.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}
