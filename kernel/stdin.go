package kernel

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"interleave/interp"
	"interleave/kernel/wire"
)

// stdinTime is how long a front-end may take to open its stdin channel, after its
// cell came on the shell channel.
const stdinTime = 3 * time.Second

// Why an Input has no answer.
var (
	errNobody      = &interp.Error{Name: "StdinNotAllowed", Value: "input: this front-end has no stdin channel open"}
	errNotAllowed  = &interp.Error{Name: "StdinNotAllowed", Value: "input: this front-end takes no input while a cell runs"}
	errEnded       = &interp.Error{Name: "StdinNotAllowed", Value: "input: the cell has ended; ask for input while it runs"}
	errInterrupted = &interp.Error{Name: "Interrupt", Value: "input: interrupted"}
)

// An asker asks one question at a time.
type asker struct {
	turn sync.Mutex // held from a question to its answer

	mu   sync.Mutex
	open *question // nil while nobody is asked
}

// A question is an input_request without an input_reply.
type question struct {
	id       string      // msg_id of the input_request
	identity string      // whom it asks
	answer   chan string // of length 1
}

// Input asks the client that sent the cell for a line, with an input_request, and
// waits for its input_reply. An interrupt and the end of the cell end the wait.
// Source: messaging.rst, "Messages on the stdin (ROUTER/DEALER) channel".
func (c *cell) Input(prompt string, password bool) (string, error) {
	if !c.allowStdin {
		return "", errNotAllowed
	}
	a := &c.k.asker
	a.turn.Lock() // whoever holds it is ended by the same interrupt
	defer a.turn.Unlock()
	select {
	case <-c.ended:
		return "", errEnded
	case <-c.ctx.Done():
		return "", errInterrupted
	default:
	}
	if !c.reachable() {
		return "", errNobody
	}
	m := c.k.session.Message("input_request", c.r.Message, &wire.InputRequest{Prompt: prompt, Password: password})
	m.Identities = c.r.Identities
	q := a.ask(m.Header.MsgID, string(c.r.Identities[0]))
	defer a.forget()
	c.k.send(c.k.stdin, m)
	select {
	case line := <-q.answer:
		return line, nil
	case <-c.ended:
		return "", errEnded
	case <-c.ctx.Done():
		return "", errInterrupted
	}
}

// reachable waits until the client that sent the cell can be asked.
func (c *cell) reachable() bool {
	ctx, cancel := context.WithTimeout(c.ctx, stdinTime)
	defer cancel()
	return c.k.stdin.Await(ctx, string(c.r.Identities[0])) || c.ctx.Err() != nil
}

func (a *asker) ask(id, identity string) *question {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open = &question{id: id, identity: identity, answer: make(chan string, 1)}
	return a.open
}

func (a *asker) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open = nil
}

// inputReply takes an input_reply to the open question. One from another client,
// or to an earlier question, is dropped; a client that names no parent, as
// jupyter_client's own does, means the open one.
func (k *kernel) inputReply(r *request) {
	var parent struct {
		MsgID   string `json:"msg_id"`
		Session string `json:"session"`
	}
	_ = json.Unmarshal(r.ParentHeader, &parent) // a parent of another shape is none
	a := &k.asker
	a.mu.Lock()
	defer a.mu.Unlock()
	q := a.open
	stale := q != nil && parent.Session == k.session.ID && parent.MsgID != q.id
	if q == nil || stale || string(r.Identities[0]) != q.identity {
		k.log.Print("stdin: input_reply dropped: nobody asked that client")
		return
	}
	select {
	case q.answer <- r.Content.(*wire.InputReply).Value:
	default: // answered already
	}
}
