package worker

import (
	"context"
	"fmt"
	"reflect"

	"interleave/demos/timeline"
)

// Tasks are a range of them that a worker is doing.
type tasks struct {
	s *server
	request
	do      func(place int) error
	results reflect.Value // a slice with a place for each

	place   int // of the task that runs
	told    int // how many the parent knows of
	failed  []failure
	task    *timeline.Task // records the one that runs; nil: not wanted
	changes []int
	base    int64
}

// prepare finds out how to do them.
func (t *tasks) prepare() error {
	if !t.s.fn.IsValid() {
		values := make([]float64, t.Count)
		t.results = reflect.ValueOf(values)
		t.do = func(k int) error {
			v, err := t.s.client.Do(context.Background(), t.index(k), watch{t.task})
			if err == nil {
				values[k] = reflect.ValueOf(v).Convert(reflect.TypeFor[float64]()).Float()
			}
			return err
		}
		return nil
	}
	f := t.s.fn.Type()
	in := reflect.MakeSlice(reflect.SliceOf(f.In(0)), t.Count, t.Count)
	t.results = reflect.MakeSlice(reflect.SliceOf(f.Out(0)), t.Count, t.Count)
	if t.Count == 0 { // it was only to get ready
		return nil
	}
	if err := decode(t.Inputs, in); err != nil {
		return fmt.Errorf("argument: %w", err)
	}
	if t.do = plain(t.s.fn, in, t.results); t.do == nil {
		t.do = func(k int) error { return t.call(in, k) }
	}
	return nil
}

// call calls the function by reflection.
func (t *tasks) call(in reflect.Value, k int) error {
	got := t.s.fn.Call([]reflect.Value{in.Index(k)})
	t.results.Index(k).Set(got[0])
	if len(got) == 2 && !got[1].IsNil() {
		return got[1].Interface().(error)
	}
	return nil
}

// index is that of the task at a place, in the job.
func (t *tasks) index(place int) int {
	if len(t.Indexes) > 0 {
		return t.Indexes[place]
	}
	return t.First + place
}

func (t *tasks) fail(text string) { t.failed = append(t.failed, failure{t.place, text}) }

// ended notes the end of the task that ran, and tells the parent of it where that asks.
func (t *tasks) ended() {
	if t.task != nil {
		t.task.End()
		t.changes = pack(t.changes, t.task, t.base)
	}
	if t.s.claims.tell.Load() != 0 {
		t.s.claims.tell.Store(0)
		t.answer(false)
	}
}

// answer tells the parent of the tasks that have ended since it was told last.
func (t *tasks) answer(over bool) {
	r := reply{Count: t.place + 1 - t.told, Failed: t.failed, Changes: t.changes, Base: int(t.base), Done: over}
	t.s.answer(r, t.results.Slice(t.told, t.told+r.Count)) // an error is that of the next request too
	t.told += r.Count
	t.failed, t.changes = t.failed[:0], t.changes[:0]
}

// watch records waiting.
type watch struct{ t *timeline.Task }

func (w watch) Wait()   { w.t.Enter(timeline.Waiting) }
func (w watch) Resume() { w.t.Enter(timeline.Running) }
func (w watch) Check()  {}

// plain calls functions of common types without reflection, which is ten times as
// fast; nil for others.
func plain(fn, in, out reflect.Value) func(int) error {
	switch f := fn.Interface().(type) {
	case func(int) int:
		return each(f, in, out)
	case func(float64) float64:
		return each(f, in, out)
	case func(string) string:
		return each(f, in, out)
	case func(string) int:
		return each(f, in, out)
	case func(int) string:
		return each(f, in, out)
	case func(int) float64:
		return each(f, in, out)
	case func(int) bool:
		return each(f, in, out)
	case func(int) (int, error):
		return eachOr(f, in, out)
	case func(float64) (float64, error):
		return eachOr(f, in, out)
	case func(string) (string, error):
		return eachOr(f, in, out)
	}
	return nil
}

func each[A, R any](f func(A) R, in, out reflect.Value) func(int) error {
	args, ok := in.Interface().([]A) // a slice type that reflection made may be another one than here
	results, ok2 := out.Interface().([]R)
	if !ok || !ok2 {
		return nil
	}
	return func(k int) error {
		results[k] = f(args[k])
		return nil
	}
}

func eachOr[A, R any](f func(A) (R, error), in, out reflect.Value) func(int) error {
	args, ok := in.Interface().([]A)
	results, ok2 := out.Interface().([]R)
	if !ok || !ok2 {
		return nil
	}
	return func(k int) (err error) {
		results[k], err = f(args[k])
		return err
	}
}
