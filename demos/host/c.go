package host

import (
	"errors"
	"fmt"
	"os/exec"
	"reflect"

	"interleave/demos"
	"interleave/demos/work"
)

// inC has a program in C do the tasks, with POSIX threads.
func inC(t *trial) error {
	source, cpp := work.CSource(t.spec), false
	inputs := make([]float64, t.job.N)
	for i := range inputs {
		inputs[i] = float64(i)
	}
	if t.job.Kind == demos.KindCompute {
		if t.o.C == "" {
			return errors.New("c: this function is Go: give it in C too, by demos.InC(`double task(double x) { ... }`)")
		}
		source, cpp = work.CTask(t.o.C), t.o.CPP
		in := reflect.ValueOf(t.job.Inputs)
		if !in.Type().Elem().ConvertibleTo(reflect.TypeFor[float64]()) || in.Type().Elem().Kind() == reflect.String {
			return fmt.Errorf("c: inputs are %s: the task in C takes a number", in.Type())
		}
		for i := range inputs {
			inputs[i] = in.Index(i).Convert(reflect.TypeFor[float64]()).Float()
		}
	}
	program, version, err := t.h.tools.compileC(t.ctx, source, cpp)
	if err != nil {
		return err
	}
	t.version = version
	return t.runC(program, inputs)
}

// missing tells how to get a tool.
func missing(tool, what string) error {
	hint := "install it"
	if _, err := exec.LookPath("apt-get"); err == nil {
		hint = "apt-get install " + tool
	}
	return fmt.Errorf("%s: there is no %s on this machine: %s", what, tool, hint)
}
