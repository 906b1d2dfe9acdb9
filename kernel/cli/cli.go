// Package cli is a program of several commands: it finds the command, reads its
// flags, and prints help and errors in one way.
package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Command is one command of a program.
type Command struct {
	Name    string
	Args    string // as help shows them, such as "NOTEBOOK..."
	Summary string // one line
	Help    string // what more there is to know; may be empty
	Hidden  bool   // not listed: the program calls it itself
	Min     int    // fewest arguments
	Max     int    // most arguments; below 0: any number

	// Setup declares the flags and gives what runs the command after they are
	// read. flags is not parsed yet.
	Setup func(flags *flag.FlagSet) func(args []string) error
}

// Program is the whole.
type Program struct {
	Name     string
	Summary  string
	Commands []Command
}

// The exit statuses of Run.
const (
	ok     = 0
	failed = 1 // the command ran and failed
	misuse = 2 // there is no such command, flag or argument
)

// Run does what args, without the program's name, ask for, and gives the exit
// status. Help that was asked for goes to stdout, errors go to stderr.
func (p Program) Run(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		p.help(stderr)
		return misuse
	}
	switch name := args[0]; name {
	case "help", "--help", "-help", "-h":
		if len(args) == 1 {
			p.help(stdout)
			return ok
		}
		args = []string{args[1], "--help"}
	}
	at := slices.IndexFunc(p.Commands, func(c Command) bool { return c.Name == args[0] })
	if at < 0 {
		fmt.Fprintf(stderr, "%s: no command %q: %s --help lists them\n", p.Name, args[0], p.Name)
		return misuse
	}
	return p.command(p.Commands[at], args[1:], stdout, stderr)
}

// command runs c.
func (p Program) command(c Command, args []string, stdout, stderr io.Writer) int {
	name := p.Name + " " + c.Name
	flags := flag.NewFlagSet(c.Name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // its errors are printed here
	run := c.Setup(flags)
	args, err := parse(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		c.help(name, flags, stdout)
		return ok
	}
	if err == nil {
		err = c.count(len(args))
	}
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v: see %s --help\n", name, err, name)
		return misuse
	}
	if err := run(args); err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", name, err)
		return failed
	}
	return ok
}

// parse reads the flags, which may stand between and after the arguments, up to
// a "--", and gives the arguments.
func parse(flags *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		left := flags.Args()
		if read := len(args) - len(left); len(left) == 0 || read > 0 && args[read-1] == "--" {
			return append(rest, left...), nil
		}
		rest, args = append(rest, left[0]), left[1:]
	}
}

// count checks the number of arguments.
func (c Command) count(n int) error {
	switch {
	case n < c.Min:
		return fmt.Errorf("%s is missing", strings.TrimSuffix(c.Args, "..."))
	case c.Max >= 0 && n > c.Max:
		return errors.New("too many arguments")
	}
	return nil
}

// help prints what the program can do.
func (p Program) help(w io.Writer) {
	fmt.Fprintf(w, "%s\n\nusage: %s COMMAND\n\n", p.Summary, p.Name)
	for _, c := range p.Commands {
		if !c.Hidden {
			fmt.Fprintf(w, "  %-28s %s\n", strings.TrimSpace(c.Name+" "+c.Args), c.Summary)
		}
	}
	fmt.Fprintf(w, "\n%s COMMAND --help tells more of one.\n", p.Name)
}

// help prints what c does, its flags in the order of their names.
func (c Command) help(name string, flags *flag.FlagSet, w io.Writer) {
	usage := strings.TrimSpace(name + " " + c.Args)
	var lines strings.Builder
	flags.VisitAll(func(f *flag.Flag) {
		fmt.Fprintf(&lines, "  %-24s %s\n", flagUsage(f), f.Usage)
	})
	if lines.Len() > 0 {
		usage += " [FLAGS]"
	}
	fmt.Fprintf(w, "usage: %s\n\n%s.\n", usage, c.Summary)
	if c.Help != "" {
		fmt.Fprintf(w, "\n%s\n", strings.TrimSpace(c.Help))
	}
	if lines.Len() > 0 {
		fmt.Fprintf(w, "\n%s", lines.String())
	}
}

// flagUsage gives a flag with its value as it is typed, and takes what the value
// is called out of its description, where it stands in back quotes.
func flagUsage(f *flag.Flag) string {
	value, usage := flag.UnquoteUsage(f)
	f.Usage = usage
	dashes := "--"
	if len(f.Name) == 1 {
		dashes = "-"
	}
	return strings.TrimSpace(dashes + f.Name + " " + value)
}
