package host

import (
	"fmt"
	"syscall"
	"time"

	"interleave/demos"
)

// usage is what this process took so far.
func usage() demos.Usage {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return demos.Usage{
		User: time.Duration(u.Utime.Nano()), System: time.Duration(u.Stime.Nano()),
		Voluntary: u.Nvcsw, Involuntary: u.Nivcsw, Memory: u.Maxrss << 10,
	}
}

// add gives what was taken between before and after besides u, which is that of
// other processes.
func add(u, after, before demos.Usage) demos.Usage {
	u.User += after.User - before.User
	u.System += after.System - before.System
	u.Voluntary += after.Voluntary - before.Voluntary
	u.Involuntary += after.Involuntary - before.Involuntary
	if u.Memory == 0 {
		u.Memory = after.Memory
	}
	return u
}

func threadName() string { return fmt.Sprintf("thread %d", syscall.Gettid()) }
