package kernel

import (
	"fmt"
	"slices"
	"sync"

	"github.com/google/uuid"

	"interleave/kernel/wire"
)

// subshells are lanes beside the main shell's, each with a goroutine of its own.
// Source: messaging.rst, "Subshells"; JEP 91.
type subshells struct {
	mu     sync.Mutex
	lanes  map[string]*lane
	order  []string // ids, oldest first
	closed bool
}

// createSubshell answers create_subshell_request.
func (k *kernel) createSubshell(*request) any {
	id := uuid.NewString()
	l := newLane()
	k.subshells.add(id, l)
	k.lanes.Go(func() { k.serve(l) }) // ends when the subshell is deleted or the kernel ends
	return &wire.CreateSubshellReply{ReplyStatus: wire.OK, SubshellID: id}
}

// deleteSubshell answers delete_subshell_request. What is queued in the subshell
// is still done.
func (k *kernel) deleteSubshell(r *request) any {
	id := r.Content.(*wire.DeleteSubshellRequest).SubshellID
	l := k.subshells.remove(id)
	if l == nil {
		return &wire.DeleteSubshellReply{ReplyStatus: noSubshell(id)}
	}
	l.close(false)
	return &wire.DeleteSubshellReply{ReplyStatus: wire.OK}
}

// listSubshell answers list_subshell_request.
func (k *kernel) listSubshell(*request) any {
	return &wire.ListSubshellReply{ReplyStatus: wire.OK, SubshellID: k.subshells.list()}
}

// laneOf gives the lane that r is to wait in, and nil where its header names a
// subshell that does not exist.
func (k *kernel) laneOf(r *request) *lane {
	if r.Header.SubshellID == nil {
		return k.main
	}
	return k.subshells.get(*r.Header.SubshellID)
}

// refuse answers a request to a subshell that does not exist.
func (k *kernel) refuse(r *request) any {
	return noSubshell(*r.Header.SubshellID)
}

func noSubshell(id string) wire.ReplyStatus {
	return failed("SubshellNotFound", fmt.Sprintf("no subshell %q: create it first", id))
}

func (s *subshells) add(id string, l *lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		l.close(true)
	}
	if s.lanes == nil {
		s.lanes = map[string]*lane{}
	}
	s.lanes[id] = l
	s.order = append(s.order, id)
}

func (s *subshells) get(id string) *lane {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lanes[id]
}

func (s *subshells) remove(id string) *lane {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[id]
	delete(s.lanes, id)
	s.order = slices.DeleteFunc(s.order, func(other string) bool { return other == id })
	return l
}

// list gives the ids, not nil.
func (s *subshells) list() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.order...)
}

// close ends all subshells.
func (s *subshells) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, l := range s.lanes {
		l.close(true)
	}
}
