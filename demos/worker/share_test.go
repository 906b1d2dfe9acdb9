package worker

import (
	"bytes"
	"context"
	"os"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Both sides take tasks of one range at the same time: each task is taken once.
func TestClaims(t *testing.T) {
	const n = 100_000
	c := claimsIn(make([]byte, os.Getpagesize()))
	c.begin(n)
	taken := make([]atomic.Int32, n)
	var wait sync.WaitGroup
	wait.Go(func() {
		for k := c.next(); k >= 0; k = c.next() {
			taken[k].Add(1)
		}
	})
	wait.Go(func() {
		for {
			from, to := c.shorten(func(left int) int { return min(left, 3) })
			if from == to {
				return
			}
			for ; from < to; from++ {
				taken[from].Add(1)
			}
		}
	})
	wait.Wait()
	for i := range taken {
		if taken[i].Load() != 1 {
			t.Fatalf("task %d was taken %d times", i, taken[i].Load())
		}
	}
	if k := c.running(); k != -1 {
		t.Errorf("task %d still runs", k)
	}
}

// A task that takes long holds up nothing but itself: what was to come after it is done
// while it runs, though its worker was given both.
func TestLongTaskHoldsNothingUp(t *testing.T) {
	p := pool(t, 2)
	ms := make([]int, 200)
	ms[0] = 1500
	b, values, errs := batch("pid", ms)
	begun := time.Now()
	var others time.Duration // until all but the long one were there
	came, got := 0, b.Got
	b.Got = func(i int, v reflect.Value, err error) {
		if got(i, v, err); i > 0 {
			if came++; came == len(ms)-1 {
				others = time.Since(begun)
			}
		}
	}
	if err := p.Run(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	if all := time.Since(begun); others == 0 || others > all/2 {
		t.Errorf("the short tasks took %v of %v", others, all)
	}
	for i := range ms {
		if errs[i] != nil || values[i] == nil {
			t.Fatalf("task %d: %v, %v", i, values[i], errs[i])
		}
	}
}

// Long tasks are shared out, though each worker was given a part of them first.
func TestLastTasksAreShared(t *testing.T) {
	p := pool(t, 3)
	b, values, _ := batch("pid", []int{0, 0, 150, 150, 150, 150})
	if err := p.Run(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	by := map[any]int{}
	for _, pid := range values[2:] {
		by[pid]++
	}
	if len(by) != 3 {
		t.Errorf("4 long tasks were done by %v", by)
	}
}

// Of many tiny tasks one crashes: it alone is lost, and the others are done, in order.
func TestOneOfManyCrashes(t *testing.T) {
	p := pool(t, 2)
	inputs := make([]int, 50_000)
	for i := range inputs {
		inputs[i] = i + 3
	}
	inputs[30_000], inputs[49_999] = 2, 2
	out := make([]int, len(inputs))
	lost := map[int]string{}
	b := &Batch{Call: &Call{Symbol: "segv"}, Inputs: reflect.ValueOf(inputs), N: len(inputs), Result: reflect.TypeFor[int](), Out: reflect.ValueOf(out),
		Got: func(i int, _ reflect.Value, err error) { lost[i] = err.Error() }}
	if err := p.Run(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	if len(lost) != 2 || !strings.Contains(lost[30_000], "SIGSEGV") || !strings.Contains(lost[49_999], "SIGSEGV") {
		t.Errorf("lost %v", lost)
	}
	for i, v := range out {
		if want := inputs[i]; v != want && lost[i] == "" || v != 0 && lost[i] != "" {
			t.Fatalf("task %d gave %d", i, v)
		}
	}
}

// Results come while others are still to do.
func TestResultsComeEarly(t *testing.T) {
	p := pool(t, 1)
	b, _, _ := batch("sleep", []int{1, 1, 100, 100})
	begun := time.Now()
	var first time.Duration
	got := b.Got
	b.Got = func(i int, v reflect.Value, err error) {
		if got(i, v, err); first == 0 {
			first = time.Since(begun)
		}
	}
	if err := p.Run(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	if all := time.Since(begun); first > all*3/4 {
		t.Errorf("the first of 4 results came after %v of %v", first, all)
	}
}

// Batches of several goroutines are done one after the other.
func TestBatchesTakeTurns(t *testing.T) {
	p := pool(t, 2)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			inputs := make([]int, 500)
			for i := range inputs {
				inputs[i] = i
			}
			b, values, _ := batch("double", inputs)
			if err := p.Run(context.Background(), b); err != nil || values[499] != 998 {
				t.Errorf("%v, %v", values[499], err)
			}
		})
	}
	wait.Wait()
}

// A part of the tasks of a job keeps their indexes.
func TestPartOfTasks(t *testing.T) {
	p := pool(t, 2)
	b, values, errs := batch("panic", []int{1, 2, 3, 4, 5, 6, 7})
	b.Tasks = []int{1, 3, 5}
	if err := p.Run(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	if errs[1] == nil || values[3] != 5 || values[5] != 2 || values[0] != nil || values[6] != nil {
		t.Errorf("%v, %v", values, errs)
	}
}

// What does not travel is found before anything runs, and the pool goes on.
func TestArgumentThatDoesNotTravel(t *testing.T) {
	p := pool(t, 2)
	b, _, _ := batch("double", []int{1, 2})
	b.Inputs = reflect.ValueOf([]chan int{nil, nil})
	if err := p.Run(context.Background(), b); err == nil || !strings.HasPrefix(err.Error(), "argument: a chan int cannot travel") {
		t.Errorf("%v", err)
	}
	b, values, _ := batch("double", []int{1, 2})
	if err := p.Run(context.Background(), b); err != nil || values[1] != 4 {
		t.Errorf("afterwards %v, %v", values, err)
	}
}

// Arguments and results that are larger than a pipe arrive.
func TestLargeValues(t *testing.T) {
	p := pool(t, 2)
	inputs := make([]string, 40)
	for i := range inputs {
		inputs[i] = strings.Repeat("x", 100_000+i)
	}
	b, values, _ := batch("length", inputs)
	if err := p.Run(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		if v != 100_000+i {
			t.Errorf("task %d gave %v", i, v)
		}
	}
}

// A message is read as it was written, and what is no message is an error.
func FuzzFrame(f *testing.F) {
	var out frame
	r := reply{Count: 2, Failed: []failure{{1, "no"}}, Changes: []int{1, 5, 0, 9}, Base: 7, Done: true}
	if err := r.put(&out, reflect.ValueOf([]int{1, 2})); err != nil {
		f.Fatal(err)
	}
	f.Add(out.b[word:])
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{0xff}, 40))
	f.Fuzz(func(t *testing.T, b []byte) {
		in := frame{b: bytes.Clone(b)}
		var r reply
		if err := r.take(&in); err == nil {
			var again frame
			r.put(&again, reflect.Value{})
		}
		in = frame{b: bytes.Clone(b)}
		var q request
		q.take(&in)
		decode(b, reflect.ValueOf(make([]int, 3)))
		decode(b, reflect.ValueOf(make([]string, 3)))
		decode(b, reflect.ValueOf(make([]map[string]int, 3)))
	})
}

func TestFrame(t *testing.T) {
	var b bytes.Buffer
	var out, in frame
	want := reply{Count: 2, Failed: []failure{{1, "no"}, {0, ""}}, Changes: []int{1, 5, 0, 9}, Base: 7, Done: true, Err: "bad"}
	want.put(&out, reflect.Value{})
	if err := out.send(&b); err != nil {
		t.Fatal(err)
	}
	whole := bytes.Clone(b.Bytes())
	if err := in.receive(&b); err != nil {
		t.Fatal(err)
	}
	var got reply
	if err := got.take(&in); err != nil || len(got.Results) != 0 {
		t.Fatal(got, err)
	}
	if got.Results = nil; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for n := range len(whole) {
		if err := in.receive(bytes.NewReader(whole[:n])); err == nil {
			t.Errorf("%d of %d bytes are a message", n, len(whole))
		}
	}
	large := request{Indexes: make([]int, 300_000)}
	large.Indexes[299_999] = 5
	large.put(&out, reflect.Value{})
	out.send(&b)
	var took request
	if err := in.receive(&b); err != nil || took.take(&in) != nil || took.Indexes[299_999] != 5 {
		t.Errorf("a large message: %v", err)
	}
}
