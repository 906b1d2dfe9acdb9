package worker

import (
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// Claims say how far a worker is with its range, in a page that it shares with its
// parent. The worker claims one task after the other, the parent may shorten what is
// left; both are one atomic step.
type claims struct {
	at   *atomic.Int64 // tasks claimed, in the upper half, and how many there are; 0: nothing to do
	tell *atomic.Int64 // not 0: the parent wants to know what is done so far
}

const oneClaim = 1 << 32

// claimsIn gives the claims of a page.
func claimsIn(page []byte) claims {
	const line = 64 // of the cache
	return claims{(*atomic.Int64)(unsafe.Pointer(&page[0])), (*atomic.Int64)(unsafe.Pointer(&page[line]))}
}

// begin gives a worker that has nothing to do n tasks.
func (c claims) begin(n int) {
	c.tell.Store(0)
	c.at.Store(int64(n))
}

// end notes that the worker has nothing to do.
func (c claims) end() { c.at.Store(0) }

// next claims the next task and gives its place; -1: there is none.
func (c claims) next() int {
	claimed, limit := split(c.at.Add(oneClaim))
	if claimed > limit {
		return -1
	}
	return claimed - 1
}

// progress gives how many tasks are claimed, of how many.
func (c claims) progress() (claimed, limit int) { return split(c.at.Load()) }

func split(at int64) (claimed, limit int) { return int(at >> 32), int(uint32(at)) }

// running is the place of the task that runs; -1: none.
func (c claims) running() int {
	if claimed, limit := c.progress(); claimed <= limit {
		return claimed - 1
	}
	return -1
}

// shorten takes tasks that are not claimed from the end, as many as part gives of
// their number, and gives their places.
func (c claims) shorten(part func(left int) int) (from, to int) {
	for {
		at := c.at.Load()
		claimed, limit := split(at)
		if claimed >= limit {
			return 0, 0
		}
		n := part(limit - claimed)
		if c.at.CompareAndSwap(at, at-int64(n)) {
			return limit - n, limit
		}
	}
}

func half(n int) int { return (n + 1) / 2 }
func all(n int) int  { return n }

// Memory gives a file in memory, which processes can share.
func Memory(size int) (*os.File, error) {
	name := []byte("interleave\x00")
	const closeOnExec = 1
	fd, _, errno := syscall.Syscall(sysMemfdCreate, uintptr(unsafe.Pointer(&name[0])), closeOnExec, 0)
	if errno != 0 {
		return nil, errno
	}
	f := os.NewFile(fd, "memory")
	return f, f.Truncate(int64(size))
}

const sysMemfdCreate = 319 // on amd64

func mapPage(fd int) ([]byte, error) {
	return syscall.Mmap(fd, 0, os.Getpagesize(), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
}
