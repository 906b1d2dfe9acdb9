package modules

import (
	"strings"
	"sync"
	"time"
)

// patience is how long something may take before it is told.
const patience = 500 * time.Millisecond

// A progress tells once what is under way, where it takes long.
type progress struct {
	mu    sync.Mutex
	tell  func(string) // nil when it is too late
	since time.Time
	text  string
	timer *time.Timer
	told  map[string]bool
}

func newProgress(say func(string)) *progress {
	p := &progress{tell: say, since: time.Now(), told: map[string]bool{}}
	p.timer = time.AfterFunc(patience, p.late) // stopped by end
	return p
}

// say tells what is under way now.
func (p *progress) say(text string) {
	p.mu.Lock()
	p.text = text
	p.mu.Unlock()
	p.timer.Reset(patience)
}

func (p *progress) late() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tell != nil && p.text != "" && !p.told[p.text] {
		p.told[p.text] = true
		p.tell(p.text + " ...")
	}
}

// fetched takes a line of the go command: "go: downloading PATH VERSION".
func (p *progress) fetched(line string) {
	rest, ok := strings.CutPrefix(line, "go: downloading ")
	if !ok {
		return
	}
	p.mu.Lock()
	p.text = "fetching " + rest
	late := time.Since(p.since) > patience
	p.mu.Unlock()
	if late {
		p.late()
	}
}

// end is the end of what is told.
func (p *progress) end() {
	p.timer.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tell = nil
}
