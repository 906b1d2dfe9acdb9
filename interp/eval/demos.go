package eval

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/traefik/yaegi/interp"

	"interleave/demos"
	"interleave/demos/host"
)

// environment is what package demos runs in.
type environment struct{ s *Session }

var _ host.Environment = environment{}

// Go starts f as a goroutine of the calling one's cell. A panic in it is an error of
// its cell.
func (e environment) Go(w host.Watch, f func()) {
	c := e.s.current()
	if c == nil {
		c = e.s.orphans
	}
	g := e.s.enter(c, "a demo")
	g.watch = w
	go e.s.task(g, f) // ends with f, or when the cell is stopped
}

// Spawn starts f as a goroutine of the user's, known by the line that started it.
func (e environment) Spawn(f func()) {
	c := e.s.current()
	if c == nil {
		c = e.s.orphans
	}
	e.s.spawn(c, e.s.position("a demo"), f)
}

// whereKey is that of the position of an interpreted call, in its context.
type whereKey struct{}

// nursery is demos.OpenNursery for an interpreted cell.
func (s *Session) nursery(where string, ctx context.Context, body func(g *demos.Group) error) error {
	return demos.OpenNursery(context.WithValue(ctx, whereKey{}, where), body)
}

// Await waits as the operations of cells do, so that it is stopped with its cell, and
// the deadlock detector knows who waits.
func (e environment) Await(ctx context.Context, what string, done <-chan struct{}, late <-chan time.Time) bool {
	c := e.s.current()
	c.leaveIfStopped()
	select {
	case <-done:
		return true
	default:
	}
	where, ok := ctx.Value(whereKey{}).(string)
	if !ok {
		where = "a demo"
		if g := e.s.self(); g != nil && g.where != "" {
			where = g.where
		}
		where = e.s.position(where)
	}
	i, _, _ := e.s.park(c, &wait{where: where, what: what, timed: late != nil}, []reflect.SelectCase{
		{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(done)}, {Dir: reflect.SelectRecv, Chan: reflect.ValueOf(late)},
	})
	return i == 0
}

// Waiting is Await for a goroutine of package host: see allParked.
func (e environment) Waiting(what string, f func()) {
	c := e.s.current()
	w := &wait{where: caller("a demo"), what: what}
	e.s.startWait(c, w)
	defer e.s.endWait(c, w)
	f()
}

func (e environment) Timer(d time.Duration) { e.s.timers.until(d) }

// task is guard for tasks of demos, of which there may be a hundred thousand: it
// forgets g at its end, and with it whose the goroutines are that code of the
// library started there and that go on.
func (s *Session) task(g *goroutine, f func()) {
	defer s.leave(g)
	if g.watch != nil { // else the labels that it has inherited tell its cell
		defer s.labels.CompareAndDelete(s.label(g), g)
	}
	defer func() {
		if r := recover(); r != nil {
			s.report(g.cell, s.panicked(g.cell, r, "panic in goroutine started at "+g.place()+": "))
		}
	}()
	f()
}

func (e environment) Stop() <-chan struct{} {
	if c := e.s.current(); c != nil {
		return c.stop
	}
	return nil
}

func (e environment) Leave() { e.s.current().leaveIfStopped() }

func (e environment) Attention(on bool) {
	e.s.stopFlag.change(func() {
		if on {
			e.s.stopFlag.alerts++
		} else {
			e.s.stopFlag.alerts--
		}
	})
}

func (e environment) Worker() []string { return []string{executable(), "worker"} }
func (e environment) Server() []string { return []string{executable(), "demo-server"} }

// executable is this program, also where its file was replaced since it started.
func executable() string { return "/proc/self/exe" }

// check is what code of cells calls at loops and calls while the stop flag is set.
func (s *Session) check() {
	g := s.self()
	if g == nil {
		return
	}
	g.cell.leaveIfStopped()
	if g.watch != nil {
		g.watch.Check()
	}
}

// Interpret has an interpreter of its own run a function.
func (e environment) Interpret(ctx context.Context, c host.Calls) error {
	i := e.s.interpreter()
	imports, body, paths := splitImports(c.Source)
	calls := &calls{Calls: c}
	defer calls.end()
	demo := values(builtins)
	demo["Inputs"], demo["End"], demo["Do"] = reflect.ValueOf(c.Inputs.Interface()), reflect.ValueOf(calls.ended), reflect.ValueOf(calls.do)
	exports := interp.Exports{"interleave/demo/demo": demo}
	for _, path := range paths {
		key, table, err := e.s.packageTable(path)
		if err != nil {
			return fmt.Errorf("interpreted: %w", err)
		}
		if path == "os" {
			table = maps.Clone(table)
			table["Exit"] = reflect.ValueOf(func(status int) { panic(host.Exit(status)) })
		}
		exports[key] = table
	}
	if err := i.Use(exports); err != nil {
		return fmt.Errorf("interpreted: %w", err)
	}
	call := "v := " + c.Name + "(ꞋꞋdemo.Inputs[i]); ꞋꞋdemo.End(i, v, nil)"
	if c.Fails {
		call = "v, err := " + c.Name + "(ꞋꞋdemo.Inputs[i]); ꞋꞋdemo.End(i, v, err)"
	}
	program := "package main\nimport ꞋꞋdemo \"interleave/demo\"\n" + imports + body + `
func ꞋꞋrun() {
	for i := range ꞋꞋdemo.Inputs {
		ꞋꞋdemo.Do(i, func() { ` + call + ` })
	}
}`
	return interpretIn(ctx, i, program)
}

// calls are told to who wants them until they are over: the interpreter ends a moment
// after it was told to.
type calls struct {
	host.Calls
	mu   sync.Mutex
	over bool
}

func (c *calls) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
}

// tell calls f unless they are over.
func (c *calls) tell(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.over {
		f()
	}
}

func (c *calls) ended(i int, v any, err error) { c.tell(func() { c.End(i, v, err) }) }

// do does a task; a panic is its error.
func (c *calls) do(i int, f func()) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case host.Exit:
			c.ended(i, nil, r)
		default:
			c.ended(i, nil, fmt.Errorf("panic: %s", panicValue(r)))
		}
	}()
	c.tell(func() { c.Begin(i) })
	f()
}

// interpretIn declares program and runs it until ctx ends.
func interpretIn(ctx context.Context, i *interp.Interpreter, program string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("interpreted: panic: %v", r)
		}
	}()
	if _, err := i.Eval(program); err != nil {
		return fmt.Errorf("interpreted: the interpreter does not take this function: %w", err)
	}
	if _, err := i.EvalWithContext(ctx, "main.ꞋꞋrun()"); err != nil && ctx.Err() == nil {
		return fmt.Errorf("interpreted: %w", err)
	}
	return ctx.Err()
}

// splitImports takes the imports at the head of source off, and gives their paths.
func splitImports(source string) (imports, body string, paths []string) {
	for line := range strings.Lines(source) {
		text := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(text, "import "):
			imports += line
			if _, rest, ok := strings.Cut(text, "\""); ok {
				paths = append(paths, strings.TrimSuffix(rest, "\""))
			}
		case text != "":
			return imports, source[strings.Index(source, line):], paths
		}
	}
	return imports, "", paths
}
