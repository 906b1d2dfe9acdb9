package child

import (
	"slices"
	"strings"
	"testing"
)

func TestPartialRune(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want int
	}{
		{"", 0},
		{"a", 0},
		{"é", 0},
		{"é"[:1], 1},
		{"a世"[:2], 1},
		{"a世"[:3], 2},
		{"a世", 0},
		{"😀"[:3], 3},
		{"😀"[:1], 1},
		{"\xff", 0},
		{"\x80\x80\x80\x80", 0},
	} {
		if got := partialRune([]byte(tt.in)); got != tt.want {
			t.Errorf("partialRune(%q) = %d, want %d", tt.in, got, tt.want)
		}
	}
}

func TestDyingWords(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want int
	}{
		{"", -1},
		{"all is well\n", -1},
		{"fatal error: stack overflow\n", 0},
		{"before\npanic: boom\n", 7},
		{"no panic: here\n", -1},
		{"unexpected fault address 0x1\nfatal error: fault\n", 0},
		{"x\nSIGSEGV: segmentation violation\n", 2},
	} {
		if got := dyingWords([]byte(tt.in)); got != tt.want {
			t.Errorf("dyingWords(%q) = %d, want %d", tt.in, got, tt.want)
		}
	}
}

func TestCrash(t *testing.T) {
	const dump = `fatal error: all goroutines are mad

goroutine 7 gp=0xc0 m=0 mp=0x1 [running labels:{"cell": "12"}]:
main.f()
	cell 3:5 +0x1

goroutine 1 [IO wait]:
main.main()
`
	c := newCrash(nil, nil, dump)
	if c.Error() != "fatal error: all goroutines are mad" || c.Where() != "cell 12" {
		t.Errorf("crash is %q in %q", c.Error(), c.Where())
	}
	if !strings.HasPrefix(c.Dump, "goroutine 7 ") {
		t.Errorf("dump is %q", c.Dump)
	}
	if c := newCrash(nil, nil, ""); c.Error() != "evaluator ended with exit status 0" || c.Where() != "" {
		t.Errorf("crash without words is %q in %q", c.Error(), c.Where())
	}
	if c := newCrash(nil, nil, "SIGABRT: abort\nPC=0x1\n\ngoroutine 0 gp=0x1:\n"); c.Error() != "SIGABRT: abort" {
		t.Errorf("crash is %q", c.Error())
	}
}

// Frames of cells are told, those of the kernel and of other goroutines are not.
func TestCrashFrames(t *testing.T) {
	const dump = `fatal error: fault

goroutine 19 gp=0x94 m=3 mp=0x95 [running labels:{"cell": "3"}]:
runtime.sigpanic()
	/usr/local/go/src/runtime/signal_unix.go:945 +0x285 fp=0x1 sp=0x2 pc=0x3
interleave/cells/c3.(*point).Ꞌmove({0x138b701?, 0x1}, 0x2)
	cell 3:2 fp=0x94c51db1ea8 sp=0x94c51db1ea0 pc=0x7f3c8151a400
interleave/cells/c2.deep(...)
	/tmp/x/cell 2:7 +0x3c
interleave/cells/c2.deep(...)
	/tmp/x/cell 2:7 +0x3c
interleave/cells/c3.ꞋꞋRun(0x94c51d0d3d0, 0x80fbe5?)
	cell 3:3 +0x39 fp=0x94c51db1ec0 sp=0x94c51db1ea8 pc=0x7f3c8151a459
interleave/interp/eval.(*Session).runMain(0x94c51dd92c0)
	/go/src/session.go:144 +0x1d4

goroutine 20 [chan receive labels:{"cell": "4"}]:
interleave/cells/c4.ꞋꞋRun.func1()
	cell 4:1 +0x39
`
	want := []string{"cell 3:2: main.(*point).move", "cell 2:7: main.deep", "cell 3:3"}
	if got := newCrash(nil, nil, dump).Frames(); !slices.Equal(got, want) {
		t.Errorf("frames %q, want %q", got, want)
	}
	if got := newCrash(nil, nil, "").Frames(); got != nil {
		t.Errorf("frames of nothing: %q", got)
	}
}

func FuzzPartialRune(f *testing.F) {
	f.Add([]byte("a世"), 2)
	f.Fuzz(func(t *testing.T, b []byte, cut int) {
		if cut < 0 || cut > len(b) {
			return
		}
		n := partialRune(b[:cut])
		if n < 0 || n > 3 || n > cut {
			t.Errorf("partialRune(%q) = %d", b[:cut], n)
		}
	})
}
