package demos

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A Group is the scope of child tasks; OpenNursery opens one. Its methods may be
// called from several goroutines at once, until its scope has ended.
type Group struct {
	ctx    context.Context
	cancel context.CancelCauseFunc

	mu       sync.Mutex    // guards what follows
	children int           // that have not ended
	ended    chan struct{} // closed when there are none; nil: nobody waits for that yet
	errs     []error
}

// ErrScopeEnded cancels what a scope left behind.
var ErrScopeEnded = errors.New("demos: the scope has ended")

// OpenNursery runs body, which may start children, and waits until it and all of
// them have ended: no child outlives the scope. The first error, or panic, of any of
// them cancels the context of the others. The error joins all of them, but those
// that only tell of this cancellation. Scopes may be nested.
func OpenNursery(ctx context.Context, body func(g *Group) error) error {
	g := &Group{}
	g.ctx, g.cancel = context.WithCancelCause(ctx)
	defer g.cancel(ErrScopeEnded)
	g.call(func(context.Context) error { return body(g) })
	await(g.ctx, "see the children of a nursery end", g.childless(), nil)
	g.mu.Lock()
	defer g.mu.Unlock()
	return errors.Join(g.errs...)
}

// Context is that of the scope: it ends with the first failure.
func (g *Group) Context() context.Context { return g.ctx }

// Go starts a child, which ends before the scope does.
func (g *Group) Go(child func(ctx context.Context) error) { g.Adopt(start, child) }

// Adopt is Go, with start to start the goroutine.
func (g *Group) Adopt(start func(func()), child func(ctx context.Context) error) {
	g.add(1)
	start(func() { // ends with child, which the scope waits for
		defer g.add(-1)
		g.call(child)
	})
}

// add counts children.
func (g *Group) add(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.children += n; g.children == 0 && g.ended != nil {
		close(g.ended)
		g.ended = nil
	}
}

// childless is closed when all children have ended. No child may be started from
// outside of one afterwards.
func (g *Group) childless() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	ended := make(chan struct{})
	if g.children == 0 {
		close(ended)
	} else {
		g.ended = ended
	}
	return ended
}

// await waits until done is closed; false: late came first.
func await(ctx context.Context, what string, done <-chan struct{}, late <-chan time.Time) bool {
	if Runner != nil {
		return Runner.Await(ctx, what, done, late)
	}
	select {
	case <-done:
		return true
	case <-late:
		return false
	}
}

// timer tells that something ends by itself after d.
func timer(d time.Duration) {
	if Runner != nil {
		Runner.Timer(d)
	}
}

// start starts a goroutine of the calling cell.
func start(f func()) {
	if Runner != nil {
		Runner.Go("goroutine", f)
		return
	}
	go f()
}

// call runs f and keeps its error; it is the first that cancels.
func (g *Group) call(f func(context.Context) error) {
	ended := false
	defer func() {
		if r := recover(); r != nil {
			g.fail(fmt.Errorf("panic: %v", r))
		} else if !ended { // runtime.Goexit: the cell was interrupted
			g.cancel(context.Canceled)
		}
	}()
	err := f(g.ctx)
	ended = true
	if err != nil {
		g.fail(err)
	}
}

func (g *Group) fail(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return // it was told to stop
	}
	g.errs = append(g.errs, err)
	g.cancel(err)
}

// MoveOnAfter runs body with a context that ends after d, and goes on without an
// error where that ended it. It tells whether it did.
func MoveOnAfter(ctx context.Context, d time.Duration, body func(ctx context.Context) error) (cut bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	timer(d)
	err = body(ctx)
	if errors.Is(err, context.DeadlineExceeded) && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return true, nil
	}
	return false, err
}

// FailAfter is MoveOnAfter, but that the end of the time is an error.
func FailAfter(ctx context.Context, d time.Duration, body func(ctx context.Context) error) error {
	cut, err := MoveOnAfter(ctx, d, body)
	if cut {
		return fmt.Errorf("demos.FailAfter: took longer than %v: %w", d, context.DeadlineExceeded)
	}
	return err
}

// Shield gives a context that goes on when ctx is cancelled, for what has to be
// finished, such as saving. Its values are those of ctx.
func Shield(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }
