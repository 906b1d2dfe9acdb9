package load

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// limitFile tells how many mappings a process may have: 65,530 where nobody changed
// it. A compiled cell takes five. A Go program that gets no more of them dies, so
// cells are refused before. Source: proc_sys_vm(5).
var limitFile = "/proc/sys/vm/max_map_count"

// spare mappings are left to the heap, to threads and to C.
const spare = 2000

// most is more than the mappings that one cell takes with the packages it brings.
const most = 16

// A room knows how many cells can be loaded before mappings have to be counted again.
type room struct{ left int }

// take takes room for one cell. Where the system does not tell, there is room.
func (r *room) take() error {
	if r.left > 0 {
		r.left--
		return nil
	}
	var limit int
	text, err := os.ReadFile(limitFile)
	if err != nil {
		return nil
	}
	if _, err := fmt.Sscan(string(text), &limit); err != nil {
		return nil
	}
	used, err := mappings()
	if err != nil {
		return nil
	}
	if used+spare > limit {
		return fmt.Errorf("compiled cell: this process has %d mappings of the %d that the system allows, for the cells that were loaded: restart the kernel, or allow more by sysctl vm.max_map_count", used, limit)
	}
	r.left = (limit - spare - used) / most
	return nil
}

// mappings counts those of this process.
func mappings() (n int, err error) {
	f, err := os.Open("/proc/self/maps")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for b := make([]byte, 64<<10); ; {
		k, err := f.Read(b)
		n += bytes.Count(b[:k], []byte("\n"))
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
	}
}
