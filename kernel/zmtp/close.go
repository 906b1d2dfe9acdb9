package zmtp

import (
	"net"
	"time"
)

// Close stops accepting and receiving, writes what is queued for at most
// linger, and returns when all goroutines of the socket have ended. It must
// not be called from a callback of the socket. The error is always nil.
func (s *socket) Close(linger time.Duration) error {
	s.once.Do(func() {
		end := time.Now().Add(linger)
		peers := s.shut()
		for _, p := range peers {
			p.drain(end)
		}
		s.partFrom(peers, min(time.Until(end), goodbye))
		for _, p := range peers {
			p.kill()
		}
	})
	s.wg.Wait()
	return nil
}

// shut refuses what is new and returns the peers that there are.
func (s *socket) shut() []*peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.done)
	s.ln.Close()
	for c := range s.shakes {
		c.Close()
	}
	var peers []*peer
	for p := range s.peers {
		peers = append(peers, p)
	}
	return peers
}

// partFrom tells the peers that nothing more comes and waits until they have
// hung up, for at most d.
func (s *socket) partFrom(peers []*peer, d time.Duration) {
	if d <= 0 {
		return
	}
	for _, p := range peers {
		if c, ok := p.conn.(interface{ CloseWrite() error }); ok {
			c.CloseWrite()
		}
	}
	gone := make(chan struct{})
	go func() { // ends with the socket's goroutines, which Close waits for
		s.wg.Wait()
		close(gone)
	}()
	select {
	case <-gone:
	case <-time.After(d):
	}
}

var _ interface{ CloseWrite() error } = (*net.UnixConn)(nil)
