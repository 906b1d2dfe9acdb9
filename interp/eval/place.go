package eval

import (
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"unsafe"
)

// A place is where a function that captures nothing lies, and its type: in files that
// both this process and its workers have loaded. Such a function is a word of the
// file, which leads to its code.
type place struct {
	file   string
	at     uint64 // from where the file begins in memory
	types  string // the file with the type
	typeAt uint64
}

// An eface is an interface value, as it lies in memory. A function is its own word.
type eface struct{ typ, word unsafe.Pointer }

// placeOf finds a function; false where it, or its type, was made while the program
// ran.
func placeOf(v reflect.Value) (p place, ok bool) {
	f := v.Interface()
	e := (*eface)(unsafe.Pointer(&f))
	if p.file, p.at, ok = inFile(e.word); !ok {
		return p, false
	}
	p.types, p.typeAt, ok = inFile(e.typ)
	return p, ok
}

const placePrefix = "literal\x00"

func (p place) symbol() string {
	return fmt.Sprintf("%s%s\x00%d\x00%s\x00%d", placePrefix, p.file, p.at, p.types, p.typeAt)
}

func parsePlace(symbol string) (p place, ok bool) {
	rest, ok := strings.CutPrefix(symbol, placePrefix)
	parts := strings.Split(rest, "\x00")
	if !ok || len(parts) != 4 {
		return p, false
	}
	p.file, p.types = parts[0], parts[2]
	p.at, _ = strconv.ParseUint(parts[1], 10, 64)
	p.typeAt, _ = strconv.ParseUint(parts[3], 10, 64)
	return p, true
}

// value gives the function that lies there, in this process.
func (p place) value() (reflect.Value, error) {
	file, types := mappedAt(p.file), mappedAt(p.types)
	if file == 0 || types == 0 {
		return reflect.Value{}, fmt.Errorf("worker process: no %s in what it loaded", p.file)
	}
	var f any
	*(*eface)(unsafe.Pointer(&f)) = eface{atAddress(types + p.typeAt), atAddress(file + p.at)}
	v := reflect.ValueOf(f)
	if v.Kind() != reflect.Func {
		return reflect.Value{}, fmt.Errorf("worker process: no function where there should be one in %s", p.file)
	}
	return v, nil
}

// atAddress points into a file, which never moves.
func atAddress(address uint64) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }

// inFile tells which file of those in memory an address is in, and how far from where
// it begins.
func inFile(address unsafe.Pointer) (file string, offset uint64, ok bool) {
	maps, _ := os.ReadFile("/proc/self/maps")
	for line := range strings.Lines(string(maps)) {
		fields := strings.SplitN(strings.TrimSpace(line), " ", 6)
		from, to, _ := strings.Cut(fields[0], "-")
		begin, _ := strconv.ParseUint(from, 16, 64)
		end, _ := strconv.ParseUint(to, 16, 64)
		if at := uint64(uintptr(address)); at < begin || at >= end || len(fields) < 6 {
			continue
		}
		file = strings.TrimSpace(fields[5])
		begin = mappedAt(file)
		return file, uint64(uintptr(address)) - begin, strings.HasPrefix(file, "/") && begin > 0
	}
	return "", 0, false
}
