package child

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

const (
	pipeSize  = 1 << 20               // what the kernel lets a pipe hold, bytes
	chunkSize = 256 << 10             // largest text published at once, bytes
	pace      = 10 * time.Millisecond // between two looks at a pipe that trickles

	// What looks like the last words of a runtime is held back, since the crash
	// report will tell it. doubt is for how long where a user may have written it, sure
	// where not: a full stack takes a second to be told of, and a busy machine far longer.
	doubt = 300 * time.Millisecond
	sure  = time.Minute
)

// A pipe publishes what the child writes to its descriptor 1 or 2.
type pipe struct {
	name  string
	c     *Child
	ended chan struct{} // closed when all is published and nobody can write any more

	written *os.File // to be read from when something may have been written

	mu    sync.Mutex // one reader at a time; guards what follows
	fd    int        // that never blocks; -1 when the pipe has ended; run reads it without mu, since it alone changes it
	buf   []byte
	rest  []byte // start of a rune whose end has not come yet, or dying words
	dying bool   // rest holds what a crash may explain: see doubt
}

// newPipe makes a pipe, and gives its write end too.
//
// The read end is none of the Go runtime's poller: to that, each write would be an
// event, which costs the writer more than the write itself. What the poller has is an
// epoll instance that tells of one write, and of no other until it is armed again. A
// goroutine that waited in poll(2) would hold a processor until the runtime misses it.
func newPipe(name string, c *Child) (*pipe, *os.File, error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		return nil, nil, os.NewSyscallError("pipe2", err)
	}
	if err := unix.SetNonblock(fds[0], true); err != nil {
		return nil, nil, os.NewSyscallError("fcntl", err)
	}
	unix.FcntlInt(uintptr(fds[0]), unix.F_SETPIPE_SZ, pipeSize) // best effort: the limit may be lower
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, nil, os.NewSyscallError("epoll_create1", err)
	}
	if err := unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, fds[0], &once); err != nil {
		return nil, nil, os.NewSyscallError("epoll_ctl", err)
	}
	if err := unix.SetNonblock(epoll, true); err != nil { // NewFile gives such to the poller
		return nil, nil, os.NewSyscallError("fcntl", err)
	}
	p := &pipe{name: name, c: c, ended: make(chan struct{}), written: os.NewFile(uintptr(epoll), name), fd: fds[0], buf: make([]byte, chunkSize)}
	return p, os.NewFile(uintptr(fds[1]), name), nil
}

// once asks for one event.
var once = unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLONESHOT}

// run publishes until the pipe ends. The first bytes go out at once, a trickle
// is gathered, and a flood goes at full speed.
func (p *pipe) run() {
	defer close(p.ended)
	defer p.close()
	written, err := p.written.SyscallConn()
	if err != nil {
		return
	}
	events := make([]unix.EpollEvent, 1)
	for {
		var n int
		var eof bool
		err := written.Read(func(epoll uintptr) bool {
			unix.EpollWait(int(epoll), events, 0) // takes the event, so that it is told once
			if n, eof = p.readOnce(chunkSize); n > 0 || eof {
				return true
			}
			return unix.EpollCtl(int(epoll), unix.EPOLL_CTL_MOD, p.fd, &once) != nil
		})
		switch {
		case err != nil || eof:
			return
		case n < chunkSize/4:
			time.Sleep(pace)
		}
	}
}

// close closes what run reads from; nobody else does, so that the end is not missed.
func (p *pipe) close() {
	p.written.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	unix.Close(p.fd)
	p.fd = -1
}

// readOnce reads at most max bytes that are there now, and publishes them.
func (p *pipe) readOnce(max int) (n int, eof bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fd < 0 {
		return 0, true
	}
	n, err := unix.Read(p.fd, p.buf[:max])
	switch {
	case err == unix.EAGAIN || err == unix.EINTR:
		return 0, false
	case err != nil || n == 0:
		return 0, true
	}
	p.put(p.buf[:n])
	return n, false
}

