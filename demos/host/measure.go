package host

import (
	"fmt"
	"os"
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

// onCPU is how long this process has computed, and how long the calling thread, which
// is to be locked, was ready to where others had the cores. The other threads do not
// count for the latter: on a busy machine those that only look after the runtime would
// hide all waiting. Source: proc(5), /proc/pid/schedstat.
func onCPU() time.Duration {
	u := usage()
	var run, ready int64
	if text, err := os.ReadFile("/proc/thread-self/schedstat"); err == nil {
		fmt.Sscan(string(text), &run, &ready) // a kernel without these figures: 0
	}
	return u.User + u.System + time.Duration(ready)
}

func threadName() string { return fmt.Sprintf("thread %d", syscall.Gettid()) }
