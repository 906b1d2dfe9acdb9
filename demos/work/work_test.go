package work

import (
	"context"
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"
)

// counter counts what it is told.
type counter struct{ waits, resumes, checks int }

func (c *counter) Wait()   { c.waits++ }
func (c *counter) Resume() { c.resumes++ }
func (c *counter) Check()  { c.checks++ }

// The parts of a job add up to the whole, whatever their number.
func TestParts(t *testing.T) {
	w := &counter{}
	const size = 30_000
	want := 0
	for n := range int64(size) {
		if big.NewInt(n).ProbablyPrime(0) {
			want++
		}
	}
	for _, n := range []int{1, 2, 7, 100, size, 2 * size} {
		primes := 0
		c := NewClient(Spec{Kind: "primes", N: n, Size: size}, 1)
		for i := range n {
			v, err := c.Do(context.Background(), i, w)
			if err != nil {
				t.Fatal(err)
			}
			primes += v.(int)
		}
		if primes != want {
			t.Errorf("%d parts: %d primes, want %d", n, primes, want)
		}
	}
}

func TestRoots(t *testing.T) {
	w := &counter{}
	sum := Roots(0, 1_000_000, w)
	if exact := 2.0 / 3 * math.Pow(1e6, 1.5); math.Abs(sum/exact-1) > 1e-5 {
		t.Errorf("%g, want about %g", sum, exact)
	}
	if w.checks < 10 {
		t.Errorf("looked %d times whether others want to run", w.checks)
	}
}

func TestMandelbrot(t *testing.T) {
	w := &counter{}
	if middle, edge := Mandelbrot(50, 100, 300, w), Mandelbrot(0, 100, 300, w); middle <= 10*edge || edge <= 0 {
		t.Errorf("the middle takes %d steps, the edge %d", middle, edge)
	}
	for i := 1; i < 50; i++ { // the set is symmetric
		if a, b := Mandelbrot(50-i, 100, 64, w), Mandelbrot(50+i, 100, 64, w); math.Abs(float64(a-b)) > 200 {
			t.Errorf("rows %d away from the middle: %d and %d", i, a, b)
		}
	}
}

// serve runs a server for the length of a test.
func serve(t *testing.T, delay time.Duration) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	url, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- Serve(ctx, delay, func(u string) { url <- u }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return <-url
}

func TestRequests(t *testing.T) {
	const delay = 5 * time.Millisecond
	c := NewClient(Spec{Kind: "wait", N: 3, URL: serve(t, delay)}, 3)
	defer c.Close()
	w := &counter{}
	for i := range 3 {
		begun := time.Now()
		v, err := c.Do(context.Background(), i, w)
		if err != nil || v != Answer(i) {
			t.Errorf("request %d: %v, %v", i, v, err)
		}
		if time.Since(begun) < delay {
			t.Errorf("answered before its time")
		}
	}
	if w.waits != 3 || w.resumes != 3 {
		t.Errorf("waited %d times, went on %d times", w.waits, w.resumes)
	}
	mixed := NewClient(Spec{Kind: "mixed", N: 1, Size: 100, URL: serve(t, 0)}, 1)
	if v, err := mixed.Do(context.Background(), 4, w); err != nil || v != Answer(4)+25 {
		t.Errorf("mixed: %v, %v", v, err)
	}
}

func TestRequestsThatFail(t *testing.T) {
	w := &counter{}
	url := serve(t, time.Hour)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	c := NewClient(Spec{Kind: "wait", URL: url}, 1)
	if _, err := c.Do(ctx, 0, w); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if w.waits != w.resumes {
		t.Error("waits for ever")
	}
	for _, test := range []struct{ url, want string }{
		{"http://127.0.0.1:1/", "refused"}, {":", "missing protocol scheme"},
	} {
		c := NewClient(Spec{Kind: "wait", URL: test.url}, 1)
		if _, err := c.Do(context.Background(), 0, w); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.url, err)
		}
	}
	if _, err := NewClient(Spec{Kind: "dance"}, 1).Do(context.Background(), 0, w); err == nil {
		t.Error("an unknown kind")
	}
}
