package eval

import (
	"reflect"
	"sync"
	"time"
)

// park blocks the calling goroutine until ready gives a value, or ends it where
// its cell is stopped, or the task of a demo that it runs is. A function of this name on every blocked stack tells the
// deadlock detector who waits. It reports the case that was chosen, counted
// from 0 after stop, and what was received.
func (s *Session) park(c *cell, w *wait, cases []reflect.SelectCase) (int, reflect.Value, bool) {
	s.startWait(c, w)
	all := append(append(make([]reflect.SelectCase, 0, len(cases)+1), stopCase(w.stop)), cases...)
	i, v, ok := reflect.Select(all)
	s.endWait(c, w)
	if i == 0 {
		c.leave()
	}
	return i - 1, v, ok
}

func stopCase(stop <-chan struct{}) reflect.SelectCase {
	sc := reflect.SelectCase{Dir: reflect.SelectRecv}
	if stop != nil {
		sc.Chan = reflect.ValueOf(stop)
	}
	return sc
}

// stopOf gives what is closed when a wait of the calling goroutine is to end: with c,
// its cell, or with the task of a demo, which ends with the cell at the latest.
func (s *Session) stopOf(c *cell) <-chan struct{} {
	if c == nil {
		return nil
	}
	if g := s.self(); g != nil && g.watch != nil {
		return g.watch.Cut()
	}
	return c.stop
}

func closed(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}

func (s *Session) startWait(c *cell, w *wait) {
	if c == nil {
		return
	}
	w.seq, w.g, w.stop = s.waitSeq.Add(1), s.self(), s.stopOf(c)
	c.mu.Lock()
	c.waits[w] = struct{}{}
	c.mu.Unlock()
	if w.g != nil && w.g.watch != nil {
		w.g.watch.Wait()
	}
}

func (s *Session) endWait(c *cell, w *wait) {
	if c == nil {
		return
	}
	c.mu.Lock()
	delete(c.waits, w)
	c.mu.Unlock()
	if w.g != nil && w.g.watch != nil && !closed(w.stop) && !c.isStopped() {
		w.g.watch.Resume()
	}
}

// parkOn blocks until ready gets a value.
func (s *Session) parkOn(c *cell, w *wait, ready any) reflect.Value {
	_, v, _ := s.park(c, w, []reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ready)}})
	return v
}

// send is ch <- v.
func (s *Session) send(where, what string, ch, v any) {
	c := s.current()
	c.leaveIfStopped()
	cv := reflect.ValueOf(ch)
	x := reflect.ValueOf(v)
	if !x.IsValid() {
		x = reflect.Zero(cv.Type().Elem())
	}
	if cv.TrySend(x) {
		return
	}
	s.park(c, &wait{where: where, what: what}, []reflect.SelectCase{{Dir: reflect.SelectSend, Chan: cv, Send: x}})
}

// recv is v, ok := <-ch.
func (s *Session) recv(where, what string, ch any) (any, bool) {
	c := s.current()
	c.leaveIfStopped()
	cv := reflect.ValueOf(ch)
	v, ok := cv.TryRecv()
	if !v.IsValid() {
		_, v, ok = s.park(c, &wait{where: where, what: what}, []reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: cv}})
	}
	return v.Interface(), ok
}

// A comm is a case of a select statement.
type comm struct {
	ch, v any
	send  bool
}

func recvCase(ch any) comm    { return comm{ch: ch} }
func sendCase(ch, v any) comm { return comm{ch: ch, v: v, send: true} }

// choose is a select statement. The index is -1 for its default.
func (s *Session) choose(where, what string, hasDefault bool, comms ...comm) (int, any, bool) {
	c := s.current()
	c.leaveIfStopped()
	cases := make([]reflect.SelectCase, len(comms), len(comms)+1)
	for i, m := range comms {
		cases[i] = reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(m.ch)}
		if m.send {
			cases[i].Dir, cases[i].Send = reflect.SelectSend, reflect.ValueOf(m.v)
			if m.v == nil {
				cases[i].Send = reflect.Zero(cases[i].Chan.Type().Elem())
			}
		}
	}
	i, v, ok := reflect.Select(append(cases, reflect.SelectCase{Dir: reflect.SelectDefault}))
	if i == len(comms) {
		i = -1
		if !hasDefault {
			i, v, ok = s.park(c, &wait{where: where, what: what}, cases)
		}
	}
	if !v.IsValid() {
		return i, nil, ok
	}
	return i, v.Interface(), ok
}

