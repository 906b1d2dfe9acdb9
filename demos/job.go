package demos

import (
	"fmt"
	"reflect"
	"time"
)

// Kinds of jobs.
const (
	KindWait       = "wait"
	KindCompute    = "compute"
	KindPrimes     = "primes"
	KindMandelbrot = "mandelbrot"
	KindRoots      = "roots"
	KindMixed      = "mixed"
)

// Most tasks that a job may have. Waiting ones take a connection each.
const (
	MostTasks    = 1_000_000
	MostRequests = 10_000
)

// A Job is work in N tasks, the same for every technique, so that their results
// can be compared. Make it by Wait, Compute, Primes, Mandelbrot, SquareRoots or
// Mixed. A job with an Err is not run: its results tell the error.
type Job struct {
	Kind   string
	Title  string        // what it does, in a few words
	N      int           // tasks
	Delay  time.Duration // of the server's answer: Wait, Mixed
	Size   int           // of the work of one task: Primes, Mandelbrot, SquareRoots, Mixed
	Fn     any           // a function of one argument: Compute
	Inputs any           // a slice of its arguments
	Err    error
}

func (j Job) String() string {
	if j.Err != nil {
		return j.Err.Error()
	}
	return j.Title
}

// Waits tells whether tasks wait for something outside.
func (j Job) Waits() bool { return j.Kind == KindWait || j.Kind == KindMixed }

// Wait is n requests to a real HTTP server on this machine, which answers each
// after d, an hour at most.
func Wait(n int, d time.Duration) Job {
	j := Job{Kind: KindWait, N: n, Delay: d, Title: fmt.Sprintf("%s, each answered after %v", count(n, "request"), d)}
	j.Err = first(tasks("Wait", n, MostRequests), delay("Wait", d))
	return j
}

// Compute is calls of fn, a function of one argument with one result (and an error
// after it, where fn may fail), with each element of inputs, a slice. For worker
// processes it has to be a function of a cell that uses no variables outside of it,
// and arguments and result have to be values that encoding/gob takes.
func Compute(fn, inputs any) Job {
	j := Job{Kind: KindCompute, Fn: fn, Inputs: inputs}
	in := reflect.ValueOf(inputs)
	if j.Err = signature(fn, in); j.Err != nil {
		return j
	}
	j.N = in.Len()
	j.Title = fmt.Sprintf("%s of a function of this notebook", count(j.N, "call"))
	j.Err = tasks("Compute", j.N, MostTasks)
	return j
}

// signature checks that fn takes the elements of in and gives one result.
func signature(fn any, in reflect.Value) error {
	f := reflect.ValueOf(fn)
	switch {
	case !f.IsValid() || f.Kind() == reflect.Func && f.IsNil():
		return fmt.Errorf("demos.Compute: the function is nil: pass one of one argument, such as func(n int) int")
	case f.Kind() != reflect.Func:
		return fmt.Errorf("demos.Compute: a %s is no function: pass one of one argument, such as func(n int) int", f.Type())
	case !in.IsValid() || in.Kind() != reflect.Slice:
		return fmt.Errorf("demos.Compute: inputs is a %T: pass a slice of arguments, such as []int{1, 2}", value(in))
	}
	t := f.Type()
	fails := t.NumOut() == 2 && t.Out(1) == reflect.TypeFor[error]()
	if t.NumIn() != 1 || t.IsVariadic() || t.NumOut() != 1 && !fails {
		return fmt.Errorf("demos.Compute: the function is a %s: it has to take one argument and give one result, such as func(n int) int", t)
	}
	if !in.Type().Elem().AssignableTo(t.In(0)) {
		return fmt.Errorf("demos.Compute: the function takes a %s, inputs are %s: give it a slice of %s", t.In(0), in.Type(), t.In(0))
	}
	return nil
}

func value(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	return v.Interface()
}

// Primes counts the primes below size, in n parts of the same length.
func Primes(n, size int) Job {
	j := Job{Kind: KindPrimes, N: n, Size: size, Title: fmt.Sprintf("primes below %d, in %s", size, count(n, "part"))}
	j.Err = first(tasks("Primes", n, MostTasks), positive("Primes", "size", size))
	return j
}

// Mandelbrot computes n rows of a picture of the Mandelbrot set that is size points
// wide. Rows in the middle take longest.
func Mandelbrot(n, size int) Job {
	j := Job{Kind: KindMandelbrot, N: n, Size: size, Title: fmt.Sprintf("%s of the Mandelbrot set, %d points each", count(n, "row"), size)}
	j.Err = first(tasks("Mandelbrot", n, MostTasks), positive("Mandelbrot", "size", size))
	return j
}

// SquareRoots adds up the square roots of the numbers below size, in n parts, as
// do_math of the course does.
func SquareRoots(n, size int) Job {
	j := Job{Kind: KindRoots, N: n, Size: size, Title: fmt.Sprintf("sum of the square roots below %d, in %s", size, count(n, "part"))}
	j.Err = first(tasks("SquareRoots", n, MostTasks), positive("SquareRoots", "size", size))
	return j
}

// Mixed is n tasks that wait for a server's answer, after d, and then count the
// primes below size.
func Mixed(n int, d time.Duration, size int) Job {
	j := Job{Kind: KindMixed, N: n, Delay: d, Size: size,
		Title: fmt.Sprintf("%s that wait %v for an answer and then count the primes below %d", count(n, "task"), d, size)}
	j.Err = first(tasks("Mixed", n, MostRequests), delay("Mixed", d), positive("Mixed", "size", size))
	return j
}

func tasks(name string, n, most int) error {
	switch {
	case n < 1:
		return fmt.Errorf("demos.%s: %d tasks: give it 1 or more", name, n)
	case n > most:
		return fmt.Errorf("demos.%s: %d tasks: give it %d at most", name, n, most)
	}
	return nil
}

func delay(name string, d time.Duration) error {
	switch {
	case d < 0:
		return fmt.Errorf("demos.%s: a time of %v: give it 0 or more", name, d)
	case d > time.Hour:
		return fmt.Errorf("demos.%s: a time of %v: give it an hour at most", name, d)
	}
	return nil
}

func positive(name, what string, n int) error {
	const most = 1 << 40
	switch {
	case n < 1:
		return fmt.Errorf("demos.%s: a %s of %d: give it 1 or more", name, what, n)
	case n > most:
		return fmt.Errorf("demos.%s: a %s of %d: give it %d at most", name, what, n, most)
	}
	return nil
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// count is "1 task" or "3 tasks".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprint(n, " ", what, "s")
}
