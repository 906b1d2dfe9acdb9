package eval

import (
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"os/signal"
	"reflect"
	"time"

	"interleave/interp/eval/symbols"
)

// packageTable gives the symbols of a library package under the key that
// yaegi's Use takes. The key is written path/./name, which means the same as
// path/name but does not make yaegi compile its own copies of generic packages
// and put its own fmt, log and os in place, 3 ms each time.
func (s *Session) packageTable(path string) (string, map[string]reflect.Value, error) {
	name, table, ok := symbols.Lookup(path)
	if !ok {
		return "", nil, fmt.Errorf("package %q is not among the interpreter's", path)
	}
	key := path + "/./" + name
	shim, ok := s.shims[path]
	if !ok {
		return key, table, nil
	}
	merged := maps.Clone(table)
	maps.Copy(merged, shim)
	return key, merged, nil
}

// makeShims are the library functions that a cell gets in another form: output
// goes to its own cell, input is asked for, timers are counted for the deadlock
// detector, and exits end a cell only.
func (s *Session) makeShims() map[string]map[string]reflect.Value {
	out := stream{s, "stdout"}
	log.SetOutput(stream{s, "stderr"})
	fatal := func(print func()) {
		print()
		s.exit(1)
	}
	return shimTable(map[string]map[string]any{
		"fmt": {
			"Print":    func(a ...any) (int, error) { return out.print(a) },
			"Printf":   func(f string, a ...any) (int, error) { return out.Write(fmt.Appendf(nil, f, a...)) },
			"Println":  func(a ...any) (int, error) { return out.Write(fmt.Appendln(nil, a...)) },
			"Fprint":   func(w io.Writer, a ...any) (int, error) { return fmt.Fprint(s.routed(w), a...) },
			"Fprintf":  func(w io.Writer, f string, a ...any) (int, error) { return fmt.Fprintf(s.routed(w), f, a...) },
			"Fprintln": func(w io.Writer, a ...any) (int, error) { return fmt.Fprintln(s.routed(w), a...) },
			"Scan":     func(a ...any) (int, error) { return fmt.Fscan(&s.stdin, a...) },
			"Scanf":    func(f string, a ...any) (int, error) { return fmt.Fscanf(&s.stdin, f, a...) },
			"Scanln":   func(a ...any) (int, error) { return fmt.Fscanln(&s.stdin, a...) },
		},
		"io": {
			"WriteString": func(w io.Writer, t string) (int, error) { return io.WriteString(s.routed(w), t) },
			"Copy":        func(w io.Writer, r io.Reader) (int64, error) { return io.Copy(s.routed(w), r) },
		},
		"os": {"Exit": s.exit},
		"log": {
			"Fatal":   func(a ...any) { fatal(func() { log.Print(a...) }) },
			"Fatalf":  func(f string, a ...any) { fatal(func() { log.Printf(f, a...) }) },
			"Fatalln": func(a ...any) { fatal(func() { log.Println(a...) }) },
		},
		"time": {
			"Sleep":     func(d time.Duration) { s.sleep("", d) },
			"AfterFunc": func(d time.Duration, f func()) *time.Timer { return s.afterFunc("", d, f) },
			"After":     func(d time.Duration) <-chan time.Time { s.timers.until(d); return time.After(d) },
			"NewTimer":  func(d time.Duration) *time.Timer { s.timers.until(d); return time.NewTimer(d) },
			"Tick":      func(d time.Duration) <-chan time.Time { s.timers.forever(); return time.Tick(d) },
			"NewTicker": func(d time.Duration) *time.Ticker { s.timers.forever(); return time.NewTicker(d) },
		},
		"context": {
			"AfterFunc": func(p context.Context, f func()) func() bool { return s.afterContext("", p, f) },
			"WithTimeout": func(p context.Context, d time.Duration) (context.Context, context.CancelFunc) {
				s.timers.until(d)
				return context.WithTimeout(p, d)
			},
			"WithDeadline": func(p context.Context, t time.Time) (context.Context, context.CancelFunc) {
				s.timers.until(time.Until(t))
				return context.WithDeadline(p, t)
			},
			"WithTimeoutCause": func(p context.Context, d time.Duration, cause error) (context.Context, context.CancelFunc) {
				s.timers.until(d)
				return context.WithTimeoutCause(p, d, cause)
			},
			"WithDeadlineCause": func(p context.Context, t time.Time, cause error) (context.Context, context.CancelFunc) {
				s.timers.until(time.Until(t))
				return context.WithDeadlineCause(p, t, cause)
			},
		},
		"os/signal": {
			"Notify": func(c chan<- os.Signal, sig ...os.Signal) { s.timers.forever(); signal.Notify(c, sig...) },
			"NotifyContext": func(p context.Context, sig ...os.Signal) (context.Context, context.CancelFunc) {
				s.timers.forever()
				return signal.NotifyContext(p, sig...)
			},
		},
	})
}

func shimTable(in map[string]map[string]any) map[string]map[string]reflect.Value {
	out := map[string]map[string]reflect.Value{}
	for path, fns := range in {
		out[path] = map[string]reflect.Value{}
		for name, f := range fns {
			out[path][name] = reflect.ValueOf(f)
		}
	}
	return out
}