// sleep is time.Sleep.
func (s *Session) sleep(where string, d time.Duration) {
	c := s.current()
	c.leaveIfStopped()
	t := time.NewTimer(d)
	defer t.Stop()
	s.parkOn(c, &wait{where: where, what: "sleep", timed: true}, t.C)
}

// acquire runs take, which may block for ever, beside the calling goroutine.
// Where the cell is stopped first, or the task, a lock won later is given back by undo.
func (s *Session) acquire(where, what string, take, undo func()) {
	c := s.current()
	got := make(chan struct{})
	go parkHelper(got, s.stopOf(c), take, undo) // ends when take does
	s.parkOn(c, &wait{where: where, what: what}, got)
}

func parkHelper(got chan struct{}, stop <-chan struct{}, take, undo func()) {
	take()
	select {
	case got <- struct{}{}:
	case <-stop:
		undo()
	}
}

func nothing() {}

// lock is m.Lock().
func (s *Session) lock(where, what string, m sync.Locker) {
	s.current().leaveIfStopped()
	if lockOfCell(reflect.TypeOf(m)) {
		m.Lock() // it waits by what it calls
		return
	}
	if t, ok := m.(interface{ TryLock() bool }); ok && t.TryLock() {
		return
	}
	s.acquire(where, what, m.Lock, m.Unlock)
}

// rlock is m.RLock().
func (s *Session) rlock(where, what string, m *sync.RWMutex) {
	s.current().leaveIfStopped()
	if !m.TryRLock() {
		s.acquire(where, what, m.RLock, m.RUnlock)
	}
}

// waitGroup is wg.Wait().
func (s *Session) waitGroup(where, what string, wg *sync.WaitGroup) {
	s.current().leaveIfStopped()
	s.acquire(where, what, wg.Wait, nothing)
}

// condWait is m.Wait(). A stopped goroutine leaves with the lock held, as its
// deferred Unlock expects.
func (s *Session) condWait(where, what string, m *sync.Cond) {
	c := s.current()
	c.leaveIfStopped()
	got := make(chan struct{})
	stopped := true
	defer func() {
		if stopped {
			m.L.Lock()
		}
	}()
	go parkHelper(got, s.stopOf(c), m.Wait, m.L.Unlock) // ends when the condition is signalled
	s.parkOn(c, &wait{where: where, what: what}, got)
	stopped = false
}

// wgGo is wg.Go(f).
func (s *Session) wgGo(where string, wg *sync.WaitGroup, f func()) {
	wg.Add(1)
	s.spawnHere(where, func() {
		defer wg.Done()
		f()
	})
}

// afterFunc is time.AfterFunc(d, f).
func (s *Session) afterFunc(where string, d time.Duration, f func()) *time.Timer {
	c := s.current()
	if c == nil {
		c = s.orphans
	}
	s.timers.until(d)
	return time.AfterFunc(d, func() {
		s.guard(s.enter(c, where), f)
	})
}

// reset is t.Reset(d).
func (s *Session) reset(where string, t *time.Timer, d time.Duration) bool {
	s.timers.until(d)
	return t.Reset(d)
}

// timers knows when the last timer that user code started ends.
type timers struct {
	mu      sync.Mutex
	last    time.Time
	endless int // tickers, signals: anything that may wake a goroutine for ever
}

func (t *timers) until(d time.Duration) {
	end := time.Now().Add(d)
	t.mu.Lock()
	defer t.mu.Unlock()
	if end.After(t.last) {
		t.last = end
	}
}

func (t *timers) forever() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.endless++
}

// pending tells whether a timer may still wake a goroutine.
func (t *timers) pending() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.endless > 0 || time.Now().Before(t.last.Add(20*time.Millisecond))
}
