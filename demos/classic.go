package demos

func classic(name string, options []Option) *Result {
	o, err := Collect(options)
	if err == nil && Runner == nil {
		err = ErrNoHost
	}
	if err != nil {
		return &Result{Technique: name, Err: err}
	}
	return Runner.Classic(name, o)
}

// ProducerConsumer makes items and consumes them, first one after the other and
// then at once by a channel: the total time and the latency of each item.
func ProducerConsumer(options ...Option) *Result { return classic("producer and consumer", options) }

// Crawler fetches the pages of a site on this machine that link to each other, each
// of them once, several at a time.
func Crawler(options ...Option) *Result { return classic("crawler", options) }

// UnsafeBank moves money between accounts: without locks it is lost, with one lock
// it is not, with two in the wrong order there is a deadlock, which is reported, and
// with two in one order all is well.
func UnsafeBank(options ...Option) *Result { return classic("unsafe bank", options) }

// Philosophers dine: five, who share five forks.
func Philosophers(options ...Option) *Result { return classic("dining philosophers", options) }

// PingPong has two goroutines hand a ball to each other.
func PingPong(options ...Option) *Result { return classic("ping-pong", options) }

// FanIn brings what several goroutines say into one channel.
func FanIn(options ...Option) *Result { return classic("fan-in", options) }

// WorkerPool has a few goroutines do many tasks.
func WorkerPool(options ...Option) *Result { return classic("worker pool", options) }

// PrimeSieve finds primes by a chain of goroutines, each of which holds back the
// multiples of one prime.
func PrimeSieve(options ...Option) *Result { return classic("prime sieve", options) }

// RateLimiter lets tasks begin no faster than a ticker ticks.
func RateLimiter(options ...Option) *Result { return classic("rate limiter", options) }

// Pipeline has stages of different speed: the slow one holds the fast one back.
func Pipeline(options ...Option) *Result { return classic("pipeline", options) }

// CancellationTree cancels a task, and with it those that it started, and theirs.
func CancellationTree(options ...Option) *Result { return classic("cancellation tree", options) }
