package host

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"interleave/demos/timeline"
)

// producerConsumer makes ten items and consumes them: all made before the first is
// consumed, then both at once by a channel.
func producerConsumer(b *book) error {
	const n, make1, use = 10, 12 * time.Millisecond, 8 * time.Millisecond
	both := b.lane("one after the other")
	b.run(func() {
		begun := b.now()
		made := make([]int64, n)
		for i := range n {
			b.do(both, timeline.Waiting, fmt.Sprintf("make %d", i), func() { b.sleep(make1) })
			made[i] = b.now()
		}
		for i := range n {
			b.do(both, timeline.Running, fmt.Sprintf("use %d", i), func() { b.sleep(use) })
			b.item(made[i])
		}
		b.note("One after the other: %s in all, each item waits %s.", short(time.Duration(b.now()-begun)), short(b.mean(0, n)))
	})
	producer, consumer := b.lane("producer"), b.lane("consumer")
	type item struct {
		i    int
		made int64
	}
	ch, begun := make(chan item, 2), b.now()
	b.goroutine(func() {
		defer close(ch)
		for i := range n {
			b.do(producer, timeline.Waiting, fmt.Sprintf("make %d", i), func() { b.sleep(make1) })
			send(b, ch, item{i, b.now()})
		}
	})
	b.run(func() {
		for {
			it, ok := receive(b, ch)
			if !ok {
				b.note("At once: %s in all, each item waits %s.", short(time.Duration(b.now()-begun)), short(b.mean(n, 2*n)))
				return
			}
			b.do(consumer, timeline.Running, fmt.Sprintf("use %d", it.i), func() { b.sleep(use) })
			b.item(it.made)
		}
	})
	return nil
}

// mean is the mean latency of some items.
func (b *book) mean(from, to int) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	var sum int64
	for _, t := range b.tasks[from:min(to, len(b.tasks))] {
		sum += t.End - t.Start
	}
	return time.Duration(sum / int64(to-from))
}

// pingPong has two goroutines hand a ball to each other, and measures how fast they
// can.
func pingPong(b *book) error {
	const shown, n = 8, 20_000
	lanes := []int{b.lane("ping"), b.lane("pong")}
	ball := []chan int{make(chan int), make(chan int)}
	for player, name := range []string{"ping", "pong"} {
		b.goroutine(func() {
			for {
				hits, ok := receive(b, ball[player])
				if !ok {
					return
				}
				if hits < shown {
					b.do(lanes[player], timeline.Running, name, func() { b.sleep(2 * time.Millisecond) })
				}
				if hits == n {
					close(ball[1-player])
					return
				}
				send(b, ball[1-player], hits+1)
			}
		})
	}
	b.run(func() { send(b, ball[0], 0) })
	begun := time.Now()
	b.wait.Wait()
	fast := time.Since(begun) - shown*2*time.Millisecond
	b.note("A hand-over takes %s, the mean of %d.", short(fast/(n-shown)), n-shown)
	return nil
}

// fanIn brings the words of three goroutines into one channel.
func fanIn(b *book) error {
	all := make(chan string)
	names := []string{"ann", "bob", "cat"}
	for k, name := range names {
		lane := b.lane(name)
		b.goroutine(func() {
			for i := range 4 {
				b.do(lane, timeline.Waiting, fmt.Sprintf("%s thinks", name), func() { b.sleep(time.Duration(7+6*k) * time.Millisecond) })
				send(b, all, fmt.Sprint(name, i))
			}
		})
	}
	lane := b.lane("listener")
	b.run(func() {
		for range 4 * len(names) {
			begun := b.now()
			word, _ := receive(b, all)
			b.draw(lane, timeline.Waiting, "waits", begun, b.now())
			b.do(lane, timeline.Running, word, func() { b.sleep(2 * time.Millisecond) })
		}
	})
	b.note("Twelve words from three goroutines, in the order in which they were said.")
	return nil
}

// workerPool has three goroutines do twelve jobs.
func workerPool(b *book) error {
	jobs := make(chan int)
	counts := make([]int, 3)
	for w := range counts {
		lane := b.lane(fmt.Sprintf("worker %d", w+1))
		b.goroutine(func() {
			for {
				i, ok := receive(b, jobs)
				if !ok {
					return
				}
				b.do(lane, timeline.Running, fmt.Sprintf("job %d", i), func() { b.sleep(time.Duration(8+5*(i%4)) * time.Millisecond) })
				counts[w]++
				b.item(0)
			}
		})
	}
	b.run(func() {
		defer close(jobs)
		for i := range 12 {
			send(b, jobs, i)
		}
	})
	b.wait.Wait()
	b.note("Jobs done by each worker: %v.", counts)
	return nil
}

