package load

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"
)

// A value of an interface type with methods has an itab, which stands for the interface
// type and the type of the value. Compiled code tells by the itab's address what type a
// value has: in assertions, switches and comparisons. So there has to be one for each
// pair. The dynamic linker sees to it among shared objects, which have their itabs as
// symbols. But for a pair that none of them had the runtime made one, at run time, and
// one that is loaded later brings another: then a value of type T is asserted to be no T.
// (So it is with any plugin of Go: runtime/plugin.go adds the later one to its table.)
// Hence what is loaded gets the runtime's, before anything of it runs.

// An itab is the runtime's. Source: internal/abi, ITab.
type itab struct {
	inter, typ *descriptor
	hash       uint32 // typ's, by which switches find their cases; 0 where the runtime made it
}

// A descriptor is that of a type. Source: internal/abi, Type.
type descriptor struct {
	size, pointers uintptr
	hash           uint32
}

// An itabTable is where the runtime finds itabs: open addressing, the step to the next
// place being one more each time. Source: runtime/iface.go, itabTableType.
type itabTable struct {
	size, count uintptr // size is a power of two, and some places are empty
	entries     [0]unsafe.Pointer
}

// itabs gives the runtime's table; nil where it is none that this package knows.
func itabs() *itabTable {
	at := (*unsafe.Pointer)(find("runtime.itabTable"))
	if at == nil {
		return nil
	}
	t := (*itabTable)(atomic.LoadPointer(at))
	if !known(t) {
		return nil
	}
	return t
}

var tried struct {
	sync.Once
	sound bool
}

// known tells whether t is laid out as here: it has the itab of a value that is at hand.
func known(t *itabTable) bool {
	tried.Do(func() {
		var value fmt.Stringer = &strings.Builder{}
		have := *(**itab)(unsafe.Pointer(&value))
		tried.sound = t.size&(t.size-1) == 0 && t.count < t.size && t.find(have.inter, have.typ) == have && have.hash == have.typ.hash
	})
	return tried.sound
}

// find gives the itab of a pair, nil where there is none.
//
//go:nocheckptr
func (t *itabTable) find(inter, typ *descriptor) *itab {
	at := uintptr(inter.hash ^ typ.hash)
	for step := uintptr(1); step <= t.size; step++ {
		at &= t.size - 1
		place := (*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(&t.entries), at*unsafe.Sizeof(at)))
		m := (*itab)(atomic.LoadPointer(place))
		if m == nil || m.inter == inter && m.typ == typ {
			return m
		}
		at += step
	}
	return nil
}

// A slot is a word of a shared object that the dynamic linker fills with the address of
// an itab.
type slot struct {
	at     uint64 // from where the object is mapped
	sealed bool   // it cannot be written to once it is filled
}

// slots are those of the shared object so.
func slots(so string) ([]slot, error) {
	f, err := elf.Open(so)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	symbols, err := f.DynamicSymbols()
	if err != nil {
		return nil, err
	}
	section := f.Section(".rela.dyn")
	if section == nil {
		return nil, nil
	}
	relocations, err := section.Data()
	if err != nil {
		return nil, err
	}
	var out []slot
	const size = 24 // of an Elf64_Rela
	for ; len(relocations) >= size; relocations = relocations[size:] {
		at, info := binary.LittleEndian.Uint64(relocations), binary.LittleEndian.Uint64(relocations[8:])
		i := int(info>>32) - 1 // DynamicSymbols leaves the first one out
		if i >= 0 && i < len(symbols) && strings.HasPrefix(symbols[i].Name, "go:itab.") {
			out = append(out, slot{at, readOnly(f, at)})
		}
	}
	return out, nil
}

// readOnly tells whether the dynamic linker takes the right to write to an address of f away.
func readOnly(f *elf.File, at uint64) bool {
	for _, p := range f.Progs {
		if p.Type == elf.PT_GNU_RELRO && p.Vaddr <= at && at < p.Vaddr+p.Memsz {
			return true
		}
	}
	return false
}

// unify has the slots of an object that is mapped at base refer to the itabs that this
// process has already. The object is none that Go allocated, which the race detector's
// look at pointers would want.
//
//go:nocheckptr
func unify(base unsafe.Pointer, slots []slot) error {
	t := itabs()
	if t == nil {
		return errors.New("compiled cell: this program keeps the itabs of interfaces otherwise than programs of Go 1.26 do: build it with that")
	}
	for _, s := range slots {
		at := (*unsafe.Pointer)(unsafe.Add(base, s.at))
		own := (*itab)(*at)
		if own == nil {
			continue
		}
		first := t.find(own.inter, own.typ)
		if first == nil || first == own {
			continue
		}
		if atomic.LoadUint32(&first.hash) == 0 {
			atomic.StoreUint32(&first.hash, own.typ.hash)
		}
		if err := put(at, unsafe.Pointer(first), s.sealed); err != nil {
			return err
		}
	}
	return nil
}
