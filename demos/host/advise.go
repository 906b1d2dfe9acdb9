package host

import (
	"context"
	"fmt"
	"html"
	"reflect"
	"runtime"
	"strings"
	"time"

	"interleave/demos"
	"interleave/demos/chart"
	"interleave/demos/timeline"
	"interleave/demos/work"
	"interleave/demos/worker"
	"interleave/display"
)

// A sample is what was measured of a job to give advice.
type sample struct {
	tasks   int           // that were tried
	each    time.Duration // of a task
	waiting float64       // part of it that is no computing, 0 to 1
	onCPU   time.Duration // of all tasks, computing or waiting for a core
	failed  int
	first   error
	bytes   int // that travel by task, both ways
	travels error
	thread  time.Duration // to start and end one
	process time.Duration // to start and end one, ready for work
	started error
}

const (
	sampleTasks = 8
	sampleTime  = 700 * time.Millisecond
)

// Advise measures a few tasks, and what it costs to start workers.
func (h *Host) Advise(job demos.Job, o demos.Options) *demos.Advice {
	job = h.titled(job)
	a := &demos.Advice{Job: job}
	var s sample
	r := h.runWith(nil, "sample", func(t *trial) error {
		t.most, t.until = sampleTasks, time.Now().Add(sampleTime)
		do := t.do
		t.do = func(ctx context.Context, i int, w work.Watch) (any, error) {
			before := onCPU()
			defer func() { s.onCPU += onCPU() - before }()
			return do(ctx, i, w)
		}
		t.lanes = []string{""}
		t.start([]*lane{{t: t}}, true)
		return t.wait()
	}, job, demos.Options{Timeout: o.Timeout})
	if a.Err = r.Err; a.Err != nil {
		h.leave(a.Err)
		return a
	}
	s.take(r)
	h.payload(&s, job, r)
	h.starts(&s)
	decide(a, s, h.compiled(job))
	return a
}

// take reads what the sample took.
func (s *sample) take(r *demos.Result) {
	for _, t := range r.Timeline.Tasks {
		if t.End < 0 {
			continue
		}
		s.tasks++
		s.each += time.Duration(t.End - t.Start)
	}
	if n := len(r.Failures); n > 0 {
		s.failed, s.first = n, r.Failures[0]
	}
	if s.tasks == 0 {
		return
	}
	s.waiting = 1 - s.onCPU.Seconds()/s.each.Seconds()
	if r.Job.Waits() { // the client computes too
		s.waiting = float64(r.Timeline.Busy(timeline.Waiting)) / float64(s.each)
	}
	s.waiting = min(max(s.waiting, 0), 1)
	s.each /= time.Duration(s.tasks)
}

// payload measures what would travel to a worker process and back.
func (h *Host) payload(s *sample, job demos.Job, r *demos.Result) {
	s.bytes = 16
	if job.Kind != demos.KindCompute {
		return
	}
	_, s.travels = h.call(job.Fn)
	in := reflect.ValueOf(job.Inputs)
	s.bytes = worker.Size(in.Slice(0, 1))
	if v := r.Values[0]; v != nil {
		one := reflect.MakeSlice(reflect.SliceOf(reflect.TypeOf(v)), 1, 1)
		one.Index(0).Set(reflect.ValueOf(v))
		s.bytes += worker.Size(one)
	}
}

// starts measures what it costs to start a thread and a process.
func (h *Host) starts(s *sample) {
	const threads = 8
	begun := time.Now()
	for range threads {
		ended := make(chan struct{})
		go func() { // ends at once, and its thread with it
			runtime.LockOSThread()
			close(ended)
		}()
		<-ended
	}
	s.thread = time.Since(begun) / threads
	ctx, cancel := h.context()
	defer cancel()
	begun = time.Now()
	pool, err := worker.Start(ctx, h.env.Worker(), 1)
	if s.started = err; err == nil {
		s.process = time.Since(begun)
		pool.Close()
	}
}

// compiled tells whether the job runs compiled code.
func (h *Host) compiled(job demos.Job) bool {
	return job.Kind != demos.KindCompute || h.env.Function(job.Fn).Compiled
}