// primeSieve finds primes by a chain of goroutines: each holds back the multiples of
// the first number that it gets.
func primeSieve(b *book) error {
	const n = 15
	var primes []string
	source := make(chan int)
	done := make(chan struct{})
	stop := func() bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	}
	pass := func(ch chan<- int, v int) bool {
		select {
		case ch <- v:
			return true
		case <-done:
			return false
		case <-b.ctx.Done():
			return false
		}
	}
	b.goroutine(func() {
		for k := 2; pass(source, k); k++ {
		}
	})
	b.run(func() {
		defer close(done)
		ch := source
		for range n {
			p, _ := receive(b, ch)
			primes = append(primes, fmt.Sprint(p))
			lane, in, out := b.lane(fmt.Sprintf("filter %d", p)), ch, make(chan int)
			begun := b.now()
			b.goroutine(func() {
				defer func() { b.draw(lane, timeline.Running, fmt.Sprintf("holds back multiples of %d", p), begun, b.now()) }()
				for !stop() {
					select {
					case k := <-in:
						if k%p != 0 && !pass(out, k) {
							return
						}
					case <-done:
						return
					case <-b.ctx.Done():
						return
					}
				}
			})
			ch = out
		}
	})
	b.wait.Wait()
	b.note("The first %d primes: %s.", n, strings.Join(primes, ", "))
	return nil
}

// pipeline has three stages, of which the last is slow: channels fill up, and hold
// the first back.
func pipeline(b *book) error {
	const n = 12
	steps := []struct {
		name string
		d    time.Duration
	}{{"read", 4 * time.Millisecond}, {"work", 8 * time.Millisecond}, {"write", 16 * time.Millisecond}}
	begun := make([]int64, n)
	in := make(chan int, n)
	for i := range n {
		in <- i
	}
	close(in)
	for k, s := range steps {
		lane, from, to := b.lane(s.name), in, make(chan int, 2)
		in = to
		b.goroutine(func() {
			defer close(to)
			for {
				i, ok := receive(b, from)
				if !ok {
					return
				}
				if k == 0 {
					begun[i] = b.now()
				}
				b.do(lane, timeline.Running, fmt.Sprintf("%s %d", s.name, i), func() { b.sleep(s.d) })
				if k == len(steps)-1 {
					b.item(begun[i])
					continue
				}
				held := b.now()
				send(b, to, i)
				if now := b.now(); now-held > int64(time.Millisecond) {
					b.draw(lane, timeline.Runnable, "held back", held, now)
				}
			}
		})
	}
	b.wait.Wait()
	b.note("The slowest stage sets the pace; runnable is a stage held back, since the channel after it is full.")
	return nil
}

// rateLimiter lets tasks begin no faster than one each 10 ms, but three at once at
// the start.
func rateLimiter(b *book) error {
	const n, burst, every = 12, 3, 10 * time.Millisecond
	tokens := make(chan struct{}, burst)
	for range burst {
		tokens <- struct{}{}
	}
	done := make(chan struct{})
	b.goroutine(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-done:
				return
			case <-b.ctx.Done():
				return
			}
			select {
			case tokens <- struct{}{}:
			default: // the bucket is full
			}
		}
	})
	var starts []int64
	b.run(func() {
		defer close(done)
		for i := range n {
			lane := b.lane(fmt.Sprintf("request %d", i+1))
			asked := b.now()
			receive(b, tokens)
			b.draw(lane, timeline.Runnable, "wants to begin", asked, b.now())
			starts = append(starts, b.now())
			b.goroutine(func() {
				b.do(lane, timeline.Running, "request", func() { b.sleep(6 * time.Millisecond) })
				b.item(asked)
			})
		}
	})
	b.wait.Wait()
	slices.Sort(starts)
	if len(starts) == n {
		b.note("%d at once, then one each %s.", burst, short(time.Duration((starts[n-1]-starts[burst])/int64(n-1-burst))))
	}
	return nil
}
