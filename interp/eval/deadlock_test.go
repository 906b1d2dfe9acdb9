package eval

import (
	"strings"
	"testing"
)

// Goroutines that wait are told from those that are about to, or have been woken.
func TestAllParkedIn(t *testing.T) {
	goroutine := func(state, function string) string {
		return "goroutine 7 [" + state + " labels:{\"cell\": \"1\"}]:\n" + function + "\n\t/x.go:1 +0x1"
	}
	const park, compiled = "interleave/interp/eval.(*Session).park(0x1)", "interleave/cells/rt.parkSend[...](0x1)"
	looking := goroutine("running", "interleave/interp/eval.(*Session).watch(0x1)")
	for _, tt := range []struct {
		want bool
		dump []string
	}{
		{true, []string{looking}},
		{true, []string{looking, goroutine("select", park), goroutine("select", compiled)}},
		{true, []string{looking, goroutine("sync.Mutex.Lock", "interleave/interp/eval.parkHelper(0x1)")}},
		{true, []string{looking, goroutine("select", "interleave/cells/c1.f()")}},
		{true, []string{looking, "goroutine 9 [runnable]:\nruntime.x()\n\t/x.go:1"}},
		{false, []string{looking, goroutine("select", park), goroutine("runnable", park)}},
		{false, []string{looking, goroutine("runnable", compiled)}},
		{false, []string{looking, goroutine("runnable", "interleave/cells/c1.f()")}},
		{false, []string{looking, goroutine("IO wait", "net.(*conn).Read(0x1)")}},
	} {
		if got := allParkedIn([]byte(strings.Join(tt.dump, "\n\n"))); got != tt.want {
			t.Errorf("%v, want %v, of\n%s", got, tt.want, strings.Join(tt.dump, "\n\n"))
		}
	}
}
