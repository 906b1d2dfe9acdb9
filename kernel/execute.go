package kernel

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"interleave/display"
	"interleave/interp"
	"interleave/kernel/wire"
)

// execute answers execute_request. Source: messaging.rst, "Execute".
func (k *kernel) execute(r *request) any {
	q := r.Content.(*wire.ExecuteRequest)
	if r.lane.aborts(r) {
		return wire.Aborted // without a number, since the cell has none
	}
	r.metadata = map[string]any{"started": time.Now().UTC().Format(time.RFC3339Nano)}
	count := k.count.next(q.Stores())
	c := k.begin(r, q)
	defer k.end(c)

	if !q.Silent {
		k.publish("execute_input", r.Message, &wire.ExecuteInput{Code: q.Code, ExecutionCount: count})
	}
	value, err := k.evaluator.Eval(c.ctx, interp.Request{Code: q.Code, Count: count}, c)
	if q.Stores() {
		k.history.Add(count, q.Code, plain(value))
	}
	if err != nil {
		return k.executeFailed(c, err, count)
	}
	if value != nil && !q.Silent {
		k.publishSoon("execute_result", r.Message, &wire.ExecuteResult{ExecutionCount: count, Data: value.Data, Metadata: value.Metadata})
	}
	reply := k.executeReply(wire.OK, count)
	reply.Payload = append(reply.Payload, c.payload...)
	reply.UserExpressions = k.expressions(c, q.UserExpressions)
	return reply
}

// executeFailed reports a cell's error, on iopub unless the cell was silent, and
// aborts what is queued behind it.
func (k *kernel) executeFailed(c *cell, err error, count int) any {
	status := errorStatus(err)
	if !c.silent {
		k.publishSoon("error", c.r.Message, status.Error)
	}
	if c.stopOnError {
		c.r.lane.fail()
	}
	return k.executeReply(status, count)
}

func (k *kernel) executeReply(status wire.ReplyStatus, count int) *wire.ExecuteReply {
	return &wire.ExecuteReply{ReplyStatus: status, ExecutionCount: count, UserExpressions: map[string]any{}, Payload: []any{}}
}

// expressions evaluates the user_expressions of a cell that went well, in the order
// of their names. One that fails says so in its own place.
func (k *kernel) expressions(c *cell, exprs map[string]string) map[string]any {
	results := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(exprs)) {
		value, err := k.evaluator.EvalExpr(c.ctx, exprs[name], c)
		switch {
		case err != nil:
			results[name] = errorStatus(err)
		case value == nil:
			results[name] = expression(display.Bundle{})
		default:
			results[name] = expression(*value)
		}
	}
	return results
}

func expression(b display.Bundle) any {
	return &wire.Expression{ReplyStatus: wire.OK, Data: object(b.Data), Metadata: object(b.Metadata)}
}

// errorStatus gives err as a reply and an error message tell it.
func errorStatus(err error) wire.ReplyStatus {
	e := &interp.Error{Name: "Error", Value: err.Error()}
	errors.As(err, &e)
	traceback := e.Traceback
	if len(traceback) == 0 {
		traceback = []string{e.Error()}
	}
	return wire.Failed(wire.Error{Ename: e.Name, Evalue: e.Value, Traceback: traceback})
}

// plain gives the text/plain of a value that may be nil.
func plain(b *display.Bundle) string {
	if b == nil {
		return ""
	}
	text, _ := b.Data["text/plain"].(string)
	return text
}

// object gives m as what JSON shows as {} and not null.
func object(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// counter is the execution count. Cells of subshells share it.
type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) now() int { return c.next(false) }

// next gives the count of a cell; only one that goes into the history makes it rise.
func (c *counter) next(rise bool) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if rise {
		c.n++
	}
	return c.n
}

// cells are those that run now.
type cells struct {
	mu      sync.Mutex
	running map[*cell]struct{}
}

// begin makes the cell of an execute_request and counts it as running.
func (k *kernel) begin(r *request, q *wire.ExecuteRequest) *cell {
	c := &cell{k: k, r: r, silent: q.Silent, allowStdin: q.AllowStdin, stopOnError: q.StopOnError, ended: make(chan struct{})}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	k.cells.mu.Lock()
	defer k.cells.mu.Unlock()
	if k.cells.running == nil {
		k.cells.running = map[*cell]struct{}{}
	}
	k.cells.running[c] = struct{}{}
	return c
}

// end counts c as no longer running. Its output stays valid.
func (k *kernel) end(c *cell) {
	k.cells.mu.Lock()
	defer k.cells.mu.Unlock()
	delete(k.cells.running, c)
	close(c.ended)
}

// stop ends the running cells.
func (s *cells) stop(kill func()) {
	s.mu.Lock()
	busy := len(s.running) > 0
	for c := range s.running {
		c.cancel()
	}
	s.mu.Unlock()
	if busy {
		kill()
	}
}

// interrupt stops the running cells, and calls kill if one of them has been asked
// to stop before.
func (s *cells) interrupt(kill func()) {
	again := false
	s.mu.Lock()
	for c := range s.running {
		again = again || c.ctx.Err() != nil
		c.cancel()
	}
	s.mu.Unlock()
	if again {
		kill()
	}
}
