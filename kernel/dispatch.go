package kernel

import (
	"runtime/debug"
	"strings"
	"time"

	"interleave/kernel/wire"
)

// A handler answers one type of request. It gives the content of the reply, and
// nil where the spec has none.
type handler func(*kernel, *request) any

// Where a message type is understood.
const (
	onShell = 1 << iota
	onControl
	onStdin
)

// handlers are all requests that are answered. Types that are not here are ignored.
// Source: messaging.rst, "Messages on the shell (ROUTER/DEALER) channel" and
// "Messages on the Control (ROUTER/DEALER) channel".
var handlers = map[string]struct {
	on     int
	handle handler
}{
	"execute_request":         {onShell, (*kernel).execute},
	"inspect_request":         {onShell, (*kernel).inspect},
	"complete_request":        {onShell, (*kernel).complete},
	"history_request":         {onShell, (*kernel).historyRequest},
	"is_complete_request":     {onShell, (*kernel).isComplete},
	"comm_info_request":       {onShell, (*kernel).commInfo},
	"comm_open":               {onShell, (*kernel).commOpen},
	"comm_msg":                {onShell, (*kernel).commMsg},
	"comm_close":              {onShell, (*kernel).commClose},
	"kernel_info_request":     {onShell | onControl, (*kernel).kernelInfo},
	"connect_request":         {onShell | onControl, (*kernel).connect},
	"shutdown_request":        {onShell | onControl, (*kernel).shutdown},
	"interrupt_request":       {onShell | onControl, (*kernel).interruptRequest},
	"debug_request":           {onControl, (*kernel).debug},
	"create_subshell_request": {onControl, (*kernel).createSubshell},
	"delete_subshell_request": {onControl, (*kernel).deleteSubshell},
	"list_subshell_request":   {onControl, (*kernel).listSubshell},
	"input_reply":             {onStdin, nil}, // goes to inputReply, without busy and idle
}

// failed is the status of a reply that reports an error of the kernel's own.
func failed(name, value string) wire.ReplyStatus {
	return wire.Failed(wire.Error{Ename: name, Evalue: value, Traceback: []string{name + ": " + value}})
}

// read takes messages from a channel until it is closed, and passes on those of a
// known type. What is damaged, forged or of another type is dropped with a line in
// the log.
func (k *kernel) read(c *channel, pass func(*request)) {
	for {
		frames, err := c.Recv()
		if err != nil {
			return
		}
		m, err := k.codec.Decode(frames)
		if err != nil {
			k.log.Printf("%s: message dropped: %v", c.name, err)
			continue
		}
		row := handlers[m.Header.MsgType]
		if row.on&c.on == 0 {
			k.log.Printf("%s: message dropped: unknown type %q", c.name, m.Header.MsgType)
			continue
		}
		pass(&request{Message: m, channel: c, handler: row.handle, received: time.Now()})
	}
}

// route puts a shell request into its lane.
func (k *kernel) route(r *request) {
	l := k.laneOf(r)
	if (l == nil || !l.push(r)) && l != k.main { // the main lane refuses when the kernel ends
		k.handle(r, (*kernel).refuse)
	}
}

// serve handles the requests of a lane until it is closed.
func (k *kernel) serve(l *lane) {
	for r := l.pop(); r != nil; r = l.pop() {
		k.answer(r)
	}
}

// answer handles a request.
func (k *kernel) answer(r *request) { k.handle(r, r.handler) }

// handle is the one place where a request is put between busy and idle, and its
// reply sent. Source: messaging.rst, "Kernel status".
func (k *kernel) handle(r *request, h handler) {
	if r.Header.MsgType == "execute_request" {
		k.heard.wait()
	}
	k.publishSoon("status", r.Message, &wire.Status{ExecutionState: "busy"})
	if content := k.guard(r, h); content != nil {
		reply := k.session.Reply(r.Message, content)
		reply.Metadata = r.metadata
		k.send(r.channel, reply)
	}
	k.publish("status", r.Message, &wire.Status{ExecutionState: "idle"})
	if r.last {
		k.quit()
	}
}

// guard makes a panic of a handler, which is a fault of the kernel or of a comm's
// target, an error reply, so that the session lives.
func (k *kernel) guard(r *request, h handler) (content any) {
	defer func() {
		if fault := recover(); fault != nil {
			k.log.Printf("%s: fault in the kernel: %v\n%s", r.Header.MsgType, fault, debug.Stack())
			content = nil
			if strings.HasSuffix(r.Header.MsgType, "_request") {
				content = failed("KernelFault", "the kernel failed to handle the request; its log has the details")
			}
		}
	}()
	return h(k, r)
}
