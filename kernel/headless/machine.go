package headless

import (
	"bufio"
	"os"
	"runtime"
	"strings"
)

// Machine is what a notebook was run with, so that its figures can be judged
// elsewhere. The zero value is not written.
type Machine struct {
	Kernel string // version of this program
	Go     string // of the cells, such as "1.26.8"
	System string // such as "linux/amd64"
	CPU    string // its model; empty where the system does not tell
	Cores  int    // that cells may use at once
}

// ThisMachine describes the one that runs this program, of version kernel.
func ThisMachine(kernel string) Machine {
	return Machine{
		Kernel: kernel, Go: strings.TrimPrefix(runtime.Version(), "go"), System: runtime.GOOS + "/" + runtime.GOARCH,
		CPU: cpu("/proc/cpuinfo"), Cores: runtime.GOMAXPROCS(0),
	}
}

// cpu reads the model of the first processor that file tells of.
// Source: proc_cpuinfo(5).
func cpu(file string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if key, value, _ := strings.Cut(s.Text(), ":"); strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// ranOn writes m into the notebook's metadata, beside what else is there.
func (nb *notebook) ranOn(m Machine) {
	if m == (Machine{}) {
		return
	}
	own := object(object(nb.top, "metadata"), pinsKey)
	own["kernel"], own["go"], own["system"], own["cores"] = m.Kernel, m.Go, m.System, m.Cores
	delete(own, "cpu")
	if m.CPU != "" {
		own["cpu"] = m.CPU
	}
}
