package host

import (
	"fmt"
	"os"
	"path/filepath"
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

// onCPU is how long all threads of this process have computed, or were ready to
// where other programs had the cores. Source: proc(5), /proc/pid/schedstat.
func onCPU() time.Duration {
	var sum int64
	files, _ := filepath.Glob("/proc/self/task/*/schedstat")
	for _, f := range files {
		var run, wait int64
		text, err := os.ReadFile(f)
		if err != nil {
			continue // the thread has ended
		}
		if _, err := fmt.Sscan(string(text), &run, &wait); err == nil {
			sum += run + wait
		}
	}
	if sum == 0 { // a kernel without these figures
		u := usage()
		return u.User + u.System
	}
	return time.Duration(sum)
}

func threadName() string { return fmt.Sprintf("thread %d", syscall.Gettid()) }
