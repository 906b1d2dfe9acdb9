// Command interleave is a Jupyter kernel for Go, and what is needed around it.
package main

import (
	"context"
	"embed"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	demowork "interleave/demos/work"
	"interleave/interp"
	"interleave/interp/exports"
	"interleave/kernel"
	"interleave/kernel/cli"
	"interleave/kernel/doctor"
	"interleave/kernel/headless"
	"interleave/kernel/spec"
)

const version = "0.1.0"

var program = cli.Program{
	Name:    "interleave",
	Summary: "interleave is a Jupyter kernel for Go: notebooks whose variables and goroutines live between cells.",
	Commands: []cli.Command{
		{Name: "install", Summary: "register the kernel with Jupyter", Setup: install},
		{Name: "uninstall", Summary: "take the kernel out of Jupyter", Setup: uninstall},
		{Name: "run", Args: "NOTEBOOK...", Min: 1, Max: -1, Summary: "run notebooks without Jupyter and write their outputs into them", Setup: run, Help: runHelp},
		{Name: "verify", Args: "NOTEBOOK...", Min: 1, Max: -1, Summary: "run notebooks in a clean session and tell what differs from what is saved", Setup: verify, Help: verifyHelp},
		{Name: "html", Args: "NOTEBOOK...", Min: 1, Max: -1, Summary: "write notebooks as pages that need no network", Setup: html, Help: htmlHelp},
		{Name: "export", Args: "NOTEBOOK", Min: 1, Max: 1, Summary: "write a notebook as a Go program", Setup: export, Help: exportHelp},
		{Name: "doctor", Summary: "check what the kernel needs from this machine", Setup: diagnose},
		{Name: "version", Summary: "print the versions of this program and its parts", Setup: versions},
		{Name: "kernel", Args: "CONNECTION_FILE", Min: 1, Max: -1, Summary: "be the kernel; Jupyter starts this", Setup: serve},
		{Name: "prepare", Hidden: true, Summary: "prepare the library's export data; install.sh starts this", Setup: prepare},
		{Name: "eval", Hidden: true, Summary: "be the evaluator; the kernel starts this", Setup: evaluate},
		{Name: "worker", Hidden: true, Summary: "be a worker process of a demo; the evaluator starts this", Setup: work},
		{Name: "demo-server", Args: "DELAY", Min: 1, Max: 1, Hidden: true, Summary: "answer the requests of a demo; the evaluator starts this", Setup: serveDemo},
	},
}

const runHelp = `
The cells run in order, in the notebook's folder. A cell that fails ends its
notebook, unless it has the tag raises-exception; what was reached is written and
the exit status is 1. A cell tagged skip-execution is left as it is. An interrupt
ends the running cell and the run, a second one the program.`

const verifyHelp = `
The cells run in order, in the notebook's folder; the notebooks stay as they are. Told
are outputs that differ, cells that were run out of order, names that a cell uses
before another declares them, and names that only a deleted cell can have declared;
the exit status is then 1. Times may differ by the tolerance and below a second, addresses at will; the
outputs of a cell tagged nbval-ignore-output are not compared.`

const htmlHelp = `
A page holds all that it shows, and asks for nothing from the network. It shows what
is saved in the notebook: nothing is run. Charts are drawn by Vega, and answer when
pointed at, where its library is there, as ./install.sh lab puts it; else they are
the pictures that were saved with them.`

const exportHelp = `
The folder that is written holds a module: go build makes a program that does what the
cells do, in order, and prints what they print and the values that they show, as
text. Nothing is run. Cells tagged raises-exception or skip-execution, and magics, are
left out, which is told. A name may mean one thing only, but that a variable or a
function may be declared again with its type.`

func main() {
	if len(os.Args) > 1 && os.Args[1] == interp.ToolexecRole { // its arguments are not ours to read
		err := interp.Toolexec(os.Args[2:])
		fmt.Fprintln(os.Stderr, program.Name+" "+err.Error())
		os.Exit(2)
	}
	os.Exit(program.Run(os.Args[1:], os.Stdout, os.Stderr))
}

