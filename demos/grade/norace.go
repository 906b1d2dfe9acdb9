package grade

import (
	"fmt"
	"os"
	"runtime/debug"
)

// Detector tells what the race detector found in f of a call of NoRace, or why that
// is not known; "" where there is nothing to tell. The kernel sets it, which has run
// the cell under the race detector beforehand.
var Detector func(what string) (found string)

// NoRace checks that f is free of data races: that in a process of its own, where
// the cell runs under Go's race detector, with what it uses of the session, f
// returns and nothing races. There, variables of earlier cells start as their cells
// declare them, and other checks check nothing and call nothing. Here, f is not
// called. The call has to stand in the cell itself, not in a function of an earlier
// one. Without a kernel it takes go run -race.
func NoRace(what string, f func()) {
	const expected = "no data race"
	switch {
	case underDetector():
		record(what, f)
	case Detector != nil:
		if found := Detector(what); found != "" {
			fail(what, found, expected)
		}
	case hasDetector():
		finish(what, f) // what races is reported by the detector itself
	default:
		fail(what, "that nobody looks: run it with go run -race", expected)
	}
}

// VerdictsEnv names the environment variable by which the kernel tells a process that
// it runs for NoRace: the file for its verdicts. Each is a line of two quoted strings:
// what was checked, and why it did not return, "" where it did.
const VerdictsEnv = "INTERLEAVE_NORACE"

// underDetector tells whether this process runs for NoRace. A kernel's does not,
// whatever its environment says.
func underDetector() bool { return Host == nil && os.Getenv(VerdictsEnv) != "" }

// record runs f, and writes its verdict.
func record(what string, f func()) {
	verdict := ended(what, f)
	file, err := os.OpenFile(os.Getenv(VerdictsEnv), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err) // without a verdict the check fails
	}
	fmt.Fprintf(file, "%q %q\n", what, verdict)
	if err := file.Close(); err != nil {
		panic(err)
	}
}

// ended tells why f did not return; "" where it did.
func ended(what string, f func()) (why string) {
	defer func() {
		if failed, ok := recover().(*Failure); ok {
			why = failed.Found
		}
	}()
	finish(what, f)
	return ""
}

// hasDetector tells whether this program was built with -race.
func hasDetector() bool {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return false
	}
	for _, s := range info.Settings {
		if s.Key == "-race" {
			return s.Value == "true"
		}
	}
	return false
}
