package child

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// memoryEnv carries Options.Memory.
const memoryEnv = "INTERLEAVE_MEMORY"

// A Crash is how a child died.
type Crash struct {
	Signal  syscall.Signal // 0: it exited
	Status  int            // exit status where it exited
	Message string         // the runtime's own words, such as "fatal error: stack overflow"
	head    string         // what the runtime wrote before the dump
	Dump    string         // goroutines at the time of death, "" where there is none
}

func (c *Crash) Error() string {
	how := fmt.Sprintf("exit status %d", c.Status)
	if c.Signal != 0 {
		how = "signal " + signalName(c.Signal)
	}
	if c.Message == "" {
		return "evaluator ended with " + how
	}
	return c.Message
}

// InC tells whether it died of a signal that came while C ran.
func (c *Crash) InC() bool { return strings.Contains(c.head, "signal arrived during cgo execution") }

// SignalName is such as "SIGSEGV".
func (c *Crash) SignalName() string {
	if name, _, ok := strings.Cut(c.Message, ":"); ok {
		return name
	}
	return signalName(c.Signal)
}

// PC is the address of the instruction that was run last; 0 where it is not told.
func (c *Crash) PC() uint64 {
	var pc uint64
	if m := crashedAt.FindStringSubmatch(c.head); m != nil {
		pc, _ = strconv.ParseUint(m[1], 16, 64)
	}
	return pc
}

// CalledC is the function of C that Go called, and from where: "cell 3:5"; "" for
// what the dump does not tell.
func (c *Crash) CalledC() (function, from string) {
	first, _, _ := strings.Cut(c.Dump, "\n\n")
	if m := calledC.FindStringSubmatch(first); m != nil {
		function = m[1]
	}
	return function, cellLine.FindString(first)
}

var (
	crashedAt = regexp.MustCompile(`(?m)^PC=0x([0-9a-f]+) `)
	calledC   = regexp.MustCompile(`\._C2?func_(\w+)\(`)
	cellLine  = regexp.MustCompile(`cell \d+:\d+`)
)

// Where is the cell whose goroutine crashed, "cell 3", or "" where the dump does
// not tell. The goroutine is the first that runs, by its profiler labels.
func (c *Crash) Where() string {
	if m := crashedCell.FindStringSubmatch(c.Dump); m != nil {
		return "cell " + m[1]
	}
	return ""
}

// mostFrames is how many frames of a crash are told; endless recursion has more.
const mostFrames = 12

// Frames are where the goroutine that crashed was in cells, innermost first:
// "cell 3:5: main.f", and "cell 3:5" for the statements of a cell. Equal ones that
// follow each other are one. Only code that was compiled is in the dump.
func (c *Crash) Frames() []string {
	at := crashedCell.FindStringIndex(c.Dump)
	if at == nil {
		return nil
	}
	goroutine, _, _ := strings.Cut(c.Dump[at[0]:], "\n\n")
	var out []string
	for _, m := range crashedFrame.FindAllStringSubmatch(goroutine, -1) {
		frame := m[2]
		if !strings.HasPrefix(m[1], "ꞋꞋ") {
			frame += ": main." + strings.ReplaceAll(m[1], "Ꞌ", "")
		}
		out = append(out, frame)
	}
	out = slices.Compact(out)
	return out[:min(len(out), mostFrames)]
}

// crashedFrame is a function of a cell and its position in a dump, where a call
// takes two lines: "path/c3.f(0x1)" and "\tcell 3:2 +0x3c fp=...".
var crashedFrame = regexp.MustCompile(`(?m)^(?:[^\s(]*/)?[^\s(/.]+\.(\S+)\(.*\)\n\t(?:\S*/)?(cell \d+:\d+)`)

var crashedCell = regexp.MustCompile(`(?m)^goroutine .*\[running.*labels:\{"?cell"?: "?(\d+)"?`)

func newCrash(state *os.ProcessState, err error, text string) *Crash {
	c := &Crash{}
	if state != nil {
		ws, _ := state.Sys().(syscall.WaitStatus)
		if ws.Signaled() {
			c.Signal = ws.Signal()
		} else {
			c.Status = ws.ExitStatus()
		}
	} else if err != nil {
		c.Message = err.Error()
	}
	head, dump, found := strings.Cut(text, "\n\ngoroutine ")
	c.head = head
	if found {
		c.Dump = "goroutine " + dump
	}
	if m := crashMessage(head); m != "" {
		c.Message = m
	}
	return c
}

// diedOfGo tells whether a process ended as the Go runtime ends one: with status
// 2, or by a signal.
func diedOfGo(state *os.ProcessState) bool {
	ws, ok := state.Sys().(syscall.WaitStatus)
	return ok && (ws.Signaled() || ws.ExitStatus() == 2)
}

// crashMessage picks the line of a runtime's last words that says it best.
func crashMessage(head string) string {
	var best string
	for line := range strings.Lines(head) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "fatal error: "), strings.HasPrefix(line, "panic: "):
			return line
		case strings.HasPrefix(line, "SIG") && best == "":
			best = line
		}
	}
	return best
}

func signalName(s syscall.Signal) string {
	names := map[syscall.Signal]string{syscall.SIGKILL: "SIGKILL", syscall.SIGSEGV: "SIGSEGV", syscall.SIGABRT: "SIGABRT", syscall.SIGBUS: "SIGBUS", syscall.SIGTERM: "SIGTERM", syscall.SIGINT: "SIGINT"}
	if n, ok := names[s]; ok {
		return n
	}
	return s.String()
}