// serve is the kernel. Clients put arguments of their own behind the connection file, as
// jupyter run does with the files that it runs: they are not the kernel's.
func serve(flags *flag.FlagSet) func([]string) error {
	memory := memoryFlag(flags)
	return func(args []string) error {
		// The server names the notebook. Source: jupyter_server, kernelmanager.py.
		pins := func() (interp.Pins, error) { return headless.Pins(os.Getenv("JPY_SESSION_NAME")) }
		ev, err := evaluator("", *memory, pins)
		if err != nil {
			return err
		}
		return kernel.Run(context.Background(), args[0], ev, kernel.Options{Version: version, Log: os.Stderr})
	}
}

// sources are what cells may import of this module; they are checked from source,
// so that the folder that this program was built from may go.
//
//go:embed display/*.go demos/*.go demos/grade/*.go demos/timeline/*.go
var sources embed.FS

// cellPackages are the packages of this module that cells may import.
func cellPackages() map[string]fs.FS {
	packages := map[string]fs.FS{}
	for _, dir := range []string{"display", "demos", "demos/grade", "demos/timeline"} {
		files, err := fs.Sub(sources, dir)
		if err != nil {
			panic(err) // the names are constants, and valid
		}
		packages["interleave/"+dir] = files
	}
	return packages
}

// evaluator starts what runs the cells, in dir, with the versions of modules that pins gives.
func evaluator(dir string, memory cli.Size, pins func() (interp.Pins, error)) (*interp.Evaluator, error) {
	note := func(line string) { fmt.Fprintln(os.Stderr, line) }
	return interp.New(interp.Options{Dir: dir, Memory: int64(memory), Sources: cellPackages(), Pins: pins, Note: note})
}

func memoryFlag(flags *flag.FlagSet) *cli.Size {
	memory := new(cli.Size)
	flags.Var(memory, "memory", "end what cells run beyond this `SIZE`, such as 2GiB; no limit without it")
	return memory
}

// evaluate is the evaluator's own process.
func evaluate(*flag.FlagSet) func([]string) error {
	return func([]string) error { return interp.Child() }
}

// work is a worker process.
func work(*flag.FlagSet) func([]string) error {
	return func([]string) error { return interp.Worker() }
}

// serveDemo is the server that the requests of demos go to.
func serveDemo(*flag.FlagSet) func([]string) error {
	return func(args []string) error {
		delay, err := time.ParseDuration(args[0])
		if err != nil {
			return err
		}
		return demowork.ServeProcess(delay)
	}
}

func prepare(*flag.FlagSet) func([]string) error {
	return func([]string) error {
		return interp.Prepare(interruptible(), cellPackages(), func(line string) { fmt.Println(line) })
	}
}

func install(flags *flag.FlagSet) func([]string) error {
	o := places(flags)
	flags.StringVar(&o.DisplayName, "display-name", spec.DefaultDisplayName, "what launchers show: `TEXT`")
	memory := memoryFlag(flags)
	return func([]string) error {
		if *memory > 0 {
			o.KernelArgs = []string{"--memory", memory.String()}
		}
		dir, err := spec.Install(*o)
		if err == nil {
			fmt.Println("installed", dir)
		}
		return err
	}
}

func uninstall(flags *flag.FlagSet) func([]string) error {
	o := places(flags)
	return func([]string) error {
		removed, err := spec.Uninstall(*o)
		for _, dir := range removed {
			fmt.Println("removed", dir)
		}
		if err == nil && removed == nil {
			fmt.Println("nothing to remove")
		}
		return err
	}
}

// places declares the flags that say which kernelspec is meant.
func places(flags *flag.FlagSet) *spec.Options {
	o := new(spec.Options)
	flags.BoolVar(&o.User, "user", false, "for this user (the default)")
	flags.BoolVar(&o.SysPrefix, "sys-prefix", false, "for the active Python environment")
	flags.StringVar(&o.Prefix, "prefix", "", "below `FOLDER`/share/jupyter")
	flags.StringVar(&o.Name, "name", spec.DefaultName, "the kernel's `NAME`")
	return o
}

