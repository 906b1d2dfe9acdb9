package host

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"interleave/demos"
	"interleave/demos/timeline"
)

// Each ready demo shows what it is there to show, in lanes that do not overlap.
func TestClassics(t *testing.T) {
	newHost(t)
	for _, test := range []struct {
		run   func(...demos.Option) *demos.Result
		lanes int
		want  []string // expressions
	}{
		{demos.ProducerConsumer, 3, []string{`One after the other: .* in all`, `At once: .* in all`}},
		{demos.Crawler, 4, []string{`24 pages, each fetched once: 24 requests`}},
		{demos.UnsafeBank, 8, []string{`With no lock: -?\d+ in all`, `With one lock: 20000 in all, as it should be`,
			`With two locks: (DEADLOCK after \d+ transfers: (ann|bob) waits for account . which|DEADLOCK .*waits for account [ab], which (ann|bob) has; |20000 in all)`, `With ordered locks: 20000 in all, as it should be`}},
		{demos.Philosophers, 5, []string{`Meals: \[4 4 4 4 4\]`}},
		{demos.PingPong, 2, []string{`A hand-over takes .*s, the mean of 19992`}},
		{demos.FanIn, 4, []string{`Twelve words`}},
		{demos.WorkerPool, 3, []string{`Jobs done by each worker`}},
		{demos.PrimeSieve, 15, []string{`2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47\.`}},
		{demos.RateLimiter, 12, []string{`3 at once, then one each`}},
		{demos.Pipeline, 3, []string{`sets the pace`}},
		{demos.CancellationTree, 15, []string{`root.2 is cancelled`}},
	} {
		r := test.run()
		t.Run(r.Technique, func(t *testing.T) {
			if r.Err != nil {
				t.Fatal(r.Err)
			}
			if len(r.Timeline.Lanes) != test.lanes || len(r.Timeline.Spans) == 0 {
				t.Errorf("%d lanes, %d spans", len(r.Timeline.Lanes), len(r.Timeline.Spans))
			}
			if a, b, bad := r.Timeline.Overlap(); bad {
				t.Errorf("%v and %v overlap", a, b)
			}
			text := r.String()
			for _, want := range test.want {
				if !regexp.MustCompile(want).MatchString(text) {
					t.Errorf("no %q in\n%s", want, text)
				}
			}
			if b := r.MIMEBundle(); len(b) != 4 {
				t.Errorf("%d forms", len(b))
			}
		})
	}
}

// What is cancelled is root.2 and all below it, and nothing else.
func TestCancellationTree(t *testing.T) {
	newHost(t)
	r := demos.CancellationTree()
	for _, s := range r.Timeline.Spans {
		name := r.Timeline.Lanes[s.Lane]
		if want := strings.HasPrefix(name, "root.2"); want != (s.State == timeline.Runnable) {
			t.Errorf("%s is drawn as %v", name, s.State)
		}
	}
}

func TestClassicsAreInterrupted(t *testing.T) {
	for name := range classics {
		t.Run(name, func(t *testing.T) {
			h, env := newHost(t)
			close(env.stop)
			ended := make(chan *demos.Result, 1)
			go func() { ended <- h.Classic(name, demos.Options{}) }()
			select {
			case r := <-ended:
				if r.Err != nil && !errors.Is(r.Err, context.Canceled) {
					t.Errorf("%v", r.Err)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("it goes on")
			}
		})
	}
}

// A circle of any length is found and told, and no circle is none.
func TestDeadlockIsFound(t *testing.T) {
	l := newLocks()
	ctx := context.Background()
	a, b, c := l.lock("a"), l.lock("b"), l.lock("c")
	for who, lock := range map[string]*traced{"ann": a, "bob": b, "cat": c} {
		if err := lock.acquire(ctx, who); err != nil {
			t.Fatal(err)
		}
	}
	errs := make(chan error, 3)
	go func() { errs <- b.acquire(ctx, "ann") }()
	go func() { errs <- c.acquire(ctx, "bob") }()
	select {
	case err := <-errs:
		t.Fatalf("%v, before there is a circle", err)
	case <-time.After(20 * time.Millisecond):
	}
	go func() { errs <- a.acquire(ctx, "cat") }()
	for range 3 {
		if err := <-errs; !errors.Is(err, errDeadlock) {
			t.Errorf("%v", err)
		}
	}
	for _, words := range []string{"ann waits for b, which bob has", "bob waits for c, which cat has", "cat waits for a, which ann has"} {
		if !strings.Contains(l.cycle, words) {
			t.Errorf("%q does not say %q", l.cycle, words)
		}
	}
}
