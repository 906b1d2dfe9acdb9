package demos

import (
	"fmt"
	"time"
)

// Options say how a technique works. The zero value is its default.
type Options struct {
	Workers  int           // threads or processes; 0: as many as suit the job
	Limit    int           // tasks that are under way at once; 0: no limit
	Timeout  time.Duration // of each task; 0: none
	Repeat   int           // runs, of which the median counts; 0: one
	GIL      bool          // threads take turns, as CPython's do
	C        string        // C source of the task
	CPP      bool          // which is C++
	Python   string        // Python source of the task
	NoPython bool          // Compare leaves the real Python out
}

// An Option changes how a technique works.
type Option func(*Options)

// Workers sets the number of threads or processes, 1 to 256.
func Workers(n int) Option { return func(o *Options) { o.Workers = n } }

// Limit lets n tasks be under way at once, as a semaphore does; 0: all.
func Limit(n int) Option { return func(o *Options) { o.Limit = n } }

// Timeout ends each task that takes longer than d: it has failed, the others go on.
func Timeout(d time.Duration) Option { return func(o *Options) { o.Timeout = d } }

// Repeat runs the job n times, 1 to 100; the run of median time is shown, with the
// spread.
func Repeat(n int) Option { return func(o *Options) { o.Repeat = n } }

// GIL makes threads hold one lock while they run, which they give up while they
// wait and every 5 ms, as those of CPython do. It is an emulation, and the chart
// says so. What has no place to look whether others want it holds it to its end, as
// a C extension does: code of the library, such as a sort, and an innermost loop
// that only counts and calls nothing.
func GIL() Option { return func(o *Options) { o.GIL = true } }

// InC gives the task in C, for the technique C: a function
//
//	double task(double x)
//
// which is called with each input, a number.
func InC(source string) Option { return func(o *Options) { o.C = source } }

// InCPP gives the task in C++, as InC does in C.
func InCPP(source string) Option { return func(o *Options) { o.C, o.CPP = source, true } }

// InPython gives the task in Python, for the real Python beside the others: a
// function def task(x), which is called with each input.
func InPython(source string) Option { return func(o *Options) { o.Python = source } }

// NoPython leaves the real Python out of a comparison.
func NoPython() Option { return func(o *Options) { o.NoPython = true } }

// Collect gives the options set by a list of them, and what is wrong with them.
func Collect(options []Option) (Options, error) {
	var o Options
	for _, set := range options {
		if set != nil {
			set(&o)
		}
	}
	return o, first(
		within("Workers", o.Workers, 256), within("Limit", o.Limit, MostTasks), within("Repeat", o.Repeat, 100), delay("Timeout", o.Timeout))
}

func within(name string, n, most int) error {
	if n < 0 || n > most {
		return fmt.Errorf("demos.%s(%d): give it 1 to %d", name, n, most)
	}
	return nil
}
