// Package worker runs functions in worker processes: the same program started
// again, with the same compiled cells. Arguments and results travel through pipes,
// numbers as they lie in memory and the rest by gob.
//
// Each worker is given a range of tasks at a time, at first its share of all. How
// far it is stands in memory that both sides share, where who has nothing left to do
// is given half of what another one has not begun: a long task holds nothing up but
// itself, and there is no size of chunks to choose. It tells too which task a crash
// is the error of.
package worker

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"reflect"

	"interleave/demos/timeline"
	"interleave/demos/work"
)

// Descriptors of a worker process.
const (
	requests = 3
	replies  = 4
	slot     = 5 // the page of its claims
)

// A Piece is a cell that declares functions.
type Piece struct {
	Units   []string // compiled: shared objects, those that the last one imports first
	Program string   // interpreted: a program, which only Resolve understands
}

// A Call says what to call.
type Call struct {
	Load   []Piece   // that the function needs, in this order
	Symbol string    // of the function; "": a ready-made task
	Spec   work.Spec // which is this one
}

// same tells whether two calls are the same.
func (c *Call) same(d *Call) bool { return d != nil && (c == d || reflect.DeepEqual(c, d)) }

func (c *Call) encode() ([]byte, error) {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(c); err != nil {
		return nil, fmt.Errorf("worker process: %w", err)
	}
	return b.Bytes(), nil
}

func decodeCall(b []byte) (*Call, error) {
	c := new(Call)
	return c, gob.NewDecoder(bytes.NewReader(b)).Decode(c)
}

// pack appends what a task did.
func pack(out []int, t *timeline.Task, base int64) []int {
	out = append(out, len(t.Changes))
	for _, c := range t.Changes {
		out = append(out, int(c.At-base), int(c.State))
	}
	return append(out, int(t.Ended-base))
}

// unpack takes what the next task did off in.
func unpack(in []int, t *timeline.Task, lane int, base int64) []int {
	if len(in) == 0 || in[0] < 0 || in[0] > (len(in)-2)/2 {
		return nil
	}
	n := in[0]
	t.Clear(lane)
	for i := range n {
		t.Changes = append(t.Changes, timeline.Change{At: base + int64(in[1+2*i]), State: timeline.State(in[2+2*i])})
	}
	t.Ended = base + int64(in[1+2*n])
	return in[2+2*n:]
}
