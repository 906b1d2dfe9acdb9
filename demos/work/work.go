// Package work holds the ready-made tasks, as Go, C and Python do them: the same
// operations in the same order, so that results are equal to the last bit.
package work

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"time"
)

// A Spec is what the tasks of a ready-made job do. It travels to other processes.
type Spec struct {
	Kind    string // of demos.Job
	N, Size int
	Delay   time.Duration
	URL     string // of the server, for what waits
}

// A Watch is told what a task is about to do.
type Watch interface {
	Wait()   // it will wait
	Resume() // it goes on
	Check()  // it computes: a moment to let others run, called every millisecond or so
}

// A Client makes the requests of tasks.
type Client struct {
	spec Spec
	http http.Client
}

// NewClient gives a client that keeps up to most connections open.
func NewClient(s Spec, most int) *Client {
	return &Client{s, http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: most, DisableCompression: true}}}
}

// Close ends the connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Do does the i-th task.
func (c *Client) Do(ctx context.Context, i int, w Watch) (any, error) {
	s := c.spec
	switch s.Kind {
	case "wait":
		return c.ask(ctx, i, w)
	case "mixed":
		n, err := c.ask(ctx, i, w)
		if err != nil {
			return nil, err
		}
		return n + Primes(0, s.Size, w), nil
	case "primes":
		return Primes(s.part(i), s.part(i+1), w), nil
	case "roots":
		return Roots(s.part(i), s.part(i+1), w), nil
	case "mandelbrot":
		return Mandelbrot(i, s.N, s.Size, w), nil
	}
	return nil, fmt.Errorf("no task of kind %q", s.Kind)
}

// part is where the i-th part of Size begins.
func (s Spec) part(i int) int { return int(int64(s.Size) * int64(i) / int64(s.N)) }

// ask sends the i-th request and reads its answer, a number.
func (c *Client) ask(ctx context.Context, i int, w Watch) (int, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", c.spec.URL+"?i="+strconv.Itoa(i), nil)
	if err != nil {
		return 0, err
	}
	w.Wait()
	body, err := c.read(req)
	w.Resume()
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(body)
	if err == nil && n != Answer(i) {
		err = fmt.Errorf("the server answered %d to request %d", n, i)
	}
	return n, err
}

func (c *Client) read(req *http.Request) (string, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 100))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("the server says %s", resp.Status)
	}
	return string(body), err
}

// Answer is what the server says to the i-th request.
func Answer(i int) int { return int((uint64(i)*2654435761 + 12345) % 1000003) }

// Primes counts the primes in [from, to) by trial division.
func Primes(from, to int, w Watch) int {
	count, work := 0, 0
	for n := max(from, 2); n < to; n++ {
		prime := true
		for d := 2; d*d <= n; d++ {
			work++
			if n%d == 0 {
				prime = false
				break
			}
		}
		if prime {
			count++
		}
		if work > 1<<16 {
			work = 0
			w.Check()
		}
	}
	return count
}

// Roots adds up the square roots of [from, to).
func Roots(from, to int, w Watch) float64 {
	sum := 0.0
	for n := from; n < to; n++ {
		sum += math.Sqrt(float64(n))
		if n&(1<<16-1) == 0 {
			w.Check()
		}
	}
	return sum
}

// Mandelbrot gives how many steps the points of row i of n take together, 200 at
// most each.
func Mandelbrot(i, n, width int, w Watch) int {
	const most = 200
	ci := -1.25 + 2.5*float64(i)/float64(n)
	sum := 0
	for p := range width {
		cr := -2 + 2.5*float64(p)/float64(width)
		zr, zi, k := 0.0, 0.0, 0
		for k < most && zr*zr+zi*zi <= 4 {
			zr, zi = zr*zr-zi*zi+cr, 2*zr*zi+ci
			k++
		}
		sum += k
		if p&255 == 0 {
			w.Check()
		}
	}
	return sum
}
