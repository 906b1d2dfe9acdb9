package host

import (
	"sync/atomic"
	"time"

	"interleave/display"
)

// progressAfter is how long a run takes before its progress is shown.
const progressAfter = 500 * time.Millisecond

// A progress shows how far a run is, where it takes long.
type progress struct {
	stop  chan struct{}
	ended chan struct{}
}

// progress follows a counter up to n, in a handle, or where that is nil in a place of
// its own.
func (h *Host) progress(in *display.Handle, label string, n int, done *atomic.Int64) *progress {
	p := &progress{make(chan struct{}), make(chan struct{})}
	go p.follow(in, label, n, done) // ends with end
	return p
}

func (p *progress) follow(in *display.Handle, label string, n int, done *atomic.Int64) {
	defer close(p.ended)
	select {
	case <-p.stop:
		return
	case <-time.After(progressAfter):
	}
	var bar *display.Progress
	if in != nil { // whose owner shows something else there afterwards
		bar = in.Progress(label, n)
	} else {
		bar = display.NewProgress(label, n)
		defer bar.Clear()
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		bar.Set(int(done.Load()))
		select {
		case <-p.stop:
			return
		case <-tick.C:
		}
	}
}

// end takes it away.
func (p *progress) end() {
	close(p.stop)
	<-p.ended
}
