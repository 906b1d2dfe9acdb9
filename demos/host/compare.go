package host

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"interleave/demos"
	"interleave/display"
)

// order is the order of a comparison. Serial comes first, as the others are
// measured by it.
var order = []string{
	demos.NameSerial, demos.NameAsync, demos.NameThreads, demos.NameGIL, demos.NameProcesses, demos.NameC,
	demos.NameInterpreted, demos.NameNative, demos.NameNursery, demos.NameFuture,
}

// shortJob is what a job takes at least to be compared by one run each; a shorter one
// is run three times, and the median counts, as what else the machine does weighs more.
const shortJob = 250 * time.Millisecond

// Compare runs job by each technique in turn, and by the real Python.
func (h *Host) Compare(job demos.Job, o demos.Options) *demos.Comparison {
	job = h.titled(job)
	c := &demos.Comparison{Job: job}
	shown := display.Show()
	o.GIL = false
	asked := o.Repeat
	for _, name := range order {
		shown.Update(soFar(c, name))
		c.Results = append(c.Results, h.row(shown, name, job, o))
		if name == demos.NameSerial && asked == 0 && c.Results[0].Err == nil && c.Results[0].Wall() < shortJob {
			o.Repeat = 3
			c.Results[0] = h.row(shown, name, job, o)
		}
		if c.Results[0].Err != nil {
			c.Err = c.Results[0].Err
			break
		}
		rate(c)
	}
	if c.Err == nil && !o.NoPython {
		shown.Update(soFar(c, "Python"))
		o.Repeat = asked
		c.Results = append(c.Results, h.python(shown, job, o)...)
		rate(c)
	}
	if c.Err != nil {
		shown.Clear()
		h.leave(c.Err)
		return c
	}
	c.Verdict = verdict(c)
	shown.Update(tableBundle(c))
	return c
}

// row is one line of a comparison.
func (h *Host) row(in *display.Handle, name string, job demos.Job, o demos.Options) *demos.Result {
	technique := name
	if name == demos.NameGIL {
		technique, o.GIL = demos.NameThreads, true
	}
	r := h.run(in, technique, job, o)
	h.leave(r.Err)
	r.Technique = name
	return r
}

// soFar tells what is done, and what is being done.
func soFar(c *demos.Comparison, now string) display.Bundle {
	var done []string
	for _, r := range c.Results {
		if r.Err == nil {
			done = append(done, r.Technique+" "+short(r.Wall()))
		}
	}
	text := "running " + now + "…"
	if done != nil {
		text = strings.Join(done, ", ") + "; " + text
	}
	return display.Text(text)
}

// rate compares all results with the first, which is Serial's.
func rate(c *demos.Comparison) {
	serial := c.Results[0]
	for _, r := range c.Results {
		if r.Err != nil || r.Wall() == 0 {
			continue
		}
		r.Wrong = differs(serial, r)
		if r.Partial == 0 && r.Timeline.Wall > 0 && len(r.Failures) < r.Job.N {
			r.Speedup = serial.Wall().Seconds() / r.Wall().Seconds()
		}
	}
}

// differs tells how the results of r are not those of serial. Tasks that failed, or
// were not done, have none.
func differs(serial, r *demos.Result) string {
	wrong, first := 0, -1
	for i := range serial.Values {
		a, b := serial.Values[i], r.Values[i]
		if a == nil || b == nil || same(a, b) {
			continue
		}
		if wrong++; first < 0 {
			first = i
		}
	}
	if wrong == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d results differ from those of serial; task %d gave %s, not %s", wrong, len(serial.Values), first, cut(r.Values[first]), cut(serial.Values[first]))
}

func cut(v any) string {
	s := canonical(v)
	if r := []rune(s); len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return s
}

// verdict says in two sentences what a comparison shows. It names every technique.
func verdict(c *demos.Comparison) string {
	ranked := slices.DeleteFunc(slices.Clone(c.Results), func(r *demos.Result) bool {
		return r.Err != nil || r.Python || r.Speedup == 0 || r.Wrong != "" || len(r.Failures) > 0
	})
	slices.SortStableFunc(ranked, func(a, b *demos.Result) int { return int(a.Wall() - b.Wall()) })
	if len(ranked) == 0 {
		return "No technique did this job without a failure. See the table for what each of them says."
	}
	best := ranked[0]
	if best.Technique == demos.NameSerial && len(ranked) > 1 {
		best = ranked[1]
		return fmt.Sprintf("Nothing is faster than serial with %s; next is %s with %s: the tasks are too short to share them out, or the machine has other things to do. By speed: %s%s.",
			short(ranked[0].Wall()), best.Technique, short(best.Wall()), ranking(ranked), others(c))
	}
	return fmt.Sprintf("Fastest is %s with %s, %s as fast as serial: %s. By speed: %s%s.",
		best.Technique, short(best.Wall()), times(best.Speedup), lesson(c, best), ranking(ranked), others(c))
}

// ranking lists techniques with their speed-ups.
func ranking(ranked []*demos.Result) string {
	var names []string
	for _, r := range ranked {
		names = append(names, fmt.Sprintf("%s %s", r.Technique, times(r.Speedup)))
	}
	return strings.Join(names, ", ")
}

// others are the techniques that could not run the job.
func others(c *demos.Comparison) string {
	var names []string
	for _, r := range c.Results {
		if r.Err != nil && !r.Python {
			names = append(names, r.Technique)
		}
	}
	if names == nil {
		return ""
	}
	return "; not for this job: " + strings.Join(names, ", ")
}

// lesson is what a job of this kind teaches.
func lesson(c *demos.Comparison, best *demos.Result) string {
	gil := c.Result(demos.NameGIL)
	switch {
	case c.Job.Kind == demos.KindWait:
		return "tasks that wait need no core, so that async does as well on one thread as threads do, and processes only cost more to start"
	case c.Job.Kind == demos.KindMixed:
		return "the waiting goes away with async, and what is left to compute needs more than one core"
	case gil != nil && gil.Speedup > 0:
		return fmt.Sprintf("computing needs cores, of which this machine has %d; async has one, and threads that share a GIL are %s as fast as serial", runtime.NumCPU(), times(gil.Speedup))
	}
	return fmt.Sprintf("computing needs cores, of which this machine has %d", runtime.NumCPU())
}
