package demos

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	"syscall"
	"unsafe"
)

// Shared is a slice in memory that processes share: what a worker process writes to
// Slice, this process sees. Pass it to a function that runs there, in an argument;
// only its name travels. As threads do, processes that write to one element at the
// same time race. T has to be free of pointers: numbers, and arrays and structs of
// them.
type Shared[T any] struct {
	Slice []T
	file  *os.File
}

// NewShared gives a shared slice of n elements, all zero. Its memory is freed when
// nothing refers to it any more, here and in the workers.
func NewShared[T any](n int) (*Shared[T], error) {
	if why := pointers(reflect.TypeFor[T]()); why != "" {
		return nil, fmt.Errorf("demos.NewShared: a %v holds %s, which means nothing in another process", reflect.TypeFor[T](), why)
	}
	if n < 1 || int64(n) > 1<<40/size[T]() {
		return nil, fmt.Errorf("demos.NewShared: %d elements: give it 1 or more, a terabyte at most", n)
	}
	name := []byte("interleave-shared\x00")
	fd, _, errno := syscall.Syscall(sysMemfdCreate, uintptr(unsafe.Pointer(&name[0])), 1, 0)
	if errno != 0 {
		return nil, fmt.Errorf("demos.NewShared: %w", errno)
	}
	s := &Shared[T]{file: os.NewFile(fd, "shared")}
	if err := s.file.Truncate(int64(n) * size[T]()); err != nil {
		s.file.Close()
		return nil, fmt.Errorf("demos.NewShared: %w", err)
	}
	return s, s.attach(n)
}

const sysMemfdCreate = 319 // on amd64

func size[T any]() int64 { return max(1, int64(reflect.TypeFor[T]().Size())) }

// attach maps the file to Slice.
func (s *Shared[T]) attach(n int) error {
	memory, err := syscall.Mmap(int(s.file.Fd()), 0, n*int(size[T]()), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("demos.Shared: %w", err)
	}
	s.Slice = unsafe.Slice((*T)(unsafe.Pointer(&memory[0])), n)
	runtime.AddCleanup(s, func(memory []byte) { syscall.Munmap(memory) }, memory)
	return nil
}

// pointers tells what in t points to memory of one process.
func pointers(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Array:
		return pointers(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if why := pointers(t.Field(i).Type); why != "" {
				return why
			}
		}
		return ""
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return ""
	}
	return "a " + t.Kind().String()
}

// GobEncode gives the name of the memory, for a process that this one has started.
func (s *Shared[T]) GobEncode() ([]byte, error) {
	if s.file == nil {
		return nil, fmt.Errorf("demos.Shared: make it by NewShared")
	}
	return fmt.Appendf(nil, "%d %d %d", os.Getpid(), s.file.Fd(), len(s.Slice)), nil
}

// GobDecode attaches to the memory of that name.
func (s *Shared[T]) GobDecode(b []byte) error {
	var pid, fd, n int
	if _, err := fmt.Sscan(string(b), &pid, &fd, &n); err != nil || n < 1 {
		return fmt.Errorf("demos.Shared: no name of shared memory: %q", b)
	}
	f, err := os.OpenFile(fmt.Sprintf("/proc/%d/fd/%d", pid, fd), os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("demos.Shared: its memory is gone: %w", err)
	}
	s.file = f
	return s.attach(n)
}
