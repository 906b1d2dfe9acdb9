package kernel

import (
	"encoding/json"
	"errors"
	"sync"

	"github.com/google/uuid"

	"interleave/kernel/wire"
)

// CommHandler is the kernel's end of a comm. A nil func ignores what comes. Calls
// for one comm never overlap.
type CommHandler struct {
	Message func(data map[string]any, buffers [][]byte) // comm_msg
	Close   func(data map[string]any)                   // comm_close by the front-end
}

// Comms are the targets that front-ends can open, and the comms that are open.
// The zero value has neither. Its methods may be called from several goroutines.
// Source: messaging.rst, "Custom Messages".
type Comms struct {
	mu      sync.Mutex
	targets map[string]func(*Comm, map[string]any) CommHandler
	open    map[string]*Comm
	publish publishComm // nil before the kernel runs
}

// publishComm publishes a message on account of another; most of it may be nil.
type publishComm func(kind string, parent *wire.Message, content any, metadata map[string]any, buffers [][]byte)

// A Comm is a channel to an object in the front-end.
type Comm struct {
	ID     string
	Target string

	all     *Comms
	turn    sync.Mutex // held while the target is told of something
	handler CommHandler

	mu     sync.Mutex
	parent json.RawMessage // header of the last message from the front-end
}

// Register makes target one that front-ends can open; open is called with the
// comm_open's data for each comm, before any of its messages.
func (c *Comms) Register(target string, open func(*Comm, map[string]any) CommHandler) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.targets == nil {
		c.targets = map[string]func(*Comm, map[string]any) CommHandler{}
	}
	c.targets[target] = open
}

// attach makes publish the way out for messages of comms.
func (c *Comms) attach(publish publishComm) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.publish = publish
}

// Open opens a comm from the kernel's side. Metadata may be nil. It is an error
// before the kernel runs.
func (c *Comms) Open(target string, data, metadata map[string]any, h CommHandler) (*Comm, error) {
	comm := &Comm{ID: uuid.NewString(), Target: target, all: c, handler: h}
	c.mu.Lock()
	publish := c.publish
	c.mu.Unlock()
	if publish == nil {
		return nil, errors.New("comm " + target + ": the kernel does not run yet")
	}
	c.add(comm)
	publish("comm_open", nil, &wire.CommOpen{CommID: comm.ID, TargetName: target, Data: data}, metadata, nil)
	return comm, nil
}

// Send sends a comm_msg; metadata and buffers may be nil.
func (c *Comm) Send(data, metadata map[string]any, buffers [][]byte) {
	c.all.publish("comm_msg", c.cause(), &wire.CommMsg{CommID: c.ID, Data: data}, metadata, buffers)
}

// Close closes the comm from the kernel's side.
func (c *Comm) Close(data map[string]any) {
	if c.all.remove(c.ID) != nil {
		c.all.publish("comm_close", c.cause(), &wire.CommClose{CommID: c.ID, Data: data}, nil, nil)
	}
}

// cause is what the comm's messages are published on account of.
func (c *Comm) cause() *wire.Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return &wire.Message{RawHeader: c.parent}
}

// tell calls f in the comm's turn, on account of r.
func (c *Comm) tell(r *request, f func()) {
	c.turn.Lock()
	defer c.turn.Unlock()
	c.mu.Lock()
	c.parent = r.RawHeader
	c.mu.Unlock()
	f()
}

func (c *Comms) add(comm *Comm) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open = map[string]*Comm{}
	}
	c.open[comm.ID] = comm
}

// get gives an open comm or nil.
func (c *Comms) get(id string) *Comm {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open[id]
}

// remove gives the comm that is no longer open, or nil if it was not.
func (c *Comms) remove(id string) *Comm {
	c.mu.Lock()
	defer c.mu.Unlock()
	comm := c.open[id]
	delete(c.open, id)
	return comm
}

// commOpen handles comm_open. A target that nobody registered is answered by comm_close.
func (k *kernel) commOpen(r *request) any {
	q := r.Content.(*wire.CommOpen)
	k.comms.mu.Lock()
	open := k.comms.targets[q.TargetName]
	k.comms.mu.Unlock()
	if open == nil {
		k.publish("comm_close", r.Message, &wire.CommClose{CommID: q.CommID, Data: map[string]any{}})
		return nil
	}
	comm := &Comm{ID: q.CommID, Target: q.TargetName, all: k.comms}
	comm.tell(r, func() {
		k.comms.add(comm)
		comm.handler = open(comm, q.Data)
	})
	return nil
}

// commMsg handles comm_msg.
func (k *kernel) commMsg(r *request) any {
	q := r.Content.(*wire.CommMsg)
	comm := k.comms.get(q.CommID)
	if comm == nil {
		k.log.Printf("comm_msg: no comm %q is open", q.CommID)
		return nil
	}
	comm.tell(r, func() {
		if comm.handler.Message != nil {
			comm.handler.Message(q.Data, r.Buffers)
		}
	})
	return nil
}

// commClose handles comm_close.
func (k *kernel) commClose(r *request) any {
	q := r.Content.(*wire.CommClose)
	comm := k.comms.remove(q.CommID)
	if comm == nil {
		return nil
	}
	comm.tell(r, func() {
		if comm.handler.Close != nil {
			comm.handler.Close(q.Data)
		}
	})
	return nil
}

// commInfo answers comm_info_request.
func (k *kernel) commInfo(r *request) any {
	q := r.Content.(*wire.CommInfoRequest)
	reply := &wire.CommInfoReply{ReplyStatus: wire.OK, Comms: map[string]wire.CommInfo{}}
	k.comms.mu.Lock()
	defer k.comms.mu.Unlock()
	for id, comm := range k.comms.open {
		if q.TargetName == "" || q.TargetName == comm.Target {
			reply.Comms[id] = wire.CommInfo{TargetName: comm.Target}
		}
	}
	return reply
}
