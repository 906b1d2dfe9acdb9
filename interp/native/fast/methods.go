package fast

import (
	"encoding/binary"
	"strings"
)

// Lower-case methods are exported under a mark in compiled cells, so that other cells
// reach them. Reflection is to know them as what they are: it sees as many methods of a
// type, in the order of their names, as the type's descriptor says are exported. The mark
// sorts behind the letters of exported names, so they are the last.

// HideMethods changes, in an archive that the compiler made, how many methods of each type
// are exported: those whose names begin with mark are not. The runtime itself finds methods
// by name and type. What this does not know it leaves as it is.
func HideMethods(archive []byte, mark string) {
	eachObject(archive, func(b []byte) { hideMethods(b, typeNames+mark) })
}

// What a descriptor has of a type with a name or methods. Source: internal/abi,
// UncommonType, Method.
const (
	hasUncommon  = 1 // flag of the descriptor
	uncommonSize = 16
	methodSize   = 16
)

// typeSizes are those of descriptors up to that part, by kind: arrays, channels, functions,
// interfaces, maps, pointers, slices, structs. All others have the header only.
var typeSizes = map[byte]uint32{kindArray: 72, 18: 64, 19: 56, 20: 80, 21: 112, 22: 56, 23: 56, kindStruct: 80}

// relocSize is that of a reloc in an object: where, of what size and kind, what is added,
// and the package and index of a symbol. Source: cmd/internal/goobj, Reloc.
const relocSize = 23

func hideMethods(b []byte, hidden string) {
	le := binary.LittleEndian
	offset := func(block int) uint32 { return le.Uint32(b[20+4*block:]) }
	name := func(at uint32) string {
		n, off := le.Uint32(b[at:]), le.Uint32(b[at+4:])
		return string(b[off : off+n])
	}
	// first is where the symbols begin that a package, by its number, stands for.
	first := map[uint32]int{noPackage: blkNonpkgdef, noPackage - 1: blkHashed64def, noPackage - 2: blkHasheddef, noPackage - 4: blkSymdef}
	i := uint32(0)
	for at := offset(blkSymdef); at+symSize <= offset(blkNonpkgdef+1); at, i = at+symSize, i+1 {
		if !isType(name(at)) {
			continue
		}
		index := b[offset(blkDataIndex)+4*i:]
		data := b[offset(blkData)+le.Uint32(index) : offset(blkData)+le.Uint32(index[4:])]
		uncommon, methods, n := methodsOf(data)
		if n == 0 {
			continue
		}
		var marked []uint32 // methods with such names
		relocs := b[offset(blkRelocIndex)+4*i:]
		for k := le.Uint32(relocs); k < le.Uint32(relocs[4:]); k++ {
			r := b[offset(blkReloc)+relocSize*k:]
			block, ok := first[le.Uint32(r[15:])]
			where := le.Uint32(r)
			if !ok || where < methods || (where-methods)%methodSize != 0 {
				continue
			}
			if strings.HasPrefix(name(offset(block)+symSize*le.Uint32(r[19:])), hidden) {
				marked = append(marked, (where-methods)/methodSize)
			}
		}
		shown := n - uint32(len(marked))
		if exported := uint32(le.Uint16(data[uncommon+6:])); exported == n && all(marked, func(m uint32) bool { return m >= shown }) {
			le.PutUint16(data[uncommon+6:], uint16(shown))
		}
	}
}

// methodsOf gives where the uncommon part of a type's descriptor is, where its methods are,
// and how many; none where data is no such thing.
func methodsOf(data []byte) (uncommon, methods, n uint32) {
	if len(data) < typeHeader || data[typeFlags]&hasUncommon == 0 {
		return 0, 0, 0
	}
	le := binary.LittleEndian
	uncommon = typeHeader
	if size, ok := typeSizes[data[typeKind]&kindMask]; ok {
		uncommon = size
	}
	if int(uncommon+uncommonSize) > len(data) {
		return 0, 0, 0
	}
	n, methods = uint32(le.Uint16(data[uncommon+4:])), uncommon+le.Uint32(data[uncommon+8:])
	if int(methods+n*methodSize) != len(data) {
		return 0, 0, 0
	}
	return uncommon, methods, n
}

func all(list []uint32, is func(uint32) bool) bool {
	for _, x := range list {
		if !is(x) {
			return false
		}
	}
	return true
}
