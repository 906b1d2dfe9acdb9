// Package host runs demos: it is what package demos calls in the evaluator, where
// the machine's cores, threads, processes and ports are. It draws by package chart.
package host

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"time"

	"interleave/demos"
	"interleave/demos/worker"
	"interleave/display"
)

// Environment is what runs cells, as the host needs it. Its methods may be called
// from several goroutines at once.
type Environment interface {
	// Go starts f as a goroutine of the calling one's cell; w, which may be nil, is
	// told when code of cells in it waits and computes.
	Go(w Watch, f func())
	// Spawn is Go for a goroutine of the user's, which is told by where it was started.
	Spawn(f func())
	// Await and Timer are those of demos.Host.
	Await(ctx context.Context, what string, done <-chan struct{}, late <-chan time.Time) bool
	Timer(d time.Duration)
	// Waiting calls f, in which the calling goroutine waits for tasks; what does not
	// end any more is a deadlock.
	Waiting(what string, f func())
	// Stop is closed when the calling goroutine's cell is to stop; nil: never.
	Stop() <-chan struct{}
	// Leave ends the calling goroutine where its cell is to stop.
	Leave()
	// Attention has code of cells call Check of their watches at each turn of a loop,
	// until it is called once more with false for each true.
	Attention(on bool)
	// Function tells what is known of a function of a cell.
	Function(fn any) Function
	// Interpret has the interpreter run a function with each input in turn, until ctx
	// ends.
	Interpret(ctx context.Context, c Calls) error
	// Worker is the command that starts a worker process, Server the one that starts
	// the demo server; it takes a delay.
	Worker() []string
	Server() []string
}

// Watch is told what code of a cell is about to do. Check may end the goroutine, and
// Exit, which is os.Exit, does. Cut is closed when the task or its cell is to end: what
// waits then is ended there, without Resume.
type Watch interface {
	Wait()
	Resume()
	Check()
	Exit(status int)
	Cut() <-chan struct{}
}

// Calls are those of a function, given as source. Begin and End are called round each.
type Calls struct {
	Source, Name string
	Inputs       reflect.Value // a slice
	Fails        bool          // it gives an error too
	Begin        func(i int)
	End          func(i int, v any, err error)
}

// An Exit is the error of a task that called os.Exit with this status.
type Exit int

func (e Exit) Error() string {
	return fmt.Sprintf("it called os.Exit(%d), which ends the whole program: all tasks, but in worker processes", int(e))
}

// A Function is one that a cell declared.
type Function struct {
	Name     string         // as the user wrote it; "" for a function literal
	Symbol   string         // by which workers find it; "": they cannot
	Load     []worker.Piece // that workers load for it
	Captures []string       // variables of the session, or of a function, that it uses
	Source   string         // Go source of it and the functions it calls; "": not known
	Compiled bool
	Why      string // why workers cannot find it
}

// Host is what package demos calls.
type Host struct {
	env   Environment
	async sync.Mutex // held by a demo for which the process has one thread
	tools tools
}

var _ demos.Host = (*Host)(nil)

// New gives a host.
func New(env Environment) *Host { return &Host{env: env} }

// A technique does the tasks of a trial. The error is why it cannot.
type technique func(t *trial) error

// techniques are all by name.
var techniques = map[string]technique{
	demos.NameSerial:      serial,
	demos.NameAsync:       async,
	demos.NameThreads:     threads,
	demos.NameProcesses:   processes,
	demos.NameC:           inC,
	demos.NameInterpreted: interpreted,
	demos.NameNative:      native,
	demos.NameNursery:     nursery,
	demos.NameFuture:      future,
}

// Run runs job by a technique, as often as o says.
func (h *Host) Run(name string, job demos.Job, o demos.Options) *demos.Result {
	r := h.run(nil, name, h.titled(job), o)
	h.leave(r.Err)
	return r
}

// leave ends the calling goroutine where its cell is to stop.
func (h *Host) leave(err error) {
	if errors.Is(err, context.Canceled) {
		h.env.Leave()
	}
}

func (h *Host) run(in *display.Handle, name string, job demos.Job, o demos.Options) *demos.Result {
	do, ok := techniques[name]
	if !ok {
		return &demos.Result{Technique: name, Job: job, Err: fmt.Errorf("demos: no technique %q", name)}
	}
	if name == demos.NameThreads && o.GIL {
		return h.runWith(in, demos.NameGIL, do, job, o)
	}
	r := h.runWith(in, name, do, job, o)
	if o.GIL {
		r.Notes = append(r.Notes, "The option GIL is for threads; it was left out.")
	}
	return r
}

// runWith runs job by do, as often as o says. Its progress is shown in a handle, or
// where that is nil in a place of its own.
func (h *Host) runWith(in *display.Handle, name string, do technique, job demos.Job, o demos.Options) *demos.Result {
	r := &demos.Result{Technique: name, Job: job}
	o.GIL = o.GIL && name == demos.NameGIL
	ctx, cancel := h.context()
	defer cancel()
	server, err := h.serve(ctx, job)
	if err != nil {
		r.Err = err
		return r
	}
	defer server.close()
	var trials []*trial
	for range max(1, o.Repeat) {
		t, err := h.trial(ctx, in, name, do, job, o, server)
		if err != nil {
			r.Err = err
			return r
		}
		trials = append(trials, t)
	}
	median(trials).fill(r, trials)
	return r
}

// titled names the function of a job, which package demos does not know.
func (h *Host) titled(job demos.Job) demos.Job {
	if job.Kind == demos.KindCompute {
		if f := h.env.Function(job.Fn); f.Name != "" {
			job.Title = strings.Replace(job.Title, "a function of this notebook", f.Name, 1)
		}
	}
	return job
}

// context gives one that ends when the calling goroutine's cell is to stop.
func (h *Host) context() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	if stop := h.env.Stop(); stop != nil {
		go func() { // ends with ctx
			select {
			case <-stop:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	return ctx, cancel
}

// Go runs f as a goroutine of the calling cell; on a "thread", locked to one.
func (h *Host) Go(runner string, f func()) {
	if runner == demos.OnThread {
		body := f
		f = func() {
			runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
			body()
		}
	}
	h.env.Spawn(f)
}

// Await waits for done.
func (h *Host) Await(ctx context.Context, what string, done <-chan struct{}, late <-chan time.Time) bool {
	return h.env.Await(ctx, what, done, late)
}

// Timer tells that something ends by itself.
func (h *Host) Timer(d time.Duration) { h.env.Timer(d) }
