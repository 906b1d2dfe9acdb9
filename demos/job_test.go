package demos

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// What is wrong with a job, or an option, is one sentence, and no technique runs it.
func TestBadInput(t *testing.T) {
	f := func(n int) int { return n }
	var none func(int) int
	for _, test := range []struct {
		name string
		job  Job
		want string
	}{
		{"no requests", Wait(0, time.Millisecond), "demos.Wait: 0 tasks: give it 1 or more"},
		{"fewer than none", Primes(-1, 10), "demos.Primes: -1 tasks: give it 1 or more"},
		{"negative time", Wait(1, -time.Second), "demos.Wait: a time of -1s: give it 0 or more"},
		{"very long", Mixed(1, 2*time.Hour, 10), "demos.Mixed: a time of 2h0m0s: give it an hour at most"},
		{"too many requests", Wait(100_000, time.Millisecond), "demos.Wait: 100000 tasks: give it 10000 at most"},
		{"no size", SquareRoots(1, 0), "demos.SquareRoots: a size of 0: give it 1 or more"},
		{"size of nothing", Mandelbrot(1, -5), "demos.Mandelbrot: a size of -5: give it 1 or more"},
		{"nil", Compute(nil, []int{1}), "demos.Compute: the function is nil: pass one of one argument, such as func(n int) int"},
		{"nil function", Compute(none, []int{1}), "demos.Compute: the function is nil: "},
		{"no function", Compute(7, []int{1}), "demos.Compute: a int is no function: "},
		{"no inputs", Compute(f, []int{}), "demos.Compute: 0 tasks: give it 1 or more"},
		{"nil inputs", Compute(f, nil), "demos.Compute: inputs is a <nil>: pass a slice of arguments, such as []int{1, 2}"},
		{"one input", Compute(f, 3), "demos.Compute: inputs is a int: pass a slice"},
		{"wrong inputs", Compute(f, []string{"a"}), "demos.Compute: the function takes a int, inputs are []string: give it a slice of int"},
		{"no result", Compute(func(int) {}, []int{1}), "it has to take one argument and give one result"},
		{"two arguments", Compute(func(a, b int) int { return a }, []int{1}), "it has to take one argument"},
		{"two results", Compute(func(a int) (int, int) { return a, a }, []int{1}), "it has to take one argument"},
		{"variadic", Compute(func(a ...int) int { return 0 }, []int{1}), "it has to take one argument"},
		{"zero job", Job{}, "demos.Job: 0 tasks"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, run := range []func(Job, ...Option) *Result{Serial, Async, Threads, Processes, C, Native, Interpreted, Nursery, Future} {
				r := run(test.job)
				if r.Err == nil || !strings.Contains(r.Err.Error(), test.want) {
					t.Fatalf("%v, want %q", r.Err, test.want)
				}
				if b := r.MIMEBundle(); b["text/plain"] != r.Err.Error() || len(b) != 1 {
					t.Errorf("shown as %v", b)
				}
			}
		})
	}
	if j := Compute(func(n int) (string, error) { return "", nil }, []int{1, 2}); j.Err != nil || j.N != 2 {
		t.Errorf("a function that may fail: %+v", j)
	}
}

func TestBadOptions(t *testing.T) {
	for _, test := range []struct {
		option Option
		want   string
	}{
		{Workers(-1), "demos.Workers(-1): give it 1 to 256"},
		{Workers(257), "demos.Workers(257): give it 1 to 256"},
		{Limit(-3), "demos.Limit(-3): "},
		{Repeat(1000), "demos.Repeat(1000): give it 1 to 100"},
		{Timeout(-1), "demos.Timeout: a time of -1ns"},
	} {
		r := Serial(Primes(1, 10), test.option)
		if r.Err == nil || !strings.Contains(r.Err.Error(), test.want) {
			t.Errorf("%v, want %q", r.Err, test.want)
		}
		for _, err := range []error{Compare(Primes(1, 10), test.option).Err, Advise(Primes(1, 10), test.option).Err, Landscape(test.option).Err, PingPong(test.option).Err} {
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		}
	}
	o, err := Collect([]Option{nil, Workers(2), GIL(), Repeat(5), Limit(3), Timeout(time.Second), InC("c"), InPython("p"), NoPython()})
	want := Options{Workers: 2, GIL: true, Repeat: 5, Limit: 3, Timeout: time.Second, C: "c", Python: "p", NoPython: true}
	if err != nil || o != want {
		t.Errorf("%+v, %v", o, err)
	}
}

// Without a kernel everything says so, and nothing panics.
func TestWithoutHost(t *testing.T) {
	job := Primes(2, 100)
	if err := Async(job).Err; !errors.Is(err, ErrNoHost) {
		t.Error(err)
	}
	for _, err := range []error{Compare(job).Err, Advise(job).Err, Landscape().Err, Crawler().Err} {
		if !errors.Is(err, ErrNoHost) {
			t.Error(err)
		}
	}
	if _, err := OpenPool(2); !errors.Is(err, ErrNoHost) {
		t.Error(err)
	}
	if s := Amdahl(job, "threads").String(); !strings.Contains(s, "no kernel here") {
		t.Error(s)
	}
	if s := (&Result{}).Lanes().String() + (&Comparison{}).Bars().String(); !strings.Contains(s, "no kernel here") {
		t.Error(s)
	}
}

func TestTitles(t *testing.T) {
	for want, j := range map[string]Job{
		"1 request, each answered after 1s":                                     Wait(1, time.Second),
		"primes below 10, in 3 parts":                                           Primes(3, 10),
		"2 rows of the Mandelbrot set, 5 points each":                           Mandelbrot(2, 5),
		"sum of the square roots below 9, in 1 part":                            SquareRoots(1, 9),
		"1 call of a function of this notebook":                                 Compute(func(string) string { return "" }, []string{"a"}),
		"demos.Wait: -1 tasks: give it 1 or more":                               Wait(-1, 0),
		"2 tasks that wait 1ms for an answer and then count the primes below 7": Mixed(2, time.Millisecond, 7),
	} {
		if j.String() != want {
			t.Errorf("%q, want %q", j, want)
		}
	}
}

func TestSteps(t *testing.T) {
	steps := Steps()
	for i, n := range steps {
		if i < 4 && n != i+1 || i > 0 && n <= steps[i-1] {
			t.Errorf("%v", steps)
		}
	}
	if len(steps) < 4 {
		t.Errorf("%v", steps)
	}
}
