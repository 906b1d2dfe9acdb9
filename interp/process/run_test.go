package process

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// An output keeps what a process prints, and answers from lines.
type output struct {
	mu    sync.Mutex
	text  map[string]string
	lines []string
	asked int
	seen  func(text string) // called with all of stdout, after each piece
}

func (o *output) Stream(name, text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.text == nil {
		o.text = map[string]string{}
	}
	o.text[name] += text
	if o.seen != nil {
		o.seen(o.text["stdout"])
	}
}

func (o *output) Input(prompt string, password bool) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked++
	if len(o.lines) == 0 {
		return "", errors.New("nobody is there")
	}
	line := o.lines[0]
	o.lines = o.lines[1:]
	return line, nil
}

// shell runs a script until it ends.
func shell(t *testing.T, script string, o *output) *Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	res, err := Run(ctx, exec.Command("sh", "-c", script), o, true)
	if err != nil {
		t.Fatal(err)
	}
	if res.Interrupted {
		t.Fatalf("%s: did not end", script)
	}
	return res
}

func TestRun(t *testing.T) {
	tests := []struct {
		name, script   string
		lines          []string
		stdout, stderr string
		status         int
		signal         syscall.Signal
	}{
		{"both streams", "echo out; echo err >&2", nil, "out\n", "err\n", 0, 0},
		{"a status", "echo out; exit 3", nil, "out\n", "", 3, 0},
		{"a signal", "kill -SEGV $$", nil, "", "", 0, syscall.SIGSEGV},
		{"input", "read a; read b; echo $a-$b", []string{"one", "two"}, "one-two\n", "", 0, 0},
		{"no input", "read a || echo end", nil, "end\n", "", 0, 0},
		{"input that is not read", "echo out", []string{"one"}, "out\n", "", 0, 0},
		{"no line's end", "printf out", nil, "out", "", 0, 0},
		{"bytes that are no text", `printf 'a\377b\303'`, nil, "a\ufffdb\ufffd", "", 0, 0},
		{"a trace", `printf 'goroutine 1:\nmain.f()\n\t/tmp/x/cell 3:4 +0x1d\n\tend' >&2`, nil, "", "goroutine 1:\nmain.f()\n\tcell 3:4\n\tend", 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := &output{lines: tt.lines}
			res := shell(t, tt.script, o)
			if o.text["stdout"] != tt.stdout || o.text["stderr"] != tt.stderr {
				t.Errorf("printed %q, %q", o.text["stdout"], o.text["stderr"])
			}
			if res.Status != tt.status || res.Signal != tt.signal || res.Stderr != tt.stderr {
				t.Errorf("ended with %+v", res)
			}
			if strings.Contains(tt.name, "not read") && o.asked > 0 {
				t.Errorf("was asked %d times", o.asked)
			}
		})
	}
}

// interrupted runs a script, and interrupts it when it has printed "ready".
func interrupted(t *testing.T, script string) (*Result, *output) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := &output{seen: func(text string) {
		if strings.HasPrefix(text, "ready") {
			cancel()
		}
	}}
	res, err := Run(ctx, exec.Command("sh", "-c", script), o, true)
	if err != nil {
		t.Fatal(err)
	}
	return res, o
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	res, o := interrupted(t, "trap 'echo caught; exit 5' INT; echo ready; sleep 100 & wait")
	if !res.Interrupted || res.Killed || res.Status != 5 || o.text["stdout"] != "ready\ncaught\n" {
		t.Errorf("ended with %+v, printed %q", res, o.text["stdout"])
	}
	if res, _ := interrupted(t, "echo ready; exec sleep 100"); !res.Interrupted || res.Signal != syscall.SIGINT {
		t.Errorf("ended with %+v", res)
	}
}

func TestInterruptThatIsNotHeeded(t *testing.T) {
	t.Parallel()
	res, _ := interrupted(t, "trap '' INT; echo ready; sleep 100; sleep 100")
	if !res.Interrupted || !res.Killed || res.Signal != syscall.SIGKILL {
		t.Errorf("ended with %+v", res)
	}
}

// What a process leaves behind is killed, and does not keep Run waiting.
func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	o := &output{}
	shell(t, "sleep 1000 & echo $!", o)
	pid, err := strconv.Atoi(strings.TrimSpace(o.text["stdout"]))
	if err != nil {
		t.Fatal(err)
	}
	for alive(pid) {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("it still runs")
		}
	}
}

// alive tells whether a process runs.
func alive(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z")
}

func TestNoProgram(t *testing.T) {
	if _, err := Run(t.Context(), exec.Command("/nowhere/at/all"), &output{}, true); err == nil {
		t.Error("it runs")
	}
}

func TestInCells(t *testing.T) {
	for text, want := range map[string]string{
		"\t/tmp/a b/cell 3:4 +0x1d\n":           "\t/tmp/a b/cell 3:4 +0x1d\n", // our folders have no spaces
		"\tsession/cell 3:4 +0x1d\nx":           "\tcell 3:4\nx",
		"./cell 3:4:5: undefined: x\n":          "cell 3:4:5: undefined: x\n",
		"\t/usr/lib/go/src/fmt/print.go:1 +0x1": "\t/usr/lib/go/src/fmt/print.go:1 +0x1",
		"said cell 3:4\n":                       "said cell 3:4\n",
	} {
		if got := InCells(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestWhole(t *testing.T) {
	for _, tt := range []struct {
		text   string
		traces bool
		want   int
	}{
		{"", false, 0}, {"abc", false, 3}, {"é", false, 2}, {"é"[:1], false, 0}, {"a€"[:3], false, 1}, {"a\xff", false, 2},
		{"a\n\tcell", true, 2}, {"a\n\tcell", false, 7}, {"a\nb", true, 3}, {"\t" + strings.Repeat("x", 5000), true, 5001},
	} {
		if got := whole(tt.text, tt.traces); got != tt.want {
			t.Errorf("%q: %d, want %d", tt.text, got, tt.want)
		}
	}
}
