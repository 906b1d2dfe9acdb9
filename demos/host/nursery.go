package host

import (
	"context"

	"interleave/demos"
)

// nursery starts a child for each task in one scope. A failure cancels the others.
func nursery(t *trial) error {
	t.begin()
	limit := t.o.Limit
	if t.job.Waits() && limit == 0 {
		limit = mostConnections
	}
	var free chan struct{}
	if limit > 0 {
		free = make(chan struct{}, limit)
	}
	t.workers = t.job.N
	t.running.Add(1)
	t.h.env.Go(nil, func() { // ends with the scope
		defer t.running.Done()
		demos.OpenNursery(t.ctx, func(g *demos.Group) error {
			for i := range t.job.N {
				room := free
				if free != nil {
					select {
					case free <- struct{}{}:
					case <-g.Context().Done():
						room = nil
					}
				}
				t.child(g, i, room)
			}
			return nil
		})
	})
	return t.wait()
}

// child starts the i-th task as a child of g.
func (t *trial) child(g *demos.Group, i int, free chan struct{}) {
	l := t.own()
	t.running.Add(1)
	g.Adopt(func(body func()) { t.goroutine(l, body) }, func(ctx context.Context) error {
		defer t.running.Done()
		if free != nil {
			defer func() { <-free }()
		}
		returned := false
		defer func() {
			if err := t.errs[i]; !returned && err != nil { // ended where it was: the scope has to hear why
				g.Adopt(func(body func()) { body() }, func(context.Context) error { return err })
			}
		}()
		if err := context.Cause(ctx); err != nil { // a failure came first
			t.errs[i] = (&lane{t: t, ctx: ctx}).cut()
			t.done.Add(1)
			returned = true
			return nil
		}
		err := l.run(ctx, i)
		returned = true
		if err != nil {
			t.attention() // so that the others see it in their loops
		}
		return err
	})
}
