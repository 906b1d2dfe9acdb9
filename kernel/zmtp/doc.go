// Package zmtp has the three ZeroMQ sockets of a Jupyter kernel: ROUTER, XPUB
// and a heartbeat REP. The handshake and the framing are go-zeromq/zmq4's
// (zmq4.Open and Conn.RecvMsg, ZMTP 3.0, NULL security); the accept loop, the
// limits and the queues are ours, because a kernel's ports must survive any
// byte that any process sends to them before a signature can be checked.
//
// # What a bad peer can do
//
// A frame's length is checked before anything is allocated for it. A peer that
// breaks a limit, the framing or the handshake, or that stops in the middle of
// a message, loses its connection, and nothing else happens; Limits.Report
// hears why.
//
// # What a slow peer can do
//
// Each peer has a queue of at most Limits.QueueBytes and a goroutine that
// writes it. Nothing is dropped from the queue of a connected peer: when it is
// full, Send waits. A peer that makes no progress is disconnected, so that the
// gap is visible to it (it reconnects and subscribes anew):
//
//   - after Limits.Stall in any case,
//   - after Limits.FullStall when its queue is full, a Send waits for it, and
//     other peers are connected to the socket. A subscriber that was stopped
//     therefore delays the others once, by FullStall, and a lone one has
//     Limits.Stall to come back without a loss.
//
// Progress is a quarter of a MiB written, or the queue emptied.
package zmtp
