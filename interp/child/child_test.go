package child

import (
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// The test binary is a child too: a session that does as its program says.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "eval" {
		if err := Serve(func(l *Link) Session { return puppet{l} }); err != nil {
			io.WriteString(os.Stderr, err.Error()+"\n")
			os.Exit(2)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

type puppet struct{ l *Link }

func (p puppet) Run(pr *Program) *Result {
	for _, word := range strings.Fields(pr.Source) {
		switch word {
		case "out":
			os.Stdout.WriteString("out\n")
		case "err":
			os.Stderr.WriteString("err\n")
		case "show":
			p.l.Place(Event{Kind: Display, Run: pr.ID, DisplayID: "d"})
		case "ask":
			r := <-p.l.Ask(Event{Kind: Input, Run: pr.ID, Text: "? "})
			os.Stdout.WriteString(r.Text + "\n")
		case "exit":
			os.Exit(7)
		case "stack":
			overflow(0)
		case "slowly": // as a runtime dies of a signal in C, on a busy machine
			os.Stderr.WriteString("SIGSEGV: segmentation violation")
			time.Sleep(2 * doubt)
			os.Stderr.WriteString("\nPC=0x10\nsignal arrived during cgo execution\n")
			os.Exit(2)
		case "words": // looks like a crash, but is none
			os.Stderr.WriteString("panic: only words\n")
		}
	}
	return &Result{Reached: 1, Loaded: true}
}

func overflow(n int) int { return overflow(n+1) + 1 }

func (puppet) Stop(int)                {}
func (puppet) Goroutines() []Goroutine { return []Goroutine{{Cell: 3}} }
func (puppet) Idle()                   {}

// log is a Handler that writes down what comes, in order.
type log struct {
	mu   sync.Mutex
	text strings.Builder
	done chan *Event
}

func (l *log) add(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.WriteString(s)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *log) Output(name, text string) { l.add(text) }

func (l *log) Event(e Event) {
	if e.Kind == Done || e.Kind == Listed {
		l.done <- &e
		return
	}
	l.add("<" + e.Kind + ">\n")
}

func (l *log) Input(c *Child, e Event) { c.Answer(e.Ack, "answer to "+e.Text, nil) }

func start(t *testing.T) (*Child, *log) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	l := &log{done: make(chan *Event, 10)}
	c, err := Start(Options{Binary: exe}, l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Kill(); <-c.Dead() })
	return c, l
}

func TestOrder(t *testing.T) {
	c, l := start(t)
	c.Send(Request{Kind: Run, Program: &Program{ID: 1, Source: "out show out show ask out"}})
	<-l.done
	if got := l.String(); got != "out\n<display>\nout\n<display>\nanswer to ? \nout\n" {
		t.Errorf("order is %q", got)
	}
	c.Send(Request{Kind: List})
	if e := <-l.done; len(e.Goroutines) != 1 || e.Goroutines[0].Cell != 3 {
		t.Errorf("goroutines are %v", e.Goroutines)
	}
}

func TestDeath(t *testing.T) {
	for _, tt := range []struct{ source, message, output string }{
		{"out exit", "evaluator ended with exit status 7", "out\n"},
		{"err stack", "fatal error: stack overflow", "err\n"},
		{"out slowly", "SIGSEGV: segmentation violation", "out\n"},
		{"words out exit", "evaluator ended with exit status 7", "out\npanic: only words\n"},
	} {
		c, l := start(t)
		c.Send(Request{Kind: Run, Program: &Program{ID: 1, Source: tt.source}})
		<-c.Dead()
		if got := c.Crash().Error(); got != tt.message {
			t.Errorf("%s: crash is %q, want %q", tt.source, got, tt.message)
		}
		if got := l.String(); got != tt.output {
			t.Errorf("%s: output is %q, want %q", tt.source, got, tt.output)
		}
		if err := c.Send(Request{Kind: List}); err != ErrDead {
			t.Errorf("%s: Send to the dead gives %v", tt.source, err)
		}
	}
}

// What only looks like a crash is published, if late.
func TestWordsOfTheLiving(t *testing.T) {
	c, l := start(t)
	c.Send(Request{Kind: Run, Program: &Program{ID: 1, Source: "words"}})
	<-l.done
	for l.String() != "panic: only words\n" {
		select {
		case <-c.Dead():
			t.Fatal("the child died")
		default:
		}
	}
}

func TestByHand(t *testing.T) {
	if os.Getenv(Env) != "" {
		t.Fatal("the environment is a child's")
	}
	if err := Serve(nil); err == nil || !strings.Contains(err.Error(), "not by hand") {
		t.Errorf("error is %v", err)
	}
}
