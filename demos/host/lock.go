package host

import "sync"

// lock locks m, and then closes the channel that it gives. Who does not wait for it
// has it unlocked at once.
func lock(m *sync.Mutex) <-chan struct{} {
	got := make(chan struct{})
	go func() { // ends with the demo that holds m
		m.Lock()
		close(got)
	}()
	return got
}