func run(flags *flag.FlagSet) func([]string) error {
	o := running(flags)
	flags.StringVar(&o.Output, "o", "", "write to `FILE`, not into the notebook; for one notebook only")
	flags.BoolVar(&o.Force, "force", false, "replace the file that -o names")
	flags.BoolVar(&o.AllowErrors, "allow-errors", false, "go on after a cell that failed")
	return func(args []string) error {
		o.Machine = headless.ThisMachine(version)
		return headless.Run(interruptible(), args, *o)
	}
}

func verify(flags *flag.FlagSet) func([]string) error {
	o := running(flags)
	flags.Float64Var(&o.Tolerance, "tolerance", 10, "times are equal within this `FACTOR`; 1: nothing may differ")
	return func(args []string) error {
		o.Report = os.Stdout
		return headless.Verify(interruptible(), args, *o)
	}
}

func html(flags *flag.FlagSet) func([]string) error {
	o := headless.Options{Log: os.Stderr}
	flags.StringVar(&o.Output, "o", "", "write to `FILE`, not beside the notebook; for one notebook only")
	flags.BoolVar(&o.Force, "force", false, "replace a page that is there")
	flags.StringVar(&o.Vega, "vega", vega(), "the `FILE` with Vega's library")
	return func(args []string) error { return headless.HTML(args, o) }
}

func export(flags *flag.FlagSet) func([]string) error {
	o := running(flags)
	flags.StringVar(&o.Output, "o", "", "write to `FOLDER`, not beside the notebook")
	return func(args []string) error { return headless.Export(interruptible(), args[0], *o) }
}

// vega is the library that install.sh lab puts beside the program's folder; empty
// where it is not there.
func vega() string {
	exe, err := os.Executable()
	if err != nil {
		return ""
	}
	file := filepath.Join(filepath.Dir(filepath.Dir(exe)), "vega.js")
	if _, err := os.Stat(file); err != nil {
		return ""
	}
	return file
}

// running declares the flags of a command that runs notebooks.
func running(flags *flag.FlagSet) *headless.Options {
	o := &headless.Options{Log: os.Stderr, Color: colors(os.Stderr)}
	flags.Func("timeout", "interrupt a cell after `TIME`, such as 60s or 5m; no limit without it", func(s string) (err error) {
		o.Timeout, err = duration(s)
		return err
	})
	memory := memoryFlag(flags)
	o.New = func(dir string, pins interp.Pins) (headless.Evaluator, error) {
		return evaluator(dir, *memory, func() (interp.Pins, error) { return pins, nil })
	}
	return o
}

// duration reads a time as Go writes it, or a number of seconds.
func duration(s string) (time.Duration, error) {
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		s += "s"
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("write it as 60s or 5m")
	}
	return d, nil
}

func diagnose(*flag.FlagSet) func([]string) error {
	return func([]string) error {
		ev, err := evaluator("", 0, nil)
		if err != nil {
			return err
		}
		defer ev.Close()
		return doctor.Run(interruptible(), os.Stdout, doctor.Options{Exports: prepared, Eval: ev.Eval, Link: ev.Link, System: doctor.System()})
	}
}

// prepared tells whether the export data is there.
func prepared() error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	table, err := exports.OpenShipped("", exports.Beside(program))
	if err != nil {
		return err
	}
	return table.Close()
}

func versions(*flag.FlagSet) func([]string) error {
	return func([]string) error {
		fmt.Println("interleave", version)
		fmt.Println("go", runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH)
		info, ok := debug.ReadBuildInfo()
		if !ok {
			return nil
		}
		names := map[string]string{"github.com/traefik/yaegi": "yaegi", "github.com/go-zeromq/zmq4": "zmq4"}
		for _, module := range info.Deps {
			if name := names[module.Path]; name != "" {
				fmt.Println(name, module.Version)
			}
		}
		return nil
	}
}

// interruptible gives a context that the first interrupt ends; the second one
// ends the program.
func interruptible() context.Context {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx
}

// colors tells whether f is a terminal on which colours are wanted.
// Source: no-color.org.
func colors(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