// decide says which technique to take.
func decide(a *demos.Advice, s sample, compiled bool) {
	n, cores := a.Job.N, runtime.NumCPU()
	total := time.Duration(n) * s.each
	a.Facts = []demos.Fact{
		{What: "tasks", Value: fmt.Sprint(n)},
		{What: "time of a task", Value: fmt.Sprintf("%s, measured with %d of them", short(s.each), s.tasks)},
		{What: "of which it waits", Value: fmt.Sprintf("%.0f%%", 100*s.waiting)},
		{What: "one after the other", Value: short(total)},
		{What: "cores", Value: fmt.Sprint(cores)},
		{What: "to start a thread", Value: short(s.thread)},
		{What: "to start a process", Value: short(s.process)},
		{What: "travels by task", Value: fmt.Sprintf("%d bytes", s.bytes)},
	}
	measured := fmt.Sprintf("a task takes %s, of which it waits %.0f%%", short(s.each), 100*s.waiting)
	switch {
	case s.failed > 0 && s.failed == s.tasks:
		a.Take, a.Why, a.Unless = demos.NameSerial, fmt.Sprintf("All tasks that were tried failed: %v.", s.first), "Once they work, ask again."
	case n == 1:
		a.Take, a.Why, a.Unless = demos.NameSerial, "There is one task, which nothing can run beside: "+measured+".", "Split it into parts that can be done apart."
	case total < time.Millisecond:
		a.Take, a.Why, a.Unless = demos.NameSerial, fmt.Sprintf("All %d tasks take %s together, less than it costs to share them out.", n, short(total)), fmt.Sprintf("Take threads where they are a hundred times as many, or each of them takes more than %s.", short(100*s.thread))
	case !compiled && s.waiting < 0.5:
		a.Take, a.Why, a.Unless = demos.NameNative, "The function is interpreted, which is up to 300 times slower than compiled: "+measured+".", "Once it is compiled, ask again."
	case s.waiting >= 0.9:
		a.Take = demos.NameAsync
		a.Why = fmt.Sprintf("Tasks wait, and need no core for it: %s. All %d together need about %s on one thread.", measured, n, short(s.each+time.Duration(float64(total)*(1-s.waiting))))
		a.Unless = "Take threads where a task calls C code or a device that blocks its thread; set a Limit where the other side cannot answer so many at once."
	case s.waiting >= 0.2:
		a.Take = demos.NameNursery
		a.Why = fmt.Sprintf("Tasks wait and compute: %s. Goroutines on all %d cores do both, and a nursery ends them together.", measured, cores)
		a.Unless = "Take async where computing becomes less than a tenth of the time, threads where waiting does."
	case cores == 1:
		a.Take, a.Why, a.Unless = demos.NameSerial, "Tasks compute, and this machine has one core: "+measured+".", "On a machine with more cores take threads."
	default:
		a.Take = demos.NameThreads
		a.Why = fmt.Sprintf("Tasks compute: %s. Threads share the memory and cost %s to start; with %d cores %s become %s at best.", measured, short(s.thread), cores, short(total), short(total/time.Duration(min(cores, n))))
		a.Unless = fmt.Sprintf("Take processes, at %s each to start, where a task may crash or leak, c where gcc's code is faster than Go's.", short(s.process))
	}
	a.Others = against(a, s, cores)
}

// against says what speaks against the other techniques.
func against(a *demos.Advice, s sample, cores int) []string {
	var out []string
	say := func(name, format string, args ...any) {
		if name != a.Take {
			out = append(out, name+": "+fmt.Sprintf(format, args...))
		}
	}
	computes := s.waiting < 0.5
	if computes {
		say(demos.NameAsync, "one thread computes one thing at a time.")
		say(demos.NameGIL, "so do threads that share one lock, as Python's: 1.0× here.")
	} else {
		say(demos.NameAsync, "does all the waiting on one thread, but no computing beside it.")
		say(demos.NameThreads, "works as well, with a stack for each thread: for %d tasks that is memory for nothing.", a.Job.N)
	}
	switch {
	case s.travels != nil:
		say(demos.NameProcesses, "cannot run it: %v.", s.travels)
	case s.started != nil:
		say(demos.NameProcesses, "none can be started here: %v.", s.started)
	case !computes:
		say(demos.NameProcesses, "have one task each under way, so most of the waiting stays.")
	default:
		say(demos.NameProcesses, "as many cores, but %s to start each, and %d bytes travel by task.", short(s.process), s.bytes)
	}
	say(demos.NameC, "the same cores; worth it where there is a library in C, and tricky where there is not.")
	say(demos.NameNursery, "the same goroutines on %d cores, with errors and ends in order: take it in programs.", cores)
	say(demos.NameFuture, "one call for all of these, where a program needs more than one kind.")
	return out
}

// advice is the text of advice; it has no figure.
func advice(a *demos.Advice) (string, *chart.Figure) {
	text := fmt.Sprintf("Take %s for %s. %s\n%s\n\n%s", a.Take, a.Job.Title, a.Why, a.Unless, display.Table(a.Facts).Data["text/plain"])
	return text + "\n\n" + strings.Join(a.Others, "\n"), nil
}

// adviceBundle is advice for a front-end.
func adviceBundle(a *demos.Advice) map[string]any {
	text, _ := advice(a)
	var b strings.Builder
	fmt.Fprintf(&b, "<p>Take <b>%s</b> for %s. %s</p><p>%s</p>", html.EscapeString(a.Take), html.EscapeString(a.Job.Title), html.EscapeString(a.Why), html.EscapeString(a.Unless))
	b.WriteString(display.Table(a.Facts).Data["text/html"].(string))
	b.WriteString("<ul>")
	for _, line := range a.Others {
		name, rest, _ := strings.Cut(line, ": ")
		fmt.Fprintf(&b, "<li><b>%s</b>: %s</li>", html.EscapeString(name), html.EscapeString(rest))
	}
	b.WriteString("</ul>")
	return map[string]any{"text/plain": text, "text/html": b.String()}
}