// drain publishes what the pipe holds now, and no more, so that an endless
// background printer cannot hold it up.
func (p *pipe) drain() {
	for left := p.held(); left > 0; {
		n, _ := p.readOnce(min(left, chunkSize))
		if n == 0 {
			break
		}
		left -= n
	}
	if !p.isDying() {
		p.flush()
	}
}

// held is how many bytes the pipe holds.
func (p *pipe) held() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fd < 0 {
		return 0
	}
	n, err := unix.IoctlGetInt(p.fd, unix.TIOCINQ)
	if err != nil {
		return 0
	}
	return n
}

// put publishes b, but for the start of a rune at its end. p.mu is held.
func (p *pipe) put(b []byte) {
	if len(p.rest) > 0 {
		b = append(p.rest, b...)
		p.rest = nil
	}
	if p.dying {
		p.rest = append([]byte(nil), b...)
		return
	}
	if p.name == "stderr" {
		if i := dyingWords(b); i >= 0 {
			p.dying = true
			p.rest = append([]byte(nil), b[i:]...)
			b = b[:i]
			wait := doubt
			if isFatal(p.rest) {
				wait = sure
			}
			time.AfterFunc(wait, p.release)
		}
	}
	cut := len(b) - partialRune(b)
	if !p.dying {
		p.rest = append([]byte(nil), b[cut:]...)
	}
	p.publish(b[:cut])
}

func (p *pipe) publish(b []byte) {
	if len(b) == 0 {
		return
	}
	text := strings.ToValidUTF8(string(b), "\ufffd")
	p.c.publish.Lock()
	p.c.handler.Output(p.name, text)
	p.c.publish.Unlock()
}

// flush publishes the rest.
func (p *pipe) flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dying = false
	b := p.rest
	p.rest = nil
	p.publish(b)
}

// release publishes text that only looked like dying words, since nobody died.
func (p *pipe) release() {
	select {
	case <-p.c.exited:
	default:
		p.flush()
	}
}

func (p *pipe) isDying() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dying
}

// takeWords takes what a dying runtime wrote, so that it is not published.
func (p *pipe) takeWords() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.dying {
		return ""
	}
	words := string(p.rest)
	p.rest = nil
	return words
}

// A Go runtime that dies prints one of these first. Source: runtime/sigtab_linux_generic.go.
var (
	fatalWords = []string{
		"fatal error: ", "runtime: goroutine stack exceeds", "unexpected fault address", "runtime: out of memory", "runtime: cannot allocate", "runtime: failed to",
		"SIGSEGV: segmentation violation", "SIGABRT: abort", "SIGBUS: bus error", "SIGILL: illegal instruction", "SIGFPE: floating-point exception", "SIGTRAP: trace trap",
	}
	panicWords = []string{"panic: ", "SIGSEGV: ", "SIGABRT: ", "SIGBUS: ", "SIGILL: ", "SIGFPE: ", "SIGQUIT: ", "SIGTRAP: "}
)

// dyingWords is the index in b of what a dying Go runtime prints first, or -1.
func dyingWords(b []byte) int {
	first := -1
	for _, w := range slices.Concat(fatalWords, panicWords) {
		i := bytes.Index(b, []byte(w))
		if (i == 0 || i > 0 && b[i-1] == '\n') && (first < 0 || i < first) {
			first = i
		}
	}
	return first
}

// isFatal tells whether b begins with words that users do not write.
func isFatal(b []byte) bool {
	return slices.ContainsFunc(fatalWords, func(w string) bool { return bytes.HasPrefix(b, []byte(w)) })
}

// partialRune is the number of bytes at the end of b that start a rune
// without ending it, 0 to 3.
func partialRune(b []byte) int {
	for n := 1; n <= 3 && n <= len(b); n++ {
		c := b[len(b)-n]
		if utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}
