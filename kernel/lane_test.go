package kernel

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"interleave/kernel/wire"
)

func queued(bytes int) *request {
	return &request{Message: &wire.Message{RawContent: json.RawMessage(make([]byte, bytes))}}
}

// A lane gives what it got, in order, and ends when it is closed and empty.
func TestLaneOrder(t *testing.T) {
	l := newLane()
	var all sync.WaitGroup
	all.Go(func() {
		for i := range 1000 {
			if r := l.pop(); r.number != i+1 {
				t.Errorf("got %d, want %d", r.number, i+1)
			}
		}
		if r := l.pop(); r != nil {
			t.Errorf("got %d after the end", r.number)
		}
	})
	for range 1000 {
		l.push(queued(1))
	}
	l.close(false)
	all.Wait()
	if l.push(queued(1)) {
		t.Error("a closed lane took a request")
	}
}

// A full lane makes who pushes wait, until there is room or the lane is closed. A
// request larger than all fits an empty lane.
func TestLaneFull(t *testing.T) {
	for name, requests := range map[string][]int{"bytes": {laneBytes + 1, 1}, "requests": make([]int, laneRequests+1)} {
		l := newLane()
		last := len(requests) - 1
		for _, bytes := range requests[:last] {
			l.push(queued(bytes))
		}
		pushed := make(chan bool)
		go func() { pushed <- l.push(queued(requests[last])) }() // ends with pop or close
		select {
		case <-pushed:
			t.Errorf("%s: a full lane took a request", name)
			continue
		case <-time.After(10 * time.Millisecond): // it has nothing to do but wait
		}
		l.pop()
		equal(t, name+": with room", <-pushed, true)

		go func() { pushed <- l.push(queued(laneBytes)) }()
		l.close(true)
		equal(t, name+": closed", <-pushed, false)
		if l.pop() != nil {
			t.Errorf("%s: a lane closed with drop gave a request", name)
		}
	}
}

// What was queued when a cell failed is aborted, by arrival or else by date.
func TestLaneAborts(t *testing.T) {
	failed := time.Date(2026, 1, 2, 3, 4, 5, 600_000_000, time.UTC)
	l := &lane{failures: 3, failed: failed}
	tests := []struct {
		name     string
		number   int
		received time.Duration // after the failure
		date     string
		want     bool
	}{
		{"before", 3, -time.Second, "", true},
		{"under way", 4, time.Millisecond, "2026-01-02T03:04:05.599999Z", true},
		{"under way, another zone", 4, time.Millisecond, "2026-01-02T05:04:05.5+02:00", true},
		{"sent afterwards", 4, time.Millisecond, "2026-01-02T03:04:05.600001Z", false},
		{"too late for the date to count", 4, abortGrace + 1, "2026-01-02T03:04:05.5Z", false},
		{"no date", 4, time.Millisecond, "", false},
		{"date without zone", 4, time.Millisecond, "2026-01-02T03:04:05.5", false},
	}
	for _, test := range tests {
		r := &request{Message: &wire.Message{Header: wire.Header{Date: test.date}}, number: test.number, received: failed.Add(test.received)}
		equal(t, test.name, l.aborts(r), test.want)
	}
	if new(lane).aborts(&request{Message: &wire.Message{}, number: 1, received: time.Now()}) {
		t.Error("aborted without a failure")
	}
}
