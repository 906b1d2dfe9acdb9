package demos

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// Children end before the scope does, those that children start too.
func TestNurseryWaitsForAll(t *testing.T) {
	var ended atomic.Int32
	err := OpenNursery(context.Background(), func(g *Group) error {
		for range 10 {
			g.Go(func(context.Context) error {
				g.Go(func(context.Context) error { time.Sleep(2 * time.Millisecond); ended.Add(1); return nil })
				ended.Add(1)
				return nil
			})
		}
		return nil
	})
	if err != nil || ended.Load() != 20 {
		t.Errorf("%d of 20 ended, %v", ended.Load(), err)
	}
}

// The first failure cancels the others; their own errors are joined, but not those
// that only tell of it.
func TestNurseryFailure(t *testing.T) {
	for name, fail := range map[string]func() error{
		"error": func() error { return errors.New("boom") },
		"panic": func() error { panic("boom") },
	} {
		t.Run(name, func(t *testing.T) {
			err := OpenNursery(context.Background(), func(g *Group) error {
				g.Go(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
				g.Go(func(ctx context.Context) error { <-ctx.Done(); return errors.New("while ending") })
				g.Go(func(context.Context) error { return fail() })
				<-g.Context().Done()
				return nil
			})
			if err == nil || !strings.Contains(err.Error(), "boom") || !strings.Contains(err.Error(), "while ending") || errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestNurseryBody(t *testing.T) {
	var cancelled atomic.Bool
	err := OpenNursery(context.Background(), func(g *Group) error {
		g.Go(func(ctx context.Context) error { <-ctx.Done(); cancelled.Store(true); return nil })
		return errors.New("body")
	})
	if err == nil || err.Error() != "body" || !cancelled.Load() {
		t.Errorf("%v, child cancelled: %v", err, cancelled.Load())
	}
}

// A failure inside ends the inner scope only, where the outer one takes it.
func TestNested(t *testing.T) {
	err := OpenNursery(context.Background(), func(outer *Group) error {
		inner := OpenNursery(outer.Context(), func(g *Group) error {
			g.Go(func(context.Context) error { return errors.New("inner") })
			return nil
		})
		if inner == nil || outer.Context().Err() != nil {
			t.Errorf("inner %v, outer %v", inner, outer.Context().Err())
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestCancelledFromOutside(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	err := OpenNursery(ctx, func(g *Group) error {
		g.Go(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		cancel()
		return nil
	})
	if err != nil {
		t.Errorf("%v: what was told to stop has not failed", err)
	}
}

func TestDeadlines(t *testing.T) {
	wait := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	if cut, err := MoveOnAfter(context.Background(), time.Millisecond, wait); !cut || err != nil {
		t.Errorf("MoveOnAfter: %v, %v", cut, err)
	}
	if cut, err := MoveOnAfter(context.Background(), time.Hour, func(context.Context) error { return errors.New("own") }); cut || err == nil {
		t.Errorf("MoveOnAfter with an error of its own: %v, %v", cut, err)
	}
	if err := FailAfter(context.Background(), time.Millisecond, wait); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "longer than 1ms") {
		t.Errorf("FailAfter: %v", err)
	}
	if err := FailAfter(context.Background(), time.Hour, func(context.Context) error { return nil }); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if Shield(ctx).Err() != nil {
		t.Error("a shield lets a cancellation through")
	}
}

func ExampleOpenNursery() {
	words := make(chan string, 2)
	err := OpenNursery(context.Background(), func(g *Group) error {
		g.Go(func(context.Context) error { words <- "a"; return nil })
		g.Go(func(context.Context) error { words <- "b"; return nil })
		return nil
	})
	fmt.Println(len(words), err) // both have ended
	// Output: 2 <nil>
}

func ExampleMoveOnAfter() {
	cut, err := MoveOnAfter(context.Background(), time.Millisecond, func(ctx context.Context) error {
		<-ctx.Done() // takes too long
		return ctx.Err()
	})
	fmt.Println(cut, err)
	// Output: true <nil>
}
