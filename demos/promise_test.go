package demos

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func square(n int) int { return n * n }

func TestSubmit(t *testing.T) {
	for _, on := range []string{OnGoroutine, OnThread, OnNative} {
		if v, err := Submit(on, square, 7).Result(); v != 49 || err != nil {
			t.Errorf("%s: %d, %v", on, v, err)
		}
	}
	for _, test := range []struct {
		p    *Promise[int]
		want string
	}{
		{Submit(OnGoroutine, func(n int) int { return 1 / n }, 0), "panic: runtime error: integer divide by zero"},
		{Submit("moon", square, 7), `demos.Submit: no runner "moon": take goroutine, thread, process or native`},
		{Submit[int, int](OnNative, nil, 7), "demos.Submit: the function is nil"},
		{Submit(OnProcess, square, 7), "demos: there is no kernel here"},
	} {
		if _, err := test.p.Result(); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%v, want %q", err, test.want)
		}
	}
}

func TestResultWithin(t *testing.T) {
	block := make(chan int)
	p := Submit(OnGoroutine, func(int) int { return <-block }, 0)
	if _, err := p.ResultWithin(time.Millisecond); !errors.Is(err, ErrTimeout) {
		t.Errorf("%v", err)
	}
	block <- 5
	if v, err := p.ResultWithin(time.Minute); v != 5 || err != nil {
		t.Errorf("%d, %v", v, err)
	}
	<-p.Done()
}

func TestCombined(t *testing.T) {
	bad := Submit(OnThread, func(int) int { panic("no") }, 0)
	if v, err := Then(Submit(OnGoroutine, square, 3), func(n int) string { return fmt.Sprint(n, "!") }).Result(); v != "9!" && v != "9 !" || err != nil {
		t.Errorf("Then: %q, %v", v, err)
	}
	if _, err := Then(bad, func(n int) int { t.Error("called"); return n }).Result(); err == nil {
		t.Error("Then loses an error")
	}
	if v, err := All(Submit(OnGoroutine, square, 1), Submit(OnThread, square, 2), Submit(OnNative, square, 3)).Result(); fmt.Sprint(v) != "[1 4 9]" || err != nil {
		t.Errorf("All: %v, %v", v, err)
	}
	if v, err := All(bad, Submit(OnThread, square, 2)).Result(); v[1] != 4 || err == nil {
		t.Errorf("All with a failure: %v, %v", v, err)
	}
	if v, err := All[int]().Result(); len(v) != 0 || err != nil {
		t.Errorf("All of none: %v, %v", v, err)
	}
	if v, err := Any(bad, Submit(OnThread, square, 2)).Result(); v != 4 || err != nil {
		t.Errorf("Any: %v, %v", v, err)
	}
	if _, err := Any(bad, bad).Result(); err == nil {
		t.Error("Any of failures")
	}
	if _, err := Any[int]().Result(); err == nil {
		t.Error("Any of none")
	}
}

func TestAsCompleted(t *testing.T) {
	gate := make(chan struct{})
	slow := Submit(OnGoroutine, func(n int) int { <-gate; return n }, 1)
	fast := Submit(OnThread, square, 5)
	var got []int
	for p := range AsCompleted(slow, fast) {
		v, err := p.Result()
		if err != nil {
			t.Error(err)
		}
		if got = append(got, v); len(got) == 1 {
			close(gate)
		}
	}
	if fmt.Sprint(got) != "[25 1]" {
		t.Errorf("%v", got)
	}
	if _, more := <-AsCompleted[int](); more {
		t.Error("something of nothing")
	}
}

func ExampleSubmit() {
	a := Submit(OnGoroutine, func(n int) int { return n + 1 }, 1)
	b := Submit(OnThread, func(n int) int { return n * 10 }, 2)
	sum, err := Then(All(a, b), func(v []int) int { return v[0] + v[1] }).Result()
	fmt.Println(sum, err)
	// Output: 22 <nil>
}
