package demos

// Techniques, as tables and verdicts name them.
const (
	NameSerial      = "serial"
	NameAsync       = "async"
	NameThreads     = "threads"
	NameGIL         = "threads (GIL)"
	NameProcesses   = "processes"
	NameC           = "c"
	NameInterpreted = "interpreted"
	NameNative      = "native"
	NameNursery     = "nursery"
	NameFuture      = "future"
)

// Serial does one task after the other, in one goroutine. The others are measured
// by it.
func Serial(job Job, options ...Option) *Result { return run(NameSerial, job, options) }

// Async starts a goroutine for each task, all on one thread: while one waits the
// next goes on, and nothing computes at the same time. It is Go's answer to
// asyncio. One such demo runs at a time.
func Async(job Job, options ...Option) *Result { return run(NameAsync, job, options) }

// Threads has threads of the operating system do the tasks: for a job that waits
// one each, up to 64, else one for each core. With the option GIL they take turns,
// as Python's do.
func Threads(job Job, options ...Option) *Result { return run(NameThreads, job, options) }

// Processes has worker processes do the tasks, one for each core: arguments and
// results travel, and no memory is shared. It is Go's answer to multiprocessing.
func Processes(job Job, options ...Option) *Result { return run(NameProcesses, job, options) }

// C has a program in C do the tasks, with one POSIX thread for each core. It is
// compiled by gcc, when first used. For a function of one's own its source is
// given by the option InC.
func C(job Job, options ...Option) *Result { return run(NameC, job, options) }

// Native calls the compiled function, one task after the other: what Cython is to
// Python. It stands beside Interpreted.
func Native(job Job, options ...Option) *Result { return run(NameNative, job, options) }

// Interpreted has the interpreter run the source of the function, one task after
// the other, and stops after some seconds.
func Interpreted(job Job, options ...Option) *Result { return run(NameInterpreted, job, options) }

// Nursery starts a goroutine for each task, on all cores, in a scope that ends when
// all have: the first failure cancels the others. It is Go's answer to Trio; the
// tool itself is OpenNursery.
func Nursery(job Job, options ...Option) *Result { return run(NameNursery, job, options) }

// Future submits each task by one call, some to goroutines, some to threads, some
// to processes where the function can run there, and waits for all. It is Go's
// answer to Unsync; the tool itself is Submit.
func Future(job Job, options ...Option) *Result { return run(NameFuture, job, options) }

func run(technique string, job Job, options []Option) *Result {
	o, err := Collect(options)
	if err == nil {
		err = job.Err
	}
	if err == nil && job.N == 0 {
		err = tasks("Job", 0, MostTasks)
	}
	if err == nil && Runner == nil {
		err = ErrNoHost
	}
	if err != nil {
		return &Result{Technique: technique, Job: job, Err: err}
	}
	return Runner.Run(technique, job, o)
}

// Compare runs job by every technique that can run it, and by the real Python where
// it is here, each in turn; a short job three times, unless Repeat says how often. It
// shows a table and gives a chart with a verdict.
func Compare(job Job, options ...Option) *Comparison {
	o, err := Collect(options)
	if err == nil {
		err = job.Err
	}
	if err == nil && Runner == nil {
		err = ErrNoHost
	}
	if err != nil {
		return &Comparison{Job: job, Err: err}
	}
	return Runner.Compare(job, o)
}

// Advise measures how job waits and computes, what it costs to start a technique and
// how much would have to travel, and says which one to take, why, and what would
// change its mind.
func Advise(job Job, options ...Option) *Advice {
	o, err := Collect(options)
	if err == nil {
		err = job.Err
	}
	if err == nil && Runner == nil {
		err = ErrNoHost
	}
	if err != nil {
		return &Advice{Job: job, Err: err}
	}
	return Runner.Advise(job, o)
}

// Landscape draws the map of techniques, with the numbers of this machine. It takes
// some seconds.
func Landscape(options ...Option) *Atlas {
	o, err := Collect(options)
	if err == nil && Runner == nil {
		err = ErrNoHost
	}
	if err != nil {
		return &Atlas{Err: err}
	}
	return Runner.Landscape(o)
}
