package cli

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"testing"
)

// sample is a program that prints what it was asked to do.
func sample(w io.Writer) Program {
	return Program{Name: "tool", Summary: "tool makes things", Commands: []Command{
		{Name: "make", Args: "THING...", Summary: "make things", Help: "Things are made in order.", Min: 1, Max: -1,
			Setup: func(flags *flag.FlagSet) func([]string) error {
				out := flags.String("o", "", "write to `FILE`")
				quick := flags.Bool("quick", false, "make haste")
				return func(args []string) error {
					fmt.Fprintf(w, "%q o=%s quick=%v", args, *out, *quick)
					return nil
				}
			}},
		{Name: "break", Args: "THING", Summary: "break one", Min: 1, Max: 1,
			Setup: func(*flag.FlagSet) func([]string) error {
				return func(args []string) error { return errors.New(args[0] + ": too hard") }
			}},
		{Name: "secret", Hidden: true, Setup: func(*flag.FlagSet) func([]string) error {
			return func([]string) error { return nil }
		}},
	}}
}

const programHelp = `tool makes things

usage: tool COMMAND

  make THING...                make things
  break THING                  break one

tool COMMAND --help tells more of one.
`

const makeHelp = `usage: tool make THING... [FLAGS]

make things.

Things are made in order.

  -o FILE                  write to FILE
  --quick                  make haste
`

func TestProgram(t *testing.T) {
	tests := []struct {
		args           string
		status         int
		stdout, stderr string
	}{
		{"", 2, "", programHelp},
		{"help", 0, programHelp, ""},
		{"--help", 0, programHelp, ""},
		{"-h", 0, programHelp, ""},
		{"make --help", 0, makeHelp, ""},
		{"make a -h", 0, makeHelp, ""},
		{"help make", 0, makeHelp, ""},
		{"break --help", 0, "usage: tool break THING\n\nbreak one.\n", ""},
		{"help nothing", 2, "", "tool: no command \"nothing\": tool --help lists them\n"},
		{"nothing", 2, "", "tool: no command \"nothing\": tool --help lists them\n"},
		{"--quick", 2, "", "tool: no command \"--quick\": tool --help lists them\n"},
		{"make", 2, "", "tool make: THING is missing: see tool make --help\n"},
		{"break a b", 2, "", "tool break: too many arguments: see tool break --help\n"},
		{"make a --slow", 2, "", "tool make: flag provided but not defined: -slow: see tool make --help\n"},
		{"make a -o", 2, "", "tool make: flag needs an argument: -o: see tool make --help\n"},
		{"make a", 0, `["a"] o= quick=false`, ""},
		{"make -o f a b", 0, `["a" "b"] o=f quick=false`, ""},
		{"make a -o f b --quick", 0, `["a" "b"] o=f quick=true`, ""},
		{"make -- -o f", 0, `["-o" "f"] o= quick=false`, ""},
		{"make a -- --quick", 0, `["a" "--quick"] o= quick=false`, ""},
		{"break stone", 1, "", "tool break: stone: too hard\n"},
		{"secret", 0, "", ""},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			status := sample(&stdout).Run(strings.Fields(test.args), &stdout, &stderr)
			if status != test.status || stdout.String() != test.stdout || stderr.String() != test.stderr {
				t.Errorf("status %d, stdout:\n%s\nstderr:\n%s", status, &stdout, &stderr)
			}
		})
	}
}

func TestSize(t *testing.T) {
	tests := []struct {
		text string
		want Size // 0: an error
	}{
		{"1", 1}, {"4096", 4096}, {"512MiB", 512 << 20}, {"512mib", 512 << 20}, {"2GiB", 2 << 30}, {"2G", 2 << 30},
		{"2GB", 2e9}, {"1.5K", 1536}, {"1 T", 1 << 40}, {"7B", 7},
		{"", 0}, {"GiB", 0}, {"0", 0}, {"-1G", 0}, {"0.1", 0}, {"2X", 0}, {"2GiBs", 0}, {"two", 0}, {"1e30", 0}, {"NaN", 0}, {"Inf", 0},
		{"9000000T", 0},
	}
	for _, test := range tests {
		var z Size
		err := z.Set(test.text)
		if (err == nil) != (test.want != 0) || z != test.want {
			t.Errorf("%q: %d, %v; want %d", test.text, z, err, test.want)
		}
		if err != nil && !strings.Contains(err.Error(), "write it as 512MiB or 2GiB") {
			t.Errorf("%q: %v", test.text, err)
		}
	}
}
