package demos

import (
	"fmt"
	"time"

	"interleave/demos/timeline"
)

// A Result is what a technique did with a job. Its value in a cell is a chart of
// its lanes.
type Result struct {
	Technique string
	Job       Job
	Timeline  *timeline.Timeline
	Values    []any // by task; nil where it failed
	Failures  []Failure
	Usage     Usage
	Runs      []time.Duration // wall times of all runs, sorted; more than one with Repeat
	Workers   int             // threads, processes or goroutines that did the tasks
	Ready     time.Duration   // until the first task could begin: threads, processes and programs have to be started
	Notes     []string        // what has to be said of it, a sentence each
	Version   string          // of what is outside: Python 3.13.1, gcc 14.2
	Python    bool            // it was the real Python
	Partial   int             // tasks done, where it was stopped early; else 0
	Speedup   float64         // against Serial of the same comparison; 0: not compared
	Wrong     string          // how its results differ from those of Serial; "": they do not
	Err       error           // why it could not be run
	Extra     any             // what a ready demo has besides, to be drawn
}

// A Failure is the error of one task.
type Failure struct {
	Task int
	Err  error
}

func (f Failure) Error() string { return fmt.Sprintf("task %d: %v", f.Task, f.Err) }
func (f Failure) Unwrap() error { return f.Err }

// Usage is what a run took of the machine, all its processes together.
type Usage struct {
	User, System time.Duration // of processors
	Voluntary    int64         // context switches of threads that waited
	Involuntary  int64         // and of those that had to make room
	Memory       int64         // bytes that were resident at most, of worker processes or of this one
}

// Wall is the time of the run, the median of several.
func (r *Result) Wall() time.Duration {
	if len(r.Runs) == 0 {
		return 0
	}
	return r.Runs[len(r.Runs)/2]
}

// CPU is the time of processors that the run took.
func (r *Result) CPU() time.Duration { return r.Usage.User + r.Usage.System }

// Efficiency is the speed-up by worker, 1 being ideal; 0 where it is not known.
func (r *Result) Efficiency() float64 {
	if r.Workers == 0 {
		return 0
	}
	return r.Speedup / float64(r.Workers)
}

// Latency gives how long it took from the start to the result of a task: that below
// which p percent of the tasks were.
func (r *Result) Latency(p int) time.Duration {
	if r.Timeline == nil {
		return 0
	}
	return time.Duration(timeline.Percentile(r.Timeline.Latencies(), p))
}

// MIMEBundle draws the lanes.
func (r *Result) MIMEBundle() map[string]any { return draw(r, r.Err) }

func (r *Result) String() string { return plain(r) }

// Lanes gives the chart of when each task ran where.
func (r *Result) Lanes() *View { return &View{Kind: "lanes", Of: r} }

// LatencyChart gives the chart of how many tasks were done when, with the latency
// beside the total.
func (r *Result) LatencyChart() *View { return &View{Kind: "latency", Of: r} }

// A View is a chart of a result.
type View struct {
	Kind string
	Of   any
}

// MIMEBundle draws it.
func (v *View) MIMEBundle() map[string]any { return draw(v, nil) }

func (v *View) String() string { return plain(v) }

// A Comparison is one job by several techniques. Its value in a cell is a chart of
// their times.
type Comparison struct {
	Job     Job
	Results []*Result // Serial first
	Verdict string    // two sentences
	Err     error
}

// MIMEBundle draws the speed-ups.
func (c *Comparison) MIMEBundle() map[string]any { return draw(c, c.Err) }

func (c *Comparison) String() string { return plain(c) }

// Result gives the result of a technique, nil where there is none.
func (c *Comparison) Result(technique string) *Result {
	for _, r := range c.Results {
		if r.Technique == technique {
			return r
		}
	}
	return nil
}

// Bars gives the chart of speed-ups, Table all numbers, Amdahl what more workers
// gave and would give, LatencyChart the latency of tasks beside the total time.
func (c *Comparison) Bars() *View         { return &View{Kind: "bars", Of: c} }
func (c *Comparison) Table() *View        { return &View{Kind: "table", Of: c} }
func (c *Comparison) LatencyChart() *View { return &View{Kind: "latency", Of: c} }

// Amdahl runs job by a technique, "threads", "processes" or "c", with one worker,
// two, and so on, to twice the number of cores, and gives the chart of speed-ups
// with the curve of Amdahl's law that fits them.
func Amdahl(job Job, technique string, options ...Option) *View {
	var results []*Result
	o, err := Collect(options)
	if err == nil {
		err = job.Err
	}
	if err == nil && Runner == nil {
		err = ErrNoHost
	}
	if err != nil {
		return &View{Kind: "error", Of: err}
	}
	for _, n := range Steps() {
		o.Workers = n
		results = append(results, Runner.Run(technique, job, o))
	}
	return &View{Kind: "amdahl", Of: results}
}

// Advice is which technique to take for a job.
type Advice struct {
	Job    Job
	Take   string   // the technique
	Why    string   // what was measured, in a sentence
	Unless string   // what would change it
	Facts  []Fact   // what was measured
	Others []string // what speaks against the other techniques, a sentence each
	Err    error
}

// A Fact is something that was measured.
type Fact struct{ What, Value string }

// MIMEBundle gives the advice as text.
func (a *Advice) MIMEBundle() map[string]any { return draw(a, a.Err) }

func (a *Advice) String() string { return plain(a) }

// An Atlas is the landscape: techniques in two halves, doing more at once and doing
// things faster, and what makes either easier.
type Atlas struct {
	Nodes []Node
	Title string
	Err   error
}

// A Node is a technique on the map.
type Node struct {
	Half      string // more at once, faster, easier
	Python    string // Python's tool
	Technique string // Go's answer
	Numbers   string // what was measured
	Example   string // a line of Go
}

// MIMEBundle draws the map.
func (m *Atlas) MIMEBundle() map[string]any { return draw(m, m.Err) }

func (m *Atlas) String() string { return plain(m) }

// draw has the host draw v; an error is shown as its text.
func draw(v any, err error) map[string]any {
	if err == nil && Runner == nil {
		err = ErrNoHost
	}
	if err != nil {
		return map[string]any{"text/plain": err.Error()}
	}
	return Runner.Draw(v)
}

// plain is the text of v.
func plain(v interface{ MIMEBundle() map[string]any }) string {
	text, _ := v.MIMEBundle()["text/plain"].(string)
	return text
}
