// Package demos runs one job by every technique of the landscape of concurrency,
// measures it on this machine, and draws what happened:
//
//	job := demos.Wait(30, 40*time.Millisecond)
//	demos.Async(job)                   // goroutines on one thread
//	demos.Threads(job, demos.GIL())    // threads that share one lock, as Python's do
//	demos.Compare(job)                 // every technique that can run it
//	demos.Advise(job)                  // which one to take, and why
//	demos.Landscape()                  // the map, with this machine's numbers
//
// The value of each call is a chart. Nothing is simulated but the GIL, and its
// chart says so. Besides there are tools that a cell can use on its own work:
// OpenNursery, Submit with its Promise, and OpenPool.
//
// What draws, serves and starts processes is the kernel's part (see Host), so that
// a cell which imports this package links no more than one that imports fmt.
package demos

import (
	"context"
	"errors"
	"time"
)

// Host is what runs and draws: the evaluator that runs cells. Its methods may be
// called from several goroutines at once.
type Host interface {
	// Run runs job by a technique. The result is never nil.
	Run(technique string, job Job, o Options) *Result
	Compare(job Job, o Options) *Comparison
	Advise(job Job, o Options) *Advice
	Landscape(o Options) *Atlas
	// Classic runs a ready demo.
	Classic(name string, o Options) *Result
	// Draw gives the MIME bundle of what this package returns.
	Draw(v any) map[string]any
	// Pool starts worker processes.
	Pool(workers int) (Pool, error)
	// Await waits until done is closed, to do what a few words say; false: late came
	// first, which may be nil. Where the calling goroutine's cell is to stop it does not
	// return. ctx is that of the scope.
	Await(ctx context.Context, what string, done <-chan struct{}, late <-chan time.Time) bool
	// Timer tells that something ends by itself after d.
	Timer(d time.Duration)
	// Go runs f, a task of a Promise: on a "goroutine", a "thread" of its own, or
	// "native", wherever the scheduler likes.
	Go(runner string, f func())
}

// A Pool is worker processes that run functions of cells. Its methods may be called
// from several goroutines at once.
type Pool interface {
	// Map calls fn with each element of inputs, a slice. The results are a slice
	// too, in the order of inputs; a task that failed has the zero value in it, and
	// its error among the others', joined.
	Map(fn, inputs any) (results any, err error)
	// Each gives each result as it comes, with the index of its input.
	Each(fn, inputs any, got func(i int, result any, err error)) error
	// PIDs are the processes.
	PIDs() []int
	Close()
}

// Runner is the host in use; it is set before any cell runs. While it is nil,
// results tell that they need a notebook.
var Runner Host

// ErrNoHost is the error of what needs a host where there is none.
var ErrNoHost = errors.New("demos: there is no kernel here: run this in a notebook cell, or with interleave run")
